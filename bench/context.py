"""Measure what a context holds: of the names that a hole needs from other files, how many stand in what is chosen?

    python -m bench.context --holes FILE.jsonl --repos FOLDER --tokenizer qwen.tiktoken
                            [--strategy NAME ...] [--budgets 512,1024,2048,4096] [--limit N]
                            [--picture OUT.png] [--details OUT.jsonl]
    python -m bench.context --sample OWNER+NAME [--seed 0] [--count 60] [--out FILE.jsonl] --repos FOLDER ...
    python -m bench.context --cceval FILE.jsonl.gz --repos FOLDER --tokenizer qwen.tiktoken [--strategy NAME ...]

FOLDER holds git clones named OWNER+NAME. No model is asked. Prints tables and, as its last line, one JSON object;
README.md says how to read them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import tables
from bench.problems import Unmeasurable, one_sentence
from bench.process import machine
from bench.retrieval import cceval, holes, registry, report, run, sampling, summary, tokens
from bench.retrieval.cases import case_of
from bench.retrieval.definitions import definitions_of
from bench.retrieval.footprint import footprint
from lsp_server.evaluation.provenance import commit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.retrieval.holes import Hole


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--holes", type=Path, help="a file of holes, one JSON object a line")
    where.add_argument("--sample", nargs="+", metavar="OWNER+NAME", help="make holes from these repositories")
    where.add_argument("--cceval", type=Path, help="records of CrossCodeEval with their published chunks, gzipped")
    parser.add_argument("--repos", type=Path, required=True, help="the folder of clones, each named OWNER+NAME")
    parser.add_argument(
        "--strategy", nargs="+", action="extend", default=[], help="default: all but those told the answer"
    )
    parser.add_argument("--budgets", type=_budgets, default=(512, 1024, 2048, 4096), help="tokens, with commas between")
    parser.add_argument("--tokenizer", help=f"Qwen's vocabulary, qwen.tiktoken; or {tokens.APPROXIMATE}")
    parser.add_argument("--seed", type=int, default=0, help="of samples and of intervals")
    parser.add_argument("--count", type=int, default=60, help="holes of a sample, from each repository")
    parser.add_argument("--out", type=Path, help="write the sampled holes there and measure nothing")
    parser.add_argument("--limit", type=int, help="measure no more holes than this, evenly from all")
    parser.add_argument("--details", type=Path, help="write what came of each choice there, one JSON object a line")
    parser.add_argument("--picture", type=Path, help="draw recall over the budget into a PNG")
    return parser.parse_args(arguments)


def _budgets(text: str) -> tuple[int, ...]:
    budgets = tuple(sorted({int(part) for part in text.split(",")}))
    if budgets[0] <= 0:
        raise argparse.ArgumentTypeError("a budget is a number of tokens")
    return budgets


def say(line: str) -> None:
    """Say how far it is where it does not get into the table."""
    print(line, file=sys.stderr, flush=True)


def sampled(options: argparse.Namespace) -> list[Hole]:
    """Return holes of the repositories that are asked for, at the heads of their clones.

    Raises:
        Unmeasurable: there is no such clone, or nothing in it to be a hole.
    """
    found: list[Hole] = []
    for name in options.sample:
        repository = name.replace("+", "/", 1)
        try:
            with run.checked_out(options.repos, repository, "HEAD") as sources:
                found += sampling.sample(sources, definitions_of(sources.files), options.seed, options.count)
        except run.NotThere as problem:
            raise Unmeasurable(f"{repository}: {problem}.") from problem
    return found


def evenly(given: Sequence[Any], most: int | None) -> Sequence[Any]:
    """Return at most so many, from the whole length."""
    return given if most is None or len(given) <= most else [given[i * len(given) // most] for i in range(most)]


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that was measured, as JSON."""
    strategies = registry.chosen(options.strategy)
    tokenizer = tokens.load(options.tokenizer)
    names = [strategy.name for strategy in strategies]
    told = [strategy.name for strategy in strategies if strategy.is_told]
    peers = [name for name in names if name not in told and name != registry.OURS]
    if options.cceval:
        conditions = run.Conditions(strategies, (run.AS_GIVEN,), tokenizer, options.repos)
        given = evenly(cceval.load(options.cceval), options.limit)
        results = cceval.measure(given, conditions, say)
        names, peers = [*names, cceval.PUBLISHED], [cceval.PUBLISHED]
    else:
        conditions = run.Conditions(strategies, options.budgets, tokenizer, options.repos)
        given = evenly(holes.load(options.holes) if options.holes else sampled(options), options.limit)
        results = run.measure(given, case_of, conditions, say)
    if options.details:
        options.details.write_text(summary.details(results.choices), encoding="utf-8")
    compared = registry.OURS in names and peers and results.choices
    return {
        "benchmark": "context",
        "seed": options.seed,
        "commit": commit(),
        "machine": machine(),
        "tokenizer": tokenizer.name,
        "budgets": list(conditions.budgets),
        "given": len(given),
        "ours": registry.OURS,
        "told": told,
        **summary.summary(results, names),
        "against": summary.against(results.choices, registry.OURS, peers, options.seed) if compared else {},
        "largest": largest(results, conditions),
    }


def largest(results: run.Results, conditions: run.Conditions) -> dict[str, Any] | None:
    """Return what the strategies take for the repository with the most files; ``None`` where none was measured."""
    if not results.prepared:
        return None
    most = max(results.prepared, key=lambda one: one.files)
    with run.checked_out(conditions.folder, most.repository, most.commit) as sources:
        say(f"{most.repository}: memory")
        taken = {strategy.name: footprint(strategy.name, sources) for strategy in conditions.strategies}
    return {
        "repository": most.repository,
        "files": most.files,
        "strategies": {name: {"seconds": round(own.seconds, 3), "bytes": own.bytes} for name, own in taken.items()},
    }


def main() -> None:
    """Measure, and print the tables and the JSON line."""
    options = parsed()
    # What is missing is said before minutes of measuring and not behind them.
    if options.picture:
        tables.check_picture(options.picture)
    if options.out:
        if not options.sample:
            raise Unmeasurable("--out takes the holes that --sample makes.")
        options.out.write_text(holes.dump(sampled(options)), encoding="utf-8")
        return
    result = measured(options)
    report.show(result)
    if options.picture and result["holes"]:
        report.draw(result, options.picture)
    print(json.dumps(result))


if __name__ == "__main__":
    with one_sentence():
        main()
