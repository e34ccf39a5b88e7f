"""One thread owns the model; requests wait in a queue by priority; outside it is async.

A request is cancelled by cancelling the task that awaits it. The thread looks at that between
slices of the prompt and between tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cachetools import LRUCache, cachedmethod

from lsp_server.engine.interface import Generation, GenerationRequest
from lsp_server.engine.kvcache import CachedSequence
from lsp_server.engine.llama import Llama
from lsp_server.engine.session import generate
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lsp_server.engine.interface import LoadOptions, ModelInfo

# Texts are remembered with their tokens up to this many tokens together: the prompts of a few documents.
REMEMBERED_TOKENS = 200_000


@dataclass(order=True)
class _Job:
    """A request in the queue: sorted by priority, then by age."""

    priority: int
    number: int
    request: GenerationRequest = field(compare=False)
    submitted: float = field(compare=False)
    future: Future[Generation] = field(compare=False, default_factory=Future)
    cancelled: threading.Event = field(compare=False, default_factory=threading.Event)


class Worker:
    """llama.cpp in this process, behind the interface of :class:`lsp_server.engine.interface.Engine`."""

    def __init__(self, llama: Llama) -> None:
        self._llama = llama
        self._cache = CachedSequence()
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._closing = threading.Event()
        # Held while a job is queued and while the vocabulary is read, so that closing comes before or after.
        self._open_lock = threading.Lock()
        self._tokens: LRUCache[str, tuple[int, ...]] = LRUCache(REMEMBERED_TOKENS, getsizeof=len)
        self._tokens_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="midfill-model", daemon=True)
        self._thread.start()

    @property
    def info(self) -> ModelInfo:
        """The model."""
        return self._llama.info

    @cachedmethod(lambda self: self._tokens, lock=lambda self: self._tokens_lock)
    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text; special tokens' texts become ordinary tokens."""
        with self._while_open():
            return tuple(self._llama.tokenize(text))

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none."""
        with self._while_open():
            return self._llama.special(text)

    async def generate(self, request: GenerationRequest) -> Generation:
        """Generate greedily; see the interface."""
        job = _Job(request.priority, next(self._numbers), request, time.perf_counter())
        with self._while_open():
            self._jobs.put(job)
        try:
            return await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            job.cancelled.set()
            raise

    def close(self) -> None:
        """Cancel what runs, answer what waits with a cancellation, and free the model."""
        with self._open_lock:
            self._closing.set()
        # Wakes the thread; nothing can be more urgent.
        self._jobs.put(_Job(-1, next(self._numbers), _NOTHING, time.perf_counter()))
        self._thread.join()
        self._llama.close()

    @contextlib.contextmanager
    def _while_open(self) -> Iterator[None]:
        with self._open_lock:
            if self._closing.is_set():
                raise EngineError("The model has been closed; another one takes its place.")
            yield

    def _run(self) -> None:
        while not self._closing.is_set():
            job = self._jobs.get()
            if job.request is not _NOTHING and job.future.set_running_or_notify_cancel():
                self._answer(job)
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait().future.cancel()

    def _answer(self, job: _Job) -> None:
        waited = (time.perf_counter() - job.submitted) * 1000
        try:
            result = generate(
                self._llama,
                self._cache,
                job.request,
                lambda: job.cancelled.is_set() or self._closing.is_set(),
            )
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to whoever waits for the answer
            job.future.set_exception(error)
            return
        job.future.set_result(replace(result, milliseconds={"queue": waited, **result.milliseconds}))


_NOTHING = GenerationRequest((), frozenset(), lambda _text: True, 0, 0.0)


def load(path: Path, options: LoadOptions, on_progress: Callable[[float], None] = lambda _share: None) -> Worker:
    """Load a model on the calling thread and return the engine that runs it.

    Raises:
        ModelError: the model cannot be used; its subclasses say why.
    """
    return Worker(Llama(path, options, on_progress))
