r"""SantaCoder's single lines: which line of a text counts, and when it matches.

What is expected was worked out by hand from the definition: the line behind a first ``\n`` or `` \n``, or else the
first one, stripped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.santacoder import BENCHMARK
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from tests.evaluation.benchmarks.conftest import Written

ROW = {
    "name": "humaneval-HumanEval_75_is_multiply_prime.json-L24",
    "language": "js",
    "prompt": "function f(x){\n  if (x) {",
    "canonical_solution": "    return x; // é",
    "suffix": "  }\n}",
    "tests": "const assert = require('node:assert');",
}
HOLE = Task("js/a", "single-line", "javascript", ROW["prompt"], ROW["suffix"], ROW["canonical_solution"])


def test_a_row_is_a_hole(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW))
    assert task.id == "js/humaneval-HumanEval_75_is_multiply_prime.json-L24"
    assert (task.kind, task.language) == ("single-line", "javascript")
    assert (task.before, task.truth, task.after) == (ROW["prompt"], ROW["canonical_solution"], ROW["suffix"])
    assert task.check is None


def test_one_problem_in_all_languages_is_a_group(written: Written) -> None:
    rows = [{**ROW, "language": language} for language in ("py", "java", "js")]
    rows += [{**ROW, "name": ROW["name"].replace("L24", "L25")}]
    tasks = BENCHMARK.load(written(*rows))
    assert [task.language for task in tasks] == ["python", "java", "javascript", "javascript"]
    assert len({task.group for task in tasks}) == 1
    assert len({task.id for task in tasks}) == 4


@pytest.mark.parametrize(
    ("text", "line", "matches"),
    [
        # The line break before the line, which the model writes, or does not.
        ("\n    return x; // é", "return x; // é", 1.0),
        ("    return x; // é", "return x; // é", 1.0),
        (" \n    return x; // é", "return x; // é", 1.0),
        # What follows does not count.
        ("\n    return x; // é\n  }\n}", "return x; // é", 1.0),
        ("    return x; // é\n  }\n}", "return x; // é", 1.0),
        # It repeats what follows the hole.
        ("\n  }\n}", "}", 0.0),
        # Only one line break is passed over, with at most one blank before it.
        ("\n\n    return x; // é", "", 0.0),
        ("  \n    return x; // é", "", 0.0),
        ("\t\n    return x; // é", "", 0.0),
        # Another line first.
        ("\n    x += 1;\n    return x; // é", "x += 1;", 0.0),
        # Indentation does not count, white space within the line does, and so do comments.
        ("return x; // é  ", "return x; // é", 1.0),
        ("\n\t\treturn x; // é\r\n", "return x; // é", 1.0),
        ("    return  x; // é", "return  x; // é", 0.0),
        ("    return x;", "return x;", 0.0),
        # Nothing.
        ("", "", 0.0),
        ("\n", "", 0.0),
        (" \n", "", 0.0),
        ("   ", "", 0.0),
    ],
)
def test_the_line_that_counts(text: str, line: str, matches: float) -> None:
    assert BENCHMARK.cut(HOLE, text) == line
    assert BENCHMARK.score(HOLE, line) == {"exact match": matches}


@given(st.text())
def test_one_line_counts_however_long_the_text(text: str) -> None:
    line = BENCHMARK.cut(HOLE, text)
    assert "\n" not in line
    assert line == line.strip()
    assert line in text


@given(st.text())
def test_what_follows_the_line_does_not_matter(text: str) -> None:
    line = BENCHMARK.cut(HOLE, f"\n{HOLE.truth}\n{text}")
    assert BENCHMARK.score(HOLE, line) == {"exact match": 1.0}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({**ROW, "language": "php"}, '"php" is none of the languages py, java, js'),
        ({"task_id": "a"}, '"name" is missing'),
    ],
)
def test_what_is_no_such_set(written: Written, row: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        BENCHMARK.load(written(row))
