"""What the tests with the embedded model share: requests, code to complete, and what counts as the same text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import llama_cpp

from lsp_server.engine.interface import GenerationRequest
from lsp_server.engine.kvcache import common_prefix
from lsp_server.engine.llama.loading import SEQUENCES

if TYPE_CHECKING:
    from lsp_server.engine.worker import Worker

# Where a prompt's cells lie in the buffer decides in which order llama.cpp adds, and so the last bits of the logits:
# of 300 generations of 12 tokens, 12 parted from those of a fresh context, where two logits were at most 0.025 apart.
TIE = 0.1
CODE = "def add(left, right):\n    return left + right\n\n\n"


def request(tokens: tuple[int, ...], max_tokens: int = 8, **changes: Any) -> GenerationRequest:
    return replace(GenerationRequest(tokens, max_tokens), **changes)


def is_tie(worker: Worker, prompt: tuple[int, ...], one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether two generations part where the model has both tokens equally likely; empties the cache."""
    for sequence in range(SEQUENCES):
        worker._cache.forget(sequence)
    parted = common_prefix(one, other)
    llama = worker._llama
    row = (*prompt, *one[:parted])
    for start in range(0, len(row), llama.batch):
        llama.evaluate(row[start : start + llama.batch], 0, start, 1)
    logits = llama.logits()
    ends = [logits[tokens[parted]] for tokens in (one, other) if parted < len(tokens)]
    llama.trim(0, 0)
    return len(ends) == 2 and abs(ends[0] - ends[1]) < TIE


def check_memory(worker: Worker) -> None:
    """Raise AssertionError where the cache's account is not what llama.cpp's memory holds, or something is in use."""
    cache, memory = worker._cache, worker._llama._memory
    cache.check_integrity()
    for sequence in range(SEQUENCES):
        assert not cache._sequences[sequence].is_pinned
        assert llama_cpp.llama_memory_seq_pos_max(memory, sequence) == cache.length(sequence) - 1
