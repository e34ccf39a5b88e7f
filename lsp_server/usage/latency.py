"""Milliseconds in classes, so that percentiles can be told from counts that are added up day by day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A class ends where the next begins, 10 % higher: what is told of it is off by 5 % at most.
WIDTH = 1.1
# Class 1 is all below a millisecond; 0 is for what has no latency.
NONE = 0
# An hour and more.
LAST = 2 + int(math.log(3_600_000, WIDTH))


def class_of(milliseconds: float) -> int:
    """Return the class of a latency, from 1 to :data:`LAST`; what is no number of milliseconds is in the first."""
    if not milliseconds >= 1:
        return 1
    return min(LAST, 2 + int(math.log(min(milliseconds, 1e12), WIDTH)))


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the milliseconds that a share in ``(0, 1]`` of the counted did not exceed; ``None`` where none has any."""
    counted = {number: count for number, count in sorted(counts.items()) if number > NONE and count > 0}
    wanted, passed = share * sum(counted.values()), 0
    for number, count in counted.items():
        passed += count
        if passed >= wanted:
            return _middle(number)
    return None


def _middle(number: int) -> float:
    """Return what stands for a class: the middle of its ends, by their ratio."""
    return 0.5 if number <= 1 else WIDTH ** (number - 1.5)
