"""The figures of an evaluation, drawn for people. Knows figures, and measures nothing.

Nothing needs colours: what they tell is told by words and signs besides. Tables are as wide as the terminal allows:
with fewer columns there are more of them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lsp_server.evaluation import wording
from lsp_server.evaluation.summary import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from lsp_server.evaluation.summary import Comparison, Part, Row, Summary
    from lsp_server.evaluation.task import Benchmark

# What a line is called by.
NAMES = ("holes of", "asked")
# Columns between two columns.
GAP = 2


class Line(NamedTuple):
    """A line of a table: what was measured and how it was asked, on how many holes, and a cell for each metric."""

    part: Part
    arm: str
    holes: int
    cells: Mapping[str, str]


def draw_benchmarks(console: Console, benchmarks: Iterable[Benchmark]) -> None:
    """Draw the published benchmarks: their names, and which files hold their holes."""
    for row in benchmarks:
        console.print(f"{row.name}: {row.title}", highlight=False, markup=False)
        without = "; without it, the file comes from the hub" if row.hub else ""
        console.print(Padding(Text(f"--data takes {row.data}{without}"), (0, 0, 0, 2 * GAP)))


def draw(console: Console, summary: Summary) -> None:
    """Draw the conditions, the figures with their intervals, the differences, and what others have published."""
    _head(console, summary.conditions.title)
    console.print(_conditions(summary))
    if not summary.rows:
        console.print()
        _say(console, "Nothing has been measured.")
        return
    console.print()
    _head(console, "Measured here, in per cent")
    rows = _shown(summary)
    _tables(console, [Line(row.part, row.arm, row.holes, _percents(row)) for row in rows], summary.metrics)
    _say(console, wording.HOW_TO_READ)
    console.print()
    _head(console, "Time and tokens of a text")
    console.print(_cost(rows))
    if summary.comparisons:
        console.print()
        _head(console, f"Differences from {summary.arms[0]}, in points")
        _tables(console, _differences(summary), summary.metrics)
        _say(console, wording.CLEAR)
    if summary.published:
        console.print()
        _head(console, "Beside published figures, in per cent")
        console.print(_published(summary))
        for source in wording.sources(summary):
            _say(console, f"{source.title}, {source.where}: {source.address}")
        _say(console, wording.PUBLISHED)


def _head(console: Console, title: str) -> None:
    console.print(Text(title, style="bold"))


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False)


def _conditions(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in wording.conditions(summary.conditions):
        table.add_row(name, Text(text))
    return table


def _shown(summary: Summary) -> list[Row]:
    """Return the rows of all holes, and by kind and language those of the arms that fit beside each other."""
    arms = wording.side_by_side(summary)
    return [row for row in summary.rows if row.part == ALL or row.arm in arms]


def _table(heads: Iterable[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in NAMES:
        table.add_column(head, overflow="fold")
    for head in heads:
        table.add_column(Text(head), justify="right")
    return table


def _labels(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the name of each row's part, once for all rows of it that follow each other."""
    for part, before in zip(parts, (None, *parts), strict=False):
        yield "" if part == before else part.label


def _percents(row: Row) -> dict[str, str]:
    return {name: wording.percent(interval) for name, interval in row.metrics.items()}


def _tables(console: Console, lines: Sequence[Line], metrics: Sequence[str]) -> None:
    """Draw tables with as many metrics beside each other as fit."""
    beside = (*NAMES, "holes"), *((line.part.label, line.arm, str(line.holes)) for line in lines)
    before = sum(max(map(len, column)) for column in zip(*beside, strict=True)) + 2 * GAP
    cell = max(len(text) for line in lines for text in (*line.cells.values(), *metrics))
    count = max(1, (console.width - before) // (GAP + cell))
    for start in range(0, len(metrics), count):
        some = metrics[start : start + count]
        table = _table(("holes", *some))
        for label, line in zip(_labels([line.part for line in lines]), lines, strict=True):
            cells = (label, line.arm, str(line.holes), *(line.cells.get(name, "-") for name in some))
            table.add_row(*map(Text, cells))
        console.print(table)
        console.print()


def _cost(rows: Sequence[Row]) -> Table:
    table = _table(("texts", "ms p50", "ms p95", "tokens read", "tokens written"))
    for label, row in zip(_labels([row.part for row in rows]), rows, strict=True):
        cells = (f"{row.p50:.0f}", f"{row.p95:.0f}", f"{row.evaluated:.0f}", f"{row.generated:.1f}")
        table.add_row(*map(Text, (label, row.arm, str(row.texts), *cells)))
    return table


def _differences(summary: Summary) -> list[Line]:
    arms = wording.side_by_side(summary)
    found: defaultdict[tuple[Part, str], list[Comparison]] = defaultdict(list)
    for one in summary.comparisons:
        if one.part == ALL or one.arm in arms:
            found[one.part, one.arm].append(one)
    return [
        Line(part, arm, max(one.holes for one in some), {one.metric: wording.difference(one) for one in some})
        for (part, arm), some in found.items()
    ]


def _published(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("what", "who", "per cent", "from"):
        table.add_column(head, overflow="fold", no_wrap=head == "per cent")
    for line in wording.beside(summary):
        table.add_row(*map(Text, line))
    return table
