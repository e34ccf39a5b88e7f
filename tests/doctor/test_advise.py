"""Which model is recommended, on machines that are made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.doctor.advise import recommend
from lsp_server.doctor.predict import Paces
from tests.doctor.machines import FAST_CARD, GB, SLOW, TWO_CORES, card, machine, predicted

if TYPE_CHECKING:
    from lsp_server.doctor.findings import Machine


@pytest.mark.parametrize(
    ("found", "paces", "latency_ms", "model", "command"),
    [
        (machine(), Paces(TWO_CORES), 1000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(), Paces(TWO_CORES), 2000, "qwen2.5-coder-1.5b", "midfill models use 1.5b"),
        # The 3B model would keep up; its licence is for research.
        (machine(), Paces(TWO_CORES), 3500, "qwen2.5-coder-1.5b", "midfill models use 1.5b"),
        (machine(), Paces(TWO_CORES), 60000, "qwen2.5-coder-7b", "midfill models use 7b"),
        (machine(2 * GB), Paces(TWO_CORES), 60000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(16 * GB, card(24 * GB)), Paces(TWO_CORES, FAST_CARD), 1000, "qwen2.5-coder-32b", ""),
        (machine(), Paces(SLOW), 1000, "qwen2.5-coder-0.5b", "midfill models use 0.5b"),
        (machine(GB // 2), Paces(TWO_CORES), 1000, "tiny", "midfill models use tiny"),
        (machine(), None, 1000, "tiny", "midfill models use tiny"),
    ],
)
def test_the_largest_model_that_keeps_up(
    found: Machine, paces: Paces | None, latency_ms: int, model: str, command: str
) -> None:
    advice = recommend(predicted(found, paces), latency_ms, {"tiny"}, chosen="qwen2.5-coder-32b")
    assert (advice.model, advice.command) == (model, command)
    assert advice.reason.endswith(".")


@pytest.mark.parametrize(
    ("installed", "chosen", "command"),
    [
        ({"tiny"}, "tiny", "midfill models use 0.5b"),
        ({"tiny", "qwen2.5-coder-0.5b"}, "tiny", "midfill models use qwen2.5-coder-0.5b"),
        ({"tiny", "qwen2.5-coder-0.5b"}, "qwen2.5-coder-0.5b", ""),
    ],
)
def test_the_command_that_brings_it_into_use(installed: set[str], chosen: str, command: str) -> None:
    assert recommend(predicted(machine()), 1000, installed, chosen).command == command


def test_the_reason_has_the_times() -> None:
    reason = recommend(predicted(machine()), 1000, {"tiny"}, "tiny").reason
    assert "under an open licence" in reason
    assert "about 445 ms, and `latencyMs` allows 1.0 s" in reason
    assert "the fastest" in recommend(predicted(machine(), Paces(SLOW)), 1000, {"tiny"}, "tiny").reason
    assert "close other programs" in recommend(predicted(machine(GB // 2)), 1000, {"tiny"}, "tiny").reason
    assert "could not be measured" in recommend(predicted(machine(), None), 1000, {"tiny"}, "tiny").reason
