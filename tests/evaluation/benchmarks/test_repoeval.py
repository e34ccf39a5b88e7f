"""RepoEval: both forms of its records, and what counts by RepoCoder and in the report on Qwen2.5-Coder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.repoeval import AS_IN_REPORT, BENCHMARK
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from tests.evaluation.benchmarks.conftest import Written

FUNCTIONS = "function_level_completion_2k_context_codex.test.jsonl"
ROW: dict[str, Any] = {
    "prompt": 'def f():\n    """Say."""',
    "metadata": {
        "task_id": "some--shop/idx",
        "ground_truth": "    x = 1\n\n    return x\n",
        "fpath_tuple": ["some_shop", "app", "main.py"],
        "context_start_lineno": 0,
        "lineno": 2,
    },
}
REWRITTEN: dict[str, Any] = {
    "prompt": "import a\n\n",
    "groundtruth": "x = a.b()",
    "right_context": "\ny = x\n",
    "full_right_context": "\ny = x\nz = y\n",
    "metadata": {"task_id": "some_shop/3", "filepath": "some_shop/app/main.py", "repository": "https://host/some/shop"},
}
HOLE = Task("a", "line", "python", "", "", "    x = 1\n\n    return x\n")


def changed(**about: object) -> dict[str, Any]:
    return {**ROW, "metadata": {**ROW["metadata"], **about}}


def test_a_record_of_the_authors_is_a_hole(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW, name=FUNCTIONS))
    assert (task.id, task.kind, task.language) == ("function/some_shop/0", "function", "python")
    # The last line break is put back, and the cursor stands behind the indentation.
    assert task.before == 'def f():\n    """Say."""\n    '
    assert task.truth == "x = 1\n\n    return x"
    assert task.after == ""
    assert (task.path, task.repository, task.group) == ("app/main.py", "some_shop", "some_shop")


def test_functions_of_a_repository_are_counted(written: Written) -> None:
    other = changed(fpath_tuple=["other", "a.py"])
    tasks = BENCHMARK.load(written(ROW, other, ROW, name=FUNCTIONS))
    assert [task.id for task in tasks] == ["function/some_shop/0", "function/other/0", "function/some_shop/1"]


@pytest.mark.parametrize("kind", ["line", "api"])
def test_lines_and_calls_have_numbers(written: Written, kind: str) -> None:
    row = changed(task_id="some_shop/12", ground_truth="\tx = 1")
    [task] = BENCHMARK.load(written({**row, "prompt": "if y:\n"}, name=f"{kind}_level_completion.jsonl"))
    assert (task.id, task.kind) == (f"{kind}/some_shop/12", kind)
    assert (task.before, task.truth) == ("if y:\n\t", "x = 1")


def test_a_hole_at_the_start_of_its_file(written: Written) -> None:
    [task] = BENCHMARK.load(written({**ROW, "prompt": ""}, name=FUNCTIONS))
    assert task.before == "    "


@pytest.mark.parametrize("benchmark", [BENCHMARK, AS_IN_REPORT])
def test_a_record_of_repoformer_has_the_file_on_both_sides(written: Written, *, benchmark: Any) -> None:
    [task] = benchmark.load(written(REWRITTEN, name="python_line_completion.jsonl"))
    assert (task.id, task.kind) == ("line/some_shop/3", "line")
    assert (task.before, task.truth, task.after) == ("import a\n\n", "x = a.b()", "\ny = x\nz = y\n")
    assert (task.path, task.repository, task.group) == ("app/main.py", "some_shop", "some_shop")


@pytest.mark.parametrize(
    ("row", "name", "message"),
    [
        (ROW, "data.jsonl", 'has to hold one of "line, api, function"'),
        ({"name": "x"}, FUNCTIONS, '"metadata" is missing'),
        (changed(fpath_tuple=["a.py"]), FUNCTIONS, "no repository with a path"),
        (changed(fpath_tuple=["a", 1]), FUNCTIONS, "no repository with a path"),
        (changed(ground_truth=None), FUNCTIONS, '"ground_truth" is not text'),
    ],
)
def test_a_file_of_something_else(written: Written, row: dict[str, Any], name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        BENCHMARK.load(written(row, name=name))


def test_the_report_needs_whole_files(written: Written) -> None:
    with pytest.raises(InputError, match='"right_context" is missing'):
        AS_IN_REPORT.load(written(ROW, name=FUNCTIONS))


@pytest.mark.parametrize(
    ("text", "match", "similarity"),
    [
        ("    x = 1\n\n    return x\n", 1.0, 1.0),
        # Indentation, blank lines and lines behind the truth's do not count.
        ("x = 1\nreturn x\nprint(x)\n", 1.0, 1.0),
        ("\n\n\tx = 1  \r\n\n\n  return x", 1.0, 1.0),
        # White space within a line, comments and quotes do.
        ("x=1\nreturn x", 0.0, 12 / 14),
        ("x = 1  # é\nreturn x", 0.0, 14 / 19),
        # Fewer lines: 5 of 14 characters.
        ("x = 1", 0.0, 5 / 14),
        # A form feed ends a line to the authors.
        ("x = 1\x0creturn x", 1.0, 1.0),
        ("", 0.0, 0.0),
        ("\n \n", 0.0, 0.0),
    ],
)
def test_scores_by_hand(text: str, match: float, similarity: float) -> None:
    scores = BENCHMARK.score(HOLE, BENCHMARK.cut(HOLE, text))
    assert scores == {"exact match": match, "edit similarity": pytest.approx(similarity)}


def test_the_report_counts_in_another_way() -> None:
    text = "x=1\nreturn x\nprint(x)"
    assert AS_IN_REPORT.cut(HOLE, text) == "x=1\nreturn x"
    assert AS_IN_REPORT.score(HOLE, "x=1\nreturn x")["exact match"] == 1.0
    assert AS_IN_REPORT.metrics == tuple(AS_IN_REPORT.score(HOLE, ""))
