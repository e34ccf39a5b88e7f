"""Figures over keys, on numbers worked out by hand."""

from __future__ import annotations

import pytest

from bench import figures
from bench.figures import Key


def keys(*milliseconds: float) -> list[Key]:
    return [Key(value) for value in milliseconds]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.5, 7),
        ([7], 0.95, 7),
        ([3, 1, 2], 0.5, 2),
        ([4, 3, 2, 1], 0.5, 2),
        (range(1, 21), 0.95, 19),
        (range(1, 61), 0.95, 57),
        ([1] * 19 + [100], 0.95, 1),
        ([1] * 18 + [100] * 2, 0.95, 100),
    ],
)
def test_percentiles_are_values_that_were_seen(values: list[float], share: float, expected: float | None) -> None:
    assert figures.percentile(values, share) == expected


def test_spread() -> None:
    assert figures.spread([1.0, 2.0, 6.0]) == {"mean": 3.0, "p50": 2.0, "p95": 6.0}
    assert figures.spread([1.0, 1.0, 2.0]) == {"mean": 1.333, "p50": 1.0, "p95": 2.0}
    assert figures.spread([]) == {"mean": None, "p50": None, "p95": None}


def test_what_was_overtaken_or_is_not_known_counts_nowhere() -> None:
    seen = [Key(10, evaluated=4, inside=7), Key(20), Key(99, evaluated=50, cancelled=True)]
    assert figures.spread_of(seen, figures.evaluated) == {"mean": 4, "p50": 4, "p95": 4}
    assert figures.spread_of(seen, figures.milliseconds) == {"mean": 15, "p50": 10, "p95": 20}
    assert figures.spread_of(seen, figures.overhead) == {"mean": 3, "p50": 3, "p95": 3}


def test_share_of_the_answered_keys() -> None:
    seen = [Key(1, from_memory=True), Key(1), Key(1), Key(1, from_memory=True, cancelled=True)]
    assert figures.share(seen, lambda key: key.from_memory) == 0.3333
    assert figures.share(seen[3:], lambda key: key.from_memory) is None


@pytest.mark.parametrize(
    ("others", "ours", "expected"),
    [
        (keys(300, 310, 320), keys(10, 11, 12), 28.18),
        (keys(300), keys(10, 1, 1, 1), 30.0),
        (keys(5), keys(10), 0.5),
        ([], keys(10), None),
        ([Key(5, cancelled=True)], keys(10), None),
    ],
)
def test_ratios_compare_medians_over_the_keys_that_both_have(
    others: list[Key], ours: list[Key], expected: float | None
) -> None:
    assert figures.ratio(others, ours) == expected


def test_reasons_are_counted() -> None:
    assert figures.reasons([Key(1, reason="empty"), Key(1), Key(1, reason="empty")]) == {"empty": 2}
