"""The cache's account of what is held, against the definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.kvcache import CachedSequence, common_prefix

TOKENS = st.lists(st.integers(0, 2), max_size=12)


@given(TOKENS, TOKENS)
def test_the_common_prefix_is_the_longest(left: list[int], right: list[int]) -> None:
    length = common_prefix(left, right)
    assert left[:length] == right[:length]
    assert length == min(len(left), len(right)) or left[length] != right[length]


@given(st.lists(TOKENS.filter(bool), max_size=6))
def test_what_is_kept_is_the_start_of_the_prompt(prompts: list[list[int]]) -> None:
    cache = CachedSequence()
    held: list[int] = []
    for prompt in prompts:
        kept = cache.keep_for(prompt)
        assert kept == min(common_prefix(held, prompt), len(prompt) - 1) == len(cache)
        cache.append(prompt[kept:])
        held = prompt
        assert len(cache) == len(prompt)
    cache.clear()
    assert len(cache) == 0
