"""Where several lines leave what the cursor is in, or go on to something else.

A line is judged as soon as its first word is there, by what the whole lines above it say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.suggestion.hole import Extent
from lsp_server.suggestion.indentation import columns, leading
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.structure import CLOSING, OPENING, innermost, unmatched

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.lines import Line
    from lsp_server.suggestion.structure import Structure

    Read = Callable[[str], Structure]

_CLOSERS = re.compile(r"[)\]}]+[;,]?")
_FIRST_WORD = re.compile(r"[ \t]*(\w+|\S)")
# A line that begins with these goes on with the one before: method chains, operators, the end of an element.
_GOES_ON = (*CLOSING, ".", "?", "&&", "||", "|>", "</", "/>", ">")


class End(NamedTuple):
    """Where a suggestion ends, and by which rule. ``told`` is how much of it says so: what comes behind cannot matter.

    Offsets are within the suggestion.
    """

    offset: int
    rule: Rule
    told: int


class Scope:
    """What the cursor is in, and how far the lines of a suggestion have come in it. Made for one text."""

    def __init__(self, hole: Hole, read: Read) -> None:
        self._hole = hole
        self._read = read
        # The columns at which the first line begins, and where the one that stands furthest to the right does.
        self._first = columns(leading(hole.place.line)) if not hole.is_on_blank_line else -1
        self._deepest = self._first
        self._has_content = False
        # The first of the last lines that stand outside, but need not mean that: comments and the like.
        self._outside: Line | None = None

    def end_at(self, text: str, line: Line) -> End | None:
        """Return the end at a line of a text; all lines above it have been asked about before."""
        if not line.start:
            self._go_on(line)
            return None
        structure = self._read(text[: line.start])
        closed = self._closed(text, line, structure)
        return closed or self._judged(text, line, structure)

    def _go_on(self, line: Line) -> None:
        if line.content:
            width = self._hole.width(line)
            self._first = width if self._first < 0 else self._first
            self._deepest = max(self._deepest, width)
            self._has_content = True

    # --- brackets ------------------------------------------------------------------------------------

    def _closed(self, text: str, line: Line, structure: Structure) -> End | None:
        """Find the bracket that closes what was open at the cursor: it belongs to the suggestion unless it is there."""
        found = unmatched(structure)
        if not found:
            return None
        offset, bracket = found[0]
        before = text[:offset].rstrip(" \t")
        if self._is_there(bracket, self._width_of_closer(text, offset)):
            return End(len(before.rstrip()) if before.endswith("\n") else len(before), Rule.LEAVES_SCOPE, line.start)
        end = text.find("\n", offset)
        opened = sum((b in OPENING) - (b in CLOSING) for place, b in structure.brackets if offset < place < end)
        if opened > 0 or any(b in OPENING for _, b in structure.brackets[-1:] if structure.brackets[-1][0] < end):
            # `} else {`: what is closed is enough.
            closers = _CLOSERS.match(text, offset)
            end = closers.end() if closers else offset + 1
        return End(end, Rule.LEAVES_SCOPE, line.start)

    def _width_of_closer(self, text: str, offset: int) -> int | None:
        """Return where a bracket stands that begins its line, ``None`` for another one."""
        start = text.rfind("\n", 0, offset) + 1
        space = text[start:offset]
        if space.strip() or (not start and not self._hole.is_on_blank_line):
            return None
        return columns(space if start else self._hole.place.line + space)

    def _is_there(self, closer: str, width: int | None) -> bool:
        """Return whether what closes the scope, and would stand at a width, is the next thing in the document."""
        hole = self._hole
        if not hole.below or not hole.below[0].strip().startswith(closer):
            return False
        if hole.header:
            # One further to the left closes something around that.
            return hole.width_below >= columns(leading(hole.header))
        return width is None or hole.width_below >= width

    # --- indentation ---------------------------------------------------------------------------------

    def _judged(self, text: str, line: Line, structure: Structure) -> End | None:
        """Find the line that stands too far to the left, or begins something new."""
        bracket = innermost(structure, line.start)
        if structure.is_opaque(line.start) or bracket:
            if bracket == "{" and line.content:
                # In parentheses lines are aligned by taste; in braces they are the inner lines of a block.
                self._deepest = max(self._deepest, self._hole.width(line))
            return None
        if not line.content:
            return self._at_blank(text, line)
        begun = _FIRST_WORD.match(line.text)
        told = line.start + (begun.end() if begun else 0) + 1
        if told > len(text):
            # The word may still grow.
            return None
        if self._first >= 0:
            end = self._at(text, line, begun[1] if begun else "", told)
            if end is not None or self._outside:
                return end
        self._go_on(line)
        return None

    def _at_blank(self, text: str, line: Line) -> End | None:
        if self._hole.extent is Extent.BLOCK and self._has_content and line.end < len(text):
            return self._before(line, Rule.PIECE_ENDS, line.end + 1)
        return None

    def _before(self, line: Line, rule: Rule, told: int) -> End:
        return End((self._outside or line).start - 1, rule, told)

    def _at(self, text: str, line: Line, word: str, told: int) -> End | None:
        hole, width = self._hole, self._hole.width(line)
        scope = columns(leading(hole.header)) + 1 if hole.header else self._first
        if width < scope:
            if hole.language.is_neutral(text[line.start : told]):
                self._outside = self._outside or line
                return None
            return self._left(text, line, word, told)
        self._outside = None
        if hole.extent is not Extent.BLOCK or not self._has_content or not width <= self._first < self._deepest:
            return None
        goes_on = line.content.startswith(_GOES_ON) or word in hole.language.closing | hole.language.continuing
        return None if goes_on else self._before(line, Rule.PIECE_ENDS, told)

    def _left(self, text: str, line: Line, word: str, told: int) -> End | None:
        """Return the end at a line outside of the scope: behind the word that closes the scope, or before the line."""
        hole, width = self._hole, self._hole.width(line)
        is_scope = bool(hole.header) and width == columns(leading(hole.header))
        if word in hole.language.closing and is_scope and not self._is_there(word, width):
            return End(line.end, Rule.LEAVES_SCOPE, line.end + 1) if line.end < len(text) else None
        if word in CLOSING:
            # Once the line is whole, `_closed` says where that ends.
            return None
        return self._before(line, Rule.LEAVES_SCOPE, told)
