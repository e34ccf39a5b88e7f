"""How likely the next lines need each definition of the workspace.

Knows the index and what is around the cursor; what of it goes into a prompt is `gather.py`'s. A definition is described
by some twenty figures, among them how much the code around its name's uses looks like the code at the cursor, and
a logistic regression makes a chance of them. Its weights are learned from holes in public repositories by
`bench/retrieval/fit.py`; bench/README.md says which, and what each figure is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsp_server.context import similar
from lsp_server.context.digest import KINDS
from lsp_server.context.keyed import Keyed, contains
from lsp_server.context.outline import Kind
from lsp_server.context.rank_weights import MEANS, SCALES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lsp_server.context.index import Index
    from lsp_server.context.surroundings import Surroundings

# The blocks most like the code at the cursor, whose words are looked at.
MOST_BLOCKS = 64
# Words of the document that do not stand near the cursor and are rarest in the workspace.
MOST_WIDE_WORDS = 120
# In a workspace with more definitions than these, only those are looked at that something speaks for.
ALL_DEFINITIONS = 6000
MOST_BY_PIECES = 500
# There, a name that more definitions bear says nothing of any, nor does a type of as many members; and of files
# that are related to the document, so many are looked at.
MOST_OF_A_NAME, MOST_MEMBERS, MOST_RELATED = 12, 100, 64
# A piece of a name that more of the definitions have than this share says nothing.
COMMON_PIECE_SHARE = 0.1
FEW, MANY = 64, 1500
# What was visited last, and what was changed there, is likelier to be needed: twice and four times, in odds. These two
# are not learned, for public repositories do not say what their authors looked at.
RECENT, EDITED = 0.7, 1.4
_TYPE = KINDS.index(Kind.TYPE)


@dataclass(frozen=True, slots=True, eq=False)
class Relations:
    """How the files of the workspace stand to the document, by file number: arrays of 0 and 1.

    ``own`` is the document's own number, -1 where the index does not have it. ``imported`` are those that its imports
    lead to, ``package`` those that it sees without importing them, ``companions`` its tests or what it tests.
    ``recent`` are files that were visited a short while ago, from 1 for the last one down to 0, and ``edited`` the rows
    of definitions that were changed.
    """

    own: int
    is_test: bool
    language: int
    imported: NDArray[np.float64]
    package: NDArray[np.float64]
    companions: NDArray[np.float64]
    recent: NDArray[np.float64]
    edited: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The definitions that the next lines may need, and the code that is like theirs.

    ``rows`` are rows of the index's definitions, ``chances`` how likely each name is needed, in ``[0, 1]``; names that
    the document has already are not among them. ``mentioned`` are definitions of names that stand near the cursor, with
    ``weights`` by their distance. ``blocks`` are rows of blocks, the likest first, with their ``scores``.
    """

    rows: NDArray[np.int64]
    chances: NDArray[np.float64]
    mentioned: NDArray[np.int64]
    weights: NDArray[np.float64]
    blocks: NDArray[np.int64]
    scores: NDArray[np.float64]


def rank(index: Index, around: Surroundings, relations: Relations, weights: Mapping[str, float] = WEIGHTS) -> Ranking:
    """Return what the lines at a cursor may need, in no order but that of ``blocks``."""
    readable = _readable(index, relations)
    likeness = _likeness(index, around, readable)
    named = _named_near(index, around, readable)
    rows, features = _described(index, around, relations, _Known(readable, likeness, named))
    score = np.full(len(rows), weights["bias"])
    for name, values in features.items():
        score += weights[name] * (values - MEANS[name]) / SCALES[name]
    score += RECENT * relations.recent[index.definitions["file"][rows]] + EDITED * np.isin(rows, relations.edited)
    mentioned, distances = _mentioned(index, around, relations, named)
    return Ranking(rows, 1 / (1 + np.exp(-score)), mentioned, distances, likeness.blocks, likeness.scores)


