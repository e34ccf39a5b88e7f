"""What the index keeps of one file: its words block by block, and what it defines, as arrays of numbers.

Knows one text; where its file lies, and what others hold, is the index's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from lsp_server.context.outline import How, Kind
from lsp_server.context.words import WORD, estimated_tokens, key, keys, pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from lsp_server.context.outline import Outline

# Lines. A block is the unit that code like the code at the cursor is found by: CrossCodeEval takes 10, RepoCoder 20.
BLOCK_LINES = 10
KINDS = tuple(Kind)
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
# Of a signature over many lines, this much is kept.
LONGEST_SIGNATURE = 12
LARGEST_COST = 65535
# The arrays of a digest; `store.py` keeps them in this order.
ARRAYS: dict[str, type[np.integer[Any]]] = {
    "block_tokens": np.uint16,
    "block_lengths": np.uint16,
    "block_words": np.uint32,
    "definition_name": np.uint32,
    "definition_owner": np.uint32,
    "definition_kind": np.uint8,
    "definition_start": np.uint32,
    "definition_header": np.uint32,
    "definition_end": np.uint32,
    "definition_parent": np.int32,
    "definition_tokens": np.uint16,
    "signature_lengths": np.uint16,
    "signature_words": np.uint32,
    "piece_lengths": np.uint8,
    "piece_words": np.uint32,
}


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """One file in numbers. Lines count from 0; of lists of lists, the lengths and the values stand apart.

    ``how`` says how its outline came about.
    ``block_*``: the file cut into blocks of :data:`BLOCK_LINES`: the words of each (each once), and its tokens (about).
    ``definition_*``: an entry each of the outline's definitions: the numbers of its name and of its owner's (0 for
    none), its kind's index in :data:`KINDS`, its lines, the tokens of its signature (about), the words in its signature
    but for its name, and the pieces of its name.
    Of a list that is longer than its length can say, which nobody writes, some are left out.
    """

    how: How
    block_tokens: NDArray[np.uint16]
    block_lengths: NDArray[np.uint16]
    block_words: NDArray[np.uint32]
    definition_name: NDArray[np.uint32]
    definition_owner: NDArray[np.uint32]
    definition_kind: NDArray[np.uint8]
    definition_start: NDArray[np.uint32]
    definition_header: NDArray[np.uint32]
    definition_end: NDArray[np.uint32]
    definition_parent: NDArray[np.int32]
    definition_tokens: NDArray[np.uint16]
    signature_lengths: NDArray[np.uint16]
    signature_words: NDArray[np.uint32]
    piece_lengths: NDArray[np.uint8]
    piece_words: NDArray[np.uint32]

    def check(self) -> None:
        """Raise a ValueError where the arrays cannot be of one file."""
        of_definitions = {len(getattr(self, name)) for name in ARRAYS if name.startswith("definition_")}
        rows = {len(self.definition_name), len(self.signature_lengths), len(self.piece_lengths)}
        lists = ("block", "signature", "piece")
        sums = all(int(getattr(self, f"{x}_lengths").sum()) == len(getattr(self, f"{x}_words")) for x in lists)
        if len(of_definitions | rows) != 1 or len(self.block_tokens) != len(self.block_lengths) or not sums:
            raise ValueError("the arrays do not fit each other")


def digest(text: str, shape: Outline) -> Digest:
    r"""Return the digest of a text with ``\n`` for line ends, whose outline is ``shape``."""
    lines = text.split("\n")
    costs = [min(estimated_tokens(line), LARGEST_COST / (LONGEST_SIGNATURE + BLOCK_LINES)) for line in lines]
    blocks = range(0, len(lines), BLOCK_LINES)
    words_of = [set(WORD.findall("\n".join(lines[at : at + BLOCK_LINES]))) for at in blocks]
    definitions = shape.definitions
    ends = [min(d.header, d.start + LONGEST_SIGNATURE) for d in definitions]
    signatures = [
        set(WORD.findall("\n".join(lines[d.start : end]))) - {d.name} for d, end in zip(definitions, ends, strict=True)
    ]
    block_lengths, block_words = _lists("block", words_of)
    signature_lengths, signature_words = _lists("signature", signatures)
    piece_lengths, piece_words = _lists("piece", [pieces(d.name) for d in definitions])
    return Digest(
        how=shape.how,
        block_tokens=np.array([sum(costs[at : at + BLOCK_LINES]) for at in blocks], np.uint16),
        block_lengths=block_lengths,
        block_words=block_words,
        definition_name=keys(d.name for d in definitions),
        definition_owner=np.array([key(d.owner) if d.owner else 0 for d in definitions], np.uint32),
        definition_kind=np.array([_KIND_NUMBERS[d.kind] for d in definitions], np.uint8),
        definition_start=np.array([d.start for d in definitions], np.uint32),
        definition_header=np.array(ends, np.uint32),
        definition_end=np.array([d.end for d in definitions], np.uint32),
        definition_parent=np.array([d.parent for d in definitions], np.int32),
        definition_tokens=np.array(
            [sum(costs[d.start : end]) for d, end in zip(definitions, ends, strict=True)], np.uint16
        ),
        signature_lengths=signature_lengths,
        signature_words=signature_words,
        piece_lengths=piece_lengths,
        piece_words=piece_words,
    )


def _lists(name: str, lists: Sequence[Collection[str]]) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """Return the lengths of lists of words, and the numbers of the words, as the arrays of a digest have them."""
    kind = ARRAYS[f"{name}_lengths"]
    most = int(np.iinfo(kind).max)
    lengths = [min(len(words), most) for words in lists]
    kept = chain.from_iterable(islice(words, most) for words in lists)
    return np.array(lengths, kind), keys(kept)
