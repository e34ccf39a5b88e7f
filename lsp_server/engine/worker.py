"""One thread owns the model and takes one step after the other, always of the most urgent request.

A step is a slice of a prompt or a token, so whoever is waited for is served within one step, and what
had to wait goes on where it was. Outside of the thread it is async.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING

from cachetools import LRUCache, cachedmethod

from lsp_server.engine import speed
from lsp_server.engine.interface import Generation, Meter, Priority
from lsp_server.engine.kvcache import KVCache, NoRoom, common_prefix
from lsp_server.engine.llama.loading import SEQUENCES
from lsp_server.engine.llama.model import Llama
from lsp_server.engine.saved import SavedStates
from lsp_server.engine.session import generate, slice_for
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lsp_server.engine.interface import GenerationRequest, Healing, LoadOptions, ModelInfo, Speed
    from lsp_server.engine.saved import SavedState
    from lsp_server.engine.session import Steps
    from lsp_server.engine.vocabulary import Vocabulary

log = logging.getLogger(__name__)

# Texts are remembered with their tokens up to this many tokens together: the prompts of a few documents.
REMEMBERED_TOKENS = 200_000
# Reading a state of the KV cache from disk takes as long as evaluating some tens of tokens.
WORTH_RESTORING = 64
# Prompts whose states are saved: those of the documents that were worked on last.
SAVED_HEADS = 2


class Job:
    """A request that the worker has taken on: the engine's :class:`lsp_server.engine.interface.Running`."""

    def __init__(self, request: GenerationRequest, number: int, look_again: Callable[[], None]) -> None:
        self.request = replace(request, on_text=self._note)
        self.priority = request.priority
        self.number = number
        self.meter = Meter()
        self.submitted = time.perf_counter()
        self.is_cancelled = False
        self.is_writing = False
        self.steps: Steps | None = None
        self.future: Future[Generation] = Future()
        self._on_text = request.on_text
        self._look_again = look_again

    def _note(self, text: str, chances: tuple[float, ...]) -> None:
        self.is_writing = True
        self._on_text(text, chances)

    async def result(self) -> Generation:
        """Wait for the end; see the interface."""
        # Without the shield the cancellation of one who waits would end it for all.
        return await asyncio.shield(asyncio.wrap_future(self.future))

    def let_wait(self, priority: Priority) -> None:
        """Go on with this priority from now on."""
        self.priority = priority
        self._look_again()

    def cancel(self) -> None:
        """Stop within one decode step. What has been evaluated stays in the KV cache."""
        self.is_cancelled = True
        self._look_again()

    def drop(self) -> None:
        """Let go of the sequence that is in use; what it holds stays until the room is needed."""
        if self.steps is not None:
            self.steps.close()
            self.steps = None


