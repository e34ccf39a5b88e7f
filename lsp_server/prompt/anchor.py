"""Where the document is split into prefix, suffix and the typed start of the middle.

    line 1
    line 2                 prefix: up to the start of the line that the cursor is on
    ------------------
        return self.na|me  middle: what stands before the cursor on its line; suffix: what follows it

Splitting at a line's start keeps the prefix the same while a line is typed, and spares the model half
tokens at the border (FIM-SE, arXiv 2405.17103). Both parts are cut to windows of whole lines that
move in steps, never a line at a time, so that the front of the prompt stays the same as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.core import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable

# Lines by which the start of the prefix's window moves.
STEP = 32
# A token of source code has four characters at the most on average; a text this many times longer
# than the budget is cut before it is tokenized at all.
CHARACTERS_PER_TOKEN = 6


@dataclass(frozen=True, slots=True)
class Split:
    """A document around its hole: ``prefix + middle`` ends at the cursor, ``suffix`` starts there."""

    prefix: str
    middle: str
    suffix: str


def split(text: str, offset: int) -> Split:
    """Split a document with plain line breaks at a cursor in ``[0, len(text)]``."""
    start = text.rfind("\n", 0, offset) + 1
    return Split(text[:start], text[start:offset], text[offset:])


def window(whole: Split, budget: int, suffix_budget: int, count: Callable[[str], int]) -> Split:
    """Cut a document to whole lines that take at most ``budget`` tokens, the suffix at most ``suffix_budget``.

    ``budget`` is at least 1. A middle that takes more than the suffix leaves keeps its end. ``count``
    says how many tokens a text takes; a text's lines may take more together than one by one, so the
    whole may be a few tokens over.
    """
    suffix = _head(whole.suffix, suffix_budget, count)
    left = max(1, budget - count(suffix))
    middle = whole.middle[-left * CHARACTERS_PER_TOKEN :]
    while middle and count(middle) > left:
        middle = middle[len(middle) // 4 + 1 :]
    return Split(_tail(whole.prefix, left - count(middle), count), middle, suffix)


def _tail(text: str, budget: int, count: Callable[[str], int]) -> str:
    """Return the last lines of a text that fit, from a line whose number is a multiple of the step."""
    reach = max(0, len(text) - budget * CHARACTERS_PER_TOKEN)
    if not reach and count(text) <= budget:
        return text
    first = text.count("\n", 0, reach)
    lines = lines_of(text[text.rfind("\n", 0, reach) + 1 :])
    used, kept = 0, len(lines)
    while kept and (used := used + count(lines[kept - 1])) <= budget:
        kept -= 1
    # Up to the next step: where that would leave nothing, the finest window is better than none.
    aligned = -(-(first + kept) // STEP) * STEP - first
    return "".join(lines[aligned:] if aligned < len(lines) else lines[kept:])


def _head(text: str, budget: int, count: Callable[[str], int]) -> str:
    """Return the first whole lines of a text that fit."""
    near = text[: budget * CHARACTERS_PER_TOKEN]
    if len(near) == len(text) and count(text) <= budget:
        return text
    lines = lines_of(near if len(near) == len(text) else near[: near.rfind("\n") + 1])
    used, kept = 0, 0
    while kept < len(lines) and (used := used + count(lines[kept])) <= budget:
        kept += 1
    return "".join(lines[:kept])
