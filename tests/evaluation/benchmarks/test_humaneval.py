"""HumanEval-Infilling: the program that OpenAI executes, of each of the four sets."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.humaneval import BENCHMARK

if TYPE_CHECKING:
    from tests.evaluation.benchmarks.conftest import Written

ROW = {
    "task_id": "SingleLineInfilling/HumanEval/7/L1",
    "entry_point": "double",
    "prompt": "def double(x):\n    y = x\n",
    "canonical_solution": "    y = 2 * y\n",
    "suffix": "    return y\n",
    "test": "\ndef check(candidate):\n    assert candidate(2) == 4\n",
}


def test_a_row_is_a_hole(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW))
    assert (task.id, task.kind, task.language) == ("SingleLineInfilling/HumanEval/7/L1", "single-line", "python")
    assert (task.before, task.truth, task.after) == (ROW["prompt"], ROW["canonical_solution"], ROW["suffix"])
    assert task.group == "HumanEval/7"


def test_the_program_is_that_of_its_authors(written: Written) -> None:
    check = BENCHMARK.load(written(ROW))[0].check
    assert check
    assert check.head == "def double(x):\n    y = x\n"
    assert check.tail == "    return y\n\n\ndef check(candidate):\n    assert candidate(2) == 4\n\ncheck(double)"
    assert (check.language, check.seconds, check.runs) == ("python", 3.0, ())


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("    y = 2 * y\n", True),
        ("    y += y\n", True),
        ("    y = 3 * y\n", False),
        ("", False),
        # Nothing is mended: without its line break, what follows the text stands on the same line.
        ("    y = 2 * y", False),
        ("y = 2 * y\n", False),
        # Nor is anything cut.
        ("    y = 2 * y\n    return y\n\ndef more(y):\n", True),
        ("    y = 2 * y\n    return y\n\nraise SystemExit(1)\n", False),
    ],
)
def test_texts_that_pass(written: Written, text: str, passes: bool) -> None:
    [task] = BENCHMARK.load(written(ROW))
    assert task.check
    program = f"{task.check.head}{BENCHMARK.cut(task, text)}{task.check.tail}"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, check=False)
    assert (ended.returncode == 0) is passes
    assert BENCHMARK.score(task, text) == {}


def test_the_name_of_a_hole_tells_its_set(written: Written) -> None:
    names = {
        "SingleLineInfilling/HumanEval/0/L0": ("single-line", "HumanEval/0"),
        "MultiLineInfilling/HumanEval/12/L0_L3": ("multi-line", "HumanEval/12"),
        "RandomSpanInfilling/HumanEval/3/1": ("random-span", "HumanEval/3"),
        "RandomSpanInfillingLight/HumanEval/3/1": ("random-span-light", "HumanEval/3"),
    }
    tasks = BENCHMARK.load(written(*({**ROW, "task_id": name} for name in names)))
    assert [(task.kind, task.group) for task in tasks] == list(names.values())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({**ROW, "task_id": "test/0"}, '"test/0" is of none of the sets SingleLineInfilling'),
        ({**ROW, "suffix": None}, '"suffix" is not text'),
        ({"name": "a"}, '"task_id" is missing'),
    ],
)
def test_what_is_no_such_set(written: Written, row: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        BENCHMARK.load(written(row))
