"""The way of one keystroke, from a snapshot of a document to a report. Knows no LSP and no llama.cpp."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cachetools import LRUCache

from lsp_server.chunks import Chunks, NoContext
from lsp_server.core import ChunkReport, Reason, Report, Source, Trigger, dominant_line_break, place_of
from lsp_server.engine.interface import GenerationRequest, Priority
from lsp_server.errors import EngineError, ModelUnsuitable
from lsp_server.flight import Flight, Limits, Origin
from lsp_server.metrics import Stopwatch
from lsp_server.power import may_work_ahead
from lsp_server.prompt import fim
from lsp_server.prompt.budget import Budget, budget
from lsp_server.prompts import Prompts
from lsp_server.quiet import forbidden, unwanted
from lsp_server.reading import Reading, language_at
from lsp_server.showing import CANDIDATES, Showing, shaped
from lsp_server.suggestion.ends import stopper
from lsp_server.suggestion.silence import is_unsure
from lsp_server.suggestion.structure import reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.chunks import Context
    from lsp_server.config import Settings
    from lsp_server.core import Chunk, Place, Snapshot
    from lsp_server.engine.interface import Engine, Running
    from lsp_server.prompt.fim import FimFormat
    from lsp_server.prompts import Head
    from lsp_server.suggestion.cache import Completion, Suggestion

log = logging.getLogger(__name__)

# Documents whose anchors are remembered.
REMEMBERED_DOCUMENTS = 64
# Seconds without a request: shorter ones are typing, longer ones are reading.
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 1.5


@dataclass
class _Document:
    """What is remembered of a document. ``evaluated_before`` is the engine's count at its last report."""

    prompts: Prompts
    chunks: Chunks
    reading: Reading
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


@dataclass(frozen=True, slots=True)
class _Request:
    """A completion that is asked for."""

    document: _Document
    snapshot: Snapshot
    place: Place
    settings: Settings
    watch: Stopwatch


