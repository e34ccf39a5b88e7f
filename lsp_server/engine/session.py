"""Prompt in, tokens out: prefill in slices, decoding, and the ends of a generation.

Knows no threads and no queue. A generation is a Python generator that yields after each slice of the
prompt and each token, so whoever runs it can do something more urgent in between, come back, or close it.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.engine.branch import Branch
from lsp_server.engine.interface import Generation, GenerationRequest, Stop
from lsp_server.engine.kvcache import NoRoom
from lsp_server.engine.llama.model import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from lsp_server.engine.branch import Choice
    from lsp_server.engine.interface import Meter
    from lsp_server.engine.kvcache import KVCache
    from lsp_server.engine.llama.model import Llama

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
    """Evaluate what the cache does not hold of the prompt, then decode until an end.

    The prompt is evaluated in slices of ``size`` tokens, from 1 to what llama.cpp's batch holds. ``meter`` is
    kept up to date at each step.

    Whatever ends it, closing the generator too, the cache says afterwards what llama.cpp's memory holds,
    so nothing that was evaluated is lost for the next request, but what other candidates than the first have written.

    Raises:
        NoRoom: other generations that have begun hold too much of the cache; nothing has changed.
        EngineError: llama.cpp failed, or nothing can begin with the forced bytes; the sequence is empty then.
    """
    sequence = cache.acquire(request.tokens, request.head, request.max_tokens)
    run = _Run(llama, cache, request, sequence, meter)
    try:
        return (yield from run.steps(size))
    except Exception:
        # What is in llama.cpp's memory after a failure is not known: start from nothing.
        cache.forget(sequence)
        raise
    finally:
        for branch in run.others:
            cache.forget(branch.sequence)
            cache.release(branch.sequence)
        cache.release(sequence)


class _Run:
    """One generation in one pinned sequence, and in one more for each other candidate."""

    def __init__(self, llama: Llama, cache: KVCache, request: GenerationRequest, sequence: int, meter: Meter) -> None:
        self._llama, self._cache, self._request = llama, cache, request
        self._meter = meter
        self._meter.reused = cache.length(sequence)
        self._first = Branch(request, llama.vocabulary, sequence, request.on_text)
        self.others: list[Branch] = []
        # How many texts are to begin with the next token that completes what is forced.
        self._wanted = request.candidates

    def steps(self, size: int) -> Steps:
        """Evaluate the prompt, then decode."""
        yield from self._read(size)
        live = [self._first] if self._first.stop is None else []
        while live:
            self._choose(live)
            live = [branch for branch in (self._first, *self.others) if branch.stop is None]
            if live:
                yield
                yield from self._evaluate(live)
        return self._generation()

    def _read(self, size: int) -> Generator[None, None, None]:
        """Evaluate the prompt; the logits of its last token are there until the next yield."""
        prompt, limit, sequence = self._request.tokens, self._request.max_tokens, self._first.sequence
        while (position := self._cache.length(sequence)) < len(prompt):
            part = prompt[position : position + size]
            is_last = position + len(part) == len(prompt)
            outputs = int(is_last and limit > 0)
            evaluate = partial(self._llama.evaluate, part, sequence, position, outputs)
            self._meter.prefill += yield from _until_done(evaluate)
            self._cache.append(sequence, part)
            self._meter.evaluated += len(part)
            if not is_last:
                yield

    def _evaluate(self, branches: list[Branch]) -> Generator[None, None, None]:
        """Evaluate the last token of each branch; their logits are there until the next yield."""
        steps = [Step(b.tokens[-1], b.sequence, self._cache.length(b.sequence)) for b in branches]
        self._meter.decode += yield from _until_done(partial(self._llama.evaluate_each, steps))
        for step in steps:
            self._cache.append(step.sequence, (step.token,))

    def _choose(self, live: list[Branch]) -> None:
        """Have each branch take its next token, by the logits of what was evaluated last, one row for each."""
        for number, branch in enumerate(live):
            choice, *rivals = branch.choose(self._llama.logits(number - len(live)), self._wanted)
            if branch.is_completed_by(choice):
                self._fork(rivals)
                self._wanted = 1
            branch.take(choice)

    def _fork(self, rivals: list[Choice]) -> None:
        """Begin a branch with each of these tokens in the place of the first's next one, as long as there is room."""
        first = self._first
        for rival in rivals:
            try:
                sequence = self._cache.fork(first.sequence, self._request.max_tokens - len(first.tokens))
            except NoRoom:
                return
            branch = first.beside(sequence)
            self.others.append(branch)
            branch.take(rival)

    def _generation(self) -> Generation:
        first, reused = self._first, self._meter.reused
        texts = {first.text}
        others = []
        for branch in self.others:
            alternative = branch.as_alternative()
            # Other tokens may spell the same text.
            if alternative is not None and alternative.text not in texts:
                texts.add(alternative.text)
                others.append(alternative)
        return Generation(
            text=first.text,
            tokens=tuple(first.tokens),
            reused=reused,
            evaluated=len(self._request.tokens) - reused,
            stop=first.stop or Stop.TOKENS,
            chances=first.chances,
            score=first.score,
            others=tuple(others),
        )


def _until_done(evaluate: Callable[[], bool]) -> Generator[None, None, float]:
    """Evaluate and return the milliseconds that it took."""
    started = time.perf_counter()
    while not evaluate():
        # Cut short for something more urgent: the same again, later.
        yield
        started = time.perf_counter()
    return (time.perf_counter() - started) * 1000
