"""How sure is a mean: bootstrap intervals where holes come in groups, and percentiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

# Enough for ends of the interval that stay within a tenth of a point from seed to seed.
ROUNDS = 2000
_ENDS = (2.5, 97.5)
# Values drawn at a time, so that no number of holes needs more than some ten megabytes.
_BLOCK = 1 << 20


class Interval(NamedTuple):
    """A mean and its 95 % interval, which always holds it: ``low <= mean <= high``.

    Where all values are the same, and so with a single one, the interval has no width. That says that the bootstrap
    has nothing to go by, and not that other holes would give the same.
    """

    mean: float
    low: float
    high: float


def mean(by_group: Iterable[Sequence[float]], seed: int) -> Interval | None:
    """Return the mean over the values of all groups with its interval, ``None`` without any; see :func:`means`."""
    rows = [(number, value) for number, values in enumerate(by_group) for value in values]
    table = np.array([[value] for _, value in rows], dtype=np.float64).reshape(-1, 1)
    return means(table, [number for number, _ in rows], seed)[0]


def means(table: NDArray[np.float64], groups: Sequence[int] | Sequence[str], seed: int) -> list[Interval | None]:
    """Return the mean of each column with its interval; ``None`` for a column without values.

    A row is a hole, NaN is no value, and ``groups`` says of which group each row is. Groups are drawn with replacement,
    and then holes within each of them (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 8):
    holes of one group are alike, so they are not independent. With a single group the interval says something of its
    other holes only. The same draws serve all columns.
    """
    found: list[Interval | None] = [None] * table.shape[1]
    present = ~np.isnan(table)
    columns = np.flatnonzero(present.any(axis=0))
    if len(columns) == 0:
        return found
    _, group, sizes = np.unique(np.array(groups), return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    counted = present[order][:, columns].astype(np.float64)
    values = np.where(present, table, 0.0)[order][:, columns]
    # A round may draw no hole that has a value; then it says nothing of that column.
    with np.errstate(invalid="ignore"):
        drawn = np.concatenate([(times @ values) / (times @ counted) for times in _draws(sizes, seed)])
    lows, highs = np.nanpercentile(drawn, _ENDS, axis=0)
    middles = values.sum(axis=0) / counted.sum(axis=0)
    for column, *ends in zip(columns.tolist(), middles.tolist(), lows.tolist(), highs.tolist(), strict=True):
        found[column] = Interval(ends[0], min(ends), max(ends))
    return found


def _draws(sizes: NDArray[np.intp], seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each hole is drawn, a row for each of :data:`ROUNDS`; holes of one group stand side by side."""
    dice = np.random.default_rng(seed)
    starts, count = np.cumsum(sizes) - sizes, int(sizes.sum())
    at_once = max(1, _BLOCK // count)
    for begin in range(0, ROUNDS, at_once):
        rounds = min(at_once, ROUNDS - begin)
        chosen = dice.integers(len(sizes), size=(rounds, len(sizes)))
        # For each hole to be drawn: where its group begins and ends, and in which round that is.
        firsts = np.repeat(starts[chosen], sizes[chosen].ravel())
        ends = np.repeat((starts + sizes)[chosen], sizes[chosen].ravel())
        number = np.repeat(np.arange(rounds), sizes[chosen].sum(axis=1))
        places = number * count + dice.integers(firsts, ends)
        yield np.bincount(places, minlength=rounds * count).reshape(rounds, count).astype(np.float64)


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of the values do not exceed (nearest rank); ``None`` of none.

    ``share`` is in ``[0, 1]``.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
