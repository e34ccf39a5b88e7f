"""The way of one keystroke, from a snapshot of a document to a report. Knows no LSP and no llama.cpp."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.context.gather import gather
from lsp_server.core import Chunk, ChunkReport, Reason, Report, Snapshot
from lsp_server.engine.interface import Generation, GenerationRequest, LoadOptions, Stop
from lsp_server.errors import EngineError, ModelUnsuitable
from lsp_server.metrics import Stopwatch
from lsp_server.prompt import anchor, fim
from lsp_server.suggestion import shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.config import Settings
    from lsp_server.engine.interface import Engine

# Characters; reading more would hold up the editor for what a window of a few hundred lines uses.
LARGEST_DOCUMENT = 10_000_000
# Of a model's context, a suggestion and the pieces of other files get no more than these shares.
LARGEST_GENERATION_SHARE = 0.25
LARGEST_CHUNKS_SHARE = 0.45
# The chunks, the names and the special tokens together.
LARGEST_FRAME_SHARE = 0.6
# Of what is left of the prompt, what follows the cursor gets no more than this.
SUFFIX_SHARE = 0.3


def load_options(settings: Settings) -> LoadOptions:
    """Return how to load the model that the settings name: with room for the longest prompt and suggestion."""
    return LoadOptions(settings.prompt_tokens + settings.max_tokens, settings.threads, settings.gpu_layers)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the engine is given, and what shaping needs to know of it."""

    tokens: tuple[int, ...]
    chunks: tuple[ChunkReport, ...]
    split: anchor.Split
    extent: shape.Extent
    max_tokens: int


class Pipeline:
    """Completes documents with one engine. Holds nothing but what the model's format is."""

    def __init__(self, engine: Engine) -> None:
        """Recognise the model's format.

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
        self.form = form
        self.end_tokens = frozenset(token for token in map(engine.special, form.stop) if token is not None)

    async def complete(self, snapshot: Snapshot, settings: Settings) -> Report:
        """Return what to show at the cursor, or why nothing is shown.

        Raises:
            asyncio.CancelledError: the awaiting task was cancelled; the engine stops within one token.
        """
        watch = Stopwatch()
        report = Report(self.engine.info.name)
        if not settings.enabled:
            return report.without_suggestion(Reason.SWITCHED_OFF)
        if len(snapshot.text) > LARGEST_DOCUMENT:
            return report.without_suggestion(Reason.TOO_LARGE, f"{len(snapshot.text):,} characters")
        try:
            # Reading other files and tokenizing take milliseconds that would hold up the editor's next message.
            prompt = await asyncio.to_thread(self.prompt, snapshot, settings)
            watch.lap("prompt")
            report = replace(report, chunks=prompt.chunks, prompt_tokens=len(prompt.tokens))
            generation = await self.engine.generate(self._request(prompt, settings))
        except EngineError as error:
            return replace(report, milliseconds=watch.stop()).without_suggestion(Reason.ENGINE_FAILED, str(error))
        return _finished(report, prompt, generation, dominant_line_break(snapshot.text), watch)

    def _request(self, prompt: Prompt, settings: Settings) -> GenerationRequest:
        return GenerationRequest(
            tokens=prompt.tokens,
            end_tokens=self.end_tokens,
            is_complete=partial(shape.is_complete, prompt.extent),
            max_tokens=prompt.max_tokens,
            max_milliseconds=settings.max_milliseconds,
        )

    def prompt(self, snapshot: Snapshot, settings: Settings) -> Prompt:
        """Return the prompt for a snapshot. The model sees plain line breaks and no byte order mark."""
        before = plain(snapshot.text[: snapshot.offset].removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))
        whole = anchor.split(before + plain(snapshot.text[snapshot.offset :]), len(before))
        context = self.engine.info.context_length
        max_tokens = min(settings.max_tokens, int(context * LARGEST_GENERATION_SHARE))
        room = min(settings.prompt_tokens, context - max_tokens)
        chunks = self._chunks(snapshot, min(settings.context_tokens, int(room * LARGEST_CHUNKS_SHARE)))
        frame = len(self._encode(snapshot, chunks, anchor.Split("", "", "")))
        if frame > room * LARGEST_FRAME_SHARE:
            # Names so long that the code would have no room: the document goes without them.
            snapshot, chunks = replace(snapshot, path=None, root=None), ()
            frame = len(self._encode(snapshot, chunks, anchor.Split("", "", "")))
        split, tokens = self._fitted(snapshot, chunks, whole, room - frame, room)
        how_much = shape.extent(whole.middle, whole.suffix)
        reports = tuple(ChunkReport(path=c.path, tokens=self._count(c.text), reason=c.reason) for c in chunks)
        return Prompt(tokens, reports, split, how_much, max_tokens)

    def _fitted(
        self, snapshot: Snapshot, chunks: Sequence[Chunk], whole: anchor.Split, budget: int, room: int
    ) -> tuple[anchor.Split, tuple[int, ...]]:
        """Cut the document to ``budget`` tokens and encode the prompt, which has at most ``room``."""
        while True:
            split = anchor.window(whole, budget, int(budget * SUFFIX_SHARE), self._count)
            tokens = self._encode(snapshot, chunks, split)
            if len(tokens) <= room:
                return split, tokens
            budget = max(1, budget - (len(tokens) - room))

    def _chunks(self, snapshot: Snapshot, budget: int) -> tuple[Chunk, ...]:
        if snapshot.path is None or snapshot.root is None:
            return ()
        return gather(snapshot.path, snapshot.root, snapshot.text, budget, self._count)

    def _count(self, text: str) -> int:
        return len(self.engine.tokenize(text))

    def _encode(self, snapshot: Snapshot, chunks: Sequence[Chunk], split: anchor.Split) -> tuple[int, ...]:
        segments = fim.file_level(self.form, split.prefix, split.suffix, split.middle)
        if snapshot.name:
            segments = fim.repository_level(self.form, snapshot.repository, chunks, snapshot.name, segments)
        return fim.encode(segments, self.engine.tokenize, self.engine.special)


def _finished(report: Report, prompt: Prompt, generation: Generation, line_break: str, watch: Stopwatch) -> Report:
    watch.add(generation.milliseconds)
    shaped = shape.shape(
        generation.text,
        prompt.split.middle,
        prompt.split.suffix,
        prompt.extent,
        is_cut_off=generation.stop in (Stop.TOKENS, Stop.TIME),
    )
    watch.lap("shape")
    return replace(
        report,
        reused_tokens=generation.reused,
        evaluated_tokens=generation.evaluated,
        generated_tokens=len(generation.tokens),
        milliseconds=watch.stop(),
        suggestion=shaped.text.replace("\n", line_break) if shaped.text else None,
        reason=shaped.reason,
    )


def plain(text: str) -> str:
    r"""Return the text with ``\n`` for each of LSP's line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def dominant_line_break(text: str) -> str:
    r"""Return the line end that most lines of a text have; ``\n`` where there are none or as many of each."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"
