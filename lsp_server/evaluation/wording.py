"""Figures and conditions as people read them, on a terminal and on a page."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.evaluation.intervals import Interval
    from lsp_server.evaluation.published import Published, Source
    from lsp_server.evaluation.summary import Comparison, Conditions, Summary

MILLION = 1_000_000
BILLION = 1_000_000_000
# More ways of asking than these side by side are read by nobody: then it is the first two, and the others are told by
# how they differ from the first.
SIDE_BY_SIDE = 3
HOW_TO_READ = (
    "Means over the holes in per cent, with 95 % bootstrap intervals: groups of holes (files, problems) are drawn with "
    "replacement, then the holes within each. Where all holes give the same, the interval has no width; that says "
    "nothing of other holes."
)
CLEAR = (
    "Differences are taken hole by hole. Those with a * are clear: the interval leaves 0 out, and six or more holes "
    "differ. Of many such differences one in twenty looks clear by chance."
)
PUBLISHED = (
    "Published figures are others', with their own prompts, limits and machines. They were not measured here; what was "
    "measured here, was under the conditions above."
)


def percent(interval: Interval) -> str:
    """Return a share with its interval: "41.2 [38.1, 44.0]"."""
    mean, low, high = (f"{100 * value:.1f}" for value in interval)
    return f"{mean} [{low}, {high}]"


def difference(one: Comparison) -> str:
    """Return a difference in points with its interval, and a * where it is clear: "+2.1 [+0.4, +3.9] *"."""
    # What rounds to 0 has no sign of its own: -0.0 + 0 is 0.
    mean, low, high = (f"{round(100 * value, 1) + 0:+.1f}" for value in one.difference)
    return f"{mean} [{low}, {high}] {'*' if one.is_clear else ' '}"


def side_by_side(summary: Summary) -> Sequence[str]:
    """Return the arms that are shown beside each other where the holes are taken apart."""
    return summary.arms if len(summary.arms) <= SIDE_BY_SIDE else summary.arms[:2]


def counted(number: int, name: str) -> str:
    """Return a number with what it counts: "1 hole", "2 holes"."""
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def conditions(of: Conditions) -> list[tuple[str, str]]:
    """Return all that figures have to be printed with: names and what they are."""
    asked = f"{counted(of.samples, 'text')} a hole"
    temperature = (
        "greedy (temperature 0)" if of.temperature == 0 else f"temperature {of.temperature:g}, top p {of.top_p:g}"
    )
    return [
        ("holes", of.data),
        ("model", f"{of.model}{_parameters(of.parameters)}, {of.file}"),
        ("asked", f"{asked}, {temperature}, seed {of.seed}"),
        ("limits", of.limits),
        ("version", of.version),
        ("machine", of.machine),
    ]


def _parameters(count: int | None) -> str:
    if count is None:
        return ""
    short = f"{count / BILLION:.2f} billion" if count >= BILLION else f"{count / MILLION:.1f} million"
    return f" ({short} parameters)"


class Beside(NamedTuple):
    """A line of the table in which published figures and measured ones stand together.

    ``what`` is empty where it is that of the line above, ``percent`` is "-" where nothing was measured.
    """

    what: str
    who: str
    percent: str
    origin: str


def beside(summary: Summary) -> Iterator[Beside]:
    """Yield the published figures, and above those of one thing what was measured of it here."""
    by_what: defaultdict[str, list[Published]] = defaultdict(list)
    for figure in summary.published:
        by_what[_about(figure)].append(figure)
    for what, figures in by_what.items():
        metric, label = figures[0].metric, what
        for row in summary.beside(figures[0]):
            who = f"{summary.conditions.model}, {row.arm}"
            yield Beside(label, who, percent(row.metrics[metric]), f"measured here, {counted(row.holes, 'hole')}")
            label = ""
        if label:
            yield Beside(label, summary.conditions.model, "-", "no such figure here")
        for figure in figures:
            origin = ", ".join(filter(None, (f"published: {figure.source.where}", figure.note)))
            yield Beside("", figure.model, f"{100 * figure.value:.1f}", origin)


def _about(figure: Published) -> str:
    """Return what a published figure is of: "single-line, python, pass@1"."""
    names = [name for name in (figure.kind, figure.language) if name] or ["all"]
    return ", ".join((*names, figure.metric))


def sources(summary: Summary) -> tuple[Source, ...]:
    """Return where the published figures stand, each once."""
    return tuple(dict.fromkeys(figure.source for figure in summary.published))
