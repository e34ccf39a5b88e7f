"""Latencies in classes."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.usage.latency import LAST, NONE, class_of, percentile


@given(st.floats(1, 3_000_000))
def test_a_latency_is_told_to_five_percent(milliseconds: float) -> None:
    told = percentile({class_of(milliseconds): 1}, 0.5)
    assert told == pytest.approx(milliseconds, rel=0.05)


@pytest.mark.parametrize(
    ("milliseconds", "number"),
    [(0.0, 1), (0.99, 1), (-5.0, 1), (math.nan, 1), (1.0, 2), (1e30, LAST), (math.inf, LAST)],
)
def test_what_is_out_of_range_has_a_class(milliseconds: float, number: int) -> None:
    assert class_of(milliseconds) == number


@given(st.lists(st.floats(1, 100_000), min_size=1), st.sampled_from([0.5, 0.95, 1.0]))
def test_percentiles_are_those_of_the_sorted_list(latencies: list[float], share: float) -> None:
    exact = sorted(latencies)[math.ceil(share * len(latencies) - 1e-9) - 1]
    assert percentile(Counter(map(class_of, latencies)), share) == pytest.approx(exact, rel=0.05)


def test_none_without_any() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({NONE: 7, 5: 0}, 0.5) is None
