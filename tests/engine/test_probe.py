"""The models of random weights, and what is concluded from how fast they run."""

from __future__ import annotations

import math
import struct
import tempfile
from collections import namedtuple
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lsp_server.engine import probe
from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.llama.model import Llama
from lsp_server.engine.probe import NARROW, WIDE, Cost, Costs, Shape, measure, solve, write
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Shape(hidden=128, layers=2, heads=4, kv_heads=2, feed_forward=256)
OPTIONS = LoadOptions(cells=512, threads=1, gpu_layers=0)


@pytest.fixture
def small_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Measure with small models and in a moment; return the folder where the files are written."""
    monkeypatch.setattr(probe, "WIDE", SMALL)
    monkeypatch.setattr(probe, "NARROW", Shape(hidden=64, layers=4, heads=2, kv_heads=1, feed_forward=64))
    monkeypatch.setattr(probe, "SECONDS", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_llama_cpp_takes_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    write(path, SMALL)
    llama = Llama(path, OPTIONS, lambda _share: None)
    try:
        vectors = SMALL.hidden * (1 + 2 * SMALL.layers) + SMALL.layers * 2 * SMALL.hidden
        assert llama.info.parameters == SMALL.values + probe.VOCABULARY * SMALL.hidden + vectors
        assert llama.info.vocabulary_size == probe.VOCABULARY
        llama.evaluate(range(8), 0, 0, outputs=1)
        first = llama.logits().copy()
        llama.trim(0, 0)
        llama.evaluate(range(8, 16), 0, 0, outputs=1)
        # It computes: numbers that are neither too large to be any nor the same for all that is read.
        assert np.isfinite(first).all()
        assert not np.allclose(first, llama.logits())
    finally:
        llama.close()


def test_the_same_file_is_written_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write(tmp_path / name, SMALL)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_the_file_begins_as_the_format_says_and_is_as_long_as_its_weights(tmp_path: Path) -> None:
    path = tmp_path / "small.gguf"
    write(path, SMALL)
    magic, version, tensors, _ = struct.unpack("<4sIQQ", path.read_bytes()[:24])
    assert (magic, version) == (b"GGUF", 3)
    # Seven matrices, three biases and two norms a layer; the embedding and the last norm.
    assert tensors == 12 * SMALL.layers + 2
    assert path.stat().st_size == pytest.approx(SMALL.values * 34 / 32, rel=0.05)
    assert path.stat().st_size % 32 == 0


def test_both_are_larger_than_caches_and_have_the_layers_of_real_models() -> None:
    assert 150e6 < WIDE.values * 34 / 32 < 250e6
    assert 80e6 < NARROW.values * 34 / 32 < 120e6
    # 1.54 billion parameters are 28 layers and 151,936 tokens of 1,536 values.
    assert WIDE.values / WIDE.layers == pytest.approx((1_543_714_304 - 151_936 * 1536) / 28, rel=0.001)
    assert NARROW.values / NARROW.layers == pytest.approx((494_032_768 - 151_936 * 896) / 24, rel=0.001)


@pytest.mark.parametrize("cost", [Cost(1e-4, 5e-11), Cost(0.0, 5e-11), Cost(3e-3, 1e-12)])
def test_what_evaluations_cost_follows_from_two_models(cost: Cost) -> None:
    found = solve(cost.seconds(WIDE.layers, WIDE.values), cost.seconds(NARROW.layers, NARROW.values))
    assert found.step == pytest.approx(cost.step, abs=1e-12)
    assert found.rate == pytest.approx(cost.rate)


@pytest.mark.parametrize(("wide", "narrow"), [(0.01, 1.0), (0.01, 0.0), (1.0, 1e-9), (0.01, 0.01)])
def test_times_that_do_not_fit_together_give_no_negative_costs(wide: float, narrow: float) -> None:
    found = solve(wide, narrow)
    assert found.step >= 0
    assert found.rate >= 0
    assert found.step + found.rate > 0


@pytest.mark.parametrize(("tokens", "expected"), [(1, 1.0), (2, 2.0), (5, 3.5), (8, 5.0), (32, 5.0)])
def test_between_two_sizes_costs_lie_on_the_line(tokens: int, expected: float) -> None:
    costs = Costs({1: Cost(1.0, 10.0), 2: Cost(2.0, 20.0), 8: Cost(5.0, 50.0)}, 8)
    assert costs.of(tokens).step == pytest.approx(expected)
    assert costs.of(tokens).rate == pytest.approx(10 * expected)


def test_measuring_finds_costs_up_to_the_batch_and_leaves_nothing(small_models: Path) -> None:
    costs = measure(replace(OPTIONS, cells=256))
    assert costs.batch == 32
    assert list(costs.by_tokens) == [1, 2, 8, 32]
    assert all(math.isfinite(cost.step + cost.rate) and cost.step + cost.rate > 0 for cost in costs.by_tokens.values())
    assert not list(small_models.iterdir())


def test_without_room_nothing_is_written(small_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024  what shutil returns
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(1, 1, 1000))
    with pytest.raises(EngineError, match=r"has no room for .* MB to measure with: .*TMPDIR"):
        measure(OPTIONS)
    assert not list(small_models.iterdir())


def test_a_disk_that_fails_is_named_and_left_clean(small_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, _shape: Shape) -> None:
        path.write_bytes(b"GGUF")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(probe, "write", fail)
    with pytest.raises(EngineError, match=r"cannot be written \(No space left on device\)"):
        measure(OPTIONS)
    assert not list(small_models.iterdir())
