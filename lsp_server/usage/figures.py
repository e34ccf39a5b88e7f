"""From the counts of days to the figures of a table and of a chart. Knows no disk and no console."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lsp_server.core import Source
from lsp_server.usage import latency
from lsp_server.usage.events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lsp_server.usage.store import Row

CHART_DAYS = 30


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; ``number`` of ``of``."""

    number: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, in ``[0, 1]`` where the part belongs to the whole; ``None`` of nothing."""
        return self.number / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of suggestions in one language by one model, or of all together: then both names are empty.

    ``accepted`` does not hold those that were accepted in part. ``after_30`` and ``after_120`` are how many of those
    accepted, or accepted in part, still stood after that many seconds, of those that could be looked at. ``characters``
    came in by accepting. ``p50`` and ``p95`` are milliseconds, exact to 5 %, of the suggestions that the model was
    asked for, ``None`` without any; those ``from_memory`` are left out, which are there in a millisecond or two.
    """

    language: str
    model: str
    shown: int
    accepted: int
    in_part: int
    after_30: Share
    after_120: Share
    characters: int
    from_memory: int
    p50: float | None
    p95: float | None

    @property
    def rate(self) -> Share:
        """Those accepted as a whole, of those shown."""
        return Share(self.accepted, self.shown)


@dataclass(frozen=True, slots=True)
class Day:
    """The suggestions of one day; ``accepted`` as a whole or in part."""

    day: date
    shown: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures.

    ``path`` is the file that they are from, ``since`` the first day with any, ``None`` without. ``lines`` begin with
    what was shown most; ``days`` are the last :data:`CHART_DAYS`, the oldest first, with those on which nothing was.
    """

    path: Path
    since: date | None
    lines: tuple[Line, ...]
    total: Line
    days: tuple[Day, ...]


def figures(rows: Sequence[Row], path: Path, today: date) -> Figures:
    """Return the figures of the rows that were read from a file."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.language, row.model].append(row)
    lines = [_line(language, model, group) for (language, model), group in groups.items()]
    lines.sort(key=lambda line: (-line.shown, line.language, line.model))
    since = min((row.day for row in rows), default=None)
    return Figures(path, since, tuple(lines), _line("", "", rows), _days(rows, today))


def _line(language: str, model: str, rows: Iterable[Row]) -> Line:
    number: Counter[Kind] = Counter()
    characters: Counter[Kind] = Counter()
    latencies: Counter[int] = Counter()
    from_memory = 0
    for row in rows:
        number[row.kind] += row.number
        characters[row.kind] += row.characters
        if row.kind is Kind.SHOWN:
            latencies[row.latency] += row.number
            from_memory += row.number if row.source is Source.MEMORY else 0
    return Line(
        language,
        model,
        shown=number[Kind.SHOWN],
        accepted=number[Kind.ACCEPTED],
        in_part=number[Kind.IN_PART],
        after_30=Share(number[Kind.THERE_30], number[Kind.THERE_30] + number[Kind.GONE_30]),
        after_120=Share(number[Kind.THERE_120], number[Kind.THERE_120] + number[Kind.GONE_120]),
        characters=characters[Kind.ACCEPTED] + characters[Kind.IN_PART],
        from_memory=from_memory,
        p50=latency.percentile(latencies, 0.5),
        p95=latency.percentile(latencies, 0.95),
    )


def _days(rows: Iterable[Row], today: date) -> tuple[Day, ...]:
    shown: Counter[date] = Counter()
    accepted: Counter[date] = Counter()
    for row in rows:
        if row.kind is Kind.SHOWN:
            shown[row.day] += row.number
        elif row.kind in {Kind.ACCEPTED, Kind.IN_PART}:
            accepted[row.day] += row.number
    days = (today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS)))
    return tuple(Day(day, shown[day], accepted[day]) for day in days)
