"""Is one strategy better than another on the same holes, and would it be on others?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypedDict

from lsp_server.evaluation import intervals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Difference(TypedDict):
    """A mean of paired differences and its 95 % interval."""

    mean: float
    low: float
    high: float


def difference(by_repository: Mapping[str, Sequence[float]], seed: int) -> Difference:
    """Return the mean over all holes and its bootstrap interval, repositories drawn first and then their holes.

    Raises:
        ValueError: there is no hole.
    """
    found = intervals.mean(by_repository.values(), seed)
    if found is None:
        raise ValueError("There is no difference over no holes.")
    return {"mean": round(found.mean, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def by_repository(pairs: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    """Return values by the repositories that they are of."""
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for repository, value in pairs:
        groups[repository].append(value)
    return dict(groups)
