"""What the models of the catalogue would take, on machines that are made up and with nothing measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lsp_server.doctor import predict
from lsp_server.doctor.findings import Machine, Where
from lsp_server.doctor.predict import ENDS, Paces
from lsp_server.engine.probe import Cost, Costs
from lsp_server.models import catalogue
from lsp_server.models.catalogue import ENTRIES, get
from tests.doctor.machines import CELLS, FAST_CARD, GB, SLOW, TWO_CORES, card, machine, predicted


def test_the_ends_of_each_model_of_the_catalogue_are_known() -> None:
    assert set(ENDS) == {entry.size for entry in ENTRIES}
    for entry in ENTRIES:
        ends = ENDS[entry.size]
        # Two thirds of the smallest model, nearly all of the largest: what is left has whole layers.
        assert 0.6 < (entry.parameters - ends.copies * ends.values) / entry.parameters < 1
        assert ends.hidden % entry.head_dimension == 0


def test_a_token_costs_all_weights_once() -> None:
    entry = get("1.5b")
    # 1.54 billion numbers at 5e-11 s each, and 28 layers of 0.1 ms.
    token = 1.54e9 * 5e-11 + 28e-4
    typing = predict.seconds(entry, TWO_CORES, predict.KEY)
    assert typing == pytest.approx(16.4 * token, rel=0.02)


def test_the_matrix_of_the_logits_counts_once_in_reading() -> None:
    entry = get("0.5b")
    layers = entry.parameters - ENDS["0.5B"].values
    costs = Costs({n: Cost(0.0, n * 1e-12) for n in (1, 2, 8, 32)}, 32)
    reading = predict.seconds(entry, costs, 300) - 15 * entry.parameters * 1e-12
    assert reading == pytest.approx(300 * layers * 1e-12 + ENDS["0.5B"].values * 1e-12, rel=0.02)


@pytest.mark.parametrize(("costs", "size"), [(TWO_CORES, 8), (FAST_CARD, 512), (SLOW, 8)])
def test_prompts_are_read_in_the_slices_that_the_engine_takes(costs: Costs, size: int) -> None:
    assert predict._slice(get("1.5b"), costs) == size


def test_weights_that_are_packed_tighter_are_written_faster() -> None:
    large = get("32b")
    as_large = replace(large, size_bytes=large.parameters * 34 // 32)
    assert predict.seconds(large, TWO_CORES, 2) < 0.7 * predict.seconds(as_large, TWO_CORES, 2)


@pytest.mark.parametrize(
    ("found", "size", "where"),
    [
        (machine(), "7B", Where.PROCESSOR),
        (machine(), "14B", Where.NOWHERE),
        (machine(1 * GB), "1.5B", Where.NOWHERE),
        (machine(16 * GB, card(24 * GB)), "14B", Where.CARD),
        (machine(1 * GB, card(24 * GB)), "14B", Where.CARD),
        (machine(16 * GB, card(6 * GB)), "7B", Where.BOTH),
        (machine(1 * GB, card(6 * GB)), "7B", Where.NOWHERE),
    ],
)
def test_where_a_model_would_run(found: Machine, size: str, where: Where) -> None:
    has_card = len(found.devices) > 1
    paces = Paces(TWO_CORES, FAST_CARD if has_card else None)
    prediction = predict.predict(get(size), found, CELLS, paces)
    assert prediction.where is where
    assert (prediction.typing is None) == (where is Where.NOWHERE)
    assert (prediction.new_place is None) == (where is Where.NOWHERE)
    assert prediction.memory == catalogue.memory_bytes(get(size), CELLS)


def test_a_part_on_a_card_helps_as_far_as_it_goes() -> None:
    times = []
    for room in (0, 4 * GB, 6 * GB, 24 * GB):
        prediction = predict.predict(get("7b"), machine(16 * GB, card(room)), CELLS, Paces(TWO_CORES, FAST_CARD))
        assert prediction.typing is not None
        times.append(prediction.typing)
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


def test_a_card_that_the_settings_leave_out_does_not_count() -> None:
    prediction = predict.predict(get("7b"), machine(16 * GB, card(24 * GB)), CELLS, Paces(TWO_CORES))
    assert (prediction.where, prediction.layers_on_card) == (Where.PROCESSOR, 0)


def test_without_a_measurement_there_is_memory_and_no_time() -> None:
    for prediction in predicted(machine(), None):
        assert prediction.memory > prediction.entry.size_bytes
        assert prediction.typing is None
