"""What a library takes for a workspace, measured in the process that this is: `indexing.py` starts one for each figure.

    python -m bench.library_figures '{"folder": DIR, "cache": DIR or null, "choices": 200, "seed": 0}'

Prints one JSON object. Imports little, so that the memory of the process is about that of the server's own.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.figures import percentile
from bench.process import peak_bytes, resident_bytes
from lsp_server.context.index import Renewal
from lsp_server.context.library import Library
from lsp_server.context.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

BUDGET = 2048
CHANGES = 20
# Seconds; work is asked for in so short a time that it is a single step.
ONE_STEP = 1e-6
# Seconds that the server works before it looks whether somebody asks, and after which a change counts as lost.
SLICE = 0.005
LONGEST_SEARCH = 10.0
# Lines that are typed between two choices in one document.
LINES_ON = 3
# What is added to a file, so that there is something to be found.
FUNCTIONS = {
    ".py": "def {name}(amount: int) -> int:\n    return amount + 1",
    ".ts": "export function {name}(amount: number): number {{\n    return amount + 1;\n}}",
    ".go": "func {name}(amount int) int {{\n    return amount + 1\n}}",
    ".java": "class {name} {{\n    int amount = 1;\n}}",
    ".rs": "pub fn {name}(amount: i64) -> i64 {{\n    amount + 1\n}}",
}


class Taken(NamedTuple):
    """Seconds by the clock, and those for which this process had a processor: what else runs counts in the first."""

    wall: float
    cpu: float


def timed(act: Callable[[], object]) -> Taken:
    """Return what a call takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return Taken(time.perf_counter() - wall, time.process_time() - cpu)


def milliseconds(taken: Sequence[Taken], shares: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return percentiles and the maximum, ``{"wall": {"p95": ..., "max": ...}, "cpu": ...}``; empty for nothing."""
    return {
        clock: {
            **{f"p{share}": round(1000 * (percentile(values, share / 100) or 0.0), 3) for share in shares},
            "max": round(1000 * max(values), 3),
        }
        for clock, values in zip(Taken._fields, zip(*taken, strict=True), strict=False)
    }


class Place(NamedTuple):
    """A cursor in a document: the text before it and behind its line, and before it when some lines have been typed."""

    path: Path
    text: str
    before: str
    after: str
    later: str


def places(paths: Sequence[Path], dice: random.Random) -> Iterator[Place]:
    """Yield places without end, in the middle of a random line of a random file each."""
    while True:
        path = dice.choice(paths)
        text = path.read_text(encoding="utf-8", errors="replace")
        lines = text.split("\n")
        if len(lines) <= LINES_ON:
            continue
        at = dice.randrange(len(lines) - LINES_ON)
        before = "".join(f"{line}\n" for line in lines[:at]) + lines[at][: len(lines[at]) // 2]
        later = "\n".join(lines[: at + LINES_ON + 1])
        yield Place(path, text, before, "\n".join(["", *lines[at + 1 :]]), later)


def settle(library: Library) -> None:
    """Work until there is nothing more to do."""
    while library.work(1.0):
        pass


def rebuilt(library: Library, folder: Path) -> Taken:
    """Return what it takes to build the index anew, as the library does between its other work."""
    index, _ = library.asked(folder / "any.py", "", "")
    renewal = Renewal(index)

    def renew() -> None:
        while renewal.step():
            pass

    return timed(renew)


def measure(folder: Path, cache: Path | None, choices: int, seed: int) -> dict[str, Any]:
    """Return everything about a library of ``folder``; of choices and changes only where some are asked for."""
    empty = resident_bytes(os.getpid())
    steps: list[Taken] = []
    wall, cpu = time.perf_counter(), time.process_time()
    library = Library([folder], cache=cache)
    is_on = True
    while is_on:
        before = time.perf_counter(), time.thread_time()
        is_on = library.work(ONE_STEP)
        steps.append(Taken(time.perf_counter() - before[0], time.thread_time() - before[1]))
    seconds = Taken(time.perf_counter() - wall, time.process_time() - cpu)
    found: dict[str, Any] = {
        "files": library.progress.done,
        "seconds": seconds._asdict(),
        "steps": milliseconds(steps, (50, 99)),
        "bytes": {"empty": empty, "indexed": resident_bytes(os.getpid())},
    }
    if choices:
        found |= asked(library, folder, choices, random.Random(seed))
        found["bytes"]["asked"] = resident_bytes(os.getpid())
        found["rebuild"] = rebuilt(library, folder)._asdict()
    found["bytes"]["peak"] = peak_bytes()
    library.shut()
    return found


def asked(library: Library, folder: Path, count: int, dice: random.Random) -> dict[str, Any]:
    """Return what choices take, and what changes do until they are found."""
    paths = [found.path for found in Workspace([folder]).files()]
    opened, first, later = [], [], []
    chunks = 0
    for place in islice(places(paths, dice), count):
        opened.append(timed(partial(library.open, place.path, place.text)))
        settle(library)
        first.append(timed(partial(library.choose, place.path, place.before, place.after, BUDGET)))
        chunks += len(library.choose(place.path, place.before, place.after, BUDGET))
        later.append(timed(partial(library.choose, place.path, place.later, place.after, BUDGET)))
        library.close(place.path)
        settle(library)
    changeable = [path for path in paths if path.suffix in FUNCTIONS]
    changes = [
        changed(library, place, f"found{number}Anew")
        for number, place in enumerate(islice(places(changeable, dice), CHANGES))
    ]
    return {
        "chunksAChoice": round(chunks / count, 1),
        "open": milliseconds(opened, (50, 95)),
        "choose": milliseconds(first, (50, 95)),
        "chooseAgain": milliseconds(later, (50, 95)),
        "change": milliseconds([taken for taken in changes if taken], (50, 95)),
        "changesNotFound": changes.count(None),
    }


def changed(library: Library, place: Place, name: str) -> Taken | None:
    """Add a function to a file; return what it takes until a choice beside it shows that, ``None`` if none does."""
    function = FUNCTIONS[place.path.suffix].format(name=name)
    place.path.write_text(f"{place.text}\n{function}\n", encoding="utf-8")
    user = place.path.with_name(f"user{place.path.suffix}")
    wall, cpu = time.perf_counter(), time.process_time()
    library.touch(place.path)
    while time.perf_counter() - wall < LONGEST_SEARCH:
        library.work(SLICE)
        chunks = library.choose(user, f"{place.before}\n{name}", place.after, BUDGET)
        if any(name in chunk.text for chunk in chunks):
            return Taken(time.perf_counter() - wall, time.process_time() - cpu)
    return None


def main() -> None:
    """Measure what the one argument says, and print it as JSON."""
    wanted = json.loads(sys.argv[1])
    cache = Path(wanted["cache"]) if wanted["cache"] else None
    print(json.dumps(measure(Path(wanted["folder"]), cache, wanted["choices"], wanted["seed"])))


if __name__ == "__main__":
    main()
