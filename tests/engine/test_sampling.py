"""Tokens by dice: how often each comes, which never do, and that equal seeds draw equal ones."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from lsp_server.engine.interface import Sampling
from lsp_server.engine.sampling import drawn

TIMES = 20_000
LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))


def shares(sampling: Sampling, logits: np.ndarray = LOGITS) -> list[float]:
    dice = np.random.default_rng(sampling.seed)
    counts = Counter(drawn(logits, sampling, dice) for _ in range(TIMES))
    return [counts[place] / TIMES for place in range(len(logits))]


@pytest.mark.parametrize(
    ("temperature", "top_p", "expected"),
    [
        (1.0, 1.0, [0.5, 0.3, 0.15, 0.05]),
        # Squared, and made to add up to 1 again.
        (0.5, 1.0, [0.6849, 0.2466, 0.0616, 0.0068]),
        (1.0, 0.8, [0.625, 0.375, 0, 0]),
        # The share is reached within the third.
        (1.0, 0.81, [0.5263, 0.3158, 0.1579, 0]),
        (1.0, 0.1, [1, 0, 0, 0]),
        # The temperature comes first: of what it leaves, the first has more than the share.
        (0.1, 0.9, [1, 0, 0, 0]),
    ],
)
def test_each_comes_as_often_as_it_should(temperature: float, top_p: float, expected: list[float]) -> None:
    found = shares(Sampling(temperature, top_p, seed=7))
    for share, wanted in zip(found, expected, strict=True):
        # Five times the standard deviation of a share of so many; what must not come does not at all.
        assert share == pytest.approx(wanted, abs=5 * math.sqrt(wanted * (1 - wanted) / TIMES) + 1e-4 * (wanted > 0))


def test_the_impossible_does_not_come() -> None:
    logits = np.array([-np.inf, 1, -np.inf, 1], np.float32)
    assert shares(Sampling(100.0), logits)[0::2] == [0, 0]


def test_large_logits_are_no_trouble() -> None:
    assert shares(Sampling(0.01), np.array([3e4, 3e4 - 1, -3e4], np.float32))[0] == 1


def test_equal_seeds_draw_equal_tokens() -> None:
    def row(seed: int) -> list[int]:
        dice = np.random.default_rng(seed)
        return [drawn(LOGITS, Sampling(1.0, seed=seed), dice) for _ in range(50)]

    assert row(1) == row(1)
    assert row(1) != row(2)
