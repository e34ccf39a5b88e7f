"""Where a document is split, and the windows around it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompt.anchor import STEP, Split, split, window
from tests.cursor import unmark


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("‸", Split("", "", "")),
        ("a = ‸", Split("", "a = ", "")),
        ("‸a", Split("", "", "a")),
        ("a\n‸b\nc", Split("a\n", "", "b\nc")),
        ("a\n    re‸turn\n", Split("a\n", "    re", "turn\n")),
        ("a\n\n‸", Split("a\n\n", "", "")),
        ("x\fy‸", Split("", "x\fy", "")),
    ],
)
def test_the_prefix_ends_where_the_line_starts(marked: str, expected: Split) -> None:
    assert split(*unmark(marked)) == expected


def document(lines: int) -> str:
    return "".join(f"line {number}\n" for number in range(lines))


def words(text: str) -> int:
    """A tokenizer for the tests: a token for each word and line end."""
    return len(text.split()) + text.count("\n")


def test_a_document_that_fits_is_whole() -> None:
    whole = Split(document(9), "li", document(3))
    assert window(whole, 100, 100, words) == whole


def test_a_long_document_is_cut_to_whole_lines() -> None:
    cut = window(Split(document(1000), "li", document(1000)), 360, 60, words)
    assert cut.prefix.startswith("line ")
    assert cut.prefix.endswith("line 999\n")
    assert words(cut.prefix + cut.middle) <= 300
    assert cut.suffix.startswith("line 0\n")
    assert cut.suffix.endswith("\n")
    assert words(cut.suffix) <= 60


def test_the_start_of_the_prefix_moves_in_steps() -> None:
    starts = [
        window(Split(document(lines), "", ""), 300, 60, words).prefix.split("\n")[0]
        for lines in range(500, 500 + 4 * STEP)
    ]
    changes = sum(a != b for a, b in itertools.pairwise(starts))
    assert changes == 4
    assert all(int(start.split()[1]) % STEP == 0 for start in starts)


def test_a_line_longer_than_the_budget_keeps_its_end() -> None:
    cut = window(Split("before\n", "word " * 5000 + "end", ""), 50, 50, words)
    assert cut.middle.endswith("word end")
    assert 0 < words(cut.middle) <= 50


@given(st.text(alphabet="ab \n\f"), st.data(), st.integers(1, 80), st.integers(0, 40))
def test_a_window_is_a_part_around_the_cursor(text: str, data: st.DataObject, budget: int, suffix: int) -> None:
    offset = data.draw(st.integers(0, len(text)))
    whole = split(text, offset)
    assert whole.prefix + whole.middle == text[:offset]
    cut = window(whole, budget, min(suffix, budget - 1), len)
    assert text[:offset].endswith(cut.prefix + cut.middle)
    assert text[offset:].startswith(cut.suffix)
    assert len(cut.prefix + cut.middle + cut.suffix) <= budget
    assert len(cut.suffix) <= suffix
