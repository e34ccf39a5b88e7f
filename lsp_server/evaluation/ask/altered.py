"""An engine whose requests are changed on their way: what the product hands to the model is its own, but for that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.engine.interface import GenerationRequest, Healing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.engine.interface import Engine, ModelInfo, Running, Sampling, Speed


class Altered:
    """An engine that does what another does. Closing it closes nothing: the other may have more to do.

    Tokens are drawn as ``sampling`` says, which may be replaced at any time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.sampling: Sampling | None = None

    @property
    def info(self) -> ModelInfo:
        """The model."""
        return self._engine.info

    @property
    def speed(self) -> Speed:
        """How fast the model runs on this machine, as measured."""
        return self._engine.speed

    @property
    def evaluated_tokens(self) -> int:
        """How many prompt tokens have been evaluated so far, for whomever."""
        return self._engine.evaluated_tokens

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text."""
        return self._engine.tokenize(text)

    def count(self, text: str) -> int:
        """Return about how many tokens a plain text has."""
        return self._engine.count(text)

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none."""
        return self._engine.special(text)

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Return how the end of a prompt's text is taken back."""
        return self._engine.heal(tokens)

    def held(self, tokens: Sequence[int]) -> int:
        """Return how many leading tokens of a prompt would not have to be evaluated now."""
        return self._engine.held(tokens)

    def submit(self, request: GenerationRequest) -> Running:
        """Take on a generation."""
        return self._engine.submit(replace(request, sampling=self.sampling))

    def save(self) -> None:
        """Write nothing: the prompts of an evaluation are nobody's next start."""

    def close(self) -> None:
        """Do nothing."""


class Unhealed(Altered):
    """Takes no token back where the cursor stands within one."""

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Return that all tokens stay."""
        return Healing(len(tokens), b"")


class Unstopped(Altered):
    """Writes until the model ends, or the limit on tokens."""

    def submit(self, request: GenerationRequest) -> Running:
        """Take on a generation without its stop rule."""
        return super().submit(replace(request, is_complete=lambda _text: False))
