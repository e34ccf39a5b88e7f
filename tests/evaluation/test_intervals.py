"""Means with their intervals, and percentiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.evaluation.intervals import Interval, mean, means, percentile

SHARES = st.floats(0, 1, allow_nan=False)
GROUPS = st.lists(st.lists(SHARES, max_size=6), max_size=6)


def width(interval: Interval | None) -> float:
    assert interval is not None
    return interval.high - interval.low


def test_what_is_always_the_same_has_no_width() -> None:
    assert mean([[0.5, 0.5], [0.5]], 0) == Interval(0.5, 0.5, 0.5)


@pytest.mark.parametrize("groups", [[], [[]], [[], []]])
def test_nothing_has_no_mean(groups: list[list[float]]) -> None:
    assert mean(groups, 0) is None


def test_one_hole_has_no_width() -> None:
    assert mean([[0.25]], 0) == Interval(0.25, 0.25, 0.25)


def test_a_mean_is_over_holes_and_not_over_groups() -> None:
    found = mean([[1.0, 1.0, 1.0], [0.0]], 0)
    assert found == Interval(0.75, 0.0, 1.0)


def test_holes_of_one_group_are_drawn_with_replacement() -> None:
    """Of n equal chances of 0 and 1, the mean has a standard error of 0.5 / sqrt(n)."""
    found = mean([[0.0, 1.0] * 200], 0)
    assert found is not None
    assert found == pytest.approx((0.5, 0.5 - 1.96 * 0.025, 0.5 + 1.96 * 0.025), abs=0.006)


def test_groups_that_differ_widen_the_interval() -> None:
    """What all holes of a group share is one draw for each group, and not one for each hole."""
    apart = mean([[float(number % 2)] * 100 for number in range(8)], 0)
    mixed = mean([[0.0, 1.0] * 50 for _ in range(8)], 0)
    assert width(apart) > 0.5
    assert width(mixed) < 0.1


def test_many_holes_are_drawn_in_several_goes() -> None:
    """The draws of 400 holes do not fit into one go, and the interval is that of theory none the less."""
    found = mean([[float(number % 2)] for number in range(6000)], 0)
    assert width(found) == pytest.approx(2 * 1.96 * 0.5 / 6000**0.5, rel=0.1)


@settings(max_examples=25)
@given(GROUPS, st.integers(0, 3))
def test_an_interval_holds_its_mean(groups: list[list[float]], seed: int) -> None:
    found = mean(groups, seed)
    values = [value for group in groups for value in group]
    assert (found is None) == (not values)
    if found is not None:
        assert found.mean == pytest.approx(sum(values) / len(values))
        assert min(values) - 1e-9 <= found.low <= found.mean <= found.high <= max(values) + 1e-9


@settings(max_examples=25)
@given(st.lists(SHARES, min_size=2, max_size=8).filter(lambda values: max(values) - min(values) > 0.1))
def test_an_interval_shrinks_with_more_holes_of_the_same_kind(values: list[float]) -> None:
    assert width(mean([[value] for value in values * 25], 0)) < 0.5 * width(mean([[value] for value in values], 0))


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    groups = [[0.0, 1.0, 1.0, 0.3], [1.0, 0.7]]
    assert mean(groups, 3) == mean(groups, 3)
    assert mean(groups, 3) != mean(groups, 4)


# --- columns -----------------------------------------------------------------------------------------

NONE = float("nan")


def test_columns_are_told_apart_and_may_have_gaps() -> None:
    table = np.array([[1.0, NONE, NONE, 0.0], [0.0, 0.5, NONE, 0.0], [NONE, 0.5, NONE, 0.0]])
    first, second, third, fourth = means(table, ["a", "a", "b"], 0)
    assert first is not None
    assert (first.mean, first.low, first.high) == (0.5, 0.0, 1.0)
    assert second == Interval(0.5, 0.5, 0.5)
    assert third is None
    assert fourth == Interval(0.0, 0.0, 0.0)


def test_a_column_is_the_same_beside_others() -> None:
    table = np.random.default_rng(0).random((20, 3))
    groups = [number % 4 for number in range(20)]
    together = means(table, groups, 0)
    alone = [means(table[:, [column]], groups, 0)[0] for column in range(3)]
    assert [value for one in together for value in one or ()] == pytest.approx(
        [value for one in alone for value in one or ()]
    )


def test_the_names_of_groups_do_not_matter_and_nor_does_where_they_stand() -> None:
    table = np.array([[1.0], [0.0], [0.4], [0.6]])
    apart = means(table, ["a", "b", "a", "b"], 0)
    assert apart == means(table[[0, 2, 1, 3]], ["x", "x", "y", "y"], 0)


def test_a_table_without_rows() -> None:
    assert means(np.empty((0, 2)), [], 0) == [None, None]


# --- percentiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.0, 7.0),
        ([7.0], 0.95, 7.0),
        ([3.0, 1.0], 0.5, 1.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(number) for number in range(1, 101)], 0.95, 95.0),
        ([float(number) for number in range(1, 20)], 0.95, 19.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_percentiles_are_values_that_occurred(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected
