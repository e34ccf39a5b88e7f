"""Peers that look for text like the text at the cursor: BM25 and Jaccard's similarity over pieces of files.

Written from the published descriptions, in code of our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.retrieval.inverted import Inverted, Piece, best, build, words
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query

# CrossCodeEval (arXiv 2310.11248): files in pieces of 10 lines that are not blank, the query is the last 10 such lines.
LINES = 10
# RepoCoder (arXiv 2303.12570): windows of 20 lines, each 10 lines behind the one before; the query is 20 lines.
WINDOW = 20
STRIDE = 10
# A piece of 10 lines is rarely less than this many tokens: so many pieces fill a budget.
_FEWEST_TOKENS = 20


def filled_lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [line for line in text.split("\n") if line.strip()]


def _most(budget: int) -> int:
    return budget // _FEWEST_TOKENS + 1


# --- BM25 --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bm25:
    """CrossCodeEval's retrieval: what follows the pieces that are most like the last lines before the cursor.

    As in its published ``rg1`` variant, the piece shown is the one behind the piece found, where the file goes on: what
    follows similar code is likely to be what comes next.
    """

    index: Inverted

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the best pieces for the last lines before the hole."""
        asked = words("\n".join(filled_lines(query.before)[-LINES:]))
        found = best(self.index.bm25(asked, query.path), _most(budget))
        behind = (self._next(number) for number in found)
        return [_chunk(self.index.pieces[number], "BM25, the piece behind") for number in dict.fromkeys(behind)]

    def _next(self, number: int) -> int:
        end = self.index.ranges[self.index.pieces[number].path][1]
        return min(number + 1, end - 1)


@dataclass(frozen=True)
class Bm25Around:
    """BM25 as above for the 10 filled lines before the hole and the 10 behind it; the pieces found are shown.

    A common improvement for fill-in-the-middle, where there is text behind the cursor.
    """

    index: Inverted

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the best pieces for the lines around the hole."""
        lines = filled_lines(query.before)[-LINES:] + filled_lines(query.after)[:LINES]
        found = best(self.index.bm25(words("\n".join(lines)), query.path), _most(budget))
        return [_chunk(self.index.pieces[number], "BM25") for number in found]


def prepare_bm25(sources: Sources) -> Bm25:
    """Index pieces of 10 lines."""
    return Bm25(build(list(pieces(sources.files))))


def prepare_bm25_around(sources: Sources) -> Bm25Around:
    """Index pieces of 10 lines."""
    return Bm25Around(build(list(pieces(sources.files))))


def pieces(files: Mapping[str, str]) -> Iterator[Piece]:
    """Give each file in pieces of 10 lines that are not blank."""
    for path, text in files.items():
        lines = filled_lines(text)
        for start in range(0, len(lines), LINES):
            yield Piece(path, "\n".join(lines[start : start + LINES]))


def _chunk(piece: Piece, reason: str) -> Chunk:
    return Chunk(piece.path, piece.text, reason)


# --- Jaccard -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Jaccard:
    """RepoCoder's first retrieval: the windows that share most of their words with the last lines before the cursor."""

    index: Inverted

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the most similar windows."""
        asked = words("\n".join(query.before.split("\n")[-WINDOW:]))
        found = best(self.index.jaccard(asked, query.path), _most(budget))
        return [_chunk(self.index.pieces[number], "Jaccard") for number in found]


def prepare_jaccard(sources: Sources) -> Jaccard:
    """Index windows of 20 lines, one each 10 lines."""
    return Jaccard(build(list(_windows(sources.files))))


def _windows(files: Mapping[str, str]) -> Iterator[Piece]:
    for path, text in files.items():
        lines = text.split("\n")
        for start in range(0, max(len(lines) - STRIDE, 1), STRIDE):
            yield Piece(path, "\n".join(lines[start : start + WINDOW]))
