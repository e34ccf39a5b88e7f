"""What counts as a fault of a text."""

from __future__ import annotations

import pytest

from bench.shaping import faults, grading
from lsp_server.prompt.fim import QWEN25_CODER
from tests.bench.shaping.made import sample
from tests.cursor import place


@pytest.mark.parametrize(
    ("marked", "text", "repeats"),
    [
        # What the editor has closed comes a second time.
        ("call(‸)\n", "a)", True),
        ("call(‸)\n", "f(a)", False),
        ("call(‸)\n", "a", False),
        ("call((‸)\n", "a)", False),
        ("x = [‸]\n", "1, 2]", True),
        ('call("‸")\n', 'a"', True),
        ('call("‸")\n', "it's", False),
        ('call("‸")\n', 'a" + "b', False),
        # So does all that follows on the line, where it says something.
        ("x = ‸ + tax\n", "1 + tax", True),
        ("x = ‸ + tax\n", "1", False),
        ("if call(‸):\n    pass\n", "a):", False),
        # And the next line, indentation and all.
        ("‸\ntotal = 1\n", "total = 1", True),
        ("tot‸\n\ntotal = 1\n", "al = 1\nmore = 2", True),
        ("if x:\n    ‸\nreturn None\n", "return None", False),
        ("x\n‸\n)\n", ")", False),
        ("total = 1‸\ntotal = 1\n", "\nmore = 2", False),
        ("x\n‸\ntotal = 1\n", "", False),
    ],
)
def test_what_repeats_the_suffix(marked: str, text: str, *, repeats: bool) -> None:
    assert faults.Insertion(place(marked)).repeats_what_follows(text) is repeats


@pytest.mark.parametrize(
    ("marked", "text", "errors", "broken"),
    [
        ("x = 1\n‸\n", "y = 2", False, False),
        ("x = 1\n‸\n", "y = (2", True, True),
        ("x = 1\n‸\n", "", False, False),
        # What was broken before is none of the text's doing, unless it breaks more.
        ("x = (‸\n", "1)", False, False),
        ("x = (‸\n", "1", False, False),
        ("x = = 1\ny = 2\n‸\n", "z = ((", True, False),
        # Python minds what its grammar does not.
        ("def f():\n    x = 1\n‸\n", "  y = 2", False, True),
    ],
)
def test_what_adds_an_error(marked: str, text: str, *, errors: bool, broken: bool) -> None:
    insertion = faults.Insertion(place(marked))
    assert (insertion.adds_errors(text), insertion.breaks_python(text)) == (errors, broken)


@pytest.mark.parametrize(
    ("text", "is_unprintable"),
    [("x = 1\n\ty", False), ("x<|endoftext|>", True), ("x\ufffd", True), ("x\x00", True), ("x <| y |> z", False)],
)
def test_what_cannot_be_shown(text: str, *, is_unprintable: bool) -> None:
    assert faults.has_unprintable(text, QWEN25_CODER.stop) is is_unprintable


@pytest.mark.parametrize(
    ("text", "exact", "line"),
    [("a = 1\nb = 2\n", 1, 1), ("a = 1\nc = 3", 0, 1), ("a = 1", 0, 1), (" a = 1\nb = 2", 0, 0), ("", 0, 0)],
)
def test_what_is_exact(text: str, exact: float, line: float) -> None:
    one = sample("‸\n", "a = 1\nb = 2")
    marks = grading.grades(text, one, faults.Insertion(one.place), ())
    assert (marks.exact, marks.line, marks.shown) == (exact, line, float(bool(text)))
    assert (marks.similarity == 1) == bool(exact)
