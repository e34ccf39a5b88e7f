"""The figures of suggestions, drawn for people and given to programs. Knows figures, and no disk.

Nothing needs colours: what they tell is told by shapes and words besides. 60 columns are enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

    from lsp_server.usage.figures import Day, Figures, Line, Share

# Columns beside a bar: the day before it, the numbers behind it.
BESIDE_BAR = 26
LONGEST_BAR = 100
MILLION = 1_000_000


class Blocks(NamedTuple):
    """What bars are made of."""

    accepted: str
    shown: str


BLOCKS = Blocks("\N{FULL BLOCK}", "\N{LIGHT SHADE}")
# For terminals that know ASCII only.
LETTERS = Blocks("#", "-")


def draw(console: Console, figures: Figures) -> None:
    """Draw a table by language and model, a chart of the last days, and where all of it is kept."""
    if figures.since is None:
        _say(console, "Nothing has been counted yet. Numbers come here once an editor has shown suggestions.")
    else:
        _say(console, f"What became of the suggestions since {figures.since:%Y-%m-%d}:")
        console.print()
        console.print(_table(figures))
        console.print()
        _draw_chart(console, figures.days)
        console.print()
        _explain(console)
    console.print()
    _say(console, "The counts hold numbers and no text, and stay on this machine:")
    # In one line, however long, so that it can be copied.
    console.print(Text(str(figures.path)), soft_wrap=True)
    _say(console, "Set `countUsage` to false to count nothing; delete the file to forget what was counted.")


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False)


def _explain(console: Console) -> None:
    _say(console, "in part: a word or a line of it was accepted, and not the rest.")
    _say(console, "still: what was accepted stood there after that time, of those that could be looked at.")
    _say(
        console, "ms: in which half and 95 % of what the model was asked for was there; what was in memory is left out."
    )


def _table(figures: Figures) -> Table:
    """Return the table; each row has two lines, so that it fits into a narrow terminal."""
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column("language\nmodel", overflow="fold", min_width=10)
    for heading in ("shown", "accepted", "in\npart", "still\n30 s", "still\n120 s", "chars", "ms p50\np95"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in figures.lines:
        table.add_row(Text(f"{line.language or 'unknown'}\n{line.model}"), *_cells(line))
    if len(figures.lines) > 1:
        table.add_row("all\n", *_cells(figures.total), style="bold")
    return table


def _cells(line: Line) -> tuple[str, ...]:
    return (
        _short(line.shown),
        f"{_short(line.accepted)}\n{_percent(line.rate)}",
        _short(line.in_part),
        _looked_at(line.after_30),
        _looked_at(line.after_120),
        _short(line.characters),
        f"{_milliseconds(line.p50)}\n{_milliseconds(line.p95)}",
    )


def _short(number: int, exact: int = 10_000) -> str:
    """Return a number in at most five characters; those below ``exact`` as they are."""
    if number < exact:
        return str(number)
    return f"{number // 1000}k" if number < MILLION else f"{number // 1_000_000}M"


def _percent(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.0%}"


def _looked_at(share: Share) -> str:
    return f"{_percent(share)}\nof {_short(share.of, 1000)}" if share.of else "-"


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _draw_chart(console: Console, days: tuple[Day, ...]) -> None:
    """Draw a bar for each day from the first on that has one, as long as the console is wide."""
    first = next((number for number, day in enumerate(days) if day.shown or day.accepted), None)
    if first is None:
        _say(console, f"In the last {len(days)} days no suggestion was shown.")
        return
    blocks = LETTERS if console.options.ascii_only else BLOCKS
    width = max(1, min(console.width - BESIDE_BAR, LONGEST_BAR))
    most = max(max(day.shown, day.accepted) for day in days)
    _say(console, f"By day: {blocks.accepted} accepted, also in part, of {blocks.shown} shown")
    for day in days[first:]:
        console.print(_bar(day, width / most, blocks), no_wrap=True, highlight=False)


def _bar(day: Day, scale: float, blocks: Blocks) -> Text:
    """Return the line of a day; a count that is not 0 has a block, however small it is."""
    line = Text(f"{day.day:%m-%d}")
    if not day.shown and not day.accepted:
        return line
    accepted = max(1, round(day.accepted * scale)) if day.accepted else 0
    others = max(1, round(day.shown * scale) - accepted) if day.shown > day.accepted else 0
    line.append("  ")
    line.append(blocks.accepted * accepted, style="green")
    line.append(blocks.shown * others, style="bright_black")
    return line.append(f" {_short(day.accepted)} of {_short(day.shown)}")


def to_json(figures: Figures) -> dict[str, object]:
    """Return what ``midfill stats --json`` gives; shares are numbers from 0 to 1, ``None`` of nothing."""
    return {
        "file": str(figures.path),
        "since": None if figures.since is None else figures.since.isoformat(),
        "total": _line_json(figures.total),
        "byLanguageAndModel": [
            {"language": line.language, "model": line.model, **_line_json(line)} for line in figures.lines
        ],
        "days": [{"day": day.day.isoformat(), "shown": day.shown, "accepted": day.accepted} for day in figures.days],
    }


def _line_json(line: Line) -> dict[str, object]:
    return {
        "shown": line.shown,
        "accepted": line.accepted,
        "acceptedInPart": line.in_part,
        "acceptedShare": line.rate.value,
        "stillThereAfter30Seconds": _share_json(line.after_30),
        "stillThereAfter120Seconds": _share_json(line.after_120),
        "charactersAccepted": line.characters,
        "fromMemory": line.from_memory,
        "milliseconds": {"p50": _rounded(line.p50), "p95": _rounded(line.p95)},
    }


def _share_json(share: Share) -> dict[str, object]:
    return {"stillThere": share.number, "lookedAt": share.of, "share": share.value}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
