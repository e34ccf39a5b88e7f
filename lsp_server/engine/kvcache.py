"""Which tokens live in the KV cache. Pure Python over token lists; llama.cpp does as it says.

One sequence for now: what a new prompt shares with the last one, from the front, is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two rows share from the front."""
    for index, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return index
    return min(len(left), len(right))


class CachedSequence:
    """The tokens whose keys and values one sequence of the KV cache holds, in order."""

    def __init__(self) -> None:
        self._tokens: list[int] = []

    def __len__(self) -> int:
        """Return how many tokens are held."""
        return len(self._tokens)

    def keep_for(self, prompt: Sequence[int]) -> int:
        """Forget what ``prompt`` does not begin with, and return how many tokens stay.

        The last token of a prompt is never kept: it has to be evaluated for its logits.
        """
        kept = min(common_prefix(self._tokens, prompt), len(prompt) - 1)
        del self._tokens[kept:]
        return kept

    def append(self, tokens: Sequence[int]) -> None:
        """Note that ``tokens`` have been evaluated behind what is held."""
        self._tokens.extend(tokens)

    def clear(self) -> None:
        """Forget everything."""
        self._tokens.clear()
