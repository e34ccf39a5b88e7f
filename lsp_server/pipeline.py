"""The way of one keystroke, from a snapshot of a document to a report. Knows no LSP and no llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cachetools import LRUCache
from platformdirs import user_cache_path

from lsp_server.chunks import Chunks, NoContext
from lsp_server.core import ChunkReport, Place, Reason, Report, Source, plain
from lsp_server.engine.interface import GenerationRequest, LoadOptions, Priority
from lsp_server.errors import EngineError, ModelUnsuitable
from lsp_server.flight import Flight, Limits, Origin
from lsp_server.metrics import Stopwatch
from lsp_server.power import may_work_ahead
from lsp_server.prompt import fim
from lsp_server.prompt.budget import Budget, budget
from lsp_server.prompts import Prompts
from lsp_server.suggestion import shape
from lsp_server.suggestion.cache import Completion, Completions

if TYPE_CHECKING:
    from lsp_server.chunks import Context
    from lsp_server.config import Settings
    from lsp_server.core import Chunk, Snapshot
    from lsp_server.engine.interface import Engine, Running
    from lsp_server.prompts import Head

log = logging.getLogger(__name__)

# Characters; reading more would hold up the editor for what a window of a few hundred lines uses.
LARGEST_DOCUMENT = 10_000_000
# Documents whose anchors are remembered.
REMEMBERED_DOCUMENTS = 64
# Shaping looks at the text behind the cursor no further than a suggestion can reach.
FOLLOWING_CHARACTERS = 4000
# Seconds without a request: shorter ones are typing, longer ones are reading.
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 1.5


def load_options(settings: Settings) -> LoadOptions:
    """Return how to load the model that the settings name."""
    # Two of the longest prompts: the one in use, and the one that is to take its place.
    cells = 2 * (settings.prompt_tokens + settings.max_tokens) if settings.prompt_tokens else 0
    folder = user_cache_path("midfill", appauthor=False)
    return LoadOptions(cells, settings.threads, settings.gpu_layers, folder, settings.state_megabytes * 1_000_000)


@dataclass
class _Document:
    """What is remembered of a document. ``evaluated_before`` is the engine's count at its last report."""

    prompts: Prompts
    chunks: Chunks
    flights: list[Flight] = field(default_factory=list)
    evaluated_before: int = 0

    def joined(self, place: Place) -> Flight | None:
        """Return the flight that writes what comes at a place, ``None`` without one; those of no use are cancelled."""
        # What has ended is in memory.
        self.flights = [flight for flight in self.flights if not flight.has_ended]
        joined = next((flight for flight in self.flights if flight.has_more_at(place)), None)
        for flight in self.flights:
            if flight is not joined and not flight.is_ahead_of(place):
                flight.cancel()
        self.flights = [flight for flight in self.flights if flight is joined or flight.is_ahead_of(place)]
        return joined


