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
from lsp_server.core import ChunkReport, Place, Reason, Report, Source, Trigger, plain
from lsp_server.engine.interface import GenerationRequest, LoadOptions, Priority
from lsp_server.errors import EngineError, ModelUnsuitable
from lsp_server.flight import Flight, Limits, Origin
from lsp_server.metrics import Stopwatch
from lsp_server.power import may_work_ahead
from lsp_server.prompt import fim
from lsp_server.prompt.budget import Budget, budget
from lsp_server.prompts import Prompts
from lsp_server.quiet import forbidden, unwanted
from lsp_server.reading import Reading, language_at
from lsp_server.suggestion.cache import Completion, Memory, Suggestion, kept_extent
from lsp_server.suggestion.ends import stopper
from lsp_server.suggestion.shape import Raw, Shaped, shape
from lsp_server.suggestion.silence import is_unsure
from lsp_server.suggestion.structure import reader

if TYPE_CHECKING:
    from lsp_server.chunks import Context
    from lsp_server.config import Settings
    from lsp_server.core import Chunk, Snapshot
    from lsp_server.engine.interface import Engine, Running
    from lsp_server.prompts import Head

log = logging.getLogger(__name__)

# Documents whose anchors are remembered.
REMEMBERED_DOCUMENTS = 64
# What a user who asks for suggestions can turn through.
CANDIDATES = 3
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
        self._completions: Memory[Completion] = Memory()
        self._shown: Memory[Suggestion] = Memory()
        self._shaping: object = None
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
        self._heed(settings)
        place = place_of(snapshot)
        if quiet := unwanted(snapshot, place):
            return report.without_suggestion(*quiet)
        document = self._document(snapshot)
        try:
            suggestion, report = await self._suggestion(document, snapshot, place, settings, watch)
        except EngineError as error:
            return replace(report, milliseconds=watch.stop()).without_suggestion(Reason.ENGINE_FAILED, str(error))
        background = self.engine.evaluated_tokens - document.evaluated_before - report.evaluated_tokens
        document.evaluated_before = self.engine.evaluated_tokens
        shown = suggestion.text if suggestion else None
        self._idle = asyncio.create_task(self._while_idle(document, snapshot, place, shown, settings))
        line_break = dominant_line_break(snapshot.text)
        others = (suggestion.others or ()) if suggestion and snapshot.trigger is Trigger.INVOKED else ()
        return replace(
            report,
            background_tokens=max(0, background),
            milliseconds=watch.stop(),
            suggestion=shown.replace("\n", line_break) if shown else None,
            alternatives=tuple(other.replace("\n", line_break) for other in others),
        )

    def _heed(self, settings: Settings) -> None:
        """Forget what other settings have made of a text."""
        shaping = (settings.multiline, dict(settings.multiline_by_language), settings.confidence)
        if shaping != self._shaping:
            self._completions.clear()
            self._shown.clear()
        self._shaping = shaping

    def forget(self, uri: str) -> None:
        """Forget a document that has been closed."""
        if document := self._documents.pop(uri, None):
            for flight in document.flights:
                flight.cancel()
        self._prepare(None)
        self._completions.forget(uri)
        self._shown.forget(uri)

    def _document(self, snapshot: Snapshot) -> _Document:
        if snapshot.document not in self._documents:
            prompts = Prompts(self.engine, self.form)
            chunks = Chunks(self._context, self._count)
            evaluated = self.engine.evaluated_tokens
            reading = Reading(snapshot)
            self._documents[snapshot.document] = _Document(prompts, chunks, reading, evaluated_before=evaluated)
        return self._documents[snapshot.document]

    def _budget(self, settings: Settings) -> Budget:
        speed = self.engine.speed
        return budget(settings, speed.prefill, speed.decode, self.engine.info.context_length)

    # --- what is shown -------------------------------------------------------------------------------

    async def _suggestion(
        self, document: _Document, snapshot: Snapshot, place: Place, settings: Settings, watch: Stopwatch
    ) -> tuple[Suggestion | None, Report]:
        """Return what to show at a place, and the report of how it came to be."""
        known = self._known(document, snapshot.document, place)
        if snapshot.trigger is Trigger.INVOKED:
            if known is None or known.others is None:
                return await self._candidates(document, snapshot, place, settings, watch, known)
        elif known is not None and not (known.is_growing and self._has_more(document, snapshot, place)):
            watch.lap("memory")
            return known, self._explained(Report(self.engine.info.name, Source.MEMORY), known)
        completion, report = await self._completion(document, snapshot, place, settings, watch)
        shaped = self._shaped(document, completion)
        watch.lap("shape")
        if known is not None and not (shaped.text or "").startswith(known.text):
            # What is on the screen stays: the model has gone on to something that the rules make less of.
            return known, self._explained(report, known)
        reason = shaped.reason
        if reason is None and is_unsure(completion.chances, settings.confidence / 100):
            reason = Reason.UNSURE
        report = replace(report, raw=completion.text, chances=completion.chances, steps=shaped.steps)
        if shaped.text is None or reason is not None:
            return None, report.without_suggestion(reason or Reason.EMPTY)
        is_growing = any(not flight.has_ended and flight.has_more_at(place) for flight in document.flights)
        suggestion = Suggestion(
            snapshot.document, place, place, shaped.text, completion, shaped.steps, is_growing=is_growing
        )
        self._shown.add(suggestion)
        return suggestion, report

    def _has_more(self, document: _Document, snapshot: Snapshot, place: Place) -> bool:
        """Return whether more has been written since something was shown."""
        return bool(document.joined(place) or self._completions.find(snapshot.document, place))

    def _known(self, document: _Document, name: str, place: Place) -> Suggestion | None:
        """Return what is left at a place of what was shown, ``None`` where nothing is."""
        shown = self._shown.find(name, place)
        if shown is None or not shown.text.strip():
            return None
        if shown.origin.after == place.after:
            return shown
        # The editor has closed something behind the cursor: what is left must fit before that.
        how_much = kept_extent(shown.completion.extent, shown.origin, place)
        left = shape(Raw(shown.text, is_cut_off=False), document.reading.hole(place, how_much), None)
        return replace(shown, text=left.text, steps=(*shown.steps, *left.steps)) if left.text else None

    def _explained(self, report: Report, suggestion: Suggestion) -> Report:
        completion = suggestion.completion
        return replace(report, raw=completion.text, chances=completion.chances, steps=suggestion.steps)

    def _shaped(self, document: _Document, completion: Completion) -> Shaped:
        hole = document.reading.hole(completion.place, completion.extent)
        return shape(Raw(completion.text, completion.is_cut_off), hole, document.reading.at_hand(completion.place))

    async def _candidates(  # noqa: PLR0913, PLR0917  each is needed once, here
        self,
        document: _Document,
        snapshot: Snapshot,
        place: Place,
        settings: Settings,
        watch: Stopwatch,
        known: Suggestion | None,
    ) -> tuple[Suggestion | None, Report]:
        """Return several suggestions for somebody who has asked for them, what is on the screen first."""
        for flight in document.flights:
            flight.cancel()
        flight = await self._take_off(document, snapshot, place, settings, Priority.WAITED_FOR, CANDIDATES)
        watch.lap("prompt")
        completion = await flight.landed()
        report = self._costs(Report(self.engine.info.name), flight, watch)
        shaped = [self._shaped(document, each) for each in (completion, *completion.others)]
        watch.lap("shape")
        texts = [known.text] if known else []
        texts += [each.text for each in shaped if each.text]
        first = shaped[0]
        report = replace(report, raw=completion.text, chances=completion.chances, steps=first.steps)
        if not texts:
            return None, report.without_suggestion(first.reason or Reason.EMPTY)
        text, *others = list(dict.fromkeys(texts))[:CANDIDATES]
        suggestion = Suggestion(snapshot.document, place, place, text, completion, first.steps, tuple(others))
        self._shown.add(suggestion)
        return suggestion, report

    # --- what the model writes -----------------------------------------------------------------------

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
        await flight.wait(settings.latency_ms / 1000, lambda: self._is_shown(document, flight.completion.at(place)))
        completion = flight.completion.at(place)
        if completion is None:
            # It went on differently from what was typed in the meantime, which it was not asked to fit.
            return await self._completion(document, snapshot, place, settings, watch)
        if flight.is_reported:
            watch.add({"queue": 0.0, "prefill": 0.0, "decode": (time.perf_counter() - started) * 1000})
            return completion, replace(report, source=Source.MEMORY)
        return completion, self._costs(report, flight, watch)

    def _is_shown(self, document: _Document, completion: Completion | None) -> bool:
        return completion is None or self._shaped(document, completion).text is not None

    def _costs(self, report: Report, flight: Flight, watch: Stopwatch) -> Report:
        """Return a report with what a flight has cost; it is told once."""
        flight.is_reported = True
        meter, tokens = flight.meter, len(flight.prompt.tokens)
        watch.add({"queue": meter.queue, "prefill": meter.prefill, "decode": meter.decode})
        return replace(
            report,
            chunks=self._chunk_reports(flight.prompt.head.chunks),
            prompt_tokens=tokens,
            reused_tokens=meter.reused,
            evaluated_tokens=tokens - meter.reused,
            generated_tokens=flight.tokens,
        )

    async def _take_off(  # noqa: PLR0913, PLR0917  each is needed once, here
        self,
        document: _Document,
        snapshot: Snapshot,
        place: Place,
        settings: Settings,
        priority: Priority,
        candidates: int = 1,
    ) -> Flight:
        """Begin to generate at a place."""
        sizes = self._budget(settings)
        _, parsed = await asyncio.gather(
            document.chunks.begin(snapshot, place, sizes.context), document.reading.read(place)
        )
        document.prompts.chunks = document.chunks.in_force
        prompt = document.prompts.choose(snapshot, place, sizes)
        how_much = document.reading.extent(place, settings)
        is_complete = stopper(document.reading.hole(place, how_much), reader(parsed, len(place.before)))
        flight = Flight(
            self.engine,
            Origin(snapshot.document, place, how_much),
            prompt,
            Limits(sizes.generation, self.end_tokens, is_complete, candidates),
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


def place_of(snapshot: Snapshot) -> Place:
    """Return the cursor in the text that the model sees: plain line breaks and no byte order mark."""
    before = snapshot.text[: snapshot.offset].removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return Place(plain(before), plain(snapshot.text[snapshot.offset :]))


def dominant_line_break(text: str) -> str:
    r"""Return the line end that most lines of a text have; ``\n`` where there are none or as many of each."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"
