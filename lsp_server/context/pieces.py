"""What could be shown of other files: signatures of definitions, and blocks of code, each with the names that it shows.

Knows the index and a ranking; which of it is shown is `gather.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsp_server.context.digest import BLOCK_LINES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.context.index import Index
    from lsp_server.context.rank import Ranking

# What the signature of a name that stands right at the cursor is worth; and code just like that at the cursor.
MENTION, LIKENESS = 0.03, 0.05
MOST_NAMES = 1200
# Tokens; no more signatures are weighed against each other than there would be room for if all were as short as this.
SHORT_SIGNATURE = 9


@dataclass(frozen=True, slots=True)
class Limits:
    """How many pieces of each sort are weighed at the most.

    They are signatures of likely names, signatures of names near the cursor, and blocks of code.
    """

    signatures: int = 400
    mentioned: int = 40
    blocks: int = 48


class Span(NamedTuple):
    """Lines of a file, from 0, half-open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of a file, by its number, that may be shown.

    ``tokens`` is about what they take, ``names`` are those that they show with the chance of each, ``extra`` is what
    they are worth besides. ``parent`` are the lines that begin the type that they stand in.
    """

    file: int
    span: Span
    tokens: float
    names: tuple[tuple[int, float], ...]
    extra: float
    is_signature: bool
    parent: Span | None = None


def pieces_of(index: Index, ranking: Ranking, chances: dict[int, float], budget: int, limits: Limits) -> list[Piece]:
    """Return what could be shown within ``budget`` tokens; ``chances`` are from :func:`chances_of`."""
    return [
        *_signatures(index, ranking, min(limits.signatures, int(budget / SHORT_SIGNATURE))),
        *_mentions(index, ranking, limits.mentioned),
        *_uses(index, ranking, chances, limits.blocks),
    ]


def chances_of(index: Index, ranking: Ranking) -> dict[int, float]:
    """Return the likeliest names with their chances, each by its likeliest definition."""
    best = np.argsort(-ranking.chances)[:MOST_NAMES]
    names = index.definitions["name"][ranking.rows[best]].tolist()
    chances: dict[int, float] = {}
    for name, chance in zip(names, ranking.chances[best].tolist(), strict=True):
        chances.setdefault(name, chance)
    return chances


def _signatures(index: Index, ranking: Ranking, most: int) -> list[Piece]:
    best = np.argsort(-ranking.chances)[:most]
    chances = ranking.chances[best].tolist()
    return _signatures_of(index, ranking.rows[best], chances, [0.0] * len(best))


def _mentions(index: Index, ranking: Ranking, most: int) -> list[Piece]:
    best = np.argsort(-ranking.weights)[:most]
    extras = (MENTION * ranking.weights[best]).tolist()
    return _signatures_of(index, ranking.mentioned[best], [0.0] * len(best), extras)


def _signatures_of(index: Index, rows: NDArray[np.int64], chances: list[float], extras: list[float]) -> list[Piece]:
    """Return the pieces that show the signatures of some definitions, below the head of the type that each is of."""
    table = index.definitions
    columns = [table[column][rows].tolist() for column in ("file", "name", "start", "header", "tokens", "parent")]
    # The row -1 is the last one's; it is not looked at.
    above = table["parent"][rows]
    spans = zip(table["start"][above].tolist(), table["header"][above].tolist(), strict=True)
    return [
        Piece(file, Span(start, header), tokens, ((name, chance),), extra, True, Span(*span) if parent >= 0 else None)  # noqa: FBT003  the field's name says it
        for (file, name, start, header, tokens, parent), span, chance, extra in zip(
            zip(*columns, strict=True), spans, chances, extras, strict=True
        )
    ]


def _uses(index: Index, ranking: Ranking, chances: dict[int, float], most: int) -> list[Piece]:
    blocks = ranking.blocks[:most]
    found = index.block_words.of(blocks)
    names: list[list[tuple[int, float]]] = [[] for _ in blocks]
    for at, word in zip(found.asked.tolist(), found.values.tolist(), strict=True):
        if word in chances:
            names[at].append((word, chances[word]))
    table = index.blocks
    return [
        Piece(
            file=int(table["file"][block]),
            span=Span(int(table["start"][block]), int(table["start"][block]) + BLOCK_LINES),
            tokens=float(table["tokens"][block]),
            names=tuple(names[at]),
            extra=LIKENESS * float(ranking.scores[at]),
            is_signature=False,
        )
        for at, block in enumerate(blocks.tolist())
    ]
