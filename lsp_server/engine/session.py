"""Prompt in, tokens out: prefill in slices, greedy decoding, and the ends of a generation.

Knows no threads and no queue: it is told whether it has been cancelled by a function that it asks
between slices and between tokens.
"""

from __future__ import annotations

import codecs
import time
from typing import TYPE_CHECKING

from lsp_server.engine.interface import Generation, GenerationRequest, Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engine.kvcache import CachedSequence
    from lsp_server.engine.llama import Llama

# Tokens evaluated between two looks at the cancellation: long enough for llama.cpp to be efficient,
# short enough to answer within a few tenths of a second on a laptop's processor.
SLICE = 64


def generate(
    llama: Llama, cache: CachedSequence, request: GenerationRequest, is_cancelled: Callable[[], bool]
) -> Generation:
    """Evaluate what the cache does not hold of the prompt, then decode greedily until an end.

    Whatever ends it, the cache says afterwards what llama.cpp's memory holds, so nothing that was
    evaluated is lost for the next request.

    Raises:
        EngineError: llama.cpp failed; cache and memory are empty then.
    """
    started = time.perf_counter()
    reused = cache.keep_for(request.tokens)
    llama.trim(reused)
    position = reused
    while position < len(request.tokens):
        if is_cancelled():
            milliseconds = {"prefill": (time.perf_counter() - started) * 1000, "decode": 0.0}
            return Generation("", (), reused, position - reused, Stop.CANCELLED, milliseconds)
        part = request.tokens[position : position + SLICE]
        _evaluate(llama, cache, part)
        position += len(part)
    prefilled = time.perf_counter()
    text, tokens, stop = _decode(llama, cache, request, is_cancelled)
    milliseconds = {
        "prefill": (prefilled - started) * 1000,
        "decode": (time.perf_counter() - prefilled) * 1000,
    }
    return Generation(text, tuple(tokens), reused, position - reused, stop, milliseconds)


def _decode(
    llama: Llama, cache: CachedSequence, request: GenerationRequest, is_cancelled: Callable[[], bool]
) -> tuple[str, list[int], Stop]:
    deadline = time.perf_counter() + request.max_milliseconds / 1000
    # A character may span tokens: the decoder holds the bytes of one that is not whole yet.
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = ""
    tokens: list[int] = []
    while True:
        token = llama.most_likely()
        if token in request.end_tokens:
            return text, tokens, Stop.END
        tokens.append(token)
        text += decoder.decode(llama.piece(token))
        if request.is_complete(text):
            return text, tokens, Stop.RULE
        if len(tokens) >= request.max_tokens:
            return text, tokens, Stop.TOKENS
        if time.perf_counter() > deadline:
            return text, tokens, Stop.TIME
        if is_cancelled():
            return text, tokens, Stop.CANCELLED
        _evaluate(llama, cache, (token,))


def _evaluate(llama: Llama, cache: CachedSequence, tokens: tuple[int, ...]) -> None:
    try:
        llama.evaluate(tokens, len(cache))
    except Exception:
        # What is in llama.cpp's memory after a failure is not known: start from nothing.
        cache.clear()
        llama.trim(0)
        raise
    cache.append(tokens)
