"""What computer this is, and what a build of llama.cpp says of itself."""

from __future__ import annotations

import pytest

from lsp_server.doctor.machine import features, look
from tests.doctor.machines import CPU


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CPU : SSE3 = 1 | AVX = 1 | AVX512 = 0 | REPACK = 1 | ", ("SSE3", "AVX", "REPACK")),
        ("CUDA : ARCHS = 750,800 | USE_GRAPHS = 1 | CPU : AVX2 = 1 | ", ("ARCHS 750,800", "USE_GRAPHS", "AVX2")),
        ("", ()),
        ("something else", ()),
    ],
)
def test_the_features_of_a_build(text: str, expected: tuple[str, ...]) -> None:
    assert features(text) == expected


def test_this_machine() -> None:
    found = look([CPU], "CPU : AVX2 = 1 | ")
    assert found.processor == "A processor"
    assert found.cores > 0
    assert 0 < found.available <= found.memory
    assert found.system
    assert look([], "").processor
