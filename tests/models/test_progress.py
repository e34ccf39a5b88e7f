"""How far a download is, told often enough and not too often."""

from __future__ import annotations

import pytest

from lsp_server.models.progress import Meter, Progress


def told(*samples: tuple[float, int]) -> list[Progress]:
    """Return what is reported of 1,000 bytes of which so many were there after so many seconds."""
    clock = 0.0
    reports: list[Progress] = []
    meter = Meter(1000, reports.append, lambda: clock)
    for seconds, done in samples:
        clock = seconds
        meter.tell(done)
    return reports


@pytest.mark.parametrize(
    ("samples", "speed", "seconds_left"),
    [
        ([(0, 0)], 0, None),
        ([(0, 0), (1, 100)], 100, 9),
        ([(0, 500), (1, 600)], 100, 4),  # What was there before has not come at any speed.
        ([(0, 0), (1, 0)], 0, None),
        ([(0, 0), (1, 900), (10, 900), (20, 900)], 0, None),  # What came long ago says nothing of now.
        ([(0, 0), (5, 1000)], 200, 0),
    ],
)
def test_the_speed_is_the_latest_and_tells_the_rest(
    samples: list[tuple[float, int]], speed: float, seconds_left: float | None
) -> None:
    done = samples[-1][1]
    assert told(*samples)[-1] == Progress(done, 1000, speed, seconds_left)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([(0, 0), (0.05, 10), (0.1, 20), (0.15, 30)], [0, 20]),
        ([(0, 0), (0.05, 1000)], [0, 1000]),  # The end is always told,
        ([(0, 1000), (1, 1000), (2, 1000)], [1000]),  # and once.
        ([(0, 0), (1, 0), (2, 0)], [0, 0, 0]),  # That nothing comes is news.
    ],
)
def test_reports_come_ten_times_a_second(samples: list[tuple[float, int]], expected: list[int]) -> None:
    assert [progress.done for progress in told(*samples)] == expected
