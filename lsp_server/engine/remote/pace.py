"""How fast a server answers, learned from the requests themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.engine.interface import Speed

if TYPE_CHECKING:
    from lsp_server.engine.interface import Meter

# Tokens a second; a laptop's processor with a small model. What is too low costs a short prompt at the start.
GUESS = Speed(prefill=100.0, decode=10.0)
# Tokens from which on a request says something.
ENOUGH_PREFILL, ENOUGH_DECODE = 128, 8


class Pace:
    """The speed by what is known so far.

    The first measurement takes the place of the guess, even where it is lower. From then on the speed only grows: a
    busy moment would make the prompts smaller, and a smaller prompt is another one, which has to be read anew.
    """

    def __init__(self) -> None:
        self.speed = GUESS
        self._prefill = self._decode = 0.0

    def learn(self, meter: Meter, tokens: int) -> None:
        """Take what a request cost that has generated so many tokens, the first of them with the prompt."""
        if meter.evaluated >= ENOUGH_PREFILL and meter.prefill > 0:
            self._prefill = max(self._prefill, meter.evaluated / meter.prefill * 1000)
        if tokens >= ENOUGH_DECODE and meter.decode > 0:
            self._decode = max(self._decode, (tokens - 1) / meter.decode * 1000)
        self.speed = Speed(self._prefill or GUESS.prefill, self._decode or GUESS.decode)
