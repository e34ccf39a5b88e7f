"""What is to be measured, made from what a user has asked for."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from lsp_server.context.workspace import Rules
from lsp_server.errors import InputError
from lsp_server.evaluation import needle, provenance
from lsp_server.evaluation.ask.arms import ABLATIONS, ARMS, BARE, CONTEXT_ABLATIONS, PRODUCT
from lsp_server.evaluation.benchmarks.table import benchmark_of
from lsp_server.evaluation.evaluate import Plan
from lsp_server.evaluation.own.files import Scope, files
from lsp_server.evaluation.own.holes import holes
from lsp_server.evaluation.own.kinds import KINDS
from lsp_server.evaluation.own.measure import METRICS, SCORING
from lsp_server.evaluation.task import Limits, Scoring

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsp_server.config import Settings
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.asked import Drawing
    from lsp_server.evaluation.task import Benchmark

# What a bare model may read and write at a hole of one's own: as much as the product at its largest.
OWN_LIMITS = Limits(4096, 1024, 0, 64, "midfill's own, without other files")

REPORT = "report"
# The limits of the bare model on benchmarks, by name; None for those that each benchmark says of itself.
PRESETS: Mapping[str, Limits | None] = {
    REPORT: None,
    "8k": Limits(8192, 2048, 2048, 50, "the report on Qwen2.5-Coder, tables 8 to 10, for all sets alike"),
}


def chosen(asked: Sequence[str], usual: Sequence[str], *others: str) -> tuple[str, ...]:
    """Return the ways to ask, those that were named or else the usual ones, and ``others``, each once.

    Raises:
        InputError: there is none of such a name.
    """
    names = tuple(dict.fromkeys((*(asked or usual), *others)))
    if unknown := [name for name in names if name not in ARMS]:
        raise InputError(f"There is no way to ask called {unknown[0]!r}; there are: {', '.join(ARMS)}.")
    return names


def all_ablations() -> tuple[str, ...]:
    """Return what can be taken from the product, one thing at a time, where there is a repository."""
    return (PRODUCT, *ABLATIONS, *CONTEXT_ABLATIONS)


def rules_of(settings: Settings) -> Rules:
    """Return which files of a repository may be read."""
    return Rules(settings.exclude, settings.secrets, settings.largest_file * 1024)


def own(  # noqa: PLR0913  each is an option of the command
    folder: Path,
    settings: Settings,
    *,
    count: int,
    seed: int,
    kinds: Sequence[str],
    scope: Scope,
    arms: tuple[str, ...],
) -> Plan:
    """Return what to measure in a repository.

    Raises:
        InputError: it is none, has no holes, or there is no such kind.
    """
    sources = files(folder, rules_of(settings), scope)
    tasks = holes(sources, count, seed, kinds or KINDS)
    if not tasks:
        raise InputError(f"{folder.resolve()} has no code under version control that has holes: name another folder.")
    of = len({task.path for task in tasks})
    at = provenance.commit_of(folder)
    left_out = ", without tests" if scope is Scope.SOURCE else ""
    return Plan(
        name="own",
        title=f"Holes of {folder.resolve().name}",
        data=f"{len(tasks)} of {of} files of {folder.resolve().name}{f' at {at}' if at else ''}{left_out}",
        tasks=tasks,
        scoring=SCORING,
        metrics=METRICS,
        arms=arms,
        limits=OWN_LIMITS,
        seed=seed,
    )


def limits_of(row: Benchmark, preset: str) -> Limits:
    """Return the limits of a preset for a benchmark.

    Raises:
        InputError: there is none of such a name.
    """
    if preset not in PRESETS:
        raise InputError(f"There is no preset {preset!r}; there are: {', '.join(PRESETS)}.")
    return PRESETS[preset] or row.report


def benchmark(  # noqa: PLR0913  each is an option of the command
    name: str,
    data: Path | None,
    *,
    count: int,
    samples: int,
    ks: tuple[int, ...],
    drawing: Drawing,
    arms: tuple[str, ...],
    preset: str = REPORT,
) -> Plan:
    """Return what to measure of a published benchmark; ``count`` of its holes by dice, 0 for all.

    Raises:
        InputError: there is no such benchmark or preset, the file is not its, or texts are too few for the ``ks``.
        DownloadError: it is to be downloaded, and cannot be.
    """
    row = benchmark_of(name)
    limits = limits_of(row, preset)
    if samples < max(ks):
        raise InputError(f"pass@{max(ks)} needs as many texts of a hole: use --samples {max(ks)} or more.")
    if samples > 1 and not drawing.temperature:
        raise InputError("Several texts of a hole are all the same at the temperature 0: use --temperature, say 0.2.")
    tasks = list(row.load(data or _downloaded(row)))
    there = len(tasks)
    if 0 < count < there:
        places = sorted(random.Random(drawing.seed).sample(range(there), count))  # noqa: S311  a sample, no secret
        tasks = [tasks[place] for place in places]
    return Plan(
        name=row.name,
        title=row.title,
        data=f"{len(tasks)} of {there} of {data.name if data else row.title}; {row.source}",
        tasks=tasks,
        scoring=Scoring(row.cut, row.score),
        metrics=row.metrics,
        arms=arms,
        limits=limits,
        seed=drawing.seed,
        drawing=drawing,
        samples=samples,
        ks=ks,
    )


def _downloaded(row: Benchmark) -> Path:
    if row.hub is None:
        raise InputError(f"{row.title} is in no one file on the hub: name one with --data. {row.data}")
    from lsp_server.models import hub  # noqa: PLC0415  the library takes a quarter of a second

    folder = user_cache_path("midfill", appauthor=False) / "datasets"
    return hub.dataset(row.hub.repository, row.hub.path, row.hub.revision, folder)


def needles(engine: Engine, *, longest: int, per_place: int, seed: int) -> Plan:
    """Return the needle test up to a length in tokens, 0 for all that the model's context holds.

    Raises:
        InputError: that is too short for a needle.
    """
    lengths = needle.lengths_for(min(longest or engine.info.context_length, engine.info.context_length))
    if not lengths:
        raise InputError(f"A needle needs {needle.SHORTEST + needle.GENERATED} tokens: choose a longer context.")
    tasks = needle.tasks(lengths, needle.DEPTHS, per_place, seed, engine.count)
    return Plan(
        name=needle.NAME,
        title=needle.TITLE,
        data=f"{len(tasks)} made-up repositories of {lengths[0]} to {lengths[-1]} tokens",
        tasks=tasks,
        scoring=needle.SCORING,
        metrics=needle.METRICS,
        # The product would choose among the other files, and by its own budget: the model's reach is what is measured.
        arms=(BARE,),
        limits=needle.limits(lengths[-1]),
        seed=seed,
    )
