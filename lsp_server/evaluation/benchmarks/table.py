"""The published benchmarks, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks import (
    crosscodeeval,
    crosscodelongeval,
    humaneval,
    repoeval,
    safim,
    santacoder,
)

if TYPE_CHECKING:
    from lsp_server.evaluation.task import Benchmark

BENCHMARKS: dict[str, Benchmark] = {
    row.name: row
    for row in (
        humaneval.BENCHMARK,
        santacoder.BENCHMARK,
        crosscodeeval.BENCHMARK,
        crosscodeeval.AS_IN_REPORT,
        crosscodelongeval.BENCHMARK,
        repoeval.BENCHMARK,
        repoeval.AS_IN_REPORT,
        safim.BENCHMARK,
    )
}


def benchmark_of(name: str) -> Benchmark:
    """Return the benchmark of a name.

    Raises:
        InputError: there is none; the message lists those that there are.
    """
    if name not in BENCHMARKS:
        raise InputError(f'There is no benchmark "{name}"; there are {", ".join(BENCHMARKS)}.')
    return BENCHMARKS[name]
