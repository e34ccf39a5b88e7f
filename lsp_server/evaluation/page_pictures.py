"""The pictures of the page: figures by part and arm, how long answers took, what sets arms apart, needles found."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lsp_server.evaluation import wording
from lsp_server.evaluation.markup import element, joined
from lsp_server.evaluation.summary import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.evaluation.intervals import Interval
    from lsp_server.evaluation.markup import Markup
    from lsp_server.evaluation.summary import Row, Summary
    from lsp_server.evaluation.task import Record

# All lengths are pixels of a picture at its natural size; it shrinks and grows with the page.
WIDTH = 720.0
# What stands left of the axis, and right of it.
LABELS, NUMBERS = 150.0, 180.0
LEFT, RIGHT = LABELS, WIDTH - NUMBERS
BAR, BETWEEN = 17.0, 14.0
LINE = 24.0
AXIS = 26.0
HEIGHT = 240.0
# At which shares of the texts a line has a point.
_SHARES = tuple(number / 200 for number in range(201))
# The needle's kinds: "4096 tokens, depth 50 %".
_PLACE = re.compile(r"(\d+) tokens, depth\s+(\d+) %")


def bars(summary: Summary, metric: str) -> Markup:
    """Return a bar with its interval for each part and arm; the axis ends where all of them have room."""
    arms = wording.side_by_side(summary)
    groups = [
        (part, [(at, row) for at, arm in enumerate(arms) if (row := summary.row(part, arm)) and metric in row.metrics])
        for part in summary.parts
    ]
    most = max((row.metrics[metric].high for _, rows in groups for _, row in rows), default=1.0)
    end = next(end for end in (0.05, 0.1, 0.2, 0.5, 1.0) if most <= end or end == 1)
    scale = (RIGHT - LEFT) / end
    marks, top = [], 4.0
    for part, rows in groups:
        middle = top + len(rows) * BAR / 2
        marks.append(element("text", part.label, class_="label", x=LEFT - 8, y=middle + 4))
        for at, row in rows:
            marks.append(_bar(row, metric, at, top, scale))
            top += BAR
        top += BETWEEN
    ticks = [(LEFT + scale * end * fifth / 5, f"{100 * end * fifth / 5:g} %") for fifth in range(6)]
    about = f"{metric} by part, in per cent, with 95 % intervals"
    return _picture(about, top + AXIS, _axis(ticks, top), *marks)


def _bar(row: Row, metric: str, at: int, top: float, scale: float) -> Markup:
    interval = row.metrics[metric]
    low, high = LEFT + scale * interval.low, LEFT + scale * interval.high
    middle = top + BAR / 2 - 1.5
    said = wording.percent(interval)
    return element(
        "g",
        element("title", f"{row.part.label}, {row.arm}: {said}, {wording.counted(row.holes, 'hole')}"),
        element("rect", class_=f"arm{at}", x=LEFT, y=top, width=scale * interval.mean, height=BAR - 3),
        element("path", class_="whisker", d=_whisker(low, high, middle)),
        element("text", said, class_="number", x=RIGHT + 10, y=middle + 4),
    )


def _whisker(low: float, high: float, middle: float) -> str:
    ends = "".join(f"M{end:.1f} {middle - 3:.1f}V{middle + 3:.1f}" for end in (low, high))
    return f"M{low:.1f} {middle:.1f}H{high:.1f}{ends}"


def latencies(summary: Summary, records: Sequence[Record]) -> Markup:
    """Return which share of the texts were there within how many milliseconds, a line for each arm."""
    by_arm = [_milliseconds(records, arm) for arm in wording.side_by_side(summary)]
    steps = _steps(min(map(min, by_arm)), max(map(max, by_arm)))
    left, right, start = 60.0, WIDTH - 40, math.log10(steps[0])
    across = (right - left) / (math.log10(steps[-1]) - start)

    def place(milliseconds: float, share: float) -> tuple[float, float]:
        return left + across * (math.log10(milliseconds) - start), 8 + (HEIGHT - 8) * (1 - share)

    marks = []
    for share in (0.0, 0.5, 0.95):
        height = place(1, share)[1]
        marks.append(element("path", class_="grid", d=f"M{left:.1f} {height:.1f}H{right:.1f}"))
        marks.append(element("text", f"{100 * share:.0f} %", class_="label", x=left - 8, y=height + 4))
    for at, values in enumerate(by_arm):
        points = (place(values[min(len(values) - 1, int(share * len(values)))], share) for share in _SHARES)
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        marks.append(element("path", class_=f"line arm{at}", d=f"M{path}"))
    ticks = [(place(step, 0)[0], f"{step:g} ms") for step in steps]
    about = "Share of the texts that were there within so many milliseconds"
    return _picture(about, HEIGHT + AXIS, _axis(ticks, HEIGHT), *marks)


def _milliseconds(records: Sequence[Record], arm: str) -> list[float]:
    """Return the times of an arm in order; on this axis nothing is shorter than a millisecond."""
    return sorted(max(1.0, record.milliseconds) for record in records if record.arm == arm)


def _steps(low: float, high: float) -> list[float]:
    """Return 1, 2, 5, 10, 20 and so on, as far as they are needed to hold both; at least two."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 2)
    steps = [step * 10.0**decade for decade in decades for step in (1, 2, 5)]
    first = max(at for at, step in enumerate(steps) if step <= low)
    last = min(at for at, step in enumerate(steps) if step > high)
    return steps[first : last + 1]