class Pipeline:
    """Completes documents with one engine."""

    def __init__(
        self, engine: Engine, context: Context | None = None, prompts: Callable[[Engine, FimFormat], Prompts] = Prompts
    ) -> None:
        """Recognise the model's format; without a ``context``, prompts hold the document alone.

        ``prompts`` makes what chooses the prompts of one document.

        Raises:
            ModelUnsuitable: the model has the special tokens of no known format.
        """
        form = fim.recognise(engine.special)
        if form is None:
            raise ModelUnsuitable(
                f"{engine.info.path} has no fill-in-the-middle tokens that midfill knows: "
                f"set `model` to a base model of one of these: {', '.join(known.name for known in fim.FORMATS)}."
            )
        self.engine = engine
        self._context = context or NoContext()
        self._make_prompts = prompts
        self.form = form
        self.end_tokens = frozenset(token for token in map(engine.special, form.stop) if token is not None)
        self._documents: LRUCache[str, _Document] = LRUCache(REMEMBERED_DOCUMENTS)
        self._showing = Showing()
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
        if quiet := forbidden(snapshot, language_at(snapshot.path, snapshot.language), settings):
            return report.without_suggestion(*quiet)
        self.rest()
        self._showing.heed(settings)
        request = _Request(self._document(snapshot), snapshot, place_of(snapshot), settings, watch)
        if quiet := unwanted(snapshot, request.place):
            return report.without_suggestion(*quiet)
        try:
            suggestion, report = await self._suggestion(request)
        except EngineError as error:
            return replace(report, milliseconds=watch.stop()).without_suggestion(Reason.ENGINE_FAILED, str(error))
        self._idle = asyncio.create_task(self._while_idle(request, suggestion.text if suggestion else None))
        return replace(
            _with_suggestion(report, suggestion, snapshot),
            background_tokens=self._background_tokens(request.document, report),
            milliseconds=watch.stop(),
        )

    def _background_tokens(self, document: _Document, report: Report) -> int:
        """Return how many tokens of other prompts were evaluated since the document's last report."""
        before, document.evaluated_before = document.evaluated_before, self.engine.evaluated_tokens
        return max(0, self.engine.evaluated_tokens - before - report.evaluated_tokens)

    def forget(self, uri: str) -> None:
        """Forget a document that has been closed."""
        if document := self._documents.pop(uri, None):
            for flight in document.flights:
                flight.cancel()
        self._prepare(None)
        self._showing.forget(uri)

    def _document(self, snapshot: Snapshot) -> _Document:
        if snapshot.document not in self._documents:
            prompts = self._make_prompts(self.engine, self.form)
            chunks = Chunks(self._context, self._count)
            evaluated = self.engine.evaluated_tokens
            reading = Reading(snapshot)
            self._documents[snapshot.document] = _Document(prompts, chunks, reading, evaluated_before=evaluated)
        return self._documents[snapshot.document]

    def _budget(self, settings: Settings) -> Budget:
        speed = self.engine.speed
        return budget(settings, speed.prefill, speed.decode, self.engine.info.context_length)

    # --- what is shown -------------------------------------------------------------------------------

    async def _suggestion(self, request: _Request) -> tuple[Suggestion | None, Report]:
        """Return what to show at a place, and the report of how it came to be."""
        document, name, place = request.document, request.snapshot.document, request.place
        known = self._showing.known(name, place, document.reading)
        if request.snapshot.trigger is Trigger.INVOKED and (known is None or known.others is None):
            return await self._candidates(request, known)
        if known is not None and not (known.is_growing and self._has_more(request)):
            request.watch.lap("memory")
            return known, _explained(Report(self.engine.info.name, Source.MEMORY), known)
        completion, report = await self._completion(request)
        made = shaped(document.reading, completion)
        request.watch.lap("shape")
        if known is not None and not (made.text or "").startswith(known.text):
            # What is on the screen stays: the model has gone on to something that the rules make less of.
            return known, _explained(report, known)
        report = replace(report, raw=completion.text, chances=completion.chances, steps=made.steps)
        if made.reason is None and is_unsure(completion.chances, request.settings.confidence / 100):
            return None, report.without_suggestion(Reason.UNSURE)
        is_growing = any(not flight.has_ended and flight.has_more_at(place) for flight in document.flights)
        suggestion = self._showing.show(completion, made, is_growing=is_growing)
        return suggestion, report if suggestion else report.without_suggestion(made.reason or Reason.EMPTY)

    def _has_more(self, request: _Request) -> bool:
        """Return whether more has been written since something was shown."""
        document, place = request.document, request.place
        return bool(document.joined(place) or self._showing.written(request.snapshot.document, place))

    async def _candidates(self, request: _Request, known: Suggestion | None) -> tuple[Suggestion | None, Report]:
        """Return several suggestions for somebody who has asked for them, what is on the screen first."""
        for flight in request.document.flights:
            flight.cancel()
        flight = await self._take_off(request, request.place, Priority.WAITED_FOR, CANDIDATES)
        request.watch.lap("prompt")
        completion = await flight.landed()
        report = self._costs(flight, request.watch)
        made = [shaped(request.document.reading, each) for each in (completion, *completion.others)]
        request.watch.lap("shape")
        report = replace(report, raw=completion.text, chances=completion.chances, steps=made[0].steps)
        suggestion = self._showing.show_several(completion, made, known)
        return suggestion, report if suggestion else report.without_suggestion(made[0].reason or Reason.EMPTY)

    # --- what the model writes -----------------------------------------------------------------------

    async def _completion(self, request: _Request) -> tuple[Completion, Report]:
        """Return the completion of a place, from what is under way, from memory or from the model, and its costs."""
        document, place, watch = request.document, request.place, request.watch
        flight = document.joined(place)
        if flight is None:
            if known := self._showing.written(request.snapshot.document, place):
                watch.lap("memory")
                return known, Report(self.engine.info.name, Source.MEMORY)
            flight = await self._take_off(request, place, Priority.WAITED_FOR)
        watch.lap("prompt")
        started = time.perf_counter()
        seconds = request.settings.latency_ms / 1000
        await flight.wait(seconds, lambda: _is_shown(document.reading, flight.completion.at(place)))
        completion = flight.completion.at(place)
        if completion is None:
            # It went on differently from what was typed in the meantime, which it was not asked to fit.
            return await self._completion(request)
        if flight.is_reported:
            watch.add({"queue": 0.0, "prefill": 0.0, "decode": (time.perf_counter() - started) * 1000})
            return completion, Report(self.engine.info.name, Source.MEMORY)
        return completion, self._costs(flight, watch)

    def _costs(self, flight: Flight, watch: Stopwatch) -> Report:
        """Return a report of what a flight has cost; it is told once."""
        flight.is_reported = True
        meter, tokens = flight.meter, len(flight.prompt.tokens)
        watch.add({"queue": meter.queue, "prefill": meter.prefill, "decode": meter.decode})
        return Report(
            self.engine.info.name,
            chunks=self._chunk_reports(flight.prompt.head.chunks),
            prompt_tokens=tokens,
            reused_tokens=meter.reused,
            evaluated_tokens=tokens - meter.reused,
            generated_tokens=flight.tokens,
        )

    async def _take_off(self, request: _Request, place: Place, priority: Priority, candidates: int = 1) -> Flight:
        """Begin to generate at a place, the request's own or one ahead of it."""
        document, snapshot = request.document, request.snapshot
        sizes = self._budget(request.settings)
        _, parsed = await asyncio.gather(
            document.chunks.begin(snapshot, place, sizes.context), document.reading.read(place)
        )
        document.prompts.chunks = document.chunks.in_force
        prompt = document.prompts.choose(snapshot, place, sizes)
        how_much = document.reading.extent(place, request.settings)
        is_complete = stopper(document.reading.hole(place, how_much), reader(parsed, len(place.before)))
        flight = Flight(
            self.engine,
            Origin(snapshot.document, place, how_much),
            prompt,
            Limits(sizes.generation, self.end_tokens, is_complete, candidates),
            priority,
            self._showing.note,
        )
        document.flights.append(flight)
        return flight

    def _chunk_reports(self, chunks: tuple[Chunk, ...]) -> tuple[ChunkReport, ...]:
        return tuple(
            ChunkReport(path=c.path, tokens=self._count(c.text), reason=c.reason, score=c.score) for c in chunks
        )

    def _count(self, text: str) -> int:
        return self.engine.count(text)

    # --- while nobody waits --------------------------------------------------------------------------

    def rest(self) -> None:
        """Stop what is done ahead of the user's next request."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def _while_idle(self, request: _Request, shown: str | None) -> None:
        """Work ahead until the next request comes and cancels this."""
        try:
            await self._work_ahead(request, shown)
        except EngineError as error:
            log.warning("What was done ahead has failed: %s", error)
        except Exception:
            log.exception("What was done ahead has failed.")

    async def _work_ahead(self, request: _Request, shown: str | None) -> None:
        """Prepare what the next requests need, the most needed first."""
        document, snapshot, place = request.document, request.snapshot, request.place
        sizes = self._budget(request.settings)
        # What the answer has left undone comes first, and at once; the rest only in a pause.
        self._prepare(document.prompts.wanted(place, sizes))
        await asyncio.sleep(PAUSE_SECONDS)
        if not may_work_ahead(request.settings.ahead):
            return
        accepted = replace(place, before=place.before + (shown or ""))
        if shown and not self._showing.written(snapshot.document, accepted):
            flight = await self._take_off(request, accepted, Priority.NEXT)
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


def _is_shown(reading: Reading, completion: Completion | None) -> bool:
    return completion is None or shaped(reading, completion).text is not None


def _explained(report: Report, suggestion: Suggestion) -> Report:
    completion = suggestion.completion
    return replace(report, raw=completion.text, chances=completion.chances, steps=suggestion.steps)


def _with_suggestion(report: Report, suggestion: Suggestion | None, snapshot: Snapshot) -> Report:
    """Return a report with what is shown, in the document's own line ends."""
    if suggestion is None:
        return report
    line_break = dominant_line_break(snapshot.text)
    others = (suggestion.others or ()) if snapshot.trigger is Trigger.INVOKED else ()
    text, *alternatives = (each.replace("\n", line_break) for each in (suggestion.text, *others))
    return replace(report, suggestion=text, alternatives=tuple(alternatives))
