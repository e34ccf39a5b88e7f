"""The model alone, as reports ask it: the plain format, the likeliest tokens, and all that it writes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lsp_server.engine.interface import GenerationRequest, generate
from lsp_server.evaluation.ask.asked import Asked
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.core import Chunk
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.asked import Drawing
    from lsp_server.evaluation.task import Limits, Task
    from lsp_server.prompt.fim import FimFormat, Segment


class Bare:
    """Asks with what stands around a hole, the pieces that came with it, and nothing else."""

    def __init__(self, engine: Engine, form: FimFormat, limits: Limits, drawing: Drawing) -> None:
        self._engine, self._form, self._limits, self._drawing = engine, form, limits, drawing
        ends = map(engine.special, form.stop)
        self._ends = frozenset(token for token in ends if token is not None)

    async def ask(self, task: Task, sample: int) -> Asked:
        """Ask for what the model writes until it ends, or for as many tokens as the limits let it; see the protocol."""
        began = time.perf_counter()
        tokens = self.prompt(task)
        request = GenerationRequest(tokens, self._limits.generated, self._ends, sampling=self._drawing.of(task, sample))
        generation = await generate(self._engine, request)
        milliseconds = (time.perf_counter() - began) * 1000
        reason = "" if generation.text else "the model wrote nothing here"
        return Asked(
            generation.text, generation.text, reason, milliseconds, generation.evaluated, len(generation.tokens)
        )

    def prompt(self, task: Task) -> tuple[int, ...]:
        """Return the tokens of a prompt within the limits, and within the model's own.

        What follows the hole is cut at its end, and what came with it at the end of the last piece that fits; what
        stands before the hole gets the room that they leave, and is cut at its start. In a model with a smaller
        context each has the same share of it.
        """
        limits, count = self._limits, self._engine.count
        share = min(1.0, self._engine.info.context_length / limits.sequence)
        room = int(limits.sequence * share) - limits.generated
        after = start(task.after, int(limits.after * share), count)
        chunks = _fitting(task.chunks, int(limits.chunks * share), count)
        around = fim.Surroundings(task.repository, task.path, chunks) if task.path else None
        left = room - len(self._encode(fim.prompt(self._form, around, "", after)))
        before = end(task.before, max(0, left), count)
        tokens = self._encode(fim.prompt(self._form, around, before, after))
        # Borders of tokens may fall differently once all stands together.
        while len(tokens) > room and before:
            before = before[len(before) // 16 + 1 :]
            tokens = self._encode(fim.prompt(self._form, around, before, after))
        return tokens

    def _encode(self, segments: tuple[Segment, ...]) -> tuple[int, ...]:
        return fim.encode(segments, self._engine.tokenize, self._engine.special)


def _fitting(chunks: tuple[Chunk, ...], room: int, count: Callable[[str], int]) -> tuple[Chunk, ...]:
    """Return the first pieces that take at most so many tokens together."""
    taken: list[Chunk] = []
    for chunk in chunks:
        room -= 1 + count(f"{chunk.path}\n{chunk.text}\n")
        if room < 0:
            break
        taken.append(chunk)
    return tuple(taken)


def start(text: str, most: int, count: Callable[[str], int]) -> str:
    """Return the longest start of a text that has at most so many tokens, to the character."""
    return text[: _longest(len(text), lambda length: count(text[:length]) <= most)]


def end(text: str, most: int, count: Callable[[str], int]) -> str:
    """Return the longest end of a text that has at most so many tokens, to the character."""
    return text[len(text) - _longest(len(text), lambda length: count(text[len(text) - length :]) <= most) :]


def _longest(length: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to ``length`` that fits, by halving; 0 where none does."""
    if fits(length):
        return length
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
