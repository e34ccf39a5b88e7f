"""Where a document is split, the windows around it, and what moves an anchor."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Place
from lsp_server.prompt.anchor import LINE_STEP, STEP, Anchor, anchored, with_suffix
from tests.cursor import place

if TYPE_CHECKING:
    from lsp_server.engine.worker import Worker


def document(lines: int) -> str:
    return "".join(f"line {number}\n" for number in range(lines))


def words(text: str) -> int:
    """A tokenizer for the tests: a token for each word and line end."""
    return len(text.split()) + text.count("\n")


@pytest.mark.parametrize(
    ("marked", "prefix", "suffix"),
    [
        ("‸", "", ""),
        ("a = ‸", "", ""),
        ("‸a", "", "a"),
        ("a\n‸b\nc", "a\n", "b\nc"),
        ("a\n    re‸turn\n", "a\n", "turn\n"),
        ("a\n\n‸", "a\n\n", ""),
        ("x\fy‸", "", ""),
    ],
)
def test_the_anchor_is_where_the_line_starts(marked: str, prefix: str, suffix: str) -> None:
    anchor = anchored(place(marked), 100, 50, len)
    assert (anchor.prefix, anchor.suffix) == (prefix, suffix)
    assert anchor.typed(place(marked)) == place(marked).line


BODY = "import os\n\n\ndef main():\n    ‸\n\n\nmain()\n"


@pytest.mark.parametrize(
    ("now", "typed"),
    [
        # Typing on, over line ends with the editor's indentation, and back.
        (BODY.replace("‸", "ret‸"), "    ret"),
        (BODY.replace("‸", "for x in y:\n        ‸"), "    for x in y:\n        "),
        (BODY.replace("‸", "a = 1\n\n    b‸"), "    a = 1\n\n    b"),
        (BODY.replace("    ‸", "‸"), ""),
        # What the editor closes behind the cursor.
        (BODY.replace("‸", "print(‸)"), "    print("),
        (BODY.replace("‸", "print([{‸}])"), "    print([{"),
        (BODY.replace("‸", "a = {\n        ‸\n    }"), "    a = {\n        "),
        (BODY.replace("‸", 'a = "‸"'), '    a = "'),
        (BODY.replace("‸", '"""‸"""'), '    """'),
        # Somebody's code behind the cursor, a deletion past the anchor, another place, other text.
        (BODY.replace("‸", "f(‸a)"), None),
        ("import os\n\n\ndef main():‸\n\n\nmain()\n", None),
        (BODY.replace("‸", "").replace("main()\n", "main(‸)\n"), None),
        (BODY.replace("os", "sys"), None),
        (BODY.replace("‸\n\n\nmain()", "‸main()"), None),
        ("‸", None),
    ],
)
def test_what_moves_the_anchor_and_what_does_not(now: str, typed: str | None) -> None:
    assert anchored(place(BODY), 1000, 300, len).typed(place(now)) == typed


def test_lines_outside_of_the_windows_may_change() -> None:
    before, after = document(400), document(400)
    anchor = anchored(Place(before + "x", after), 200, 60, words)
    assert anchor.outside_before
    assert anchor.outside_after
    assert anchor.typed(Place("import new\n" + before + "xy", after)) == "xy"
    assert anchor.typed(Place(before[10:] + "xy", after + "more\n")) == "xy"
    assert anchor.typed(Place(before.replace("line 399", "line") + "xy", after)) is None


def test_what_comes_in_front_of_a_window_that_is_whole_moves_the_anchor() -> None:
    anchor = anchored(place("a = 1\n‸b\n"), 100, 50, len)
    assert anchor.typed(place("import os\na = 1\n‸b\n")) is None
    assert anchor.typed(place("a = 1\n‸b\nc\n")) is None


def test_the_old_anchor_fits_where_one_comes_back() -> None:
    anchor = anchored(place("a = 1\nb = ‸\nc = 3\n"), 100, 50, len)
    assert anchor.typed(place("a = 1\nb = \nc = 3‸\n")) is None
    assert anchor.typed(place("a = 1\nb = 2‸\nc = 3\n")) == "b = 2"


