"""What every engine offers, be it llama.cpp in this process, another machine, or a script in a test.

The unit is the token id. ``tokenize`` never makes a special token of text; whoever wants one asks
for it by its text with ``special``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
    TIME = "the time was over"
    CANCELLED = "the request was cancelled"


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load a model. ``threads`` and ``context_tokens`` of 0 leave the choice to midfill."""

    context_tokens: int = 0
    threads: int = 0
    gpu_layers: int = -1


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The model that an engine runs.

    ``name`` is what the file calls itself. ``context_length`` is how many tokens a prompt and its
    generation may take together.
    """

    name: str
    path: Path
    context_length: int
    vocabulary_size: int
    parameters: int


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One prompt and its limits.

    ``tokens`` must not be empty and must leave room for ``max_tokens`` in the model's context.
    ``end_tokens`` end the generation and are not part of its text. ``is_complete`` is given the text
    so far after each token, and ends the generation by returning true; it must be quick and pure.
    ``max_milliseconds`` counts from the first token on, so that a slow prefill still yields one.
    """

    tokens: tuple[int, ...]
    end_tokens: frozenset[int]
    is_complete: Callable[[str], bool]
    max_tokens: int
    max_milliseconds: float
    priority: Priority = Priority.WAITED_FOR


@dataclass(frozen=True, slots=True)
class Generation:
    """What came of a request.

    ``text`` holds whole characters only. ``reused`` prompt tokens were in the KV cache and
    ``evaluated`` were computed now; of a cancelled request the rest were not reached.
    ``milliseconds`` has ``queue``, ``prefill`` and ``decode``.
    """

    text: str
    tokens: tuple[int, ...]
    reused: int
    evaluated: int
    stop: Stop
    milliseconds: dict[str, float]


class Engine(Protocol):
    """A loaded model. All methods may be called from any thread; once it is closed, they raise EngineError."""

    @property
    def info(self) -> ModelInfo:
        """The model."""
        ...

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text; special tokens' texts become ordinary tokens."""
        ...

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none."""
        ...

    async def generate(self, request: GenerationRequest) -> Generation:
        """Generate greedily. Cancelling the awaiting task cancels the generation within one token or slice.

        Raises:
            EngineError: llama.cpp failed, and the engine stays usable; or the engine has been closed.
        """
        ...

    def close(self) -> None:
        """Cancel what runs and give the memory back. Closing twice does nothing."""
        ...
