"""An engine that says what it is told to: a token is a character, special tokens are negative numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.engine.interface import Generation, GenerationRequest, Meter, ModelInfo, Priority, Speed, Stop
from lsp_server.prompt.fim import QWEN25_CODER

if TYPE_CHECKING:
    from collections.abc import Sequence

SPECIAL = {text: -1 - number for number, text in enumerate(QWEN25_CODER.stop)}


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
    """Answers every request with ``text``, up to the request's own limits, and keeps what it was asked."""

    text: str = ""
    context_length: int = 4096
    error: Exception | None = None
    requests: list[GenerationRequest] = field(default_factory=list)

    @property
    def info(self) -> ModelInfo:
        """A model of this script."""
        return ModelInfo("scripted", Path("script"), self.context_length, 0x110000, 0)

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the code points."""
        return tuple(map(ord, text))

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
        shown, stop = "", Stop.END
        for character in self.text:
            if len(shown) == request.max_tokens:
                stop = Stop.TOKENS
                break
            shown += character
            if request.is_complete(shown):
                stop = Stop.RULE
                break
        tokens = self.tokenize(shown)
        return Generation(shown, tokens, 0, len(request.tokens), stop)

    def save(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def prompt(self, number: int = -1) -> str:
        """Return the prompt of a request as text."""
        return spelled(self.requests[number].tokens)
