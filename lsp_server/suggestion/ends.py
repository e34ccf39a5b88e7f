"""Where a suggestion ends, whatever the model still has to say: the same rules while it writes and afterwards.

An end is certain once it has been found: what is written behind it cannot move it. Of several ends the one that shows
first counts, and not the one that stands first: the model is stopped there, and never writes what shows later.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lsp_server.suggestion.already import may_restart, without_restart
from lsp_server.suggestion.hole import Extent, Hole
from lsp_server.suggestion.lines import Line, split
from lsp_server.suggestion.printable import certain, is_printable, printable
from lsp_server.suggestion.repetition import loop_within_line, met_suffix, repeats_lines
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.scope import End, Scope, closed_by_word, has_opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.suggestion.scope import Read

# Texts of which a stopper remembers the structure: as many as one suggestion has lines.
REMEMBERED_TEXTS = 64


def first_end(hole: Hole, text: str, read: Read) -> End | None:
    """Return the end that shows first in a text that may still grow, ``None`` where it may go on."""
    ends = [end for end in (_line_end(hole, text, read), _loop(text)) if end]
    told = min((end.told for end in ends), default=len(text))
    ends += _ends_by_lines(hole, text[:told], read)
    return min(ends, key=lambda end: (end.told, end.offset), default=None)


def stopper(hole: Hole, read: Read) -> Callable[[str], bool]:
    """Return what says of a text under way whether it has come to an end; quick enough to ask at each token."""
    # The lines above the last one are read once.
    remembered = lru_cache(REMEMBERED_TEXTS)(read)

    def is_complete(text: str) -> bool:
        if not is_printable(text):
            return True
        written, typed = certain(printable(text)), hole.place.line
        if may_restart(typed, written):
            return False
        return first_end(hole, without_restart(typed, written), remembered) is not None

    return is_complete


def _line_end(hole: Hole, text: str, read: Read) -> End | None:
    match hole.extent:
        case Extent.REST:
            end = text.find("\n")
        case Extent.LINE:
            end = text.find("\n", len(text) - len(text.lstrip()))
        case Extent.STATEMENT:
            end = _statement_end(hole, text, read)
        case _:
            return None
    return End(end, Rule.ONE_LINE, end + 1) if end >= 0 else None


def _statement_end(hole: Hole, text: str, read: Read) -> int:
    """Return where the first line with anything on it ends, or the one that closes what that opens; -1 for nowhere."""
    whole: list[Line] = []
    for line in split(text)[:-1]:
        if line.content or whole:
            whole.append(line)
            if not has_opened(hole, whole, text[: line.end], read):
                return line.end
    return -1


def _loop(text: str) -> End | None:
    found = loop_within_line(text)
    return End(found[0], Rule.LOOP, found[1]) if found else None


def _ends_by_lines(hole: Hole, text: str, read: Read) -> list[End]:
    """Return the ends that show first, all at the same place, of those that whole lines tell; empty for none."""
    scope = Scope(hole, read) if hole.extent in (Extent.BLOCK, Extent.BODY) else None
    whole: list[Line] = []
    for line in split(text):
        ends = list(_repetitions(hole, whole, line.start))
        if whole and hole.extent not in (Extent.REST, Extent.LINE) and (end := closed_by_word(hole, whole, line.start)):
            ends.append(end)
        if scope is not None and (end := scope.end_at(text, line)):
            ends.append(end)
        if ends:
            return ends
        if line.content:
            whole.append(line)
    return []


def _repetitions(hole: Hole, whole: list[Line], told: int) -> Iterator[End]:
    if (met := met_suffix(hole, whole)) is not None:
        yield End(met, Rule.MEETS_SUFFIX, told)
    if (repeated := repeats_lines(hole, whole)) is not None:
        yield End(repeated, Rule.LOOP, told)