def test_a_document_that_fits_is_whole() -> None:
    assert anchored(Place(document(9) + "li", document(3)), 100, 100, words) == Anchor(document(9), document(3), 0, 0)


def test_a_long_document_is_cut_to_whole_lines() -> None:
    cut = anchored(Place(document(1000) + "li", document(1000)), 360, 60, words)
    assert cut.prefix.startswith("line ")
    assert cut.prefix.endswith("line 999\n")
    assert words(cut.prefix) <= 300
    assert cut.suffix.startswith("line 0\n")
    assert cut.suffix.endswith("\n")
    assert words(cut.suffix) <= 60


def test_the_start_of_the_prefix_moves_in_steps() -> None:
    starts = [
        anchored(Place(document(lines), ""), 300, 60, words).prefix.split("\n")[0]
        for lines in range(500, 500 + 4 * STEP)
    ]
    changes = sum(a != b for a, b in itertools.pairwise(starts))
    assert changes == 4
    assert all(int(start.split()[1]) % STEP == 0 for start in starts)


def test_the_window_stays_where_that_of_a_near_anchor_begins() -> None:
    first = anchored(Place(document(500), ""), 300, 60, words)
    for lines in (480, 505, 510):
        again = anchored(Place(document(lines), ""), 300, 60, words, [first])
        assert again.outside_before == first.outside_before
    far = anchored(Place(document(900), ""), 300, 60, words, [first])
    assert far.outside_before > first.outside_before
    assert words(far.prefix) <= 300


def test_an_anchor_in_a_line_too_long_to_be_typed_moves_in_steps() -> None:
    long = "word " * 2000
    cuts = [anchored(Place("before\n" + long[:length], ""), 50, 10, words) for length in range(6000, 6000 + LINE_STEP)]
    assert len({cut.outside_before for cut in cuts}) <= 2
    assert all(words(cut.prefix) <= 50 for cut in cuts)


def test_another_suffix() -> None:
    where = Place("a\nb", "c\nd\ne\n")
    anchor = with_suffix(anchored(where, 100, 50, len), where, 2, len)
    assert (anchor.prefix, anchor.suffix, anchor.typed(where)) == ("a\n", "c\n", "b")


@given(st.text(alphabet="ab \n\f"), st.data(), st.integers(1, 80), st.integers(0, 40))
def test_a_window_is_a_part_around_the_cursor(text: str, data: st.DataObject, budget: int, suffix: int) -> None:
    offset = data.draw(st.integers(0, len(text)))
    where = Place(text[:offset], text[offset:])
    anchor = anchored(where, budget, min(suffix, budget - 1), len)
    typed = anchor.typed(where)
    assert typed is not None
    assert where.before.endswith(anchor.prefix + typed)
    assert where.after.startswith(anchor.suffix)
    assert len(anchor.prefix + anchor.suffix) <= budget
    assert len(anchor.suffix) <= suffix


@given(st.text(alphabet="ab\n ()", max_size=60), st.data(), st.text(alphabet="xy\n ", max_size=30))
def test_typing_never_moves_the_anchor(text: str, data: st.DataObject, typed: str) -> None:
    offset = data.draw(st.integers(0, len(text)))
    anchor = anchored(Place(text[:offset], text[offset:]), 40, 15, len)
    line = Place(text[:offset], "").line
    for length in range(len(typed) + 1):
        assert anchor.typed(Place(text[:offset] + typed[:length], text[offset:])) == line + typed[:length]


def test_the_border_of_a_segment_seldom_moves_a_token(tiny: Worker) -> None:
    dice = random.Random(0)
    text = document(3) + "class A:\n    def f(self, x):\n        return {x: [self.a, 'b']}\n\n\n" * 20
    differing = 0
    for _ in range(300):
        offset = dice.randrange(len(text))
        where = Place(text[:offset], text[offset:])
        anchor = anchored(where, 4000, 1000, len)
        whole = tiny.tokenize(where.before)
        differing += whole != (*tiny.tokenize(anchor.prefix), *tiny.tokenize(anchor.typed(where) or ""))
    # A line's start is a border of tokens anyway, unless a blank line stands there.
    assert differing / 300 < 0.02
