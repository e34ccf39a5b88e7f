"""When it is better to show nothing: what the place says before the model is asked, and its own doubt afterwards."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from lsp_server.core import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.core import Place

# Characters of a line that nobody types.
LONGEST_LINE = 1000
# A single token may be this many times less likely than the mean has to be: one surprise is usual, such as a name.
SURPRISE = 20


def reason_for_silence(place: Place) -> Reason | None:
    """Return why nothing should pop up at a place by itself; ``None`` where it may."""
    if place.before and place.after and _is_word(place.before[-1]) and _is_word(place.after[0]):
        return Reason.MIDDLE_OF_WORD
    if len(place.line) + len(place.after.partition("\n")[0]) > LONGEST_LINE:
        return Reason.LONG_LINE
    return None


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def confidence(chances: Sequence[float]) -> tuple[float, float]:
    """Return the geometric mean and the minimum of the probabilities of a text's first tokens; 1 for none."""
    if not chances:
        return 1.0, 1.0
    return exp(sum(map(log, chances)) / len(chances)), min(chances)


def is_unsure(chances: Sequence[float], threshold: float) -> bool:
    """Return whether a model doubts what it wrote: the mean is below ``threshold`` (0 to 1), or a token far below."""
    mean, least = confidence(chances)
    return mean < threshold or least < threshold / SURPRISE
