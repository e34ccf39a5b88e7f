"""Speeds are measured once, remembered, and only grow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import GenerationRequest, LoadOptions, Meter, Speed, generate
from lsp_server.engine.session import slice_for
from lsp_server.engine.speed import FILE, faster
from lsp_server.engine.worker import load
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from pathlib import Path


def test_the_second_start_measures_nothing(tmp_path: Path) -> None:
    options = LoadOptions(folder=tmp_path / "new")
    first = load(EMBEDDED_FILE, options)
    first.close()
    second = load(EMBEDDED_FILE, options)
    second.close()
    assert first.speed == second.speed
    assert first.speed.prefill > 0
    assert first.speed.decode > 0


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": [1]}', '{"a": ["x", 2]}', "\0", "null"])
def test_a_file_that_is_not_as_it_was_written_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    worker = load(EMBEDDED_FILE, LoadOptions(folder=tmp_path))
    worker.close()
    assert [list(map(float, speed)) for speed in json.loads((tmp_path / FILE).read_text()).values()]


def test_a_folder_that_cannot_be_written_costs_a_measurement_at_each_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    worker = load(EMBEDDED_FILE, LoadOptions(folder=tmp_path / "file"))
    worker.close()
    assert worker.speed.prefill > 0


async def test_a_slow_moment_is_not_remembered_for_ever(tmp_path: Path) -> None:
    options = LoadOptions(folder=tmp_path)
    load(EMBEDDED_FILE, options).close()
    path = tmp_path / FILE
    path.write_text(json.dumps({key: [1.0, 1.0] for key in json.loads(path.read_text())}))
    worker = load(EMBEDDED_FILE, options)
    assert worker.speed == Speed(1.0, 1.0)
    await generate(worker, GenerationRequest(worker.tokenize("def f(x):\n    return x\n" * 40), 20))
    worker.close()
    again = load(EMBEDDED_FILE, options)
    again.close()
    assert again.speed.prefill > 1
    assert again.speed.decode > 1


@pytest.mark.parametrize(
    ("meter", "tokens", "expected"),
    [
        (Meter(evaluated=200, prefill=1000.0, decode=1000.0), 21, Speed(200, 20)),
        (Meter(evaluated=200, prefill=4000.0, decode=4000.0), 21, Speed(100, 10)),
        (Meter(evaluated=2, prefill=0.001, decode=0.001), 2, Speed(100, 10)),
    ],
)
def test_only_what_is_faster_and_long_enough_counts(meter: Meter, tokens: int, expected: Speed) -> None:
    assert faster(Speed(100, 10), meter, tokens) == expected


@pytest.mark.parametrize(("prefill", "size"), [(1, 8), (79, 8), (170, 16), (5000, 496)])
def test_a_slice_takes_a_tenth_of_a_second(prefill: float, size: int) -> None:
    assert slice_for(prefill) == size
