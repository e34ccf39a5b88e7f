"""From raw text to what is shown: each row is a document with its cursor, the raw text, and the outcome."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Place, Reason
from lsp_server.suggestion.shape import Extent, extent, is_complete, shape
from tests.cursor import place


def check(marked: str, raw: str, *, is_cut_off: bool = False) -> str | Reason | None:
    parts = place(marked)
    how_much = extent(parts.line, parts.after)
    shaped = shape(raw, parts.line, parts.after, how_much, is_cut_off=is_cut_off)
    assert (shaped.text is None) != (shaped.reason is None)
    return shaped.text or shaped.reason


@pytest.mark.parametrize(
    ("marked", "raw", "expected"),
    [
        # the rest of a line
        ("a = ‸", "1", "1"),
        ("a = ‸", "1\nb = 2\n", "1"),
        ("a = ‸\nb = 2", "1   ", "1"),
        ("f(‸)", "x)", "x"),
        ("f(‸)", ")", Reason.REPEATS_WHAT_FOLLOWS),
        ("f(‸):", "x):", "x"),
        ('s = "‸"', 'text"', "text"),
        # the next line, where the model ends this one
        ("def f(x):‸\n", "\n    return x\n", "\n    return x"),
        ("x = 1‸", "\n\n\ndef f():\n    pass", "\n\n\ndef f():"),
        ("f(a‸)", "\n)", Reason.EMPTY),
        ("x = 1‸\ny = 2\n", "\ny = 2\n", Reason.REPEATS_WHAT_FOLLOWS),
        # a block
        ("def f():\n    ‸", "x = 1\n    return x", "x = 1\n    return x"),
        ("def f():\n‸", "    return 1\n\n\n", "    return 1"),
        # nothing
        ("a = ‸", "", Reason.EMPTY),
        ("a = ‸", "  \n", Reason.EMPTY),
        ("‸", "\n\n", Reason.EMPTY),
        # what already follows
        ("def f():\n    ‸\n    return 1\n", "return 1", Reason.REPEATS_WHAT_FOLLOWS),
        ("a‸\nabc\n", "bc", Reason.REPEATS_WHAT_FOLLOWS),
        ("‸\na = 1\nb = 2\n", "a = 1\nb = 2", Reason.REPEATS_WHAT_FOLLOWS),
        ("‸\na = 1\n", "c = 1", "c = 1"),
        # half a character
        ("s = ‸", "'é\N{REPLACEMENT CHARACTER}'", "'é"),
    ],
)
def test_what_is_shown(marked: str, raw: str, expected: str | Reason) -> None:
    assert check(marked, raw) == expected


@pytest.mark.parametrize(
    ("marked", "raw", "expected"),
    [
        ("def f():\n    ‸", "x = 1\n    y = x.met", "x = 1"),
        ("def f():\n    ‸", "x = one_long_line", "x = one_long_line"),
        ("a = ‸", "value", "value"),
    ],
)
def test_what_a_limit_cut_off_ends_with_a_whole_line(marked: str, raw: str, expected: str) -> None:
    assert check(marked, raw, is_cut_off=True) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("‸", Extent.BLOCK),
        ("def f():\n    ‸\n", Extent.BLOCK),
        ("a = ‸", Extent.LINE),
        ("‸a", Extent.REST),
        ("f(‸)", Extent.REST),
        ("    ‸  # comment", Extent.REST),
        ("    ‸  \nnext", Extent.BLOCK),
    ],
)
def test_a_block_only_on_a_blank_line(marked: str, expected: Extent) -> None:
    parts = place(marked)
    assert extent(parts.line, parts.after) is expected


@pytest.mark.parametrize(
    ("how_much", "text", "complete"),
    [
        (Extent.LINE, "x", False),
        (Extent.LINE, "x\n", True),
        (Extent.LINE, "\nx", False),
        (Extent.LINE, "\n    x\n", True),
        (Extent.LINE, "\n\n", False),
        (Extent.REST, "\n", True),
        (Extent.REST, "x", False),
        (Extent.BLOCK, "x\ny\n", False),
    ],
)
def test_a_line_is_complete_at_its_end(how_much: Extent, text: str, complete: bool) -> None:
    assert is_complete(how_much, text) is complete


@given(st.text(alphabet="ab ()\n:"), st.data(), st.text(alphabet="ab ()\n:\N{REPLACEMENT CHARACTER}"), st.booleans())
def test_nothing_blank_half_or_overlong_is_shown(text: str, data: st.DataObject, raw: str, is_cut_off: bool) -> None:
    offset = data.draw(st.integers(0, len(text)))
    parts = Place(text[:offset], text[offset:])
    how_much = extent(parts.line, parts.after)
    shown, _ = shape(raw, parts.line, parts.after, how_much, is_cut_off=is_cut_off)
    if shown is None:
        return
    assert shown.strip()
    assert shown == shown.rstrip()
    assert raw.startswith(shown)
    assert "\N{REPLACEMENT CHARACTER}" not in shown
    assert how_much is not Extent.REST or "\n" not in shown
    assert how_much is not Extent.LINE or "\n" not in shown.lstrip()
