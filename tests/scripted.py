"""An engine that says what it is told to: a token is a character, special tokens are negative numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.engine.interface import (
    CHANCES,
    Alternative,
    Generation,
    GenerationRequest,
    Healing,
    Meter,
    ModelInfo,
    Priority,
    Speed,
    Stop,
)
from lsp_server.prompt.fim import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

SPECIAL = {
    text: -1 - number for number, text in enumerate(dict.fromkeys(text for form in FORMATS for text in form.stop))
}


def spelled(tokens: Sequence[int]) -> str:
    """Return the text of a scripted engine's tokens."""
    names = {token: text for text, token in SPECIAL.items()}
    return "".join(names[token] if token < 0 else chr(token) for token in tokens)


@dataclass
class Played:
    """A request whose outcome is known at once."""

    engine: ScriptedEngine
    request: GenerationRequest
    meter: Meter

    async def result(self) -> Generation:
        """Return the outcome."""
        return self.engine.play(self.request)

    def let_wait(self, priority: Priority) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""


@dataclass
class ScriptedEngine:
    """Answers every request with ``text``, up to the request's own limits, and keeps what it was asked.

    ``text`` is what stands behind the cursor: what a request forces has been written before it. ``others`` are
    the alternatives, the first of them for a request that wants two candidates. ``chances`` are told of
    each text; their last stands for all tokens behind them. Healing takes ``heals`` characters back.
    """

    text: str = ""
    context_length: int = 4096
    error: Exception | None = None
    requests: list[GenerationRequest] = field(default_factory=list)
    others: tuple[str, ...] = ()
    chances: tuple[float, ...] = (1.0,)
    heals: int = 0

    @property
    def info(self) -> ModelInfo:
        """A model of this script."""
        return ModelInfo("scripted", Path("scripted.gguf"), self.context_length, 0x110000, 0)

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the code points."""
        return tuple(map(ord, text))

    def count(self, text: str) -> int:
        """Return the number of code points."""
        return len(text)

    def special(self, text: str) -> int | None:
        """Return a number below 0."""
        return SPECIAL.get(text)

    @property
    def speed(self) -> Speed:
        """So fast that every prompt can be evaluated at once."""
        return Speed(1e6, 1e6)

    @property
    def evaluated_tokens(self) -> int:
        """All tokens of all prompts: nothing is reused."""
        return sum(len(request.tokens) for request in self.requests)

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Take the last characters back, none of them special."""
        kept = len(tokens)
        while kept and len(tokens) - kept < self.heals and tokens[kept - 1] >= 0:
            kept -= 1
        return Healing(kept, spelled(tokens[kept:]).encode())

    def held(self, _tokens: Sequence[int]) -> int:
        """Hold nothing."""
        return 0

    def submit(self, request: GenerationRequest) -> Played:
        """Play the text."""
        self.requests.append(request)
        return Played(self, request, Meter(evaluated=len(request.tokens)))

    def play(self, request: GenerationRequest) -> Generation:
        """Return the text, up to the request's own limits."""
        if self.error is not None:
            raise self.error
        first = self._written(self.text, request)
        others = tuple(self._written(text, request) for text in self.others[: request.candidates - 1])
        return Generation(
            first.text, first.tokens, 0, len(request.tokens), first.stop, first.chances, first.score, others
        )

    def _written(self, text: str, request: GenerationRequest) -> Alternative:
        """Return as much of a text as the request's limits let through."""
        shown, stop = "", Stop.END
        for character in text:
            if len(shown) == request.max_tokens:
                stop = Stop.TOKENS
                break
            shown += character
            if request.is_complete(shown):
                stop = Stop.RULE
                break
        chances = (self.chances + self.chances[-1:] * len(shown))[: len(shown)]
        score = sum(map(math.log, chances)) / len(shown) if shown else 0.0
        return Alternative(shown, self.tokenize(shown), chances[:CHANCES], score, stop)

    def save(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def prompt(self, number: int = -1) -> str:
        """Return the prompt of a request as text."""
        return spelled(self.requests[number].tokens)
