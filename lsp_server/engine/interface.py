"""What every engine offers, be it llama.cpp in this process, another machine, or a script in a test.

The unit is the token id. ``tokenize`` never makes a special token of text; whoever wants one asks
for it by its text with ``special``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


# Of how many tokens of a text, from its start, the probabilities are told.
CHANCES = 8


class Priority(IntEnum):
    """Who goes first; the smaller number."""

    WAITED_FOR = 0
    NEXT = 1
    BACKGROUND = 2


class Stop(Enum):
    """What ended a generation."""

    END = "the model ended the middle"
    RULE = "the stop rule was met"
    TOKENS = "the limit on tokens was reached"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load a model; 0 leaves ``cells`` and ``threads`` to midfill, and so does -1 ``gpu_layers``.

    ``cells`` are the tokens that the KV cache holds, of all prompts together, as ``cache_type`` values ("f16" or
    "q8_0"). ``flash_attention`` is "auto", "on" or "off". ``folder`` is where speeds and
    states of the KV cache are kept between runs, ``None`` for nowhere; states take ``state_bytes`` at most.
    """

    cells: int = 0
    threads: int = 0
    gpu_layers: int = -1
    flash_attention: str = "auto"
    cache_type: str = "f16"
    folder: Path | None = None
    state_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that an engine runs.

    ``name`` is what the file calls itself. ``context_length`` is how many tokens a prompt and its
    generation may take together. ``gpu_layers`` are on graphics cards. ``note`` is a sentence for the user where it
    could not be loaded as it should have been, empty otherwise.
    """

    name: str
    path: Path
    context_length: int
    vocabulary_size: int
    parameters: int
    gpu_layers: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens a second: of a prompt, and one after the other. Both above 0."""

    prefill: float
    decode: float


def _never_complete(_text: str) -> bool:
    return False


def _ignore(_text: str, _chances: tuple[float, ...]) -> None:
    return


@dataclass(frozen=True, slots=True)
class Healing:
    """How the end of a prompt's text is taken back so that a token may begin before the cursor.

    The first ``kept`` tokens stay; the others' bytes are ``forced``, empty where all stay.
    """

    kept: int
    forced: bytes


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn: by their probabilities at a ``temperature`` above 0, from the likeliest of ``top_p``.

    ``top_p``, above 0 and at most 1, is the probability that those have together; equal seeds draw equal tokens as
    long as the engine computes equal logits.
    """

    temperature: float
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One prompt and its limits.

    ``tokens`` must not be empty and must leave room for ``max_tokens`` in the model's context; with
    ``max_tokens`` of 0 the prompt is only evaluated. The first ``head`` tokens are worth keeping in the
    KV cache for later prompts. ``end_tokens`` end the generation and are not part of its text.

    What is generated begins with the bytes ``forced``, which are not part of the text either; until they are
    there nothing but ``max_tokens`` ends the generation. ``candidates``, from 1 to 3, is how many texts that
    begin with different tokens are wanted. Each token is the likeliest, or drawn where there is a ``sampling``; then
    there must be one candidate.

    ``is_complete`` is given the text so far after each token, and ends it by returning true; ``on_text`` is told
    the same text and the chances so far, see :class:`Generation`. Both are called on the engine's thread and must be
    quick. Of several candidates ``on_text`` is told the first only, and ``is_complete`` is asked about all of them in
    turn, so it must depend on nothing but the text.
    """

    tokens: tuple[int, ...]
    max_tokens: int
    end_tokens: frozenset[int] = frozenset()
    head: int = 0
    forced: bytes = b""
    candidates: int = 1
    sampling: Sampling | None = None
    is_complete: Callable[[str], bool] = _never_complete
    on_text: Callable[[str, tuple[float, ...]], None] = _ignore
    priority: Priority = Priority.WAITED_FOR


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another text than the most likely one, never empty; its fields are those of :class:`Generation`."""

    text: str
    tokens: tuple[int, ...]
    chances: tuple[float, ...]
    score: float
    stop: Stop


@dataclass(frozen=True, slots=True)
class Generation:
    """What came of a request.

    ``text`` holds whole characters only. ``tokens`` are all that were generated, those of the forced bytes too.
    ``reused`` prompt tokens were in the KV cache and ``evaluated`` were computed for it.

    ``chances`` are the probabilities, above 0 and at most 1, of the first ``CHANCES`` tokens that wrote the text, each
    given what stands before it; of one that begins with forced bytes, given those too. ``score`` is the mean natural
    logarithm of the probabilities of all tokens that wrote the text. Where there were none, there are no
    chances and the score is 0.

    ``others`` begin with the next most likely tokens, the most likely first; they are fewer than were asked for where
    the KV cache has no room, or where they come to the same text as one before them.
    """

    text: str
    tokens: tuple[int, ...]
    reused: int
    evaluated: int
    stop: Stop
    chances: tuple[float, ...] = ()
    score: float = 0.0
    others: tuple[Alternative, ...] = ()


@dataclass(slots=True)
class Meter:
    """What a request has cost so far: tokens of its prompt, and milliseconds.

    ``queue`` passed before it was begun, ``prefill`` and ``decode`` inside of llama.cpp.
    """

    reused: int = 0
    evaluated: int = 0
    queue: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0


class Running(Protocol):
    """A request that an engine has taken on."""

    @property
    def meter(self) -> Meter:
        """What it has cost so far."""
        ...

    async def result(self) -> Generation:
        """Wait for the end. May be awaited more than once; that the awaiting task is cancelled changes nothing.

        Raises:
            EngineError: llama.cpp failed, and the engine stays usable.
            asyncio.CancelledError: the request was cancelled, or the engine closed.
        """
        ...

    def let_wait(self, priority: Priority) -> None:
        """Go on with this priority from now on."""
        ...

    def cancel(self) -> None:
        """Stop within one decode step. What has been evaluated stays in the KV cache."""
        ...


class Engine(Protocol):
    """A loaded model. All methods may be called from any thread; once it is closed, they raise EngineError."""

    @property
    def info(self) -> ModelInfo:
        """The model."""
        ...

    @property
    def speed(self) -> Speed:
        """How fast the model runs on this machine, as measured."""
        ...

    @property
    def evaluated_tokens(self) -> int:
        """How many prompt tokens have been evaluated so far, for whomever."""
        ...

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text; special tokens' texts become ordinary tokens."""
        ...

    def count(self, text: str) -> int:
        """Return about how many tokens a plain text has, at once: exactly, unless a server would have to be asked."""
        ...

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none."""
        ...

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Return how the end of a prompt's text is taken back so that a token may begin before the cursor.

        The most tokens whose bytes some longer token begins with are taken back, never a special one; of a prompt that
        has none, that may be all.
        """
        ...

    def held(self, tokens: Sequence[int]) -> int:
        """Return how many leading tokens of a prompt would not have to be evaluated now."""
        ...

    def submit(self, request: GenerationRequest) -> Running:
        """Take on a generation. Needs a running event loop."""
        ...

    def save(self) -> None:
        """Write what is worth having at the next start to disk, when nothing else is to do."""
        ...

    def close(self) -> None:
        """Cancel what runs, save, and give the memory back. Closing twice does nothing."""
        ...


async def generate(engine: Engine, request: GenerationRequest) -> Generation:
    """Generate, and cancel the generation where the awaiting task is cancelled.

    Raises:
        EngineError: llama.cpp failed, and the engine stays usable; or the engine has been closed.
    """
    running = engine.submit(request)
    try:
        return await running.result()
    except asyncio.CancelledError:
        running.cancel()
        raise
