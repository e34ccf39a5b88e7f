"""The bytes of all tokens: which tokens may stand at a place, and where a prompt's text is to be cut.

A cursor rarely stands where a token ends: behind ``fun`` the model would have to go on with what begins a token,
and ``ction`` does not where ``function`` is one. So the end of the text is taken back, and what comes in its place
has to begin with the same bytes (token healing). Knows no model and no logits.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.interface import Healing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Ids = npt.NDArray[np.int32]

# Tokens that are taken back at the most; a word cut short is seldom more than three.
HEALED_TOKENS = 8


class Vocabulary:
    """The tokens by their bytes. Never changes, so any thread may ask.

    ``pieces`` are the bytes of all tokens by their ids, empty for special tokens, which nothing here returns.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces
        order = sorted((token for token, piece in enumerate(pieces) if piece), key=pieces.__getitem__)
        self._sorted = [pieces[token] for token in order]
        self._ids: Ids = np.array(order, dtype=np.int32)
        self._longest = max(map(len, self._sorted), default=0)

    def beginning_with(self, start: bytes) -> Ids:
        """Return the tokens whose bytes begin with ``start``, sorted by their bytes."""
        low = bisect_left(self._sorted, start)
        high = bisect_right(self._sorted, start, low, key=lambda piece: piece[: len(start)])
        return self._ids[low:high]

    def allowed(self, forced: bytes) -> Ids:
        """Return the tokens that may come next where ``forced`` has to: they begin with it, or it with them."""
        longest = min(len(forced) - 1, self._longest)
        shorter = (self._spelling(forced[:length]) for length in range(1, longest + 1))
        return np.concatenate([self.beginning_with(forced), *shorter])

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Return how the end of a text is taken back, see :class:`lsp_server.engine.interface.Engine`."""
        healing = Healing(len(tokens), b"")
        end = b""
        # Of three tokens that some longer one begins with, the last alone may begin none: each number is tried.
        for kept in range(len(tokens) - 1, max(-1, len(tokens) - 1 - HEALED_TOKENS), -1):
            piece = self.pieces[tokens[kept]]
            end = piece + end
            if not piece or len(end) >= self._longest:
                break
            if self._is_cut_short(end):
                healing = Healing(kept, end)
        return healing

    def _spelling(self, text: bytes) -> Ids:
        """Return the tokens whose bytes are ``text``; some vocabularies have two."""
        low = bisect_left(self._sorted, text)
        return self._ids[low : bisect_right(self._sorted, text, low)]

    def _is_cut_short(self, text: bytes) -> bool:
        """Return whether some token begins with ``text`` and is longer."""
        after = bisect_right(self._sorted, text)
        return after < len(self._sorted) and self._sorted[after].startswith(text)
