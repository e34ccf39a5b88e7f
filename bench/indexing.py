"""Measure what a large workspace costs: indexing it, keeping the index, and choosing from it.

    python -m bench.indexing [--files 10000] [--seed 0] [--choices 200] [--repos FOLDER OWNER+NAME ...]

The files are made by dice (`made_workspace.py`), or with --repos those of clones in FOLDER, all in one workspace. Each
figure comes from a process of its own. Prints tables and, as its last line, one JSON object; README.md says how to
read them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench import tables
from bench.made_workspace import make
from bench.problems import Unmeasurable, one_sentence
from bench.process import busy_share, machine
from bench.retrieval.repository import checkout, git_directory
from lsp_server.evaluation.provenance import commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Shares of the files that are measured too, to see that it grows no faster than they do.
PARTS = (4, 2)
MB = 1e6


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=_positive, default=10_000, help="files of the workspace")
    parser.add_argument("--seed", type=int, default=0, help="of the files and of the places to choose for")
    parser.add_argument("--choices", type=_positive, default=200)
    parser.add_argument("--repos", nargs="+", metavar=("FOLDER", "OWNER+NAME"), help="take the files of these clones")
    options = parser.parse_args(arguments)
    if options.repos and len(options.repos) < 2:
        parser.error("--repos takes a folder of clones and the names of some of them")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("a number above 0")
    return number


def say(line: str) -> None:
    """Say how far it is where it does not get into the tables."""
    print(line, file=sys.stderr, flush=True)


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that was measured, as JSON."""
    busy = busy_share()
    with ExitStack() as stack:
        growth = []
        for part in () if options.repos else PARTS:
            with made(options.files // part, options.seed) as folder:
                growth.append(figures(folder, None, 0, options.seed))
        whole = cloned(options.repos) if options.repos else made(options.files, options.seed)
        folder = stack.enter_context(whole)
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        filled = figures(folder, cache, 0, options.seed)
        warm = figures(folder, cache, 0, options.seed)
        cache_bytes = sum(file.stat().st_size for file in cache.iterdir())
        # This one changes files, so it comes last.
        cold = figures(folder, None, options.choices, options.seed)
    return {
        "benchmark": "indexing",
        "seed": options.seed,
        "commit": commit(),
        "machine": machine(),
        "busyBefore": round(busy, 3),
        "repositories": options.repos[1:] if options.repos else None,
        "growth": [*growth, {name: cold[name] for name in growth[0]}] if growth else [],
        "cold": cold,
        "filled": filled,
        "warm": warm,
        "cacheBytes": cache_bytes,
    }


def figures(folder: Path, cache: Path | None, choices: int, seed: int) -> dict[str, Any]:
    """Return the figures of a workspace from a process of their own.

    Raises:
        Unmeasurable: the process failed.
    """
    wanted = {"folder": str(folder), "cache": str(cache) if cache else None, "choices": choices, "seed": seed}
    command = [sys.executable, "-m", "bench.library_figures", json.dumps(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])  # noqa: S603  our own command
    if done.returncode:
        raise Unmeasurable(f"The process that indexes failed: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout)
    say(f"{found['files']} files {'with' if cache else 'without'} a cache: {found['seconds']['wall']:.1f} s")
    return found


@contextmanager
def made(count: int, seed: int) -> Iterator[Path]:
    """Give the folder of a made workspace until it is left."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), count, seed)
        yield Path(folder)


@contextmanager
def cloned(repos: Sequence[str]) -> Iterator[Path]:
    """Give a folder with the files of some clones until it is left; ``repos`` are their folder and their names.

    Raises:
        Unmeasurable: one of them is not there.
    """
    clones, *names = repos
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            repository = name.replace("+", "/", 1)
            git = git_directory(Path(clones), repository)
            if git is None:
                raise Unmeasurable(f"There is no clone of {repository} in {clones}.")
            root = Path(folder) / name
            root.mkdir()
            checkout(git, repository, "HEAD", root)
        yield Path(folder)


def show(result: Mapping[str, Any]) -> None:
    """Print what people read."""
    console = Console(width=tables.WIDTH)
    what = "clones" if result["repositories"] else f"made files, seed {result['seed']}"
    console.print(f"{result['cold']['files']:,} files ({what}), {result['machine']['processor']}")
    for table in (indexing(result), asking(result["cold"])):
        console.print(table)
    memory = result["cold"]["bytes"]
    console.print(
        f"Resident: {memory['indexed'] / MB:,.0f} MB once indexed, {memory['asked'] / MB:,.0f} MB once asked, "
        f"{memory['empty'] / MB:,.0f} MB of it before the first file; the index on disk: "
        f"{result['cacheBytes'] / MB:,.0f} MB.",
        highlight=False,
    )
    if result["busyBefore"] > tables.BUSY:
        console.print(
            f"Something else kept {tables.percent(result['busyBefore'])} of the processors busy: "
            "read the seconds of the processor, not those of the clock."
        )


def indexing(result: Mapping[str, Any]) -> Table:
    """Return the table of what indexing takes: a row for each size, and for the starts with a cache."""
    table = Table(title="Indexing", title_justify="left")
    for head in ("", "files", "s", "files/s", "s of CPU", "files/s", "a step, CPU ms\np50 / p99 / max", "resident, MB"):
        table.add_column(head, justify="right" if head else "left")
    rows = [("without a cache", one) for one in result["growth"] or [result["cold"]]]
    for label, one in (*rows, ("first start, with a cache", result["filled"]), ("next start", result["warm"])):
        seconds = one["seconds"]
        table.add_row(
            label,
            f"{one['files']:,}",
            f"{seconds['wall']:.1f}",
            f"{one['files'] / seconds['wall']:,.0f}",
            f"{seconds['cpu']:.1f}",
            f"{one['files'] / seconds['cpu']:,.0f}",
            tables.numbers(one["steps"]["cpu"], ("p50", "p99", "max")),
            f"{one['bytes']['indexed'] / MB:,.0f}",
        )
    return table


def asking(cold: Mapping[str, Any]) -> Table:
    """Return the table of what the library takes while somebody types."""
    table = Table(title="In an indexed workspace, ms (p50 / p95 / max)", title_justify="left")
    for head in ("", "by the clock", "of CPU"):
        table.add_column(head, justify="right" if head else "left")
    rows = {
        "open": "a document is opened or changed",
        "choose": "the first choice in a document",
        "chooseAgain": "a choice some lines later",
        "change": "from a changed file to a choice with it",
    }
    for name, label in rows.items():
        clocks = (tables.numbers(cold[name][clock], ("p50", "p95", "max")) for clock in ("wall", "cpu"))
        table.add_row(label, *clocks)
    rebuilt = (tables.number(1000 * cold["rebuild"][clock]) for clock in ("wall", "cpu"))
    table.add_row("the index is built anew", *rebuilt)
    if cold["changesNotFound"]:
        table.add_row("changes that no choice found", str(cold["changesNotFound"]))
    return table


def main() -> None:
    """Measure, and print the tables and the JSON line."""
    options = parsed()
    result = measured(options)
    show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    with one_sentence():
        main()
