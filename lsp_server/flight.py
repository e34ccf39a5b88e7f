"""A generation under way, which one request after the other may wait for while the user types along with it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.engine.interface import GenerationRequest, Priority, Stop
from lsp_server.suggestion.cache import Completion

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.core import Place
    from lsp_server.engine.interface import Alternative, Engine, Generation
    from lsp_server.prompts import Prompt
    from lsp_server.suggestion.hole import Extent

# Editors cancel a request at each key and ask anew a moment later, often for the same text: this long a generation
# that nobody waits for any more goes on, at the lowest priority.
GRACE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a generation begins, and how much of it will be shown."""

    document: str
    place: Place
    extent: Extent


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a generation, and how many candidates there are to be, from 1 to 3.

    ``is_complete`` is given the text so far, on the engine's thread.
    """

    max_tokens: int
    end_tokens: frozenset[int]
    is_complete: Callable[[str], bool]
    candidates: int = 1


class Flight:
    """One generation and what it has written so far. Lives in one event loop.

    ``on_end`` is given what was written, also where the flight has been cancelled. ``is_reported`` says whether a
    request has already been told what the flight costs.
    """

    def __init__(  # noqa: PLR0913, PLR0917  each is needed once, here
        self,
        engine: Engine,
        origin: Origin,
        prompt: Prompt,
        limits: Limits,
        priority: Priority,
        on_end: Callable[[Completion], None],
    ) -> None:
        self.origin, self.prompt = origin, prompt
        self.started = time.perf_counter()
        self.is_reported = False
        self.text = ""
        self.chances: tuple[float, ...] = ()
        self.tokens = 0
        self._loop = asyncio.get_running_loop()
        self._on_end = on_end
        self._waiting = 0
        self._written = asyncio.Event()
        self._is_watched = False
        self._running = engine.submit(
            GenerationRequest(
                tokens=prompt.tokens,
                max_tokens=limits.max_tokens,
                end_tokens=limits.end_tokens,
                head=len(prompt.head.tokens),
                forced=prompt.forced,
                candidates=limits.candidates,
                is_complete=limits.is_complete,
                on_text=self._write_from_engine,
                priority=priority,
            )
        )
        self.meter = self._running.meter
        self._task = asyncio.ensure_future(self._fly())
        # Nobody may be waiting for it when it fails.
        self._task.add_done_callback(_retrieve)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self._task.done()

    @property
    def completion(self) -> Completion:
        """What is there by now; cut off for as long as it is under way."""
        if self.has_ended and not self._task.cancelled() and self._task.exception() is None:
            return self._task.result()
        return self._completion(is_cut_off=True)

    def has_more_at(self, place: Place) -> bool:
        """Return whether it can answer at a place: it began there, or it wrote what was typed since."""
        left = self.completion.at(place)
        return left is not None and (bool(left.text.strip()) or self.origin.place == place)

    def is_ahead_of(self, place: Place) -> bool:
        """Return whether it began at a place that is yet to be reached by typing on from ``place``."""
        origin = self.origin.place
        return origin.after == place.after and origin != place and origin.before.startswith(place.before)

    async def landed(self) -> Completion:
        """Wait for the end and return all that was written.

        Raises:
            EngineError: llama.cpp failed.
            asyncio.CancelledError: the awaiting task was cancelled, or the flight by somebody else.
        """
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        except asyncio.CancelledError:
            self._cancel_later()
            raise
        finally:
            self._waiting -= 1

    async def end(self) -> None:
        """Wait for its end, however it ends; cancelling the waiting task cancels the flight unless others wait."""
        try:
            await asyncio.wait({self._task})
        except asyncio.CancelledError:
            self._cancel_later()
            raise

    def _completion(self, *, is_cut_off: bool) -> Completion:
        origin = self.origin
        return Completion(origin.document, origin.place, self.text, origin.extent, is_cut_off, self.chances)

    def _other(self, alternative: Alternative) -> Completion:
        origin, is_cut_off = self.origin, alternative.stop is Stop.TOKENS
        return Completion(
            origin.document, origin.place, alternative.text, origin.extent, is_cut_off, alternative.chances
        )

    def _write_from_engine(self, text: str, chances: tuple[float, ...]) -> None:
        self.text, self.chances = text, chances
        self.tokens += 1
        # Waking the loop at each token would take a core from the engine's threads.
        if self._is_watched:
            # The loop may have been closed while the engine was at work.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._written.set)

    async def _fly(self) -> Completion:
        try:
            generation = await self._running.result()
        except asyncio.CancelledError:
            if self.text:
                self._on_end(self._completion(is_cut_off=True))
            raise
        self.text, self.chances, self.tokens = generation.text, generation.chances, len(generation.tokens)
        completion = self._completion(is_cut_off=generation.stop is Stop.TOKENS)
        completion = replace(completion, others=self._others(generation))
        self._on_end(completion)
        return completion

    def _others(self, generation: Generation) -> tuple[Completion, ...]:
        """Return the alternatives, the likeliest on the whole first."""
        return tuple(self._other(other) for other in sorted(generation.others, key=lambda other: -other.score))

    async def wait(self, seconds: float, is_enough: Callable[[], bool]) -> None:
        """Wait until the end, or until ``seconds`` since the start are over and what is there is enough.

        Where reading the prompt has taken most of the time, half of it is left for writing.

        Raises:
            EngineError: llama.cpp failed.
            asyncio.CancelledError: the awaiting task was cancelled, or the flight by somebody else.
        """
        self._waiting += 1
        self._running.let_wait(Priority.WAITED_FOR)
        try:
            await self._until(self.started + seconds)
            if not is_enough():
                while not (self.has_ended or self.text):
                    await self._more()
                await self._until(time.perf_counter() + seconds / 2)
            while not (self.has_ended or is_enough()):
                await self._more()
        except asyncio.CancelledError:
            self._cancel_later()
            raise
        finally:
            self._waiting -= 1
            if not self._waiting and not self.has_ended:
                self._running.let_wait(Priority.NEXT)
        if self.has_ended:
            # Raises what the engine has raised.
            self._task.result()

    def cancel(self) -> None:
        """Stop it within one decode step; what is there by then is handed to ``on_end``."""
        self._running.cancel()

    def _cancel_later(self) -> None:
        self._loop.call_later(GRACE_SECONDS, self._cancel_unless_waited_for)

    def _cancel_unless_waited_for(self) -> None:
        if not self._waiting and not self.has_ended:
            self.cancel()

    async def _until(self, moment: float) -> None:
        await asyncio.wait({self._task}, timeout=max(0.0, moment - time.perf_counter()))

    async def _more(self) -> None:
        """Wait for a token or the end."""
        before = self.tokens
        self._written.clear()
        self._is_watched = True
        writing = asyncio.ensure_future(self._written.wait())
        try:
            if self.tokens == before:
                await asyncio.wait({self._task, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_watched = False
            writing.cancel()


def _retrieve(task: asyncio.Task[Completion]) -> None:
    """Look at a task's outcome, so that asyncio does not log a failure that is nobody's any more."""
    if not task.cancelled():
        task.exception()
