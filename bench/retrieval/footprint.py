"""How much memory a strategy takes for the files of a repository, measured in a process of its own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from bench.process import resident_bytes
from bench.retrieval import registry

if TYPE_CHECKING:
    from bench.retrieval.repository import Sources


class Footprint(NamedTuple):
    """What preparing took: seconds, and by how much the process's resident memory grew, the texts of files apart."""

    seconds: float
    bytes: int


def footprint(strategy: str, sources: Sources) -> Footprint:
    """Return what a strategy takes for these files, which are on disk."""
    # A forked process would share pages with this one and reuse what is free in them.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_measured, strategy, sources).result()


def _measured(name: str, sources: Sources) -> Footprint:
    [strategy] = registry.chosen([name])
    gc.collect()
    before = resident_bytes(os.getpid())
    start = time.perf_counter()
    chooser = strategy.prepare(sources)
    seconds = time.perf_counter() - start
    gc.collect()
    after = resident_bytes(os.getpid())
    del chooser
    return Footprint(seconds, after - before)
