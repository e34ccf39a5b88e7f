"""Which blocks of other files look like the code around a cursor. Knows words and blocks, no syntax.

The score is BM25's with each word counted once a block: blocks are short, and how often a word stands in one says
little.
Robertson & Zaragoza, The Probabilistic Relevance Framework (2009), section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.context.index import Index

# A word in more blocks than this share of them says nothing of any, and would cost the most to look up.
COMMON_SHARE = 0.1
FEW_BLOCKS = 64
# Pairs of word and block looked at for one query, the rarest words first.
MOST_POSTINGS = 20_000
K1, B = 1.2, 0.5


class Weighed(NamedTuple):
    """Words that are worth looking up, with their weight in the query times their inverse document frequency."""

    keys: NDArray[np.uint32]
    weights: NDArray[np.float64]


def weigh(index: Index, keys: NDArray[np.uint32], weights: NDArray[np.float64]) -> Weighed:
    """Return the words of a query that are neither unknown nor common, the rarest first, as far as may be looked up."""
    total = max(1, index.block_count)
    counts = index.blocks_by_word.counts(keys)
    usable = (counts > 0) & (counts <= max(FEW_BLOCKS, total * COMMON_SHARE))
    keys, weights, counts = keys[usable], weights[usable], counts[usable]
    order = np.argsort(counts, kind="stable")
    order = order[np.cumsum(counts[order]) <= MOST_POSTINGS]
    rarity = np.log1p((total - counts + 0.5) / (counts + 0.5))
    return Weighed(keys[order], (weights * rarity)[order])


def likest(
    index: Index, query: Weighed, readable: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows of the ``count`` blocks with the best scores above 0, and these, at most about 1; the best first.

    ``readable`` says of each file number whether its blocks count.
    """
    if not len(query.keys):
        return np.empty(0, np.int64), np.empty(0)
    found = index.blocks_by_word.find(query.keys)
    sums = np.bincount(found.values, query.weights[found.asked])
    # Most blocks have none of the words.
    rows = np.flatnonzero(sums > 0)
    normal = index.blocks["words"][rows] / max(1.0, index.word_count / max(1, index.block_count))
    scores = sums[rows] * readable[index.blocks["file"][rows]]
    scores *= (K1 + 1) / (1 + K1 * (1 - B + B * normal)) / float(query.weights.sum())
    at = best(scores, count)
    return rows[at], scores[at]


def best(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the rows with the ``count`` best scores above 0, the best first."""
    # Most rows have nothing of what is asked for, and a partition of as many equal values takes long.
    rows = np.flatnonzero(scores > 0)
    if len(rows) > count:
        values = scores[rows]
        rows = rows[values >= np.partition(values, -count)[-count]]
    return rows[np.argsort(-scores[rows], kind="stable")][:count]
