"""Prompt in, tokens out: prefill in slices, greedy decoding, and the ends of a generation.

Knows no threads and no queue. A generation is a Python generator that yields after each slice of the
prompt and each token, so whoever runs it can do something more urgent in between, come back, or close it.
"""

from __future__ import annotations

import codecs
import time
from typing import TYPE_CHECKING

from lsp_server.engine.interface import Generation, GenerationRequest, Stop

if TYPE_CHECKING:
    from collections.abc import Generator

    from lsp_server.engine.interface import Meter
    from lsp_server.engine.kvcache import KVCache
    from lsp_server.engine.llama import Llama

    Steps = Generator[None, None, Generation]

# Seconds between two looks at what else is to do, a few times what a token takes: short enough to yield to a key,
# long enough for llama.cpp to be efficient. Fewer tokens than the smallest slice would not be.
SLICE_SECONDS = 0.1
SMALLEST_SLICE = 8


def slice_for(prefill: float) -> int:
    """Return how many tokens to evaluate at once, a multiple of the smallest slice, at so many tokens a second."""
    size = int(prefill * SLICE_SECONDS) // SMALLEST_SLICE * SMALLEST_SLICE
    return max(SMALLEST_SLICE, size)


def generate(llama: Llama, cache: KVCache, request: GenerationRequest, size: int, meter: Meter) -> Steps:
    """Evaluate what the cache does not hold of the prompt, then decode greedily until an end.

    The prompt is evaluated in slices of ``size`` tokens, from 1 to what llama.cpp's batch holds. ``meter`` is
    kept up to date at each step.

    Whatever ends it, closing the generator too, the cache says afterwards what llama.cpp's memory holds,
    so nothing that was evaluated is lost for the next request.

    Raises:
        NoRoom: other generations that have begun hold too much of the cache; nothing has changed.
        EngineError: llama.cpp failed; the sequence is empty then.
    """
    sequence = cache.acquire(request.tokens, request.head, request.max_tokens)
    try:
        return (yield from _Run(llama, cache, request, sequence, meter).steps(size))
    except Exception:
        # What is in llama.cpp's memory after a failure is not known: start from nothing.
        cache.forget(sequence)
        raise
    finally:
        cache.release(sequence)


class _Run:
    """One generation in one pinned sequence."""

    def __init__(self, llama: Llama, cache: KVCache, request: GenerationRequest, sequence: int, meter: Meter) -> None:
        self._llama, self._cache, self._request, self._sequence = llama, cache, request, sequence
        self._meter = meter
        self._meter.reused = cache.length(sequence)
        # A character may span tokens: the decoder holds the bytes of one that is not whole yet.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._text = ""
        self._tokens: list[int] = []

    def steps(self, size: int) -> Steps:
        """Evaluate the prompt, then decode."""
        prompt, limit = self._request.tokens, self._request.max_tokens
        while (position := self._cache.length(self._sequence)) < len(prompt):
            part = prompt[position : position + size]
            is_last = position + len(part) == len(prompt)
            self._meter.prefill += yield from self._evaluate(part, outputs=int(is_last and limit > 0))
            self._meter.evaluated += len(part)
            if not is_last:
                yield
        while len(self._tokens) < limit:
            token = self._llama.most_likely()
            if token in self._request.end_tokens:
                return self._ended(Stop.END)
            self._write(token)
            if self._request.is_complete(self._text):
                return self._ended(Stop.RULE)
            if len(self._tokens) < limit:
                yield
                self._meter.decode += yield from self._evaluate((token,), outputs=1)
        return self._ended(Stop.TOKENS)

    def _evaluate(self, tokens: tuple[int, ...], outputs: int) -> Generator[None, None, float]:
        """Evaluate tokens behind what the sequence holds and return the milliseconds that it took.

        The logits, where ``outputs`` is 1, are there until the next yield.
        """
        started = time.perf_counter()
        while not self._llama.evaluate(tokens, self._sequence, self._cache.length(self._sequence), outputs):
            # Cut short for something more urgent: the same again, later.
            yield
            started = time.perf_counter()
        self._cache.append(self._sequence, tokens)
        return (time.perf_counter() - started) * 1000

    def _write(self, token: int) -> None:
        self._tokens.append(token)
        self._text += self._decoder.decode(self._llama.piece(token))
        self._request.on_text(self._text)

    def _ended(self, stop: Stop) -> Generation:
        reused = self._meter.reused
        return Generation(self._text, tuple(self._tokens), reused, len(self._request.tokens) - reused, stop)
