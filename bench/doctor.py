"""How well `midfill doctor` predicts: the time of a suggestion as predicted, and as the real engine takes.

    python -m bench.doctor 0.5b=synthetic-0.5b.gguf 1.5b=synthetic-1.5b.gguf [--rounds 3]

The files have the shapes of the models (`python -m bench.synthetic`). Prediction and truth take turns, since
a machine is seldom as busy as a minute ago.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.process import machine
from lsp_server.doctor.predict import KEY, NEW_PLACE, WRITTEN, seconds
from lsp_server.engine import probe
from lsp_server.engine.interface import GenerationRequest, LoadOptions, generate
from lsp_server.engine.worker import load
from lsp_server.evaluation.provenance import commit
from lsp_server.models import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.engine.worker import Worker

SEED = 1
KINDS = {"typing": KEY, "new place": NEW_PLACE}
# Requests of a turn; the ones at a new place take ten times as long.
REQUESTS = {"typing": 3, "new place": 1}
# Tokens of the synthetic vocabulary that are text.
TEXT = range(1000, 100_000)


class Pair(NamedTuple):
    """A prediction and what it was of, in seconds."""

    predicted: float
    measured: float


async def truth(worker: Worker, dice: random.Random, kind: str) -> float:
    """Return the median seconds of some requests of a kind."""
    taken = []
    base = tuple(dice.choices(TEXT, k=NEW_PLACE))
    await generate(worker, GenerationRequest(base, 2, head=NEW_PLACE))
    for _ in range(REQUESTS[kind]):
        more = tuple(dice.choices(TEXT, k=KINDS[kind]))
        base = more if kind == "new place" else base + more
        started = time.perf_counter()
        await generate(worker, GenerationRequest(base, WRITTEN, head=NEW_PLACE))
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def turn(size: str, path: Path, dice: random.Random) -> dict[str, Pair]:
    """Predict for a size, and measure the model of its shape."""
    entry, costs = catalogue.get(size), probe.measure(LoadOptions())
    worker = load(path, LoadOptions())
    try:
        return {
            kind: Pair(seconds(entry, costs, tokens), asyncio.run(truth(worker, dice, kind)))
            for kind, tokens in KINDS.items()
        }
    finally:
        worker.close()


def row(size: str, kind: str, pairs: Sequence[Pair]) -> dict[str, object]:
    """Return the figures of one kind of request: medians over the turns, and all factors."""
    factors = [pair.predicted / pair.measured for pair in pairs]
    return {
        "size": size,
        "kind": kind,
        "predictedSeconds": round(statistics.median(pair.predicted for pair in pairs), 3),
        "measuredSeconds": round(statistics.median(pair.measured for pair in pairs), 3),
        "factor": round(statistics.median(factors), 2),
        "factors": [round(factor, 2) for factor in factors],
    }


def main() -> None:
    """Take turns, and print a table and a JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="SIZE=FILE")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    dice, rows = random.Random(SEED), []
    for size, _, file in (model.partition("=") for model in arguments.models):
        turns = [turn(size, Path(file), dice) for _ in range(arguments.rounds)]
        rows += [row(size, kind, [each[kind] for each in turns]) for kind in KINDS]
    table = Table("model", "kind", "predicted s", "measured s", "factor", "of each turn", box=None, pad_edge=False)
    for figures in rows:
        table.add_row(*(str(value) for value in figures.values()))
    Console().print(table)
    about = {"seed": SEED, "commit": commit(), "rounds": arguments.rounds, "machine": machine()}
    print(json.dumps({"benchmark": "doctor", **about, "rows": rows}))


if __name__ == "__main__":
    main()
