"""Is one strategy better than another on the same holes, and would it be on others?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# Enough for ends of the interval that stay within a tenth of a point from seed to seed.
ROUNDS = 2000
_INTERVAL = (2.5, 97.5)


class Difference(TypedDict):
    """A mean of paired differences and its 95 % interval."""

    mean: float
    low: float
    high: float


def difference(by_repository: Mapping[str, Sequence[float]], seed: int) -> Difference:
    """Return the mean over all holes and its bootstrap interval; no repository may be empty, one there must be.

    Repositories are drawn with replacement, and then holes within each of them (Efron and Tibshirani, "An Introduction
    to the Bootstrap", 1993, chapter 8): holes of one repository are alike, so they are not independent. With a single
    repository the interval says something of its other holes only.
    """
    dice = np.random.default_rng(seed)
    groups = [np.array(values) for values in by_repository.values()]
    sums, counts = np.zeros(ROUNDS), np.zeros(ROUNDS)
    for slot in dice.integers(len(groups), size=(len(groups), ROUNDS)):
        for number, values in enumerate(groups):
            rounds = np.flatnonzero(slot == number)
            sums[rounds] += _resampled(values, len(rounds), dice)
            counts[rounds] += len(values)
    low, high = np.percentile(sums / counts, _INTERVAL)
    mean = float(np.concatenate(groups).mean())
    return {"mean": round(mean, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _resampled(values: NDArray[np.float64], times: int, dice: np.random.Generator) -> NDArray[np.float64]:
    """Return sums of so many samples of all values, with replacement."""
    sums: NDArray[np.float64] = values[dice.integers(len(values), size=(times, len(values)))].sum(axis=1)
    return sums


def by_repository(pairs: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    """Return values by the repositories that they are of."""
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for repository, value in pairs:
        groups[repository].append(value)
    return dict(groups)
