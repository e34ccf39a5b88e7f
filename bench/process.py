"""What the operating system says of processes and of the machine."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import sys
from typing import TypedDict

import psutil

from lsp_server.evaluation.provenance import processor


def resident_bytes(pid: int) -> int:
    """Return how much memory of a process is in RAM, mapped files included."""
    return int(psutil.Process(pid).memory_info().rss)


def peak_bytes() -> int | None:
    """Return how much memory this process has had in RAM at most; ``None`` where the system does not say (Windows)."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return None
    most = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    # Linux counts in KiB, macOS in bytes.
    return most if sys.platform == "darwin" else most * 1024


def cpu_seconds(pid: int) -> float:
    """Return how long a process and those that it has started have kept processors busy, all threads together."""
    process = psutil.Process(pid)
    seconds = 0.0
    for one in (process, *process.children(recursive=True)):
        # A child may end meanwhile; what it has used is its parent's then.
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            seconds += times.user + times.system
    return seconds


def busy_share() -> float:
    """Return the share of all processors' time that is in use just now, measured over half a second."""
    return float(psutil.cpu_percent(interval=0.5)) / 100


def physical_cores() -> int:
    """Return how many cores the machine has, without those that hyper-threading adds."""
    return psutil.cpu_count(logical=False) or psutil.cpu_count() or 1


class Machine(TypedDict):
    """Where something was measured."""

    processor: str
    cores: int | None
    system: str


def machine() -> Machine:
    """Return what stands in the JSON line of each benchmark for the machine at hand."""
    return {"processor": processor(), "cores": os.cpu_count(), "system": platform.system()}
