"""No suggestion leaves a document less sound than it was: it is cut back until it does not, or dropped.

Two things are counted: what the grammar cannot read, and brackets that have no partner. The second needs no grammar,
and tells where the first cannot: in a statement that is still being typed, one error hides the next.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import islice
from typing import TYPE_CHECKING

from lsp_server.suggestion.structure import OPENING, PAIRS, reader, scanned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.structure import Grammar, Structure

# Parses that one suggestion may take; each is incremental.
MOST_TRIES = 20
# Characters on either side of the cursor in which brackets look for their partners. Most of those of a document that
# parses have them nearby.
REACH = 20_000
NEAR = 2_000
# Where a document is broken already, a suggestion may leave as much of it broken as a name or a statement would.
_ANYTHING = ("a", "a;")
_CLOSERS_AT_END = re.compile(r"[\s)\]};,]+\Z")
# Three quotes are one thing: two of them are an empty string.
_PIECE = re.compile(r"\w+|\s+|([\"'`])\1*|[^\w\s]")


class _Document:
    """A document with a text in its hole."""

    def __init__(self, hole: Hole, document: Grammar | None, text: str) -> None:
        self._hole, self._text = hole, text
        self._grown = document.inserted(len(hole.place.before), text) if document is not None and text else document

    @cached_property
    def errors(self) -> int:
        """How many places do not parse; without a grammar, whether a string is open behind the text."""
        if self._grown is not None:
            return self._grown.errors
        head = self._hole.place.before[-REACH:] + self._text
        return int(_is_open(self._hole, head, scanned(head)))

    def lone(self, reach: int) -> int:
        """Return how many brackets near the hole have no partner."""
        return len(self.lone_brackets(reach))

    def lone_brackets(self, reach: int) -> list[str]:
        """Return the brackets near the hole that have no partner, in their order."""
        before, after = self._hole.place.before, self._hole.place.after
        if self._grown is None:
            near = scanned(before[-reach:] + self._text + after[:reach])
            return _alone(bracket for _, bracket in near.brackets)
        end = min(len(self._grown.text), len(before) + len(self._text) + reach)
        return _alone(bracket for _, bracket in self._grown.brackets(max(0, len(before) - reach), end))


def lone_brackets(hole: Hole, document: Grammar | None) -> list[str]:
    """Return the brackets of a document that have no partner, as far as they are near the cursor."""
    return _Document(hole, document, "").lone_brackets(REACH)


def sound_part(text: str, hole: Hole, document: Grammar | None, may_be: Callable[[str], bool]) -> str:
    """Return the longest part from a text's start that adds no fault where it is inserted; empty for none.

    ``may_be`` says of a sound part whether it can be suggested at all.
    """
    before = _Document(hole, document, "")
    read = reader(document, len(hole.place.before))
    lone = cache(before.lone)
    # Without a grammar, what begins in a string is taken for code.
    reaches = (REACH,) if document is None else (NEAR, REACH)

    @cache
    def most_errors() -> int:
        # Asked for last, as parsing what is broken is slow.
        return max(_Document(hole, document, anything).errors for anything in _ANYTHING)

    def more(after: _Document, reach: int) -> int:
        return after.lone(reach) - lone(reach)

    def is_sound(part: str) -> bool:
        after = _Document(hole, document, part)
        if not before.errors:
            # A comment that is not closed takes in what follows, which is no error to the grammar.
            is_open = _is_open(hole, part, read(part))
            return not (after.errors or is_open) and any(more(after, reach) <= 0 for reach in reaches)
        if change := more(after, REACH):
            # A bracket that finds its partner is right, even where the grammar then makes less of other things.
            return change < 0 or (after.errors < before.errors and after.errors < most_errors())
        return not after.errors or after.errors <= most_errors()

    return next((part for part in islice(_parts(text), MOST_TRIES) if is_sound(part) and may_be(part)), "")


def _is_open(hole: Hole, text: str, structure: Structure) -> bool:
    """Return whether a text ends in a string or comment that it has begun, and that does not end behind the cursor."""
    after = hole.place.after[:REACH]
    spanning = [(begin, end) for begin, end in hole.language.spanning if not _ends(after, begin, end)]
    return structure.is_unfinished(text, spanning)


def _ends(after: str, begin: str, end: str) -> bool:
    """Return whether what follows the cursor first ends a string or comment, as far as it shows."""
    if begin == end:
        return after.count(end) % 2 == 1
    return 0 <= after.find(end) < (after.find(begin) if begin in after else len(after))


def _alone(brackets: Iterable[str]) -> list[str]:
    waiting: list[str] = []
    for bracket in brackets:
        if waiting and PAIRS.get(bracket) == waiting[-1]:
            waiting.pop()
        else:
            waiting.append(bracket)
    return waiting


def _parts(text: str) -> Iterator[str]:
    """Yield what a text may be cut back to, the longest first.

    That is the whole, that without the brackets at its end, whole lines, and pieces of a single line. Of a line that
    opens something at its end, what stands before that is all that anybody waits for.
    """
    yield text
    if (without := _CLOSERS_AT_END.sub("", text)) != text:
        yield without
    first = len(text) - len(text.lstrip())
    end = len(text)
    while (end := text.rfind("\n", first, end)) > 0:
        yield text[:end].rstrip()
    if "\n" in text[first:]:
        return
    if text.endswith(tuple(OPENING)):
        yield text.rstrip(f"{OPENING} ")
        return
    ends = [match.end() for match in _PIECE.finditer(text, first) if not match[0].isspace()]
    for place in reversed(ends[:-1]):
        yield text[:place]
