"""The devices of this machine, and how many layers of a model go to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.devices import RESERVED_BYTES, Device, Kind, Size, fewer, layers_that_fit
from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.llama import loading
from lsp_server.engine.worker import load
from lsp_server.errors import ModelDamaged
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from pathlib import Path

GB = 10**9
# The 7B model in Q8_0 with 8,192 cells.
LARGE = Size(weights=8 * GB, layers=28, cache=GB // 2)


def card(free: int, kind: Kind = Kind.GPU) -> Device:
    return Device("card", "A card", kind, free, 24 * GB)


def test_the_processor_is_always_there() -> None:
    processor = next(device for device in loading.available_devices() if device.kind is Kind.CPU)
    assert 0 < processor.free <= processor.total
    assert processor.name
    assert processor.description


@pytest.mark.parametrize(
    ("found", "layers"),
    [
        ([], 0),
        ([card(24 * GB, Kind.CPU)], 0),
        ([card(24 * GB)], 29),
        ([card(24 * GB, Kind.INTEGRATED)], 29),
        ([card(24 * GB), card(24 * GB, Kind.CPU)], 29),
        ([card(RESERVED_BYTES)], 0),
        ([card(RESERVED_BYTES // 2), card(RESERVED_BYTES // 2)], 0),
        # Half of it, on one card or on two.
        ([card(int(4.25 * GB) + RESERVED_BYTES)], 14),
        ([card(int(2.125 * GB) + RESERVED_BYTES)] * 2, 14),
    ],
)
def test_as_many_layers_go_to_cards_as_fit(found: list[Device], layers: int) -> None:
    assert layers_that_fit(LARGE, found) == layers


@pytest.mark.parametrize("layers", [0, 1, 2, 29, 81])
def test_fewer_layers_are_tried_until_none_is_left(layers: int) -> None:
    tried = list(fewer(layers))
    assert tried[0] == layers
    assert tried[-1] == 0
    assert tried == sorted(set(tried), reverse=True)
    assert len(tried) <= 15


@pytest.mark.parametrize("of", ["_load_model", "_open_context"])
def test_where_a_card_has_less_room_than_it_said_the_rest_runs_on_the_processor(
    of: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number_of = {"_load_model": 1, "_open_context": 2}[of]
    real: Any = getattr(loading, of)
    tried: list[int] = []

    def with_room_for_three(*arguments: Any) -> Any:
        tried.append(arguments[number_of])
        return None if tried[-1] > 3 else real(*arguments)

    monkeypatch.setattr(loading, of, with_room_for_three)
    monkeypatch.setattr(loading, "_layers_for_card", lambda *_: 7)
    path = tmp_path / "some.gguf"
    path.write_bytes(EMBEDDED_FILE.read_bytes())
    worker = load(path, LoadOptions())
    try:
        assert tried == [7, 4, 2]
        assert worker.info.gpu_layers == 2
        assert "room for 7 layers of some.gguf: 2 are on it" in worker.info.note
    finally:
        worker.close()


def test_where_there_is_no_memory_at_all_a_smaller_model_is_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_open_context", lambda *_: None)
    with pytest.raises(ModelDamaged, match="not enough memory"):
        load(EMBEDDED_FILE, LoadOptions())


def test_what_a_model_takes_is_known_before_it_is_loaded() -> None:
    size = loading._size(EMBEDDED_FILE, LoadOptions(cells=1000))
    assert size is not None
    assert size.layers == 6
    assert size.weights == pytest.approx(EMBEDDED_FILE.stat().st_size, rel=0.3)
    # Keys and values of 6 layers, one head of 64 values, two bytes each.
    assert size.cache == 2 * 6 * 64 * 2 * 1000
    halved = loading._size(EMBEDDED_FILE, LoadOptions(cells=1000, cache_type="q8_0"))
    assert halved is not None
    assert halved.cache == size.cache * 34 // 64


@pytest.mark.parametrize(
    "options",
    [LoadOptions(flash_attention="on"), LoadOptions(cache_type="q8_0"), LoadOptions(flash_attention="off", threads=1)],
)
def test_each_way_to_load_runs(options: LoadOptions) -> None:
    worker = load(EMBEDDED_FILE, options)
    try:
        assert worker.speed.prefill > 0
    finally:
        worker.close()
