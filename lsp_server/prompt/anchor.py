"""Where the document is split into prefix, suffix and the typed start of the middle, and that it stays there.

    line 1
    line 2                 prefix: up to the start of the line where typing began
    ------------------     the anchor
        total = 0          middle: what has been typed since, over any number of lines
        return to|         suffix: what followed the cursor when the anchor was set

While one types on, nothing before the middle changes, so a key costs its own tokens. That is still the format
the model was trained on, for a middle may start anywhere; and splitting at a line's start spares it half
tokens at the border (FIM-SE, arXiv 2405.17103). Prefix and suffix are windows of whole lines, and the start
of the prefix's moves in steps, so that the front of the prompt stays the same from one anchor to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.core import Place, closing_before, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Count = Callable[[str], int]

# Lines by which the start of the prefix's window moves.
STEP = 32
# Characters by which the anchor moves in a line that is too long to be typed.
LINE_STEP = 256
# A token of source code has four characters at the most on average; a text this many times longer
# than the budget is cut before it is tokenized at all.
CHARACTERS_PER_TOKEN = 6


@dataclass(frozen=True, slots=True)
class Anchor:
    """A split of a document, and the windows around it.

    ``prefix`` ends at the anchor, ``suffix`` begins where the cursor was. ``outside_before`` and
    ``outside_after`` are how many characters of the document lay before and behind the two.
    """

    prefix: str
    suffix: str
    outside_before: int
    outside_after: int

    def typed(self, place: Place) -> str | None:
        """Return what stands between the anchor and the cursor; ``None`` where the anchor does not fit the document.

        It fits where prefix and suffix are the same as ever, but for what the editor has closed behind the
        cursor. What lies outside of the windows may have changed.
        """
        end = 0 if self.outside_after == 0 else None
        if closing_before(place.after, self.suffix, end) is None:
            return None
        starts = [self.outside_before]
        if self.outside_before and self.prefix:
            # Lines that came or went above the window have moved it.
            end_of_prefix = self.prefix[-LINE_STEP:]
            starts.append(place.before.rfind(end_of_prefix) + len(end_of_prefix) - len(self.prefix))
        for start in starts:
            if start >= 0 and place.before.startswith(self.prefix, start):
                return place.before[start + len(self.prefix) :]
        return None


def anchored(place: Place, budget: int, suffix_budget: int, count: Count, near: Iterable[Anchor] = ()) -> Anchor:
    """Set an anchor at the start of the cursor's line.

    The windows take at most ``budget`` tokens together, of which the suffix has at most ``suffix_budget``; ``count``
    says how many tokens a text takes, and since a text's lines may take more together than one by one, the whole may
    be a few tokens over. The window begins where that of one of the anchors ``near`` does, if it can.
    """
    start = _anchor_offset(place)
    before = place.before[:start]
    suffix = _head(place.after, suffix_budget, count)
    prefix = _tail(before, budget - count(suffix), count, near)
    return Anchor(prefix, suffix, len(before) - len(prefix), len(place.after) - len(suffix))


def with_suffix(anchor: Anchor, place: Place, budget: int, count: Count) -> Anchor:
    """Return an anchor with another window of what follows the cursor, of at most ``budget`` tokens."""
    suffix = _head(place.after, budget, count)
    return replace(anchor, suffix=suffix, outside_after=len(place.after) - len(suffix))


def _anchor_offset(place: Place) -> int:
    line = place.line
    return len(place.before) - len(line) + len(line) // LINE_STEP * LINE_STEP


def _tail(text: str, budget: int, count: Count, near: Iterable[Anchor]) -> str:
    """Return the last lines of a text that fit, from a line whose number is a multiple of the step."""
    if budget <= 0:
        return ""
    reach = max(0, len(text) - budget * CHARACTERS_PER_TOKEN)
    if not reach and count(text) <= budget:
        return text
    for anchor in near:
        # The same start means that what the KV cache holds of the prompt goes on into the prefix.
        known = text[anchor.outside_before :]
        half = budget // 2
        if reach <= anchor.outside_before and known.startswith(anchor.prefix[:half]) and half <= count(known) <= budget:
            return known
    first = text.count("\n", 0, reach)
    lines = lines_of(text[text.rfind("\n", 0, reach) + 1 :])
    used, kept = 0, len(lines)
    while kept and (used := used + count(lines[kept - 1])) <= budget:
        kept -= 1
    # Up to the next step: where that would leave nothing, the finest window is better than none.
    aligned = -(-(first + kept) // STEP) * STEP - first
    window = "".join(lines[aligned:] if aligned < len(lines) else lines[kept:])
    return window or _end(text, budget, count)


def _end(text: str, budget: int, count: Count) -> str:
    """Return the end of a line that is longer than a budget."""
    text = text[-budget * CHARACTERS_PER_TOKEN :]
    while text and count(text) > budget:
        text = text[len(text) // 4 + 1 :]
    return text


def _head(text: str, budget: int, count: Count) -> str:
    """Return the first whole lines of a text that fit."""
    near = text[: budget * CHARACTERS_PER_TOKEN]
    if len(near) == len(text) and count(text) <= budget:
        return text
    lines = lines_of(near if len(near) == len(text) else near[: near.rfind("\n") + 1])
    used, kept = 0, 0
    while kept < len(lines) and (used := used + count(lines[kept])) <= budget:
        kept += 1
    return "".join(lines[:kept])
