"""Sizes that fit a machine, a model and what the user asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.config import Settings
from lsp_server.prompt.budget import budget


@pytest.mark.parametrize(
    ("prefill", "decode", "prompt", "at_once", "generation"),
    [
        # A 7B model and a 0.5B model on a small laptop's processor, and a 1.5B model on a GPU.
        (12, 3, 256, 48, 16),
        (160, 30, 2560, 64, 64),
        (5000, 120, 4096, 2000, 64),
    ],
)
def test_a_slow_machine_gets_a_smaller_prompt(
    prefill: float, decode: float, prompt: int, at_once: int, generation: int
) -> None:
    sizes = budget(Settings(), prefill, decode, 32768)
    assert (sizes.prompt, sizes.at_once, sizes.generation) == (prompt, at_once, generation)


def test_a_shorter_latency_gets_a_smaller_prompt() -> None:
    sizes = [budget(Settings(latency_ms=ms), 160, 30, 32768) for ms in (100, 400, 1000, 2000)]
    assert [size.prompt for size in sizes] == [256, 1024, 2560, 4096]
    assert [size.generation for size in sizes] == [16, 48, 64, 64]


def test_what_the_user_sets_stays() -> None:
    sizes = budget(Settings(prompt_tokens=3000, context_tokens=100, max_tokens=200), 10, 2, 32768)
    assert (sizes.prompt, sizes.context, sizes.generation) == (3000, 100, 200)
    assert budget(Settings(context_tokens=0), 100, 20, 32768).context == 0


@given(
    st.floats(0.1, 1e6),
    st.floats(0.1, 1e4),
    st.integers(128, 200_000),
    st.integers(50, 60_000),
    st.sampled_from([0, 128, 32768]),
    st.sampled_from([-1, 0, 32768]),
    st.sampled_from([0, 1, 1024]),
)
def test_everything_fits_into_the_context(  # noqa: PLR0913, PLR0917  each is a dimension
    prefill: float, decode: float, length: int, latency: int, prompt: int, context: int, generation: int
) -> None:
    settings = Settings(latency_ms=latency, prompt_tokens=prompt, context_tokens=context, max_tokens=generation)
    sizes = budget(settings, prefill, decode, length)
    assert sizes.prompt + sizes.generation <= length
    assert 0 <= sizes.context < sizes.prompt - sizes.middle
    assert 0 < sizes.at_once <= sizes.prompt
    assert sizes.generation > 0