class Worker:
    """llama.cpp in this process, behind the interface of :class:`lsp_server.engine.interface.Engine`."""

    def __init__(self, llama: Llama, options: LoadOptions) -> None:
        self._llama = llama
        self._folder = options.folder
        saved = None
        if options.folder is not None and options.state_bytes:
            saved = SavedStates(options.folder / "states", llama.fingerprint, options.state_bytes)
        self._saved = saved
        self._cache = KVCache(llama, llama.cells, SEQUENCES)
        self._evaluated = 0
        self._numbers = itertools.count()
        # Guards what is to do; the thread waits on it when there is nothing.
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._running: Job | None = None
        self._wants_saving = False
        self._is_closing = False
        # Held while the vocabulary is read and while a job is taken on, so that closing comes before or after.
        self._open_lock = threading.Lock()
        self._tokens: LRUCache[str, tuple[int, ...]] = LRUCache(REMEMBERED_TOKENS, getsizeof=len)
        self._tokens_lock = threading.Lock()
        # The table of a large vocabulary takes a third of a second: loading does not wait for it, healing does.
        self._vocabulary: Future[Vocabulary] = Future()
        measured: Future[Speed] = Future()
        self._thread = threading.Thread(target=self._run, args=(measured,), name="midfill-model", daemon=True)
        self._thread.start()
        self._speed = self._fastest = measured.result()
        self._slice = min(slice_for(self._speed.prefill), llama.batch)

    @property
    def info(self) -> ModelInfo:
        """The model."""
        return self._llama.info

    @property
    def speed(self) -> Speed:
        """How fast the model runs on this machine, as measured; the same for as long as the model is loaded."""
        return self._speed

    @property
    def evaluated_tokens(self) -> int:
        """How many prompt tokens have been evaluated so far, for whomever."""
        return self._evaluated

    @cachedmethod(lambda self: self._tokens, lock=lambda self: self._tokens_lock)
    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text; special tokens' texts become ordinary tokens."""
        with self._while_open():
            return tuple(self._llama.tokenize(text))

    def count(self, text: str) -> int:
        """Return how many tokens a plain text has."""
        return len(self.tokenize(text))

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none."""
        with self._while_open():
            return self._llama.special(text)

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Return how the end of a prompt's text is taken back; see the interface."""
        with self._while_open():
            vocabulary = self._vocabulary
        return vocabulary.result().heal(tokens)

    def held(self, tokens: Sequence[int]) -> int:
        """Return how many leading tokens of a prompt would not have to be evaluated now, those on disk included."""
        held = self._cache.held(tokens)
        state = self._saved_state(tokens, held)
        return common_prefix(state.tokens, tuple(tokens)) if state else held

    def submit(self, request: GenerationRequest) -> Job:
        """Take on a generation; see the interface."""
        job = Job(request, next(self._numbers), self._look_again)
        with self._while_open(), self._changed:
            self._jobs.append(job)
        self._look_again()
        return job

    def save(self) -> None:
        """Write the states of the prompts that were used last to disk, when nothing else is to do."""
        with self._changed:
            self._wants_saving = True
            self._changed.notify()

    def close(self) -> None:
        """Cancel what runs, answer what waits with a cancellation, save, and free the model."""
        with self._open_lock:
            self._is_closing = True
        with self._changed:
            self._llama.abort()
            self._changed.notify()
        self._thread.join()
        self._llama.close()

    @contextlib.contextmanager
    def _while_open(self) -> Iterator[None]:
        with self._open_lock:
            if self._is_closing:
                raise EngineError("The model has been closed; another one takes its place.")
            yield

    def _look_again(self) -> None:
        """Have the thread choose anew; what it evaluates for something less urgent is cut short."""
        with self._changed:
            running = self._running
            # Until the thread looks for the next one, it may be one that has just ended.
            if running is not None and running in self._jobs and self._is_in_the_way(running):
                self._llama.abort()
            self._changed.notify()

    def _is_in_the_way(self, running: Job) -> bool:
        if not running.is_cancelled and running is self._most_urgent():
            return False
        # Most often the next prompt begins like one that was waited for, and needs the slice under way; cut short at
        # each key, it would never be done. What is written then is of no use to another.
        return running.is_writing or running.priority is not Priority.WAITED_FOR

    def _most_urgent(self) -> Job:
        return min(self._jobs, key=lambda job: (job.priority, job.number))

    # --- the model's thread --------------------------------------------------------------------------

    def _run(self, measured: Future[Speed]) -> None:
        # OpenMP keeps a team of threads for each thread that evaluates. Where they are more than the cores, each
        # wait becomes a sleep: measured on another thread than this, every later token would take 60 % longer.
        try:
            measured.set_result(speed.remembered(self._llama, self._folder))
        except BaseException as error:  # noqa: BLE001  it belongs to whoever loads the model
            measured.set_exception(error)
            return
        self._vocabulary.set_result(self._llama.vocabulary)
        while job := self._next():
            self._step(job)
        for job in self._jobs:
            self._end(job)
        self._llama.go_on()
        self._save()
        if self._folder is not None and self._fastest != self._speed:
            speed.remember(self._llama, self._folder, self._fastest)

    def _next(self) -> Job | None:
        """Wait for something to do and return the most urgent job, ``None`` when the worker is closing."""
        while True:
            with self._changed:
                for job in [job for job in self._jobs if job.is_cancelled]:
                    self._jobs.remove(job)
                    self._end(job)
                self._running = None
                if self._is_closing:
                    return None
                if self._jobs:
                    self._llama.go_on()
                    self._running = self._most_urgent()
                    return self._running
                if not self._wants_saving:
                    self._changed.wait()
                    continue
                self._wants_saving = False
            self._save()

    def _step(self, job: Job) -> None:
        evaluated = job.meter.evaluated
        try:
            if job.steps is None:
                self._check_size(job.request)
                job.meter.queue = (time.perf_counter() - job.submitted) * 1000
                self._restore(job.request.tokens)
                job.steps = generate(self._llama, self._cache, job.request, self._slice, job.meter)
            next(job.steps)
        except StopIteration as end:
            self._finish(job, end.value)
        except NoRoom:
            self._make_room(job)
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to whoever waits for the answer
            self._fail(job, error)
        self._evaluated += job.meter.evaluated - evaluated

    def _finish(self, job: Job, generation: Generation) -> None:
        self._fastest = speed.faster(self._fastest, job.meter, len(generation.tokens))
        with self._changed:
            self._jobs.remove(job)
            if not job.is_cancelled:
                job.future.set_result(generation)
        self._end(job)

    def _fail(self, job: Job, error: Exception) -> None:
        with self._changed:
            self._jobs.remove(job)
        job.future.set_exception(error)

    def _end(self, job: Job) -> None:
        job.drop()
        job.future.cancel()

    def _make_room(self, job: Job) -> None:
        """Have the least urgent job that has begun start again later; its tokens stay in the cache if they can."""
        job.steps = None
        begun = [other for other in self._jobs if other.steps is not None]
        if begun:
            max(begun, key=lambda other: (other.priority, other.number)).drop()
            return
        self._fail(job, EngineError("The KV cache has no room; this is a mistake in midfill."))

    def _check_size(self, request: GenerationRequest) -> None:
        size = len(request.tokens) + request.max_tokens
        if size > self._llama.info.context_length:
            raise EngineError(f"{size} tokens are more than the model's {self._llama.info.context_length}.")

    # --- states on disk ------------------------------------------------------------------------------

    def _saved_state(self, tokens: Sequence[int], held: int) -> SavedState | None:
        """Return the state on disk that is worth reading for a prompt of which ``held`` tokens are in the cache."""
        if self._saved is None or len(tokens) - held <= WORTH_RESTORING:
            return None
        return self._saved.best(tokens, held + WORTH_RESTORING)

    def _restore(self, tokens: tuple[int, ...]) -> None:
        """Read the state of a prompt's start from disk, where there is one that is longer than what the cache has."""
        state = self._saved_state(tokens, self._cache.held(tokens))
        data = self._saved.read(state) if self._saved and state else None
        if state is None or data is None:
            return
        try:
            sequence = self._cache.acquire_empty(len(state.tokens))
        except NoRoom:
            return
        if self._llama.restore(sequence, data):
            self._cache.restore(sequence, state.tokens)
        else:
            log.warning("llama.cpp did not take the state in %s; the prompt is evaluated anew.", state.path)
            self._cache.forget(sequence)
        self._cache.release(sequence)

    def _save(self) -> None:
        if self._saved is None:
            return
        for sequence, head in self._cache.heads()[:SAVED_HEADS]:
            tokens = self._cache.tokens(sequence)
            is_kept = self._saved.best(tokens[:head], head - 1) is not None
            if head >= WORTH_RESTORING and not is_kept:
                self._saved.write(tokens, self._llama.state(sequence))


def load(path: Path, options: LoadOptions, on_progress: Callable[[float], None] = lambda _share: None) -> Worker:
    """Load a model on the calling thread, see how fast it is, and return the engine that runs it.

    Raises:
        ModelError: the model cannot be used; its subclasses say why.
    """
    llama = Llama(path, options, on_progress)
    try:
        return Worker(llama, options)
    except BaseException:
        llama.close()
        raise
