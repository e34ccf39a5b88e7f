"""How far a download is and how fast it goes. Knows no network."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds: the speed is that of the last ones, and between two reports there is at least the other.
WINDOW = 5.0
BETWEEN_REPORTS = 0.1


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` bytes are on this disk, and so many bytes a second have come lately.

    ``seconds_left`` is ``None`` while nothing comes.
    """

    done: int
    total: int
    speed: float
    seconds_left: float | None


class Meter:
    """Reports on one download as it goes."""

    def __init__(
        self, total: int, report: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Measure a download of ``total`` bytes; ``clock`` gives seconds."""
        self._total = total
        self._report = report
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def tell(self, done: int) -> None:
        """Report that so many bytes are there, unless the last report was just now; of the end always, and once."""
        now = self._clock()
        if self._samples:
            last, reported = self._samples[-1]
            is_too_soon = now - last < BETWEEN_REPORTS and done < self._total
            if is_too_soon or reported == self._total:
                return
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > WINDOW:  # noqa: PLR2004  a speed takes two
            self._samples.popleft()
        start, before = self._samples[0]
        speed = (done - before) / (now - start) if now > start else 0.0
        left = (self._total - done) / speed if speed > 0 else None
        self._report(Progress(done, self._total, speed, left))
