"""Where a suggestion ends, whatever the model still has to say: the same rules while it writes and afterwards.

An end is certain once it has been found: what is written behind it cannot move it. Of several ends the one that shows
first counts, and not the one that stands first: the model is stopped there, and never writes what shows later.
"""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING

from lsp_server.suggestion.already import may_restart, without_restart
from lsp_server.suggestion.hole import Extent, Hole
from lsp_server.suggestion.lines import Line, split
from lsp_server.suggestion.printable import certain, is_printable, printable
from lsp_server.suggestion.repetition import loop_within, met_suffix, repeats_lines
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.scope import End, Scope, closed_by_word, has_opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.suggestion.scope import Read

# Texts of which a stopper remembers the structure: the lines above the last one of each candidate.
REMEMBERED_TEXTS = 8


def first_end(hole: Hole, text: str, read: Read) -> End | None:
    """Return the end that shows first in a text that may still grow, ``None`` where it may go on."""
    return _Progress(hole, read).end(text)


def stopper(hole: Hole, read: Read) -> Callable[[str], bool]:
    """Return what says of a text under way whether it has come to an end; quick enough to ask at each token."""
    remembered = lru_cache(REMEMBERED_TEXTS)(read)
    progress = _Progress(hole, remembered)

    def is_complete(text: str) -> bool:
        nonlocal progress
        if not is_printable(text):
            return True
        written, typed = certain(printable(text)), hole.place.line
        if may_restart(typed, written):
            return False
        written = without_restart(typed, written)
        if not written.startswith(progress.text):
            # This is another candidate.
            progress = _Progress(hole, remembered)
        return progress.end(written) is not None

    return is_complete


class _Progress:
    """How far the lines of a text have been looked at. ``text`` are those that are whole; they hold no end."""

    def __init__(self, hole: Hole, read: Read) -> None:
        self.text = ""
        self._hole, self._read = hole, read
        self._whole: list[Line] = []
        self._scope = Scope(hole, read) if hole.extent in (Extent.BLOCK, Extent.BODY) else None

    def end(self, text: str) -> End | None:
        """Return the end that shows first in a text, which begins with ``self.text``."""
        for line in split(text, len(self.text)):
            is_whole = line.end < len(text)
            # A line under way is looked at again when there is more of it.
            scope = self._scope if is_whole else copy(self._scope)
            if is_whole and line.content:
                self._whole.append(line)
            ends = list(self._ends_in(text, line, scope))
            ends += self._ends_behind(text, line) if is_whole else ()
            if ends:
                return min(ends, key=lambda end: (end.told, end.offset))
            if is_whole:
                self.text = text[: line.end + 1]
        return None

    def _ends_in(self, text: str, line: Line, scope: Scope | None) -> Iterator[End]:
        """Yield the ends that show in a line, as far as it goes."""
        if scope is not None and (end := scope.end_at(text, line)):
            yield end
        if loop := loop_within(line.text):
            yield End(line.start + loop[0], Rule.LOOP, line.start + loop[1])

    def _ends_behind(self, text: str, line: Line) -> Iterator[End]:
        """Yield the ends that show where a line is whole."""
        hole, whole, told = self._hole, self._whole, line.end + 1
        if self._is_all(text[: line.end]):
            yield End(line.end, Rule.ONE_LINE, told)
        if not whole:
            return
        if (met := met_suffix(hole, whole)) is not None:
            yield End(met, Rule.MEETS_SUFFIX, told)
        if (repeated := repeats_lines(hole, whole)) is not None:
            yield End(repeated, Rule.LOOP, told)
        is_long = hole.extent not in (Extent.REST, Extent.LINE)
        if is_long and (end := closed_by_word(hole, whole, told)):
            yield end

    def _is_all(self, text: str) -> bool:
        """Return whether whole lines are all of a suggestion of one line, or of one statement."""
        match self._hole.extent:
            case Extent.REST:
                return True
            case Extent.LINE:
                return bool(self._whole)
            case Extent.STATEMENT:
                return bool(self._whole) and not has_opened(self._hole, self._whole, text, self._read)
            case _:
                return False
