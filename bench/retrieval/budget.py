r"""The context as it stands in the prompt, cut to a budget of tokens.

Qwen2.5-Coder's repository-level format (arXiv 2409.12186, section 3): for each chunk the token ``<|file_sep|>``, then
``PATH\nTEXT\n``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.core import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lsp_server.core import Chunk

_SEPARATOR_TOKENS = 1


def cost(chunk: Chunk, count: Callable[[str], int]) -> int:
    """Return how many tokens a chunk takes in the prompt."""
    # A special token is a border for the tokenizer, so the sum over chunks is the whole.
    return _SEPARATOR_TOKENS + count(f"{chunk.path}\n{chunk.text}\n")


def spent(chunks: Iterable[Chunk], count: Callable[[str], int]) -> int:
    """Return how many tokens some chunks take together."""
    return sum(cost(chunk, count) for chunk in chunks)


def cut(chunks: Iterable[Chunk], budget: int, count: Callable[[str], int]) -> list[Chunk]:
    """Return as many of the chunks as the budget holds, in their order, the last one cut behind a whole line."""
    kept: list[Chunk] = []
    left = budget
    for chunk in chunks:
        price = cost(chunk, count)
        if price > left:
            if head := _head(chunk, left, count):
                kept.append(head)
            break
        kept.append(chunk)
        left -= price
    return kept


def _head(chunk: Chunk, budget: int, count: Callable[[str], int]) -> Chunk | None:
    """Return a chunk of the longest run of whole lines that fits; ``None`` where not one does."""
    lines = lines_of(chunk.text)
    fitting, too_many = 0, len(lines)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if cost(replace(chunk, text="".join(lines[:middle])), count) <= budget:
            fitting = middle
        else:
            too_many = middle
    text = "".join(lines[:fitting])
    return replace(chunk, text=text) if text.strip() else None
