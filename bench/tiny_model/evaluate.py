"""Measure a model on held-out files, through the product's own engine and prompt.

    python -m bench.tiny_model.evaluate --data DATA [--model FILE] [--count 500] [--seed 0]

Three questions, each on the same holes with and without: does the suffix help on single lines, does the
sibling help where the hole needs a name that only the sibling has, and does the model end by itself?
Prints a table and, as its last line, one JSON object. Reads DATA/held.jsonl.gz from corpus.py.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench.tiny_model.corpus import load as load_corpus
from bench.tiny_model.holes import Corpus, Examples, Hole, whole_line
from lsp_server.engine.interface import Generation, GenerationRequest, LoadOptions, Stop, generate
from lsp_server.engine.worker import Worker, load
from lsp_server.evaluation.provenance import commit
from lsp_server.models.catalogue import EMBEDDED_FILE
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TOKENS = 64
SIZE = 1500
NAME_HEAD = 2


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over ``holes``: those finished exactly, and those that the model itself ended."""

    holes: int
    exact: int
    ended: int


def fits(engine: Worker, hole: Hole) -> bool:
    """Return whether the context has room for the hole's prompt and what may be generated."""
    size = len(fim.encode(hole.segments(), engine.tokenize, engine.special))
    return size + MAX_TOKENS <= engine.info.context_length


def single_lines(engine: Worker, examples: Examples, count: int) -> list[Hole]:
    """Return whole lines of held-out files without the indentation, which the user has typed."""
    holes: list[Hole] = []
    while len(holes) < count:
        source = examples.random.choice(examples.corpus.sources)
        span = whole_line(source.text, examples.random)
        if span is not None and fits(engine, hole := examples.hole(source, span, (), SIZE)):
            holes.append(hole)
    return holes


def cross_file(engine: Worker, examples: Examples, count: int) -> list[tuple[Hole, str]]:
    """Return lines that need a name which stands only in a sibling, and that name."""
    found: list[tuple[Hole, str]] = []
    while len(found) < count:
        hole = examples.cross_file(examples.random.choice(examples.corpus.sources), SIZE)
        name = needed(hole) if hole else ""
        if hole and name and fits(engine, hole):
            found.append((hole, name))
    return found


def needed(hole: Hole) -> str:
    """Return the first name of the middle that a chunk has and the document has not; empty where there is none."""
    shown = set(re.findall(r"\w+", hole.prefix + hole.suffix))
    siblings = set(re.findall(r"\w+", "".join(chunk.text for chunk in hole.chunks)))
    names = re.findall(r"[A-Za-z_]\w{3,}", hole.middle)
    return next((name for name in names if name in siblings and name not in shown), "")


async def complete(engine: Worker, hole: Hole, typed: int, end: Callable[[str], bool]) -> Generation:
    """Complete a hole of whose middle the first ``typed`` characters are given."""
    tokens = fim.encode(replace(hole, middle=hole.middle[:typed]).segments(), engine.tokenize, engine.special)
    end_tokens = frozenset(token for token in map(engine.special, fim.QWEN25_CODER.stop) if token is not None)
    return await generate(engine, GenerationRequest(tokens, MAX_TOKENS, end_tokens, is_complete=end))


async def lines_score(engine: Worker, holes: list[Hole]) -> Score:
    """Return how many lines come out exactly, where only the model or the limit may end them."""
    exact = ended = 0
    for hole in holes:
        indentation = len(hole.middle) - len(hole.middle.lstrip())
        result = await complete(engine, hole, indentation, lambda _text: False)
        exact += result.text.rstrip() == hole.middle[indentation:].rstrip()
        ended += result.stop is Stop.END
    return Score(len(holes), exact, ended)


async def names_score(engine: Worker, holes: list[tuple[Hole, str]]) -> Score:
    """Return how many needed names come out right behind their first two letters."""
    exact = ended = 0
    for hole, name in holes:
        start = re.search(rf"\b{re.escape(name)}\b", hole.middle)
        assert start is not None, name  # noqa: S101  needed() has found it there
        result = await complete(engine, hole, start.start() + NAME_HEAD, lambda text: not text.isidentifier())
        written = re.match(r"\w*", result.text)
        exact += written is not None and name[:NAME_HEAD] + written[0] == name
        ended += result.stop is Stop.END
    return Score(len(holes), exact, ended)


async def measure(engine: Worker, data: Path, count: int, seed: int) -> dict[str, Score]:
    """Return the scores by what was asked."""
    examples = Examples(Corpus(load_corpus(data / "held.jsonl.gz")), random.Random(seed))
    lines = single_lines(engine, examples, count)
    # Siblings of held-out files are mostly in the other part; the holes are in held-out files only.
    held = {source.path for source in examples.corpus.sources}
    everything = Corpus([*examples.corpus.sources, *load_corpus(data / "train.jsonl.gz")])
    names_from = Examples(everything, random.Random(seed))
    names_from.corpus.sources = [source for source in everything.sources if source.path in held]
    names = cross_file(engine, names_from, count)
    calls = [hole for hole, _ in names]
    return {
        "single line": await lines_score(engine, lines),
        "single line, no suffix": await lines_score(engine, [replace(h, suffix="") for h in lines]),
        "cross-file name": await names_score(engine, names),
        "cross-file name, no sibling": await names_score(engine, [(replace(h, chunks=()), n) for h, n in names]),
        "cross-file line": await lines_score(engine, calls),
        "cross-file line, no sibling": await lines_score(engine, [replace(h, chunks=()) for h in calls]),
    }


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=EMBEDDED_FILE)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    engine = load(arguments.model, LoadOptions())
    scores = asyncio.run(measure(engine, arguments.data, arguments.count, arguments.seed))
    engine.close()
    table = Table("held-out holes", "n", "exact", "ended by the model")
    for name, score in scores.items():
        exact, ended = score.exact / score.holes, score.ended / score.holes
        table.add_row(name, str(score.holes), f"{exact:.1%}", f"{ended:.1%}")
    Console().print(table)
    about = {"seed": arguments.seed, "commit": commit(), "model": arguments.model.name, "machine": platform.machine()}
    rows = {name: {"n": s.holes, "exact": s.exact, "ended": s.ended} for name, s in scores.items()}
    print(json.dumps({**about, "scores": rows}))


if __name__ == "__main__":
    main()
