"""One text under way: which token comes next, what it adds, and whether that is the end.

Knows neither llama.cpp nor the KV cache: it is handed logits, and says what to do.
"""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.interface import CHANCES, Alternative, Stop
from lsp_server.engine.sampling import drawn
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from lsp_server.engine.interface import GenerationRequest
    from lsp_server.engine.vocabulary import Vocabulary

    Logits = npt.NDArray[np.float32]

# A probability with a smaller natural logarithm would be 0 as a number.
LEAST_LOG = -700.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A token that may come next. ``log`` is the natural logarithm of its probability, at most 0."""

    token: int
    log: float


class Branch:
    """A text and its tokens, behind what ``sequence`` of the KV cache holds.

    ``stop`` is what ended it, ``None`` while it goes on. ``on_text`` is told of it as in a request.
    """

    def __init__(
        self,
        request: GenerationRequest,
        vocabulary: Vocabulary,
        sequence: int,
        on_text: Callable[[str, tuple[float, ...]], None],
    ) -> None:
        self.sequence = sequence
        self.tokens: list[int] = []
        self.text = ""
        self.chances: tuple[float, ...] = ()
        self.stop: Stop | None = None if request.max_tokens else Stop.TOKENS
        self._request, self._vocabulary, self._on_text = request, vocabulary, on_text
        self._forced = request.forced
        # A character may span tokens: the decoder holds the bytes of one that is not whole yet.
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._dice = np.random.default_rng(request.sampling.seed) if request.sampling else None
        self._logs = 0.0
        self._counted = 0

    @property
    def score(self) -> float:
        """The mean logarithm of the probabilities of the tokens that wrote the text, 0 where there are none."""
        return self._logs / self._counted if self._counted else 0.0

    def beside(self, sequence: int) -> Branch:
        """Return a branch in a sequence of its own that goes on from here; of this one there must be no text yet."""
        branch = Branch(self._request, self._vocabulary, sequence, lambda _text, _chances: None)
        branch.tokens, branch._forced = list(self.tokens), self._forced
        return branch

    def as_alternative(self) -> Alternative | None:
        """Return what it came to, ``None`` where that is nothing or it has not ended."""
        if not self.text or self.stop is None:
            return None
        return Alternative(self.text, tuple(self.tokens), self.chances, self.score, self.stop)

    def choose(self, logits: Logits, count: int) -> list[Choice]:
        """Return the next token and up to ``count`` - 1 next most likely ones that could stand in its place.

        While bytes are forced, the tokens are those that can make them up, and the probabilities are given that.
        There are rivals only where the token completes what is forced: they complete it too, and neither
        end the generation nor stand for nothing.

        Raises:
            EngineError: no token of the vocabulary can make up the forced bytes.
        """
        best, total = self._next(logits)
        choice = Choice(best, _log(logits[best], total))
        if count <= 1 or not self.is_completed_by(choice):
            return [choice]
        ids = self._vocabulary.beginning_with(self._forced)
        values = _without(logits, [*self._request.end_tokens, best])[ids]
        return [choice, *(Choice(int(ids[i]), _log(values[i], total)) for i in _largest(values, count - 1))]

    def _next(self, logits: Logits) -> tuple[int, float]:
        """Return the token to go on with, and the logarithm of the weights of all together that may come."""
        if not self._forced:
            return self._pick(logits), _log_total(logits)
        ids = self._vocabulary.allowed(self._forced)
        values = _without(logits, list(self._request.end_tokens))[ids]
        if not np.isfinite(values).any():
            raise EngineError(f"No token of the model can begin with the {len(self._forced)} bytes that are forced.")
        return int(ids[self._pick(values)]), _log_total(values)

    def _pick(self, logits: Logits) -> int:
        sampling, dice = self._request.sampling, self._dice
        return drawn(logits, sampling, dice) if sampling and dice else int(logits.argmax())

    def is_completed_by(self, choice: Choice) -> bool:
        """Return whether nothing is forced any more behind this token."""
        return len(self._vocabulary.pieces[choice.token]) >= len(self._forced)

    def take(self, choice: Choice) -> None:
        """Go on with a token, and see whether that is the end."""
        if choice.token in self._request.end_tokens:
            self.stop = Stop.END
            return
        self.tokens.append(choice.token)
        piece, forced = self._vocabulary.pieces[choice.token], self._forced
        self._forced = forced[len(piece) :]
        if (not forced or len(piece) > len(forced)) and self._write(piece[len(forced) :], choice.log):
            self.stop = Stop.RULE
        elif len(self.tokens) >= self._request.max_tokens:
            self.stop = Stop.TOKENS

    def _write(self, piece: bytes, log: float) -> bool:
        """Add to the text and return whether that completes it."""
        self._logs += log
        self._counted += 1
        if len(self.chances) < CHANCES:
            self.chances += (math.exp(log),)
        self.text += self._decoder.decode(piece)
        self._on_text(self.text, self.chances)
        return self._request.is_complete(self.text)


def _without(logits: Logits, tokens: list[int]) -> Logits:
    """Return the logits with these tokens impossible."""
    possible = logits.copy()
    possible[tokens] = -np.inf
    return possible


def _largest(values: Logits, count: int) -> list[int]:
    """Return the places of the ``count`` largest values, the largest first, and none that is impossible."""
    left, places = values.copy(), []
    for _ in range(min(count, len(left))):
        place = int(left.argmax())
        if not np.isfinite(left[place]):
            break
        places.append(place)
        left[place] = -np.inf
    return places


def _log_total(values: Logits) -> float:
    """Return the logarithm of the sum of the exponentials."""
    # Without the largest taken out first, the exponential of a logit above 88 is too large for 32 bits.
    largest = values.max()
    return float(largest) + math.log(float(np.exp(values - largest).sum()))


def _log(logit: np.float32, total: float) -> float:
    return min(0.0, max(LEAST_LOG, float(logit) - total))
