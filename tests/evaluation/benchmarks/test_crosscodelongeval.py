"""CrossCodeLongEval: its records, and what Repoformer counts of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.core import Chunk
from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.crosscodelongeval import BENCHMARK
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from tests.evaluation.benchmarks.conftest import Written

CONTEXT = (
    "# Here are some relevant code fragments from other files of the repo:\n\n"
    "# the below code fragment can be found in:\n# shop/a/cart.py\n# def sum_of(items):\n#     # é\n# \n"
    "#     return 1\n\n"
    "# the below code fragment can be found in:\n# shop/b.py\n# x = 1\n\n"
)
ROW: dict[str, Any] = {
    "prompt": "import cart\n",
    "groundtruth": "a = 1\n\nb = 2",
    "right_context": "\nc = 3\n",
    "metadata": {"task_id": "shop/app/main.py/1_3", "filename": "shop/app/main.py"},
    "crossfile_context": CONTEXT,
}
CHUNK = Task("a", "chunk", "python", "import cart\n", "", "a = 'x'\n\nbTwo = 2")
FUNCTION = Task("b", "function", "python", 'def f():\n    """Say."""\n    ', "", "return 12\n")


def test_a_record_is_a_hole(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW, name="python_chunk_completion_sparse_rg1.jsonl"))
    assert (task.id, task.kind, task.language) == ("chunk/shop/app/main.py/1_3", "chunk", "python")
    assert (task.before, task.truth, task.after) == ("import cart\n", "a = 1\n\nb = 2", "\nc = 3\n")
    assert (task.path, task.repository, task.group) == ("app/main.py", "shop", "shop")
    assert task.chunks == (
        Chunk("shop/a/cart.py", "def sum_of(items):\n    # é\n\n    return 1\n", "published"),
        Chunk("shop/b.py", "x = 1\n", "published"),
    )


@pytest.mark.parametrize(
    ("context", "count"), [({"text": CONTEXT}, 2), ("", 0), (None, 0), ("# nothing of that form", 0)]
)
def test_other_forms_of_other_files(written: Written, context: object, count: int) -> None:
    [task] = BENCHMARK.load(written({**ROW, "crossfile_context": context}, name="function.jsonl"))
    assert len(task.chunks) == count


def test_all_that_follows_is_read_where_it_is_there(written: Written) -> None:
    row = {**ROW, "full_right_context": "\nc = 3\nd = 4\n"}
    assert BENCHMARK.load(written(row, name="chunk.jsonl"))[0].after == "\nc = 3\nd = 4\n"


@pytest.mark.parametrize("name", ["data.jsonl", "chunk_and_function.jsonl"])
def test_the_name_of_the_file_says_the_kind(written: Written, name: str) -> None:
    with pytest.raises(InputError, match='has to hold one of "chunk, function"'):
        BENCHMARK.load(written(ROW, name=name))


def test_a_file_of_something_else(written: Written) -> None:
    with pytest.raises(InputError, match='"metadata" is missing'):
        BENCHMARK.load(written({"name": "x"}, name="chunk.jsonl"))


@pytest.mark.parametrize(
    ("text", "counted", "scores"),
    [
        ("a = 'x'\n\nbTwo = 2", "a = 'x'\nbTwo = 2", (1.0, 0.97, pytest.approx(16 / 17))),
        # As many lines as the truth has, blank ones left out; quotes and white space are no tokens.
        ('\na="x"\n\n\nbTwo=2\nc = 3', 'a="x"\nbTwo=2', (1.0, 0.69, pytest.approx(10 / 17))),
        ("a = 'x'", "a = 'x'", (0.0, 0.58, pytest.approx(7 / 17))),
        ("", "", (0.0, 0.0, 0.0)),
        (" \n\n", "", (0.0, 0.0, 0.0)),
    ],
)
def test_chunks_by_hand(text: str, counted: str, scores: tuple[float, ...]) -> None:
    assert BENCHMARK.cut(CHUNK, text) == counted
    assert BENCHMARK.score(CHUNK, counted) == dict(zip(BENCHMARK.metrics, scores, strict=True))


@pytest.mark.parametrize(
    ("text", "counted", "scores"),
    [
        ("return 12\n", "return 12", (1.0, 1.0, 1.0)),
        # What is behind the function parses, and does not count. The whole bodies are compared, docstrings and all:
        # 24 characters each, of which 22 are the same.
        ("return 12\n\n\nx = 1\n", "return 12\n\n\nx = 1", (1.0, 1.0, 1.0)),
        ("return 34\n", "return 34", (0.0, 0.92, pytest.approx(22 / 24))),
        # An end that does not parse is left out.
        ("return 12\n    ) + (", "return 12", (1.0, 1.0, 1.0)),
        # Nothing is still the docstring: 10 of 24 characters.
        ("", "", (0.0, 0.59, pytest.approx(10 / 24))),
    ],
)
def test_functions_by_hand(text: str, counted: str, scores: tuple[float, ...]) -> None:
    assert BENCHMARK.cut(FUNCTION, text) == counted
    assert BENCHMARK.score(FUNCTION, counted) == dict(zip(BENCHMARK.metrics, scores, strict=True))


def test_a_function_in_a_file_that_does_not_parse_is_compared_as_it_is() -> None:
    task = Task("b", "function", "python", "x = ) +\ndef f():\n    ", "", "return 12\n")
    assert BENCHMARK.cut(task, "return 12 \n\nx = )") == "return 12 \n\nx = )"
    assert BENCHMARK.score(task, "return 12\n") == dict.fromkeys(BENCHMARK.metrics, 1.0)


def test_without_a_function_texts_are_compared_as_they_are() -> None:
    task = Task("b", "function", "python", "x = 1\n", "", "y = 2\n")
    assert BENCHMARK.score(task, "y = 2") == dict.fromkeys(BENCHMARK.metrics, 1.0)
    assert BENCHMARK.score(task, "")["exact match"] == 0.0