def forest(summary: Summary, metric: str) -> Markup:
    """Return the differences of a metric with their intervals beside a line at 0; those that are clear are filled.

    They are over all holes, and part by part where but two arms are compared. Nothing where there is no difference.
    """
    found = [one for one in summary.comparisons if one.metric == metric]
    by_part = len(summary.arms) == 2  # noqa: PLR2004 (one and the other)
    shown = [(one.part.label if by_part else one.arm, one) for one in found if by_part or one.part == ALL]
    if not shown:
        return joined()
    reach = max(abs(end) for _, one in shown for end in one.difference)
    end = next(end for end in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 1.0) if reach <= end or end == 1)
    middle, scale = (LEFT + RIGHT) / 2, (RIGHT - LEFT) / 2 / end
    bottom = LINE * len(shown) + 4
    ticks = [
        (middle + scale * end * half / 2, f"{100 * end * half / 2:+g}".replace("+0", "0")) for half in range(-2, 3)
    ]
    marks = [element("path", class_="zero", d=f"M{middle:.1f} 0V{bottom:.1f}")]
    for at, (label, one) in enumerate(shown):
        height = LINE * (at + 0.5)
        mean, low, high = (middle + scale * value for value in one.difference)
        said = wording.difference(one)
        marks += [
            element("text", label, class_="label", x=LEFT - 8, y=height + 4),
            element("path", class_="whisker", d=_whisker(low, high, height)),
            element("circle", class_="clear" if one.is_clear else "unclear", cx=mean, cy=height, r=4.5),
            element("text", said, class_="number", x=RIGHT + 10, y=height + 4),
        ]
    about = f"{metric}: differences from {summary.arms[0]} in points, with 95 % intervals"
    return _picture(about, bottom + AXIS, _axis(ticks, bottom), *marks)


def legend(summary: Summary) -> Markup:
    """Return which colour is which arm."""
    arms = wording.side_by_side(summary)
    keys = (element("span", element("i", class_=f"arm{at}"), arm) for at, arm in enumerate(arms))
    return element("p", *keys, class_="legend")


def needles(summary: Summary, arm: str, metric: str) -> Markup:
    """Return a map of the needles found by an arm: length of the prompt across, depth of the needle down."""
    found = {
        (int(place[1]), int(place[2])): row.metrics[metric]
        for row in summary.rows
        if row.arm == arm and metric in row.metrics and (place := _PLACE.fullmatch(row.part.kind.strip()))
    }
    lengths, depths = (sorted({place[axis] for place in found}) for axis in (0, 1))
    head = element("tr", element("th", "depth"), *(element("th", str(length)) for length in lengths))
    rows = (
        element("tr", element("th", f"{depth} %"), *(_cell(found.get((length, depth))) for length in lengths))
        for depth in depths
    )
    caption = element("caption", f"{arm}: {metric} in per cent, by tokens of the prompt")
    return element("div", element("table", caption, head, *rows, class_="needles"), class_="wide")


def _cell(interval: Interval | None) -> Markup:
    if interval is None:
        return element("td", "")
    percent = f"{100 * interval.mean:.0f}"
    return element("td", percent, style=f"--share: {percent}%", title=wording.percent(interval))


def _axis(ticks: Sequence[tuple[float, str]], bottom: float) -> Markup:
    """Return vertical lines with what stands below them."""
    lines = "".join(f"M{x:.1f} 0V{bottom:.1f}" for x, _ in ticks)
    texts = (element("text", said, class_="tick", x=x, y=bottom + 16) for x, said in ticks)
    return joined(element("path", class_="grid", d=lines), *texts)


def _picture(about: str, height: float, *marks: Markup) -> Markup:
    """Return a picture that its title describes to those who cannot see it; wider than a telephone, it can be moved."""
    box = f"0 0 {WIDTH:.0f} {height:.0f}"
    return element("div", element("svg", *marks, viewBox=box, role="img", aria_label=about), class_="wide")
