"""An inverted index of pieces of text, for BM25 and for Jaccard's similarity.

Answers as if the pieces of one file had never been there, down to the frequencies of words: the file of the query
may not speak for itself.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), and the defaults of
# rank_bm25, which CrossCodeEval uses. The idf here is the one that is never negative (as in Lucene).
K1 = 1.5
B = 0.75
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Return the words of a text, as CrossCodeEval's tokenizer has them: runs of letters, digits and ``_``."""
    return _WORD.findall(text)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a file; ``text`` has no line break at its end."""

    path: str
    text: str


@dataclass(frozen=True)
class Inverted:
    """The index. The postings of word ``w`` are ``pieces_of[starts[w]:starts[w + 1]]``, ascending, with their counts.

    The pieces of a file stand together: ``ranges`` has their half-open range.
    """

    pieces: Sequence[Piece]
    ranges: Mapping[str, tuple[int, int]]
    numbers: Mapping[str, int]
    starts: NDArray[np.int64]
    pieces_of: NDArray[np.int32]
    counts: NDArray[np.float32]
    lengths: NDArray[np.float32]
    distinct: NDArray[np.float32]

    def bm25(self, query: Iterable[str], hidden: str) -> NDArray[np.float64]:
        """Return the score of each piece; a word that the query repeats counts as often. Hidden pieces have -1."""
        low, high = self.ranges.get(hidden, (0, 0))
        visible = len(self.pieces) - (high - low)
        scores = np.zeros(len(self.pieces))
        if visible > 0:
            average = (self.lengths.sum() - self.lengths[low:high].sum()) / visible
            norms = K1 * (1 - B + B * self.lengths / max(average, 1))
            for word, times in Counter(query).items():
                where, counts = self._postings(word)
                found = len(where) - int(np.searchsorted(where, high) - np.searchsorted(where, low))
                idf = np.log(1 + (visible - found + 0.5) / (found + 0.5))
                scores[where] += times * idf * counts * (K1 + 1) / (counts + norms[where])
        scores[low:high] = -1
        return scores

    def jaccard(self, query: Iterable[str], hidden: str) -> NDArray[np.float64]:
        """Return, for each piece, shared words by words of either. Hidden pieces have -1."""
        low, high = self.ranges.get(hidden, (0, 0))
        asked = set(query)
        shared = np.zeros(len(self.pieces))
        for word in asked:
            shared[self._postings(word)[0]] += 1
        scores: NDArray[np.float64] = shared / np.maximum(len(asked) + self.distinct - shared, 1)
        scores[low:high] = -1
        return scores

    def _postings(self, word: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        number = self.numbers.get(word)
        if number is None:
            return self.pieces_of[:0], self.counts[:0]
        span = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.pieces_of[span], self.counts[span]


def build(pieces: Sequence[Piece]) -> Inverted:
    """Return the index of some pieces; those of one file stand together."""
    numbers: dict[str, int] = {}
    word_of: list[int] = []
    piece_of: list[int] = []
    counts: list[int] = []
    lengths = np.zeros(len(pieces), dtype=np.float32)
    distinct = np.zeros(len(pieces), dtype=np.float32)
    ranges: dict[str, tuple[int, int]] = {}
    for index, piece in enumerate(pieces):
        ranges[piece.path] = (ranges.get(piece.path, (index, index))[0], index + 1)
        found = Counter(words(piece.text))
        lengths[index] = found.total()
        distinct[index] = len(found)
        for word, count in found.items():
            word_of.append(numbers.setdefault(word, len(numbers)))
            piece_of.append(index)
            counts.append(count)
    by_word = np.argsort(np.array(word_of, dtype=np.int64), kind="stable")
    starts = np.zeros(len(numbers) + 1, dtype=np.int64)
    np.cumsum(np.bincount(word_of, minlength=len(numbers)) if word_of else [], out=starts[1:])
    return Inverted(
        pieces,
        ranges,
        numbers,
        starts,
        np.array(piece_of, dtype=np.int32)[by_word],
        np.array(counts, dtype=np.float32)[by_word],
        lengths,
        distinct,
    )


def best(scores: NDArray[np.float64], most: int) -> list[int]:
    """Return the numbers of the pieces with the highest scores over 0, the best first; of equals the first."""
    candidates = np.flatnonzero(scores > 0)
    if len(candidates) > most:
        # Equals of the last one stay in, so that which of them is taken does not hang on numpy's partition.
        limit = np.partition(scores[candidates], -most)[-most]
        candidates = candidates[scores[candidates] >= limit]
    order = np.argsort(-scores[candidates], kind="stable")[:most]
    return [int(candidates[index]) for index in order]
