"""Timings of the stages of one request."""

from __future__ import annotations

import time


class Stopwatch:
    """Milliseconds by stage: each lap ends where the next begins."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._start = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap, or since the start, for ``stage``."""
        now = time.perf_counter()
        self.milliseconds[stage] = self.milliseconds.get(stage, 0.0) + (now - self._last) * 1000
        self._last = now

    def add(self, milliseconds: dict[str, float]) -> None:
        """Book stages that were timed elsewhere for the time since the last lap."""
        self.milliseconds.update(milliseconds)
        self._last = time.perf_counter()

    def stop(self) -> dict[str, float]:
        """Return all laps and, as ``total``, the time since the start."""
        return {**self.milliseconds, "total": (time.perf_counter() - self._start) * 1000}
