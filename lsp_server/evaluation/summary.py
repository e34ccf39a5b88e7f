"""The figures of an evaluation, with all that they must be printed with, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsp_server.evaluation.intervals import Interval
    from lsp_server.evaluation.published import Published

# The share of texts that are empty. It is counted of all records and need not be among their scores.
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Conditions:
    """How figures came about; none is printed without them.

    ``name`` is the benchmark's ("own" for the repository at hand), ``data`` says what holes were taken and from where.
    ``parameters`` is how many the model has, ``None`` where it does not tell. ``version`` is midfill's, with the commit
    where there is one. ``seed`` is that of the holes, of the model's dice and of the intervals; ``samples`` texts were
    asked for at each hole, drawn at ``temperature`` from the likeliest tokens of ``top_p``. ``limits`` are sizes and
    whose they are, in words. ``metrics``, ``arms`` and ``kinds`` are in the order in which they are shown; the first
    metric stands for all where there is room for one, and each arm is compared with the first.
    """

    name: str
    title: str
    data: str
    model: str
    file: str
    parameters: int | None
    version: str
    machine: str
    seed: int
    samples: int
    temperature: float
    top_p: float
    limits: str
    metrics: tuple[str, ...]
    arms: tuple[str, ...]
    kinds: tuple[str, ...]


class Part(NamedTuple):
    """Some of the holes: those of a kind, those in a language, or all where both are empty."""

    kind: str = ""
    language: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.kind or self.language or "all"


ALL = Part()


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one arm over a part.

    ``holes`` were measured, with ``texts`` texts in all. ``metrics`` are means over the holes, a hole's value being the
    mean over its texts, or its pass@k; a metric is missing where no hole has it. ``p50`` and ``p95`` are milliseconds
    of a text, ``evaluated`` and ``generated`` are tokens of a text on average.
    """

    part: Part
    arm: str
    holes: int
    texts: int
    metrics: Mapping[str, Interval]
    p50: float
    p95: float
    evaluated: float
    generated: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric of ``arm`` less that of ``against``, over the ``holes`` where both have it.

    ``is_clear`` says that chance would hardly make it: the interval leaves 0 out, and enough holes differ to tell.
    """

    part: Part
    arm: str
    against: str
    metric: str
    holes: int
    difference: Interval
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures; those of all holes come first, then kinds and then languages, where there are several.

    ``metrics``, ``arms``, ``kinds`` and ``languages`` are those that were found, in order; ``published`` are the
    figures of the same benchmark.
    """

    conditions: Conditions
    metrics: tuple[str, ...]
    arms: tuple[str, ...]
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    published: tuple[Published, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have rows, in their order."""
        return tuple(dict.fromkeys(row.part for row in self.rows))

    def row(self, part: Part, arm: str) -> Row | None:
        """Return the figures of an arm over a part; ``None`` where it was not measured there."""
        return next((row for row in self.rows if row.part == part and row.arm == arm), None)

    def beside(self, figure: Published) -> tuple[Row, ...]:
        """Return the rows that may stand beside a published figure, an arm each: of the same metric over the same part.

        A published figure of all holes is one over each kind and language that has published figures of its own.
        """
        kind = _matching(figure.kind, self.kinds, {one.kind for one in self.published})
        language = _matching(figure.language, self.languages, {one.language for one in self.published})
        if kind is None or language is None:
            return ()
        return tuple(row for row in self.rows if row.part == Part(kind, language) and figure.metric in row.metrics)


def _matching(wanted: str, measured: tuple[str, ...], published: set[str]) -> str | None:
    """Return what a part has to be named for a published figure's kind or language; ``None`` where none will do."""
    if not wanted:
        return "" if published - {""} <= set(measured) else None
    if wanted not in measured:
        return None
    # What there is one of has no part of its own.
    return wanted if len(measured) > 1 else ""


# --- for programs ------------------------------------------------------------------------------------


def to_json(summary: Summary) -> dict[str, object]:
    """Return what ``midfill eval --json`` gives: one object; metrics are shares from 0 to 1, differences from -1 to 1.

    An empty kind and language are all of them.
    """
    return {
        "evaluation": summary.conditions.name,
        "conditions": _conditions_json(summary.conditions),
        "figures": [_row_json(row) for row in summary.rows],
        "comparisons": [_comparison_json(one) for one in summary.comparisons],
        "published": [_published_json(summary, figure) for figure in summary.published],
    }


def _conditions_json(conditions: Conditions) -> dict[str, object]:
    return {
        "title": conditions.title,
        "data": conditions.data,
        "model": conditions.model,
        "file": conditions.file,
        "parameters": conditions.parameters,
        "version": conditions.version,
        "machine": conditions.machine,
        "seed": conditions.seed,
        "samples": conditions.samples,
        "temperature": conditions.temperature,
        "topP": conditions.top_p,
        "limits": conditions.limits,
        "metrics": list(conditions.metrics),
        "arms": list(conditions.arms),
        "kinds": list(conditions.kinds),
    }


def _row_json(row: Row) -> dict[str, object]:
    return {
        **row.part._asdict(),
        "arm": row.arm,
        "holes": row.holes,
        "texts": row.texts,
        "metrics": {name: _interval_json(interval) for name, interval in row.metrics.items()},
        "milliseconds": {"p50": round(row.p50, 1), "p95": round(row.p95, 1)},
        "evaluatedTokens": round(row.evaluated, 1),
        "generatedTokens": round(row.generated, 1),
    }


def _comparison_json(one: Comparison) -> dict[str, object]:
    return {
        **one.part._asdict(),
        "arm": one.arm,
        "against": one.against,
        "metric": one.metric,
        "holes": one.holes,
        **_interval_json(one.difference),
        "isClear": one.is_clear,
    }


def _published_json(summary: Summary, figure: Published) -> dict[str, object]:
    return {
        "kind": figure.kind,
        "language": figure.language,
        "metric": figure.metric,
        "model": figure.model,
        "value": figure.value,
        "note": figure.note,
        "source": {"title": figure.source.title, "address": figure.source.address, "where": figure.source.where},
        "measuredHere": {row.arm: _interval_json(row.metrics[figure.metric]) for row in summary.beside(figure)},
    }


def _interval_json(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in interval._asdict().items()}
