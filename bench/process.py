"""What the operating system says of processes and of the machine."""

from __future__ import annotations

import platform
from pathlib import Path

import psutil


def resident_bytes(pid: int) -> int:
    """Return how much memory of a process is in RAM, mapped files included."""
    return int(psutil.Process(pid).memory_info().rss)


def cpu_seconds(pid: int) -> float:
    """Return how long a process has kept processors busy, all its threads together."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def busy_share() -> float:
    """Return the share of all processors' time that is in use just now, measured over half a second."""
    return float(psutil.cpu_percent(interval=0.5)) / 100


def processor() -> str:
    """Return the name of this machine's processor, as far as it is known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def physical_cores() -> int:
    """Return how many cores the machine has, without those that hyper-threading adds."""
    return psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
