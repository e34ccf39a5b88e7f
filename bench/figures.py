"""What is measured of one key, and figures over many. Knows no server and no trace."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Key:
    """One key with its question.

    ``milliseconds`` go from before the change is sent until the answer is read. ``evaluated`` prompt
    tokens were computed while the user waited, ``background`` ones while nobody did; ``inside`` are the
    milliseconds within the engine (queue, prefill and decode). What a subject does not tell is ``None``;
    a question that a newer one took the place of has nothing but its time.
    """

    milliseconds: float
    evaluated: int | None = None
    inside: float | None = None
    background: int = 0
    generated: int | None = None
    from_memory: bool = False
    cancelled: bool = False
    reason: str | None = None


class Spread(TypedDict):
    """Mean and percentiles of some values; ``None`` where there were none."""

    mean: float | None
    p50: float | None
    p95: float | None


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def spread(values: Sequence[float]) -> Spread:
    """Return mean, median and 95th percentile, rounded to thousandths."""
    mean = sum(values) / len(values) if values else None
    return Spread(mean=_rounded(mean), p50=_rounded(percentile(values, 0.5)), p95=_rounded(percentile(values, 0.95)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def spread_of(keys: Iterable[Key], value: Callable[[Key], float | None]) -> Spread:
    """Return the spread of a value over the keys that were answered and have it."""
    found = (value(key) for key in keys if not key.cancelled)
    return spread([number for number in found if number is not None])


def milliseconds(key: Key) -> float:
    """Return how long the user waited."""
    return key.milliseconds


def evaluated(key: Key) -> int | None:
    """Return the prompt tokens that were evaluated while the user waited."""
    return key.evaluated


def overhead(key: Key) -> float | None:
    """Return the milliseconds outside the engine: the server's own, the pipe's and the client's."""
    return None if key.inside is None else key.milliseconds - key.inside


def share(keys: Sequence[Key], is_so: Callable[[Key], bool]) -> float | None:
    """Return the share of answered keys that something is true of; ``None`` where none was answered."""
    answered = [key for key in keys if not key.cancelled]
    return round(sum(map(is_so, answered)) / len(answered), 4) if answered else None


def ratio(others: Sequence[Key], ours: Sequence[Key]) -> float | None:
    """Return how many times longer the others' median is, over the keys that both have; ``None`` without any."""
    count = min(len(others), len(ours))
    theirs, own = (spread_of(keys[:count], milliseconds)["p50"] for keys in (others, ours))
    return round(theirs / own, 2) if theirs and own else None


def reasons(keys: Iterable[Key]) -> dict[str, int]:
    """Return how often nothing was shown for which reason."""
    return dict(Counter(key.reason for key in keys if key.reason is not None))
