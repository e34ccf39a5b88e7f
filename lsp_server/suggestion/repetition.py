"""Where a suggestion says again what follows it, or what it has said itself.

Each rule is told the lines that are whole, after each of them: the first time that it finds something counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.suggestion.hole import leaves_open, opens_block
from lsp_server.suggestion.lines import Line, is_telling

if TYPE_CHECKING:
    from lsp_server.suggestion.hole import Hole

# A text that repeats itself on one line: so many times at least, of units up to so long, over so many characters.
LONGEST_UNIT = 40
FEWEST_UNITS = 4
SMALLEST_LOOP = 32
# Any such loop has one of these in it; looking for them is quick.
_MAY_LOOP = re.compile(r"(.{1,3}?)\1{9}|(.{4,7}?)\2{3}|(.{8,40}?)\3{3}")


def met_suffix(hole: Hole, whole: list[Line]) -> int | None:
    """Return where a text ends whose last line is the next one of the document, ``None`` where it is not.

    A line that says little has to stand where the document's does. Where it closes or opens something, that is often
    another thing, unless the line behind it follows, too.
    """
    if not hole.below or not whole:
        return None
    if is_next(hole, whole[-1]) and not leads(hole, hole.with_typed(whole[-1])):
        content = hole.with_typed(whole[-1])
        is_clear = is_telling(content) or not hole.language.closes(content.strip())
        return max(0, whole[-1].start - 1) if is_clear else None
    is_second = len(hole.below) > 1 and whole[-1].content == hole.below[1].strip()
    if len(whole) > 1 and is_second and is_next(hole, whole[-2]):
        return max(0, whole[-2].start - 1)
    return None


def leads(hole: Hole, line: str) -> bool:
    """Return whether a line only begins something: a decorator, an attribute, what opens a block or brackets."""
    return line.strip().startswith(("@", "#[", "[")) or opens_block(line, hole.language) or leaves_open(line)


def is_next(hole: Hole, line: Line) -> bool:
    """Return whether a line is the next one of the document."""
    content = hole.with_typed(line).strip()
    if content != hole.below[0].strip():
        return False
    is_loose = is_telling(content) and not hole.language.closes(content)
    return is_loose or hole.width(line) == hole.width_below


def repeats_lines(hole: Hole, whole: list[Line]) -> int | None:
    """Return where a text ends whose last lines come a second time right behind the first; ``None`` for none."""
    texts = [" " * hole.width(line) + hole.with_typed(line).strip() for line in whole]
    for period in range(1, len(texts) // 2 + 1):
        # Comparing a single line first spares most of the others.
        if texts[-1] == texts[-1 - period] and texts[-period:] == texts[-2 * period : -period]:
            return whole[-period].start - 1 if any(map(is_telling, texts[-period:])) else None
    return None


def loop_within(line: str) -> tuple[int, int] | None:
    """Return where a line ends that says the same again and again, and how much of it tells so; ``None`` for others.

    Rulers of one character are no loop.
    """
    if len(line) < SMALLEST_LOOP or not _MAY_LOOP.search(line):
        return None
    for told in range(SMALLEST_LOOP, len(line) + 1):
        for size in range(2, LONGEST_UNIT + 1):
            start = told - max(SMALLEST_LOOP, FEWEST_UNITS * size)
            if start < 0:
                break
            unit = line[start : start + size]
            if line[start + size : told] == line[start : told - size] and len(set(unit)) > 1:
                return start + size, told
    return None
