"""One answer as it comes: its text, when it ends, and what it has cost. Knows no HTTP."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from lsp_server.engine.interface import CHANCES, Generation, Stop
from lsp_server.engine.remote.server import UNKNOWN_TOKEN

if TYPE_CHECKING:
    from lsp_server.engine.interface import GenerationRequest, Meter
    from lsp_server.engine.remote.server import Piece

# A probability with a smaller natural logarithm would be 0 as a number.
LEAST_LOG = -700.0


class Writing:
    """What a request has come to so far.

    ``stop`` is what ended it, ``None`` while it goes on. ``held`` is how many tokens of the prompt the server is taken
    to have in its cache, for as long as it does not say so itself; ``meter`` is kept up to date.
    """

    def __init__(self, request: GenerationRequest, meter: Meter, held: int) -> None:
        self.stop: Stop | None = None
        self._request, self._meter, self._held = request, meter, held
        self._started = time.perf_counter()
        self._first: float | None = None
        self._text = ""
        self._tokens: list[int] = []
        self._logs: list[float] = []
        self._chances: tuple[float, ...] = ()

    @property
    def has_begun(self) -> bool:
        """Whether the server has read the prompt."""
        return self._first is not None

    @property
    def known_tokens(self) -> tuple[int, ...]:
        """The ids of what was generated, up to the first that the server did not tell."""
        known = self._tokens.index(UNKNOWN_TOKEN) if UNKNOWN_TOKEN in self._tokens else len(self._tokens)
        return tuple(self._tokens[:known])

    def take(self, piece: Piece) -> Stop | None:
        """Go on with a piece, and return what has ended the answer; behind its end there are costs at most."""
        self._measure(piece)
        if self.stop is None:
            self.stop = self._written(piece) if self._request.max_tokens else piece.stop and Stop.TOKENS
        return self.stop

    def generation(self) -> Generation:
        """Return what came of an answer that has ended."""
        return Generation(
            text=self._text,
            tokens=tuple(self._tokens),
            reused=self._meter.reused,
            evaluated=self._meter.evaluated,
            stop=self.stop or Stop.TOKENS,
            chances=self._chances,
            score=sum(self._logs) / len(self._logs) if self._logs else 0.0,
        )

    def _written(self, piece: Piece) -> Stop | None:
        ends = [number for number, token in enumerate(piece.tokens) if token in self._request.end_tokens]
        self._tokens += piece.tokens[: ends[0]] if ends else piece.tokens
        if piece.text:
            self._logs += (min(0.0, max(LEAST_LOG, log)) for log in piece.logs)
            self._chances = tuple(map(math.exp, self._logs[:CHANCES]))
            self._text += piece.text
            self._request.on_text(self._text, self._chances)
            if self._request.is_complete(self._text):
                return Stop.RULE
        return Stop.END if ends else piece.stop

    def _measure(self, piece: Piece) -> None:
        """Take the server's word for what it costs; where it says nothing, what the clock says."""
        now, meter, size = time.perf_counter(), self._meter, len(self._request.tokens)
        if self._first is None:
            self._first = now
            # The last token is always evaluated: what comes next is read from it.
            meter.reused = min(self._held, size - 1)
            meter.evaluated = size - meter.reused
            meter.prefill = (now - self._started) * 1000
        meter.decode = (now - self._first) * 1000
        if piece.cost is not None:
            meter.reused, meter.evaluated = min(piece.cost.reused, size), piece.cost.evaluated
            meter.prefill = piece.cost.prefill or meter.prefill
            meter.decode = piece.cost.decode or meter.decode
