"""No suggestion leaves a document less sound than it was: it is cut back until it does not, or dropped.

Two things are counted: what the grammar cannot read, and brackets that have no partner. The second needs no grammar,
and tells where the first cannot: in a statement that is still being typed, one error hides the next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.suggestion.structure import PAIRS, scanned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.core import Place
    from lsp_server.suggestion.structure import Grammar

# Parses that one suggestion may take; each is incremental.
MOST_TRIES = 40
# Characters on either side of the cursor in which brackets look for their partners.
NEAR_CHARACTERS = 4000
# Where a statement is still being typed, this is what any text would leave broken.
_ANY_NAME = "a"
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


class _Faults(NamedTuple):
    """What is wrong around a cursor: places that do not parse, and brackets without a partner."""

    errors: int
    brackets: int

    def are_within(self, limit: _Faults) -> bool:
        return self.errors <= limit.errors and self.brackets <= limit.brackets


def sound_part(text: str, document: Grammar | None, place: Place) -> str:
    """Return the longest part from a text's start that adds no fault where it is inserted; empty for none.

    Whole lines are tried first, then the pieces of the first line. Without a grammar brackets alone count.
    """
    limit = _limit(document, place)
    for tried, part in enumerate(_parts(text)):
        if tried == MOST_TRIES:
            break
        if _faults(part, document, place).are_within(limit):
            return part
    return ""


def _limit(document: Grammar | None, place: Place) -> _Faults:
    before = _faults("", document, place)
    if not before.errors:
        return before
    # How many errors a broken statement counts for depends on what is in it.
    return before._replace(errors=_faults(_ANY_NAME, document, place).errors)


def _faults(text: str, document: Grammar | None, place: Place) -> _Faults:
    start = max(0, len(place.before) - NEAR_CHARACTERS)
    grown = document.inserted(len(place.before), text) if document is not None else None
    if grown is None:
        near = place.before[start:] + text + place.after[:NEAR_CHARACTERS]
        return _Faults(0, _without_partner(bracket for _, bracket in scanned(near).brackets))
    end = min(len(grown.text), len(place.before) + len(text) + NEAR_CHARACTERS)
    return _Faults(grown.errors, _without_partner(bracket for _, bracket in grown.brackets(start, end)))


def _without_partner(brackets: Iterable[str]) -> int:
    waiting: list[str] = []
    for bracket in brackets:
        if waiting and PAIRS.get(bracket) == waiting[-1]:
            waiting.pop()
        else:
            waiting.append(bracket)
    return len(waiting)


def _parts(text: str) -> Iterator[str]:
    """Yield what a text may be cut back to, the longest first: the whole, whole lines, pieces of the first line."""
    yield text
    first = len(text) - len(text.lstrip())
    end = len(text)
    while (end := text.rfind("\n", first, end)) > 0:
        yield text[:end].rstrip()
    line_end = text.find("\n", first)
    line = text[: line_end if line_end >= 0 else len(text)]
    ends = [match.end() for match in _PIECE.finditer(line, first) if not match[0].isspace()]
    for place in reversed(ends[:-1]):
        yield line[:place]
