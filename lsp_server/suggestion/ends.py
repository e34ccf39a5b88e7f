"""Where a suggestion ends, whatever the model still has to say: the same rules while it writes and afterwards.

An end is certain once it has been found: what is written behind it cannot move it. Offsets are within the suggestion.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.suggestion.hole import Extent, Hole, opens_block
from lsp_server.suggestion.indentation import columns, leading
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.structure import CLOSING, Structure, innermost, unmatched

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[str], Structure]

# A line of fewer characters without its white space, such as `}` or `pass`, may well come twice.
SHORTEST_TELLING = 5
# A text that repeats itself on one line: so many times, of units up to so long, over so many characters.
LONGEST_UNIT = 40
SMALLEST_LOOP = 32
LONGEST_LOOKED_AT = 400
_LOOP = re.compile(rf"(\S.{{0,{LONGEST_UNIT - 1}}}?)\1{{3,}}$", re.DOTALL)
_CLOSERS = re.compile(r"[)\]}]+[;,]?")
_WORD = re.compile(r"\w+")


class End(NamedTuple):
    """Where a suggestion ends, and by which rule."""

    offset: int
    rule: Rule


class Line(NamedTuple):
    """A line of a suggestion; ``end`` is the offset of its line break. The first goes on from what is typed."""

    start: int
    end: int
    text: str


def is_telling(line: str) -> bool:
    """Return whether a line says enough that a second one like it is a repetition."""
    return len(line.strip()) >= SHORTEST_TELLING and bool(_WORD.search(line))


def first_end(hole: Hole, text: str, read: Read) -> End | None:
    """Return the first end of a text that may still grow, ``None`` where it may go on."""
    ends = [end for end in (_line_end(hole, text), _repetition(hole, text), _scope_end(hole, text, read)) if end]
    return min(ends, key=lambda end: end.offset, default=None)


def stopper(hole: Hole, read: Read) -> Callable[[str], bool]:
    """Return what says of a text under way whether it has come to an end; quick enough to ask at each token."""
    seen = ""

    def is_complete(text: str) -> bool:
        nonlocal seen
        if _line_end(hole, text) or _repetition(hole, text):
            return True
        # The rest depends on the lines that have begun: nothing new while the last of them grows.
        start = text.rfind("\n") + 1
        begun = text[: start + len(leading(text[start:])) + 1]
        if not start or begun == seen:
            return False
        seen = begun
        return _scope_end(hole, text, read) is not None

    return is_complete


# --- one line ----------------------------------------------------------------------------------------


def _line_end(hole: Hole, text: str) -> End | None:
    match hole.extent:
        case Extent.REST:
            end = text.find("\n")
        case Extent.LINE:
            end = text.find("\n", len(text) - len(text.lstrip()))
        case _:
            return None
    return End(end, Rule.ONE_LINE) if end >= 0 else None


# --- repetitions -------------------------------------------------------------------------------------


def _lines(text: str) -> list[Line]:
    lines, start = [], 0
    for part in text.split("\n"):
        lines.append(Line(start, start + len(part), part))
        start += len(part) + 1
    return lines


def _repetition(hole: Hole, text: str) -> End | None:
    written = [line for line in _lines(text)[:-1] if line.text.strip()]
    return _meets_suffix(hole, written) or _line_loop(written) or _loop_within_line(text)


def _meets_suffix(hole: Hole, written: list[Line]) -> End | None:
    """Find the line that is the next one of the document, as far as its white space may differ."""
    if not hole.below:
        return None
    following = [line.strip() for line in hole.below[:2]]
    typed = hole.place.line
    for index, line in enumerate(written):
        whole = (typed + line.text if line.start == 0 else line.text).strip()
        if whole != following[0]:
            continue
        after = written[index + 1].text.strip() if index + 1 < len(written) else None
        if is_telling(whole) or (after is not None and following[1:] == [after]):
            return End(max(0, line.start - 1), Rule.MEETS_SUFFIX)
    return None


def _line_loop(written: list[Line]) -> End | None:
    """Find lines that come a second time right behind the first."""
    texts = [line.text.strip() for line in written]
    for end in range(2, len(texts) + 1):
        for period in range(1, end // 2 + 1):
            again = texts[end - period : end]
            if again == texts[end - 2 * period : end - period] and any(map(is_telling, again)):
                return End(written[end - period].start - 1, Rule.LOOP)
    return None


def _loop_within_line(text: str) -> End | None:
    """Find a text that ends in the same characters again and again; rulers of one character are none."""
    end = len(text.rstrip("\n"))
    start = max(text.rfind("\n", 0, end) + 1, end - LONGEST_LOOKED_AT)
    found = _LOOP.search(text, start, end)
    if found is None or found.end() - found.start() < SMALLEST_LOOP or len(set(found[1])) == 1:
        return None
    return End(found.start() + len(found[1]), Rule.LOOP)


# --- the scope ---------------------------------------------------------------------------------------


def _scope_end(hole: Hole, text: str, read: Read) -> End | None:
    """Find where several lines leave what the cursor is in, or go on to something else."""
    if hole.extent not in (Extent.BLOCK, Extent.BODY):
        return None
    structure = read(text)
    ends = [end for end in (_closed(hole, text, structure), _dedent(hole, text, structure)) if end]
    return min(ends, key=lambda end: end.offset, default=None)


def _closed(hole: Hole, text: str, structure: Structure) -> End | None:
    """Find the bracket that closes what was open at the cursor: it belongs to the suggestion unless it is there."""
    for offset, bracket in unmatched(structure):
        before = text[:offset].rstrip(" \t")
        if _is_there(hole, bracket):
            return End(len(before.rstrip()) if before.endswith("\n") else len(before), Rule.LEAVES_SCOPE)
        closers = _CLOSERS.match(text, offset)
        end = closers.end() if closers else offset + 1
        # More closing brackets may come, and what ends a statement.
        return End(end, Rule.LEAVES_SCOPE) if end < len(text) else None
    return None


def _is_there(hole: Hole, closer: str) -> bool:
    """Return whether what closes a scope stands behind the cursor already."""
    if hole.rest:
        return hole.rest.startswith(closer)
    if not hole.below or not hole.below[0].strip().startswith(closer):
        return False
    # One further to the left closes something around that.
    return not hole.header or columns(leading(hole.below[0])) >= columns(leading(hole.header))


def _dedent(hole: Hole, text: str, structure: Structure) -> End | None:
    """Find the line that stands too far to the left, or begins something new."""
    first = _first_columns(hole, text)
    if first is None:
        return None
    scope = columns(leading(hole.header)) + 1 if hole.header else first
    deepest, has_content = first, bool(text.partition("\n")[0].strip())
    for line in _lines(text)[1:]:
        content, width = line.text.strip(), columns(leading(line.text))
        bracket = innermost(structure, line.start)
        if structure.is_opaque(line.start) or bracket:
            # In parentheses lines are aligned by taste; in braces they are the inner lines of a block.
            deepest = max(deepest, width) if bracket == "{" and content else deepest
            continue
        if not content:
            is_last = line.end == len(text)
            if hole.extent is Extent.BLOCK and has_content and not is_last:
                return End(line.start - 1, Rule.PIECE_ENDS)
            continue
        word = match[0] if (match := _WORD.match(content)) else ""
        if width < scope:
            return _left(hole, text, line, word)
        goes_on = content[0] in CLOSING or word in hole.language.closing | hole.language.continuing
        if hole.extent is Extent.BLOCK and has_content and width <= first < deepest and not goes_on:
            return End(line.start - 1, Rule.PIECE_ENDS)
        deepest, has_content = max(deepest, width), True
    return None


def _first_columns(hole: Hole, text: str) -> int | None:
    """Return where the first line with anything on it begins, ``None`` while there is none."""
    for line in _lines(text):
        if line.start == 0 and (line.text.strip() or not hole.is_on_blank_line):
            return columns(leading(hole.place.line + line.text))
        if line.text.strip():
            return columns(leading(line.text))
    return None


def _left(hole: Hole, text: str, line: Line, word: str) -> End | None:
    """Return the end at a line outside of the scope: behind the word that closes the scope, or before the line."""
    if word and text.endswith(word) and len(text) == line.end:
        # The word may still grow.
        return None
    is_closed_by_word = word in hole.language.closing
    is_scope = columns(leading(line.text)) == columns(leading(hole.header)) if hole.header else False
    if is_closed_by_word and is_scope and not (hole.below and hole.below[0].strip().startswith(word)):
        return End(line.start + len(leading(line.text)) + len(word), Rule.LEAVES_SCOPE)
    if line.text.strip()[0] in CLOSING:
        # An open bracket before the cursor: `_closed` says where it ends.
        return None
    return End(line.start - 1, Rule.LEAVES_SCOPE)


def opens_at_end(hole: Hole, text: str) -> bool:
    """Return whether the last line of a text opens a block that the text does not hold."""
    return opens_block(text[text.rfind("\n") + 1 :], hole.language)
