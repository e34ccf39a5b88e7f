"""Cut chunks to a budget, in the tokens of the model that reads them. Knows nothing of how they were chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lsp_server.core import Chunk


def fit(chunks: Iterable[Chunk], budget: int, count: Callable[[Chunk], int]) -> tuple[Chunk, ...]:
    """Return the chunks in their order, cut until they take at most ``budget`` tokens by ``count``.

    The chunk of least worth loses lines from its end first.
    """
    kept = {number: (chunk, count(chunk)) for number, chunk in enumerate(chunks)}
    over = sum(tokens for _, tokens in kept.values()) - budget
    for number in sorted(kept, key=lambda number: kept[number][0].score):
        if over <= 0:
            break
        chunk, tokens = kept.pop(number)
        over -= tokens
        if over < 0 and (shorter := _shortened(chunk, -over, count)) is not None:
            kept[number] = shorter
            over += shorter[1]
    return tuple(kept[number][0] for number in sorted(kept))


def _shortened(chunk: Chunk, budget: int, count: Callable[[Chunk], int]) -> tuple[Chunk, int] | None:
    lines = chunk.text.split("\n")
    fitting, too_many = 0, len(lines)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if count(_first(chunk, lines, middle)) <= budget:
            fitting = middle
        else:
            too_many = middle
    if not fitting:
        return None
    shorter = _first(chunk, lines, fitting)
    return shorter, count(shorter)


def _first(chunk: Chunk, lines: list[str], count: int) -> Chunk:
    text = "\n".join(lines[:count]).rstrip("\n")
    return replace(chunk, text=text)
