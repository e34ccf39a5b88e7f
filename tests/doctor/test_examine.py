"""The whole examination, on machines that are made up and with nothing measured."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from lsp_server import config
from lsp_server.doctor.examine import Instruments, examine
from lsp_server.doctor.findings import State, Where, to_json
from lsp_server.engine.interface import LoadOptions, Speed
from lsp_server.errors import EngineError, ModelDamaged
from lsp_server.models import catalogue
from lsp_server.models.catalogue import ENTRIES
from tests.doctor.machines import CPU, FAST_CARD, GB, TWO_CORES, card

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from lsp_server.engine.devices import Device
    from lsp_server.engine.probe import Costs


def speed_of_all(_path: Path, _options: LoadOptions) -> Speed:
    return Speed(100, 10)


def instruments(
    speed: Callable[[Path, LoadOptions], Speed] = speed_of_all,
    costs: Callable[[LoadOptions], Costs] = lambda _options: TWO_CORES,
    devices: tuple[Device, ...] = (CPU,),
) -> Instruments:
    return Instruments(lambda: devices, speed, costs, lambda: 5.0)


def test_an_examination(tmp_path: Path) -> None:
    steps: list[str] = []
    found = examine(
        config.merge([]),
        tmp_path,
        "CPU : AVX2 = 1 | ",
        instruments=instruments(),
        on_step=steps.append,
    )
    assert [model.name for model in found.measured] == ["tiny"]
    assert [prediction.entry for prediction in found.predictions] == list(ENTRIES)
    assert (found.chosen, found.latency_ms) == ("tiny", 1000)
    keys = ["settings", "model", "speed", "load", "cache", "state", "index", "command", "vscode", "neovim"]
    assert [check.key for check in found.checks] == keys
    assert found.has_problems, "midfill is not on PATH"
    assert "measuring tiny" in steps
    assert json.loads(json.dumps(to_json(found)))["recommendation"]["command"]


def test_a_chosen_file_outside_of_the_folder_is_measured_too(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    loaded = config.merge([config.Source("test", {"model": str(path), "index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments())
    assert [(model.name, model.speed) for model in found.measured] == [
        ("tiny", Speed(100, 10)),
        ("own", Speed(100, 10)),
    ]
    assert found.chosen == "own"


def test_each_model_is_loaded_as_the_settings_say_and_nothing_is_kept(tmp_path: Path) -> None:
    seen: list[LoadOptions] = []

    def remember(_path: Path, options: LoadOptions) -> Speed:
        seen.append(options)
        return Speed(1, 1)

    loaded = config.merge([config.Source("test", {"threads": 3, "kvCache": "q8_0", "index": "off"})])
    examine(loaded, tmp_path, "", instruments=instruments(remember))
    assert [(options.threads, options.cache_type, options.folder) for options in seen] == [(3, "q8_0", None)]


def test_cards_are_measured_besides_the_processor_unless_the_settings_leave_them_out(tmp_path: Path) -> None:
    asked: list[int] = []

    def costs(options: LoadOptions) -> Costs:
        asked.append(options.gpu_layers)
        return FAST_CARD if options.gpu_layers else TWO_CORES

    made = instruments(costs=costs, devices=(CPU, card(24 * GB)))
    for layers in (-1, 0):
        loaded = config.merge([config.Source("test", {"gpuLayers": layers, "index": "off"})])
        found = examine(loaded, tmp_path, "", instruments=made)
        assert (found.predictions[3].where is Where.CARD) == (layers == -1)
    assert asked == [0, -1, 0]


def test_what_goes_wrong_is_a_finding(tmp_path: Path) -> None:
    def no_speed(_path: Path, _options: LoadOptions) -> Speed:
        raise ModelDamaged("llama.cpp cannot load it: get it again.")

    def no_costs(_options: LoadOptions) -> Costs:
        raise EngineError("The disk is full: make room.")

    loaded = config.merge([config.Source("test", {"model": "7b", "index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments(no_speed, no_costs))
    problems = {check.key: check for check in found.checks if check.state is State.PROBLEM}
    assert found.measured[0].problem == "llama.cpp cannot load it: get it again."
    assert problems["speed"].finding == "The disk is full."
    assert problems["speed"].remedy == "Make room."
    assert "models pull qwen2.5-coder-7b" in problems["model"].remedy
    assert all(prediction.typing is None for prediction in found.predictions)


def test_a_model_that_needs_more_memory_than_is_free_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "OVERHEAD_BYTES", 10**18)
    loaded = config.merge([config.Source("test", {"index": "off"})])
    found = examine(loaded, tmp_path, "", instruments=instruments(lambda *_: sys.exit("it was loaded")))
    assert found.measured[0].speed is None
    assert "needs more than the" in found.measured[0].problem
