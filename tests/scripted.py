"""An engine that says what it is told to: a token is a character, special tokens are negative numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lsp_server.engine.interface import Generation, GenerationRequest, ModelInfo, Stop
from lsp_server.prompt.fim import QWEN25_CODER

SPECIAL = {text: -1 - number for number, text in enumerate(QWEN25_CODER.stop)}


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

    async def generate(self, request: GenerationRequest) -> Generation:
        """Play the text."""
        self.requests.append(request)
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
        return Generation(shown, tokens, 0, len(request.tokens), stop, {"queue": 0.0, "prefill": 0.0, "decode": 0.0})

    def close(self) -> None:
        """Do nothing."""

    def prompt(self, number: int = -1) -> str:
        """Return the prompt of a request as text."""
        names = {token: text for text, token in SPECIAL.items()}
        return "".join(names[t] if t < 0 else chr(t) for t in self.requests[number].tokens)