def figures(
    index: Index, around: Surroundings, relations: Relations
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Return the rows of the definitions that are ranked, and what they are ranked by, as the weights are learned."""
    readable = _readable(index, relations)
    likeness, named = _likeness(index, around, readable), _named_near(index, around, readable)
    return _described(index, around, relations, _Known(readable, likeness, named))


def _readable(index: Index, relations: Relations) -> NDArray[np.bool_]:
    readable = index.alive.copy()
    if relations.own >= 0:
        readable[relations.own] = False
    return readable


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """The blocks like the code near the cursor, and the words in them; ``wide_words`` are from blocks like the rest."""

    blocks: NDArray[np.int64]
    scores: NDArray[np.float64]
    query: similar.Weighed
    words: Keyed
    best: Keyed
    wide_words: NDArray[np.uint32]


def _likeness(index: Index, around: Surroundings, readable: NDArray[np.bool_]) -> _Likeness:
    query = similar.weigh(index, around.near, around.near_weights)
    blocks, scores = similar.likest(index, query, readable, MOST_BLOCKS)
    words = index.block_words.of(blocks)
    # A block whose words the document has already shows nothing new, be it ever so like it.
    new = np.bincount(words.asked, ~contains(around.document, words.values), len(blocks))
    blocks, scores = blocks[new > 0], scores[new > 0]
    words = index.block_words.of(blocks)
    far = np.setdiff1d(around.document, around.near, assume_unique=True)
    rare = similar.weigh(index, far, np.ones(len(far)))
    wide_query = similar.Weighed(rare.keys[:MOST_WIDE_WORDS], rare.weights[:MOST_WIDE_WORDS])
    wide, _ = similar.likest(index, wide_query, readable, MOST_BLOCKS)
    return _Likeness(
        blocks,
        scores,
        query,
        Keyed.sums(words.values, scores[words.asked]),
        Keyed.largest(words.values, scores[words.asked]),
        np.unique(index.block_words.of(wide).values),
    )


class _Known(NamedTuple):
    """What is known of a place before any definition is looked at."""

    readable: NDArray[np.bool_]
    likeness: _Likeness
    named: _Named


def _described(
    index: Index, around: Surroundings, relations: Relations, known: _Known
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Return the rows of the definitions that may be needed, and the figures of each by the names of the weights."""
    readable, likeness = known.readable, known.likeness
    table = index.definitions
    by_pieces = _by_pieces(index, around)
    types = _likely_owners(index, around, known.named, readable)
    seen = np.union1d(likeness.best.keys, likeness.wide_words)
    owners = np.union1d(around.near, types.keys)
    called_alike = similar.best(by_pieces, 2 * MOST_BY_PIECES)
    called_alike = called_alike[readable[table["file"][called_alike]]][:MOST_BY_PIECES]
    rows = _candidates(index, relations, seen, owners, called_alike)
    rows = rows[readable[table["file"][rows]]]
    rows = rows[~contains(around.document, table["name"][rows])]
    names, owners, files, kinds = (table[column][rows] for column in ("name", "owner", "file", "kind"))
    # Many of the rows share their names.
    unique, which = np.unique(names, return_inverse=True)
    blocks_with_name = index.blocks_by_word.counts(unique)[which]
    in_near = contains(likeness.best.keys, names)
    signature = index.signature_words.of(rows)
    common = np.bincount(signature.asked, Keyed.of(*likeness.query)(signature.values), len(rows))
    return rows, {
        "imported": relations.imported[files],
        "package": relations.package[files],
        "companion": relations.companions[files],
        "same_language": (index.languages[files] == relations.language).astype(float),
        "test_for_code": index.tests[files] * float(not relations.is_test),
        "file_used": np.log1p(_used_of_files(index, around, readable)[files]),
        "in_like_code": in_near.astype(float),
        "mass_in_like_code": np.log1p(likeness.words(names)),
        "best_like_code": likeness.best(names),
        "in_code_like_the_rest": contains(likeness.wide_words, names).astype(float),
        "pieces": by_pieces[rows],
        "signature": common / max(1.0, np.log1p(index.block_count)),
        "owner_near": Keyed.of(around.near, around.near_weights)(owners),
        "owner_likely": types(owners),
        "blocks": np.log1p(blocks_with_name),
        "unused": (blocks_with_name <= 1).astype(float),
        "definitions": np.log(np.maximum(1, index.by_name.counts(unique)))[which],
        "type": (kinds == _TYPE).astype(float),
        "function": (kinds == KINDS.index(Kind.FUNCTION)).astype(float),
        "method": (kinds == KINDS.index(Kind.METHOD)).astype(float),
    }


def _candidates(
    index: Index, relations: Relations, names: NDArray[np.uint32], owners: NDArray[np.uint32], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rows of definitions with these names or owners, of related files, and ``rows``; all, where few."""
    if index.definition_count <= ALL_DEFINITIONS:
        return np.arange(len(index.definitions))
    telling = names[index.by_name.counts(names) <= MOST_OF_A_NAME]
    distinct = owners[index.by_owner.counts(owners) <= MOST_MEMBERS]
    related = relations.imported + relations.package + relations.companions + relations.recent
    files = (index.files[number] for number in np.flatnonzero(related)[:MOST_RELATED])
    return np.unique(
        np.concatenate(
            [
                index.by_name.find(telling).values.astype(np.int64),
                index.by_owner.find(distinct).values.astype(np.int64),
                rows,
                *(np.arange(*file.definitions) for file in files if file),
            ]
        )
    )


def _by_pieces(index: Index, around: Surroundings) -> NDArray[np.float64]:
    """Return for each definition how much its name shares with those near the cursor; rare pieces count more."""
    rows, total = len(index.definitions), index.definition_count
    counts = index.by_piece.counts(around.pieces)
    usable = (counts > 0) & (counts <= max(FEW, min(MANY, total * COMMON_PIECE_SHARE)))
    weights = around.piece_weights[usable] * np.log1p(total / (counts[usable] + 0.5))
    found = index.by_piece.find(around.pieces[usable])
    scores: NDArray[np.float64] = np.bincount(found.values, weights[found.asked], rows) / max(1.0, np.log1p(total))
    return scores


class _Named(NamedTuple):
    """The definitions of the words near the cursor: which word, which row, and how many each word has."""

    asked: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]


def _named_near(index: Index, around: Surroundings, readable: NDArray[np.bool_]) -> _Named:
    counts = np.maximum(1, index.by_name.counts(around.near))
    telling = np.flatnonzero(counts <= MOST_OF_A_NAME)
    found = index.by_name.find(around.near[telling])
    usable = readable[index.definitions["file"][found.values]]
    return _Named(telling[found.asked[usable]], found.values[usable].astype(np.int64), counts)


def _likely_owners(index: Index, around: Surroundings, named: _Named, readable: NDArray[np.bool_]) -> Keyed:
    """Return the types whose members may be typed next, with a weight in ``[0, 1]``.

    They are those that the line names which declares the receiver, those in the signature of a field of its name, those
    that are called like it, and, with the weight of their distance, those in signatures of what is named near.
    """
    table = index.definitions
    weights = around.near_weights[named.asked] / named.counts[named.asked]
    near = index.signature_words.of(named.rows)
    keys, values = [near.values], [weights[near.asked] / 2]
    if len(around.receiver):
        fields = index.by_name.find(around.receiver).values
        fields = fields[readable[table["file"][fields]]][:FEW]
        alike = index.by_piece.find(around.receiver_pieces).values
        alike = alike[(table["kind"][alike] == _TYPE) & readable[table["file"][alike]]]
        keys += [around.receiver_types, index.signature_words.of(fields).values, table["name"][alike]]
        values += [np.full(len(part), weight) for part, weight in zip(keys[1:], (1.0, 0.8, 0.6), strict=True)]
    return Keyed.largest(np.concatenate(keys), np.concatenate(values))


def _used_of_files(index: Index, around: Surroundings, readable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return for each file how many names that it defines the document has; one that many define counts less."""
    counts = index.by_name.counts(around.document)
    telling = (counts > 0) & (counts <= MOST_OF_A_NAME)
    used = index.by_name.find(around.document[telling])
    weights = 1 / counts[telling]
    files = index.definitions["file"][used.values]
    scores = np.bincount(files, (weights[used.asked] * readable[files]).astype(np.float64), len(readable))
    return scores.astype(np.float64)


def _mentioned(
    index: Index, around: Surroundings, relations: Relations, named: _Named
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the definitions in other files of what stands near the cursor, with weights in ``(0, 1]``.

    A name that many files define counts where the document imports one of them.
    """
    files = index.definitions["file"][named.rows]
    known = (relations.imported + relations.package)[files] > 0
    counts = named.counts[named.asked]
    weights = around.near_weights[named.asked] / np.where(known, 1, counts * counts)
    same = index.languages[files] == relations.language
    return named.rows[same], weights[same]
