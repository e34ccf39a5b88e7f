"""The figures as people and programs get them."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from lsp_server.core import Source
from lsp_server.terminal.usage import draw, to_json
from lsp_server.usage import latency
from lsp_server.usage.events import Kind
from lsp_server.usage.figures import figures
from lsp_server.usage.store import Row

TODAY = date(2025, 3, 14)
FILE = Path("state") / "[bold]midfill" / ("a folder with a long name " * 4) / "usage.sqlite3"


def rows(language: str = "python", model: str = "tiny", shown: int = 200, ago: int = 0) -> list[Row]:
    counts = {
        Kind.SHOWN: shown,
        Kind.ACCEPTED: shown // 4,
        Kind.IN_PART: shown // 8,
        Kind.THERE_30: shown // 5,
        Kind.GONE_30: shown // 20,
    }
    day = TODAY - timedelta(ago)
    return [
        Row(day, language, model, kind, Source.MODEL, latency.class_of(240) * (kind is Kind.SHOWN), n, 12 * n, n)
        for kind, n in counts.items()
    ]


def drawn(found: list[Row], width: int = 100, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    draw(Console(file=stream, width=width, color_system=None), figures(found, FILE, TODAY))
    stream.seek(0)
    return stream.read()


def test_a_table_by_language_and_model() -> None:
    lines = drawn([*rows(), *rows("typescriptreact", "Qwen2.5-Coder-1.5B-Base", 40_000)]).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("language"))
    assert [line.split() for line in lines[start + 2 : start + 8]] == [
        ["typescriptreact", "40k", "10k", "5000", "80%", "-", "180k", "240"],
        ["Qwen2.5-Coder-1.5B-Base", "25%", "of", "10k", "240"],
        ["python", "200", "50", "25", "80%", "-", "900", "240"],
        ["tiny", "25%", "of", "50", "240"],
        ["all", "40k", "10k", "5025", "80%", "-", "180k", "240"],
        ["25%", "of", "10k", "240"],
    ]


def test_one_line_needs_no_total() -> None:
    assert "all  " not in drawn(rows())


@pytest.mark.parametrize("width", [60, 80, 120, 300])
def test_all_of_it_fits_into_the_width(width: int) -> None:
    many = [*rows("typescriptreact", "Qwen2.5-Coder-1.5B-Base-Q8_0", 3_000_000), *rows("", "", 9_999, ago=7)]
    text = drawn(many, width)
    assert all(len(line.rstrip()) <= width for line in text.splitlines() if line != str(FILE))
    assert str(FILE) in text.splitlines()
    assert "…" not in text
    assert "unknown" in text
    numbers = ("3M", "750k", "9999", "2499", "80%", "of 750k", "240")
    assert all(number in text for number in numbers)


@pytest.mark.parametrize("width", [1, 20, 40])
def test_a_terminal_that_is_too_narrow_does_no_harm(width: int) -> None:
    assert drawn(rows(), width)
    assert drawn([], width)


def bars(text: str) -> dict[str, str]:
    """Return what stands behind each day."""
    return {line[:5]: line[5:].strip() for line in text.splitlines() if line[:5] in {"03-12", "03-13", "03-14"}}


def test_a_chart_by_day() -> None:
    text = drawn([*rows(shown=400), *rows(shown=8, ago=2)], 66)
    assert bars(text) == {
        "03-14": "███████████████░░░░░░░░░░░░░░░░░░░░░░░░░ 150 of 400",
        "03-13": "",
        "03-12": "█░ 3 of 8",
    }
    assert "03-11" not in text


def test_the_chart_in_ascii() -> None:
    text = drawn(rows(), 46, "ascii")
    assert bars(text) == {"03-14": "########------------ 75 of 200"}
    assert "# accepted" in text


def test_a_chart_of_days_long_ago() -> None:
    text = drawn(rows(ago=100))
    assert "In the last 30 days no suggestion was shown." in text
    assert "python" in text


@pytest.mark.parametrize("found", [rows(), []])
def test_where_the_file_is_and_how_to_switch_it_off(found: list[Row]) -> None:
    text = drawn(found)
    assert str(FILE) in text
    assert "Set `countUsage` to false" in text
    assert ("Nothing has been counted yet" in text) is (not found)


def test_for_programs() -> None:
    told = json.loads(json.dumps(to_json(figures(rows(), FILE, TODAY))))
    total = {
        "shown": 200,
        "accepted": 50,
        "acceptedInPart": 25,
        "acceptedShare": 0.25,
        "stillThereAfter30Seconds": {"stillThere": 40, "lookedAt": 50, "share": 0.8},
        "stillThereAfter120Seconds": {"stillThere": 0, "lookedAt": 0, "share": None},
        "charactersAccepted": 900,
        "fromMemory": 0,
        "milliseconds": {"p50": 239.9, "p95": 239.9},
    }
    assert told["total"] == total
    assert told["byLanguageAndModel"] == [{"language": "python", "model": "tiny", **total}]
    assert (told["file"], told["since"], len(told["days"])) == (str(FILE), "2025-03-14", 30)
    assert told["days"][-1] == {"day": "2025-03-14", "shown": 200, "accepted": 75}


def test_nothing_for_programs() -> None:
    told = to_json(figures([], FILE, TODAY))
    assert told["since"] is None
    assert told["byLanguageAndModel"] == []
