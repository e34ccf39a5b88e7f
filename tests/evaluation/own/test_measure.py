"""What is said of a text at a hole of one's own repository, by hand."""

from __future__ import annotations

import pytest

from lsp_server.evaluation.own.measure import ADDED_ERRORS, METRICS, cut, score
from lsp_server.evaluation.task import Task
from tests.cursor import unmark

RIGHT, WRONG = 1.0, 0.0
BODY = "def f(a, b):\n    ‸\n\n\nf(1, 2)\n"


def task(kind: str, marked: str, truth: str, path: str = "a.py") -> Task:
    text, offset = unmark(marked)
    return Task("t", kind, "python", text[:offset], text[offset:], truth, path)


@pytest.mark.parametrize(
    ("kind", "marked", "truth", "text", "exact", "first_line", "errors"),
    [
        ("line", BODY, "return a", "return a", RIGHT, RIGHT, WRONG),
        ("line", BODY, "return a", "return a  ", RIGHT, RIGHT, WRONG),
        ("line", BODY, "return a", "return b", WRONG, WRONG, WRONG),
        # The lines behind it may be right, too.
        ("line", BODY, "c = a", "c = a\n    return c", RIGHT, RIGHT, WRONG),
        ("block", BODY, "c = a\n    return c", "c = a\n    return c", RIGHT, RIGHT, WRONG),
        ("block", BODY, "c = a\n    return c", "c = a", WRONG, RIGHT, WRONG),
        ("block", BODY, "c = a\n    return c", "c = a\n    return b", WRONG, RIGHT, WRONG),
        ("function body", BODY, "return a", "return a\n    return b", WRONG, RIGHT, WRONG),
        ("rest of a line", "x = f(‸\n", "1, 2)", "1, 2)", RIGHT, RIGHT, WRONG),
        # The hole was an error by itself: this one does not mend it, and adds none.
        ("rest of a line", "x = f(‸\n", "1, 2)", "1, 2))", WRONG, WRONG, WRONG),
        ("rest of a line", "x = ‸\ny = f(1)\n", "1", "1)\n)", WRONG, WRONG, RIGHT),
        # All that is shown counts for errors.
        ("line", "x = 1\n‸\n", "y = 2", "y = 2\nz = (", RIGHT, RIGHT, RIGHT),
        ("expression", "x = ‸ + 1\n", "f(1)", "f(1)", RIGHT, RIGHT, WRONG),
        ("expression", "x = ‸ + 1\n", "f(1)", "f(1", WRONG, WRONG, RIGHT),
        # An empty one is wrong, and adds nothing to a hole that is an error by itself.
        ("expression", "x = ‸\n", "f(1)", "", WRONG, WRONG, WRONG),
        # Nor does a text where the truth had the same error.
        ("line", "def f(:\n    ‸\n", "pass", "pass", RIGHT, RIGHT, WRONG),
    ],
)
def test_a_text(  # noqa: PLR0913, PLR0917  a row of the table
    kind: str, marked: str, truth: str, text: str, exact: float, first_line: float, errors: float
) -> None:
    of = task(kind, marked, truth)
    found = score(of, cut(of, text))
    assert (found["exact match"], found["exact first line"], found[ADDED_ERRORS]) == (exact, first_line, errors)
    assert set(found) == set(METRICS)
    assert (found["edit similarity"] == 1.0) == (exact == RIGHT)


def test_a_language_without_a_grammar_has_no_errors_to_tell() -> None:
    assert ADDED_ERRORS not in score(task("line", "a‸", "b", "a.txt"), "(")
