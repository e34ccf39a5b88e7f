"""From counts to figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lsp_server.core import Source
from lsp_server.usage import latency
from lsp_server.usage.events import Kind
from lsp_server.usage.figures import CHART_DAYS, Day, Share, figures
from lsp_server.usage.store import Row

TODAY = date(2025, 3, 14)
FILE = Path("usage.sqlite3")


def row(kind: Kind, number: int, language: str = "python", ago: int = 0) -> Row:
    of_latency = latency.class_of(100) if kind is Kind.SHOWN else latency.NONE
    day = TODAY - timedelta(ago)
    return Row(day, language, "tiny", kind, Source.MODEL, of_latency, number, 10 * number, number)


ROWS = [
    row(Kind.SHOWN, 80),
    replace(row(Kind.SHOWN, 20), source=Source.MEMORY, latency=latency.NONE),
    replace(row(Kind.SHOWN, 10), latency=latency.class_of(900)),
    row(Kind.ACCEPTED, 30),
    row(Kind.IN_PART, 5),
    row(Kind.THERE_30, 20),
    row(Kind.GONE_30, 5),
    row(Kind.THERE_120, 3),
    row(Kind.SHOWN, 200, "rust", ago=40),
    row(Kind.ACCEPTED, 7, "rust", ago=3),
]


def test_a_line_for_each_language_and_model() -> None:
    lines = {line.language: line for line in figures(ROWS, FILE, TODAY).lines}
    python = lines["python"]
    assert (python.model, python.shown, python.accepted, python.in_part) == ("tiny", 110, 30, 5)
    assert python.rate == Share(30, 110)
    assert (python.after_30, python.after_120) == (Share(20, 25), Share(3, 3))
    assert (python.characters, python.from_memory) == (350, 20)
    assert python.p50 == pytest.approx(100, rel=0.05)
    assert python.p95 == pytest.approx(900, rel=0.05)
    assert lines["rust"].after_30.value is None


def test_what_was_shown_most_is_first_and_all_together_is_the_total() -> None:
    made = figures(ROWS, FILE, TODAY)
    assert [line.language for line in made.lines] == ["rust", "python"]
    assert (made.total.language, made.total.shown, made.total.accepted) == ("", 310, 37)
    assert made.since == TODAY - timedelta(40)


def test_the_last_days() -> None:
    days = figures(ROWS, FILE, TODAY).days
    assert len(days) == CHART_DAYS
    assert days[0] == Day(TODAY - timedelta(CHART_DAYS - 1), 0, 0)
    assert days[-4] == Day(TODAY - timedelta(3), 0, 7)
    assert days[-1] == Day(TODAY, 110, 35)


def test_nothing_yet() -> None:
    made = figures([], FILE, TODAY)
    assert (made.since, made.lines, made.total.shown, made.total.rate.value, made.total.p50) == (
        None,
        (),
        0,
        None,
        None,
    )
    assert len(made.days) == CHART_DAYS
