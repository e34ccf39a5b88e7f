"""An evaluation as one HTML page: figures, pictures, and the worst cases side by side. It needs nothing from elsewhere.

What stands on it of code and of what a model wrote may be anybody's: all of it is text to a browser (``markup.py``),
and the page forbids itself scripts and requests besides.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.evaluation import page_cases, page_pictures, wording
from lsp_server.evaluation.markup import document, element, joined, style
from lsp_server.evaluation.summary import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lsp_server.evaluation.markup import Markup
    from lsp_server.evaluation.summary import Part, Row, Summary
    from lsp_server.evaluation.task import Record, Task

# The kind of evaluation whose parts are places in a prompt, and shown as a map.
NEEDLE = "needle"
# Metrics whose differences get a picture; the table has all.
PICTURED = 2
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(summary: Summary, tasks: Sequence[Task], records: Sequence[Record]) -> str:
    """Return the page as a whole; ``tasks`` and ``records`` are those that were summarized.

    It holds pieces of the code around the worst holes of the first arm.
    """
    title = summary.conditions.title
    head = joined(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("title", title),
        style(Path(__file__).with_suffix(".css").read_text(encoding="utf-8")),
    )
    body = [element("h1", title)]
    if summary.rows:
        body += [_cards(summary), _conditions(summary), *_pictures(summary, records), *_tables(summary)]
        body += _cases(summary, tasks, records)
    else:
        body += [element("p", "Nothing has been measured."), _conditions(summary)]
    return document(head, joined(*body))


def _cards(summary: Summary) -> Markup:
    """Return the figures that matter most: those of all holes by the first metric."""
    metric = summary.metrics[0]
    rows = [row for arm in wording.side_by_side(summary) if (row := summary.row(ALL, arm)) and metric in row.metrics]
    return element("div", *(_card(row, metric) for row in rows), class_="cards")


def _card(row: Row, metric: str) -> Markup:
    interval = row.metrics[metric]
    low, high, holes = f"{100 * interval.low:.1f}", f"{100 * interval.high:.1f}", wording.counted(row.holes, "hole")
    return element(
        "div",
        element("span", f"{row.arm}: {metric}"),
        element("b", f"{100 * interval.mean:.1f} %"),
        element("span", f"95 % interval {low} to {high}, {holes}; p50 {row.p50:.0f} ms, p95 {row.p95:.0f} ms"),
    )


def _conditions(summary: Summary) -> Markup:
    pairs = wording.conditions(summary.conditions)
    return element("dl", *(joined(element("dt", name), element("dd", text)) for name, text in pairs))


def _pictures(summary: Summary, records: Sequence[Record]) -> Iterator[Markup]:
    metric = summary.metrics[0]
    if summary.conditions.name == NEEDLE:
        yield element("h2", "Where needles were found")
        yield from (page_pictures.needles(summary, arm, metric) for arm in wording.side_by_side(summary))
    else:
        yield element("h2", f"Measured here: {metric}, in per cent")
        yield joined(page_pictures.legend(summary), page_pictures.bars(summary, metric))
    if summary.comparisons:
        yield element("h2", f"What sets the others apart from {summary.arms[0]}")
        for name in summary.metrics[:PICTURED]:
            yield joined(element("h4", f"{name}, in points"), page_pictures.forest(summary, name))
        yield element("p", wording.CLEAR, class_="note")
    yield element("h2", "How long it took")
    yield joined(page_pictures.legend(summary), page_pictures.latencies(summary, records))


def _tables(summary: Summary) -> Iterator[Markup]:
    yield element("h2", "All figures")
    heads = ("holes", *summary.metrics, "ms p50", "ms p95", "tokens read", "tokens written")
    yield _table(heads, ((row.part, row.arm, _cells(summary, row)) for row in summary.rows))
    yield element("p", wording.HOW_TO_READ, class_="note")
    if summary.comparisons:
        yield element("h2", f"All differences from {summary.arms[0]}, in points")
        yield _table(("holes", *summary.metrics), _differences(summary))
    if summary.published:
        yield element("h2", "Beside published figures")
        yield from _published(summary)
        yield element("p", wording.PUBLISHED, class_="note")


def _table(heads: Iterable[str], rows: Iterable[tuple[Part, str, Iterable[str]]]) -> Markup:
    """Return a table; the rows of a part follow each other, and its name stands at the first."""
    names = (element("th", name, class_="name") for name in ("holes of", "asked"))
    lines = [element("tr", *names, *(element("th", head) for head in heads))]
    for part, some in groupby(rows, key=lambda row: row[0]):
        for at, (_, arm, cells) in enumerate(some):
            first = element("td", "" if at else part.label, class_="name")
            inside = (first, element("td", arm, class_="name"), *(element("td", cell) for cell in cells))
            lines.append(element("tr", *inside, class_="" if at else "first"))
    return element("div", element("table", *lines), class_="wide")


def _cells(summary: Summary, row: Row) -> Iterator[str]:
    yield str(row.holes)
    yield from (wording.percent(row.metrics[name]) if name in row.metrics else "-" for name in summary.metrics)
    yield from (f"{row.p50:.0f}", f"{row.p95:.0f}", f"{row.evaluated:.0f}", f"{row.generated:.1f}")


def _differences(summary: Summary) -> Iterator[tuple[Part, str, Iterable[str]]]:
    for (part, arm), some in groupby(summary.comparisons, key=lambda one: (one.part, one.arm)):
        by_name = {one.metric: one for one in some}
        cells = (wording.difference(by_name[name]) if name in by_name else "-" for name in summary.metrics)
        yield part, arm, (str(max(one.holes for one in by_name.values())), *cells)


def _published(summary: Summary) -> Iterator[Markup]:
    lines = [element("tr", *(element("th", head, class_="name") for head in ("what", "who", "per cent", "from")))]
    for line in wording.beside(summary):
        cells = (element("td", cell, class_="name free") for cell in line)
        lines.append(element("tr", *cells, class_="first" if line.what else ""))
    yield element("div", element("table", *lines), class_="wide")
    for source in wording.sources(summary):
        yield element("p", f"{source.title}, {source.where}: ", element("a", source.address, href=source.address))


def _cases(summary: Summary, tasks: Sequence[Task], records: Sequence[Record]) -> Iterator[Markup]:
    arm = summary.arms[0]
    cases = page_cases.worst(tasks, records, arm, summary.metrics[0])
    if not cases:
        return
    yield element("h2", f"The worst cases of {arm}")
    yield element("p", page_cases.ABOUT, class_="note")
    yield from map(page_cases.drawn, cases)
