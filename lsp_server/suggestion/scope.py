"""Where several lines leave what the cursor is in, or go on to something else.

A line is judged as soon as its first word is there, by what the whole lines above it say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.suggestion.hole import Extent, opens_block
from lsp_server.suggestion.indentation import columns, leading
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.structure import CLOSING, innermost, partner, still_open, unmatched

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


class _Begun(NamedTuple):
    """A line whose first word is whole: the line as far as that shows, the word, and how much of the text that is."""

    line: Line
    text: str
    word: str
    told: int


class Scope:
    """What the cursor is in, and how far the lines of a suggestion have come in it. Made for one text."""

    def __init__(self, hole: Hole, read: Read) -> None:
        self._hole = hole
        self._read = read
        # The columns at which the first line begins, the last one, and the one that stands furthest to the right.
        self._first = columns(leading(hole.place.line)) if not hole.is_on_blank_line else -1
        self._last = self._deepest = self._first
        self._has_content = False
        # The first of the last lines that need not mean anything: comments and the like that stand outside, and a
        # blank line behind an inner one.
        self._outside: Line | None = None
        self._blank: Line | None = None

    def end_at(self, text: str, line: Line) -> End | None:
        """Return the end at a line of a text; all lines above it have been asked about before."""
        if not line.start:
            self._go_on(line)
            return None
        above = text[: line.start]
        structure = self._read(above)
        if structure.is_unfinished(above, self._hole.language.spanning):
            return None
        closed = self._closed(text, line, structure)
        return closed or self._judged(text, line, structure)

    def _go_on(self, line: Line) -> None:
        if line.content:
            width = self._hole.width(line)
            self._first = width if self._first < 0 else self._first
            self._last, self._deepest = width, max(self._deepest, width)
            self._has_content = True

    # --- brackets ------------------------------------------------------------------------------------

    def _closed(self, text: str, line: Line, structure: Structure) -> End | None:
        """Find the bracket that closes what was open at the cursor: it belongs to the suggestion unless it is there."""
        for offset, bracket in unmatched(structure):
            before = text[:offset].rstrip(" \t")
            end = text.find("\n", offset)
            opened = [place for place in still_open(structure, end) if place > offset]
            goes_on = bool(opened) and (bracket != "}" or not before.strip())
            if not goes_on and is_there(self._hole, bracket, self._width_of_closer(text, offset)):
                cut = len(before.rstrip()) if before.endswith("\n") else len(before)
                return End(cut, Rule.LEAVES_SCOPE, line.start)
            if not opened:
                return End(end, Rule.LEAVES_SCOPE, line.start)
            if not goes_on:
                # `} else {`: what is closed is enough, unless the suggestion begins like this.
                closers = _CLOSERS.match(text, offset)
                return End(closers.end() if closers else offset + 1, Rule.LEAVES_SCOPE, line.start)
            # `) {` opens a body, which belongs to what is closed.
            closed = partner(structure, opened[0])
            if closed is not None:
                return End(text.find("\n", closed), Rule.LEAVES_SCOPE, line.start)
        return None

    def _width_of_closer(self, text: str, offset: int) -> int | None:
        """Return where a bracket stands that begins its line, ``None`` for another one."""
        start = text.rfind("\n", 0, offset) + 1
        space = text[start:offset]
        if space.strip() or (not start and not self._hole.is_on_blank_line):
            return None
        return columns(space if start else self._hole.place.line + space)

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
        word = _FIRST_WORD.match(line.text)
        told = line.start + (word.end() if word else 0) + 1
        if told > len(text):
            # The word may still grow.
            return None
        begun = _Begun(line, text[line.start : told], word[1] if word else "", told)
        end = self._at(begun) if self._first >= 0 else None
        if end is None and self._outside is None:
            self._go_on(line)
        return end

    def _at_blank(self, text: str, line: Line) -> End | None:
        is_whole = line.end < len(text)
        if self._hole.extent is not Extent.BLOCK or not self._has_content or self._blank or not is_whole:
            return None
        if self._last > self._first:
            # It may stand within a block; the next line shows.
            self._blank = line
            return None
        return End((self._outside or line).start - 1, Rule.PIECE_ENDS, line.end + 1)

    def _at(self, begun: _Begun) -> End | None:
        hole, width = self._hole, self._hole.width(begun.line)
        scope = hole.header_width + 1 if hole.header else self._first
        if width < scope and not (width == scope - 1 and hole.is_case(begun.word)):
            if hole.language.is_comment(begun.text) or hole.language.is_label(begun.text):
                self._outside = self._outside or begun.line
                return None
            return self._left(begun)
        self._outside = None
        blank, self._blank = self._blank, None
        if hole.extent is not Extent.BLOCK or not self._has_content or not width <= self._first < self._deepest:
            return None
        if begun.text.strip().startswith(_GOES_ON) or begun.word in hole.language.closing | hole.language.continuing:
            return None
        return End((blank or begun.line).start - 1, Rule.PIECE_ENDS, begun.told)

    def _left(self, begun: _Begun) -> End | None:
        """Return the end at a line outside of the scope: behind the word that closes the scope, or before the line."""
        hole, line = self._hole, begun.line
        is_scope = bool(hole.header) and hole.width(line) == hole.header_width
        if begun.word in CLOSING or (begun.word in hole.language.closing and is_scope):
            # Once the line is whole, it shows where that ends.
            return None
        return End((self._outside or line).start - 1, Rule.LEAVES_SCOPE, begun.told)


def is_there(hole: Hole, closer: str, width: int | None) -> bool:
    """Return whether what closes a scope, and would stand at a width, is the next thing in the document."""
    if not hole.below or not hole.below[0].strip().startswith(closer):
        return False
    if hole.header:
        # One further to the left closes something around that.
        return hole.width_below >= hole.header_width
    return width is None or hole.width_below >= width


def closed_by_word(hole: Hole, whole: list[Line], told: int) -> End | None:
    """Find the word that closes what was open at the cursor in the last of some lines, as `end` does.

    Like a bracket, it belongs to the suggestion unless it is there.
    """
    line = whole[-1]
    width, word = hole.width(line), hole.language.closing_word(hole.with_typed(line))
    if not word:
        return None
    for above in reversed(whole[:-1]):
        first = hole.with_typed(above)
        if hole.width(above) > width:
            continue
        if hole.language.closing_word(first):
            break
        if hole.width(above) < width and not opens_block(first[width:], hole.language):
            break
        if not hole.language.closes(first.strip()):
            # The suggestion itself has opened what is closed: `if` at that place, or `x = if` with that behind it.
            return None
    if is_there(hole, word, width):
        return End(max(0, line.start - 1), Rule.LEAVES_SCOPE, told)
    return End(line.end, Rule.LEAVES_SCOPE, told)


def has_opened(hole: Hole, whole: list[Line], text: str, read: Read) -> bool:
    """Return whether lines, and the text up to the last one, open brackets, a string or a block and do not close them.

    A block that goes on with the statement before it, such as `else`, is closed together with that.
    """
    structure = read(f"{text}\n")
    if still_open(structure, len(text)) or structure.is_unfinished(text, hole.language.spanning):
        return True
    first, *others = whole
    if not hole.language.closing or not opens_block(hole.with_typed(first), hole.language):
        return False
    closing = (line for line in others if hole.width(line) <= hole.width(first))
    return not any(hole.language.closing_word(line.text) for line in closing)
