"""The doctor's findings as people get them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from lsp_server.doctor.findings import (
    Check,
    Diagnosis,
    Machine,
    Measured,
    Prediction,
    Recommendation,
    State,
    Where,
    to_json,
)
from lsp_server.engine.devices import Device, Kind
from lsp_server.engine.interface import Speed
from lsp_server.models.catalogue import ENTRIES
from lsp_server.terminal.doctor import draw

GB = 10**9
COMMAND = "midfill models pull 0.5b"
PLACES = (Where.CARD, Where.CARD, Where.BOTH, Where.PROCESSOR, Where.NOWHERE, Where.NOWHERE)
FOUND = Diagnosis(
    machine=Machine(
        processor="A [bold]processor with a long name and a clock at 3.20 GHz",
        cores=8,
        memory=32 * GB,
        available=16 * GB,
        system="Linux 6.1, x86_64",
        devices=(Device("CUDA0", "A card", Kind.GPU, 20 * GB, 24 * GB),),
        features=("AVX2", "FMA", "OPENMP"),
    ),
    measured=(
        Measured("tiny", Path("tiny.gguf"), 15_000_000, Speed(3412.7, 401.2)),
        Measured("own", Path("own.gguf"), 9 * GB, None, "llama.cpp cannot load [it]: get it again."),
    ),
    predictions=tuple(
        Prediction(entry, where, 2 * GB, 12, entry.layers + 1, typing, typing and typing * 7)
        for entry, where, typing in zip(ENTRIES, PLACES, (0.2, 0.9, 1.04, 31.2, None, None), strict=True)
    ),
    chosen="tiny",
    latency_ms=1000,
    recommendation=Recommendation("qwen2.5-coder-0.5b", "It keeps up.", COMMAND),
    checks=(
        Check("settings", State.GOOD, "All settings are usable."),
        Check("neovim", State.NOTE, "There is no [Neovim] on PATH."),
        Check("command", State.PROBLEM, "`midfill` is not on PATH.", "Add the folder to it."),
    ),
)


def drawn(found: Diagnosis = FOUND, width: int = 60, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    draw(Console(file=stream, width=width, color_system=None), found)
    stream.seek(0)
    return stream.read()


def test_what_each_model_would_take() -> None:
    lines = [line.split() for line in drawn().splitlines()]
    start = next(number for number, line in enumerate(lines) if line[:1] == ["0.5B"])
    assert lines[start : start + 6] == [
        ["0.5B", "2.0", "GB", "card", "0.20", "s", "1.4", "s", "keeps", "up"],
        ["1.5B", "2.0", "GB", "card", "0.90", "s", "6.3", "s", "keeps", "up"],
        ["3B", "2.0", "GB", "card:", "12/37", "1.0", "s", "7.3", "s", "too", "slow"],
        ["7B", "2.0", "GB", "processor", "31.2", "s", "218.4", "s", "too", "slow"],
        ["14B", "2.0", "GB", "no", "room", "-", "-"],
        ["32B", "2.0", "GB", "no", "room", "-", "-"],
    ]


def test_a_licence_that_is_not_open_is_named() -> None:
    text = " ".join(drawn().split())
    assert "3B: Qwen Research License. This model may be used for research and evaluation only" in text
    assert "Apache" not in text


def test_speeds_and_what_could_not_be_measured() -> None:
    lines = [line.split() for line in drawn(width=100).splitlines()]
    assert ["tiny", "3413", "401"] in lines
    assert ["llama.cpp", "cannot", "load", "[it]:", "get", "it", "again."] in lines


def test_problems_bear_a_word_and_their_remedy() -> None:
    text = drawn(width=100)
    assert "PROBLEM  `midfill` is not on PATH. Add the folder to it." in text
    assert "note     There is no [Neovim] on PATH." in text
    assert "ok       All settings are usable." in text


@pytest.mark.parametrize("width", [60, 80, 200])
def test_all_of_it_fits_into_the_width(width: int) -> None:
    text = drawn(width=width)
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    assert "…" not in text
    assert "A [bold]processor" in text


@pytest.mark.parametrize("width", [1, 20, 40, 60])
def test_the_command_stays_in_one_line(width: int) -> None:
    assert f"  {COMMAND}" in drawn(width=width).splitlines()


def test_it_is_said_where_nothing_is_to_be_done() -> None:
    found = replace(FOUND, recommendation=Recommendation("tiny", "It is all there is.", ""))
    assert drawn(found).rstrip().endswith("tiny. It is all there is.\nIt is in use already.")


def test_a_terminal_with_ascii_only_gets_all_of_it() -> None:
    assert drawn(encoding="ascii") == drawn()


def test_programs_get_stable_keys() -> None:
    found = to_json(FOUND)
    assert list(found) == [
        *("machine", "measured", "models", "chosen", "latencyMs", "recommendation", "checks"),
    ]
    models = found["models"]
    assert isinstance(models, list)
    assert models[2] == {
        "name": "qwen2.5-coder-3b",
        "size": "3B",
        "licence": "Qwen Research License",
        "runsOn": "both",
        "memory": 2 * GB,
        "layersOnCard": 12,
        "typing": 1.04,
        "newPlace": 7.28,
    }
    assert found["checks"] == [
        {"check": "settings", "state": "ok", "finding": "All settings are usable.", "remedy": ""},
        {"check": "neovim", "state": "note", "finding": "There is no [Neovim] on PATH.", "remedy": ""},
        {
            "check": "command",
            "state": "problem",
            "finding": "`midfill` is not on PATH.",
            "remedy": "Add the folder to it.",
        },
    ]