class Pipeline:
    """Completes documents with one engine."""

    def __init__(self, engine: Engine, context: Context | None = None) -> None:
        """Recognise the model's format; without a ``context``, prompts hold the document alone.

        Raises:
            ModelUnsuitable: the model has the special tokens of no known format.
        """
        form = fim.recognise(engine.special)
        if form is None:
            raise ModelUnsuitable(
                f"{engine.info.path} has no fill-in-the-middle tokens that midfill knows: "
                "set `model` to a base model of Qwen2.5-Coder."
            )
        self.engine = engine
        self._context = context or NoContext()
        self.form = form
        self.end_tokens = frozenset(token for token in map(engine.special, form.stop) if token is not None)
        self._documents: LRUCache[str, _Document] = LRUCache(REMEMBERED_DOCUMENTS)
        self._completions = Completions()
        self._idle: asyncio.Task[None] | None = None
        self._preparing: tuple[Head, Running] | None = None

    async def complete(self, snapshot: Snapshot, settings: Settings) -> Report:
        """Return what to show at the cursor, or why nothing is shown.

        What the user would have to wait for too long goes on behind the answer, for the next request.

        Raises:
            asyncio.CancelledError: the awaiting task was cancelled; the engine stops within one token.
        """
        watch = Stopwatch()
        report = Report(self.engine.info.name)
        if not settings.enabled:
            return report.without_suggestion(Reason.SWITCHED_OFF)
        if len(snapshot.text) > LARGEST_DOCUMENT:
            return report.without_suggestion(Reason.TOO_LARGE, f"{len(snapshot.text):,} characters")
        self.rest()
        place = place_of(snapshot)
        document = self._document(snapshot)
        try:
            completion, report = await self._completion(document, snapshot, place, settings, watch)
        except EngineError as error:
            return replace(report, milliseconds=watch.stop()).without_suggestion(Reason.ENGINE_FAILED, str(error))
        shaped = _shaped(completion)
        watch.lap("shape")
        background = self.engine.evaluated_tokens - document.evaluated_before - report.evaluated_tokens
        document.evaluated_before = self.engine.evaluated_tokens
        self._idle = asyncio.create_task(self._while_idle(document, snapshot, place, shaped.text, settings))
        line_break = dominant_line_break(snapshot.text)
        return replace(
            report,
            background_tokens=max(0, background),
            milliseconds=watch.stop(),
            suggestion=shaped.text.replace("\n", line_break) if shaped.text else None,
            reason=shaped.reason,
        )

    def forget(self, uri: str) -> None:
        """Forget a document that has been closed."""
        if document := self._documents.pop(uri, None):
            for flight in document.flights:
                flight.cancel()
        self._prepare(None)
        self._completions.forget(uri)

    def _document(self, snapshot: Snapshot) -> _Document:
        if snapshot.document not in self._documents:
            prompts = Prompts(self.engine, self.form)
            chunks = Chunks(self._context, self._count)
            evaluated = self.engine.evaluated_tokens
            self._documents[snapshot.document] = _Document(prompts, chunks, evaluated_before=evaluated)
        return self._documents[snapshot.document]

    def _budget(self, settings: Settings) -> Budget:
        speed = self.engine.speed
        return budget(settings, speed.prefill, speed.decode, self.engine.info.context_length)

    async def _completion(
        self, document: _Document, snapshot: Snapshot, place: Place, settings: Settings, watch: Stopwatch
    ) -> tuple[Completion, Report]:
        """Return the completion of a place, from what is under way, from memory or from the model, and its costs."""
        report = Report(self.engine.info.name)
        flight = document.joined(place)
        if flight is None:
            if known := self._completions.find(snapshot.document, place):
                watch.lap("memory")
                return known, replace(report, source=Source.MEMORY)
            flight = await self._take_off(document, snapshot, place, settings, Priority.WAITED_FOR)
        watch.lap("prompt")
        started = time.perf_counter()
        await flight.wait(settings.latency_ms / 1000, lambda: _is_shown(flight.completion.at(place)))
        completion = flight.completion.at(place)
        if completion is None:
            # It went on differently from what was typed in the meantime, which it was not asked to fit.
            return await self._completion(document, snapshot, place, settings, watch)
        if flight.is_reported:
            watch.add({"queue": 0.0, "prefill": 0.0, "decode": (time.perf_counter() - started) * 1000})
            return completion, replace(report, source=Source.MEMORY)
        flight.is_reported = True
        meter, tokens = flight.meter, len(flight.prompt.tokens)
        watch.add({"queue": meter.queue, "prefill": meter.prefill, "decode": meter.decode})
        return completion, replace(
            report,
            chunks=self._chunk_reports(flight.prompt.head.chunks),
            prompt_tokens=tokens,
            reused_tokens=meter.reused,
            evaluated_tokens=tokens - meter.reused,
            generated_tokens=flight.tokens,
        )

    async def _take_off(
        self, document: _Document, snapshot: Snapshot, place: Place, settings: Settings, priority: Priority
    ) -> Flight:
        """Begin to generate at a place."""
        sizes = self._budget(settings)
        await document.chunks.begin(snapshot, place, sizes.context)
        document.prompts.chunks = document.chunks.in_force
        prompt = document.prompts.choose(snapshot, place, sizes)
        flight = Flight(
            self.engine,
            Origin(snapshot.document, place, shape.extent(place.line, place.after)),
            prompt,
            Limits(sizes.generation, self.end_tokens),
            priority,
            self._completions.add,
        )
        document.flights.append(flight)
        return flight

    def _chunk_reports(self, chunks: tuple[Chunk, ...]) -> tuple[ChunkReport, ...]:
        return tuple(
            ChunkReport(path=c.path, tokens=self._count(c.text), reason=c.reason, score=c.score) for c in chunks
        )

    def _count(self, text: str) -> int:
        return len(self.engine.tokenize(text))

    # --- while nobody waits --------------------------------------------------------------------------

    def rest(self) -> None:
        """Stop what is done ahead of the user's next request."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def _while_idle(
        self, document: _Document, snapshot: Snapshot, place: Place, suggestion: str | None, settings: Settings
    ) -> None:
        """Work ahead until the next request comes and cancels this."""
        try:
            await self._work_ahead(document, snapshot, place, suggestion, settings)
        except EngineError as error:
            log.warning("What was done ahead has failed: %s", error)
        except Exception:
            log.exception("What was done ahead has failed.")

    async def _work_ahead(
        self, document: _Document, snapshot: Snapshot, place: Place, suggestion: str | None, settings: Settings
    ) -> None:
        """Prepare what the next requests need, the most needed first."""
        sizes = self._budget(settings)
        # What the answer has left undone comes first, and at once; the rest only in a pause.
        self._prepare(document.prompts.wanted(place, sizes))
        await asyncio.sleep(PAUSE_SECONDS)
        if not may_work_ahead(settings.ahead):
            return
        accepted = replace(place, before=place.before + (suggestion or ""))
        if suggestion and not self._completions.find(snapshot.document, accepted):
            flight = await self._take_off(document, snapshot, accepted, settings, Priority.NEXT)
            await flight.end()
        await asyncio.sleep(LONG_PAUSE_SECONDS)
        if await document.chunks.renew(snapshot, place, sizes.context):
            document.prompts.chunks = document.chunks.in_force
            document.prompts.renew(snapshot, place, sizes)
            self._prepare(document.prompts.wanted(place, sizes))
        self.engine.save()

    def _prepare(self, head: Head | None) -> None:
        """Have the engine evaluate a head when nothing else is to do; one that is no longer wanted is given up."""
        if self._preparing is not None and self._preparing[0] is head:
            return
        if self._preparing is not None:
            self._preparing[1].cancel()
        self._preparing = None
        if head is not None:
            request = GenerationRequest(head.tokens, 0, head=len(head.tokens), priority=Priority.NEXT)
            self._preparing = head, self.engine.submit(request)


def _shaped(completion: Completion) -> shape.Shaped:
    place = completion.place
    following = place.after[:FOLLOWING_CHARACTERS]
    return shape.shape(completion.text, place.line, following, completion.extent, is_cut_off=completion.is_cut_off)


def _is_shown(completion: Completion | None) -> bool:
    return completion is None or _shaped(completion).text is not None


def place_of(snapshot: Snapshot) -> Place:
    """Return the cursor in the text that the model sees: plain line breaks and no byte order mark."""
    before = snapshot.text[: snapshot.offset].removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return Place(plain(before), plain(snapshot.text[snapshot.offset :]))


def dominant_line_break(text: str) -> str:
    r"""Return the line end that most lines of a text have; ``\n`` where there are none or as many of each."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"
