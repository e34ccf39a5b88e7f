"""CrossCodeEval: its records, and what counts by its authors and in the report on Qwen2.5-Coder."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core import Chunk
from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.crosscodeeval import AS_IN_REPORT, BENCHMARK
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from pathlib import Path

    from tests.evaluation.benchmarks.conftest import Written

ROW: dict[str, Any] = {
    "prompt": "from shop import cart\r\n\r\ntotal = cart.",
    "groundtruth": "sum_of(items)  # é",
    "right_context": "\r\nprint(total)\r\n",
    "metadata": {
        "task_id": "project_cc_python/7",
        "repository": "someone-shop-1a2b3c4",
        "file": "app/main.py",
        "context_start_lineno": 0,
        "groundtruth_start_lineno": 2,
        "right_context_start_lineno": 3,
    },
    "crossfile_context": {
        "text": "# Here are some relevant code fragments from other files of the repo:\n\n",
        "list": [
            {"retrieved_chunk": "def sum_of(items):", "filename": "shop/cart.py", "score": 9.5},
            {"retrieved_chunk": "CART = 1", "filename": "shop/old.py", "score": None},
        ],
    },
}
SCORES = ("exact match", "edit similarity", "identifier exact match", "identifier F1")


def hole(language: str, before: str, truth: str) -> Task:
    return Task("a", "line", language, before, "", truth)


def test_a_record_is_a_hole(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW))
    assert (task.id, task.kind, task.language) == ("project_cc_python/7", "line", "python")
    assert f"{task.before}|{task.truth}|{task.after}" == (
        "from shop import cart\n\ntotal = cart.|sum_of(items)  # é|\nprint(total)\n"
    )
    assert (task.path, task.repository, task.group) == ("app/main.py", "someone-shop-1a2b3c4", "someone-shop-1a2b3c4")
    assert task.chunks == (
        Chunk("shop/cart.py", "def sum_of(items):", "published"),
        Chunk("shop/old.py", "CART = 1", "published"),
    )


@pytest.mark.parametrize("context", [{}, "", None])
def test_a_record_without_other_files(written: Written, context: object) -> None:
    [task] = BENCHMARK.load(written({**ROW, "crossfile_context": context}))
    assert task.chunks == ()


def test_a_packed_file_without_retrieval(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "crossfile_context"}
    path = tmp_path / "line_completion.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row).encode()))
    assert [task.chunks for task in BENCHMARK.load(path)] == [()]


@pytest.mark.parametrize(
    ("file", "language"),
    [("a.py", "python"), ("A.java", "java"), ("a.ts", "typescript"), ("a.tsx", "typescript"), ("A.cs", "csharp")],
)
def test_the_language_is_told_by_the_file(written: Written, file: str, language: str) -> None:
    [task] = BENCHMARK.load(written({**ROW, "metadata": {**ROW["metadata"], "file": file}}))
    assert task.language == language


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**ROW, "prompt": 1}, r'line 1 .*"prompt" is not text'),
        ({**ROW, "metadata": {**ROW["metadata"], "file": "a.rb"}}, r"a\.rb.* does not end with one of \.py"),
        ({**ROW, "crossfile_context": {"text": "x"}}, '"list" is missing'),
        ({"name": "x"}, '"metadata" is missing'),
    ],
)
def test_a_file_of_something_else(written: Written, row: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        BENCHMARK.load(written(row))


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("sum_of(items)", (1.0, 1.0, 1.0, 1.0)),
        # Comments, what follows the statement and white space around lines do not count, white space within does.
        ("sum_of(items)  # ok\nprint(total)", (1.0, 1.0, 1.0, 1.0)),
        (" sum_of(items) ", (1.0, 1.0, 1.0, 1.0)),
        ("sum_of( items)", (0.0, 0.96, 1.0, 1.0)),
        # Several lines of one statement are not the one line of the truth.
        ("sum_of(\n    items)\nx", (0.0, 0.84, 1.0, 1.0)),
        # 18 of 26 characters are the same, and one of the two names.
        ("sum_of(goods)", (0.0, 0.69, 0.0, 0.5)),
        ("sum_of(items, items)", (0.0, 0.79, 0.0, 1.0)),
        # What divides is the start of a comment to the authors.
        ("sum_of(items) // 2", (1.0, 1.0, 1.0, 1.0)),
        ("", (0.0, 0.0, 0.0, 0.0)),
        ("\n", (0.0, 0.0, 0.0, 0.0)),
        ("# sum_of(items)", (0.0, 0.0, 0.0, 0.0)),
    ],
)
def test_python_by_hand(text: str, scores: tuple[float, ...]) -> None:
    task = hole("python", "from shop import cart\n\ntotal = cart.", "sum_of(items)  # é")
    assert BENCHMARK.score(task, BENCHMARK.cut(task, text)) == dict(zip(SCORES, scores, strict=True))


@pytest.mark.parametrize(
    ("language", "truth", "text", "scores"),
    [
        ("java", "sumOf(items);", "sumOf(items); // é\n}\n", (1.0, 1.0, 1.0, 1.0)),
        ("csharp", "SumOf(items)\n{", "SumOf(items)\n\n    {\n  return;", (1.0, 0.85, 1.0, 1.0)),
        ("typescript", "sumOf(items)", "sumOf(items", (0.0, 0.96, 1.0, 1.0)),
        # The first character ends nothing, so all of it counts.
        ("java", "}", "}\n}", (0.0, 0.5, 1.0, 0.0)),
        # Keywords are no names, and which words are differs: `null` is one of C# alone.
        ("csharp", "x;", "x + null;", (0.0, 0.36, 1.0, 1.0)),
        ("java", "x;", "x + null;", (0.0, 0.36, 0.0, pytest.approx(2 / 3))),
        ("typescript", "x;", "this.x + static;", (0.0, 0.22, 1.0, 1.0)),
    ],
)
def test_other_languages_by_hand(language: str, truth: str, text: str, scores: tuple[float, ...]) -> None:
    task = hole(language, "", truth)
    assert BENCHMARK.score(task, BENCHMARK.cut(task, text)) == dict(zip(SCORES, scores, strict=True))


def test_the_report_counts_in_another_way() -> None:
    task = hole("python", "total = cart.", "sum_of(items)  # é")
    text = "sum_of( items )\nprint(total)"
    assert AS_IN_REPORT.cut(task, text) == "sum_of( items )"
    # The comment counts, and white space within a line does not.
    assert AS_IN_REPORT.score(task, "sum_of( items )")["exact match"] == 0.0
    assert AS_IN_REPORT.score(task, "sum_of( items ) #é")["exact match"] == 1.0


@pytest.mark.parametrize("benchmark", [BENCHMARK, AS_IN_REPORT])
def test_all_metrics_of_the_truth_are_1_and_of_nothing_0(written: Written, *, benchmark: Any) -> None:
    [task] = benchmark.load(written(ROW))
    truth = benchmark.score(task, benchmark.cut(task, task.truth))
    assert truth == dict.fromkeys(benchmark.metrics, 1.0)
    assert benchmark.score(task, benchmark.cut(task, "")) == dict.fromkeys(benchmark.metrics, 0.0)
