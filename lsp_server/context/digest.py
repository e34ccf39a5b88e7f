"""What the index keeps of one file: its words block by block, and what it defines, as arrays of numbers.

Knows one text; where its file lies, and what others hold, is the index's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.context.outline import How, Kind
from lsp_server.context.words import WORD, estimated_tokens, key, keys, pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.context.outline import Outline

# Lines. A block is the unit that code like the code at the cursor is found by: CrossCodeEval takes 10, RepoCoder 20.
BLOCK_LINES = 10
KINDS = tuple(Kind)
# Of a signature over many lines, this much is kept.
LONGEST_SIGNATURE = 12
LARGEST_COST = 65535
# The arrays of a digest; `store.py` keeps them in this order.
ARRAYS = {
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
    "base_lengths": np.uint8,
    "base_words": np.uint32,
}


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """One file in numbers. Lines count from 0; of lists of lists, the lengths and the values stand apart.

    ``how`` says how its outline came about.
    ``block_*``: the file cut into blocks of :data:`BLOCK_LINES`: the words of each (each once), and its tokens (about).
    ``definition_*``: an entry each of the outline's definitions: the numbers of its name and of its owner's (0 for none),
    its kind's index in :data:`KINDS`, its lines, the tokens of its signature (about), the words in its signature but for
    its name, and the pieces of its name.
    ``base_*``: for each definition, the names of the types that it extends.
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
    base_lengths: NDArray[np.uint8]
    base_words: NDArray[np.uint32]

    def check(self) -> None:
        """Raise a ValueError where the arrays cannot be of one file."""
        of_definitions = {len(getattr(self, name)) for name in ARRAYS if name.startswith("definition_")}
        rows = {len(self.definition_name), len(self.signature_lengths), len(self.piece_lengths), len(self.base_lengths)}
        lists = ("block", "signature", "piece", "base")
        sums = all(int(getattr(self, f"{x}_lengths").sum()) == len(getattr(self, f"{x}_words")) for x in lists)
        if len(of_definitions | rows) != 1 or len(self.block_tokens) != len(self.block_lengths) or not sums:
            raise ValueError("the arrays do not fit each other")


def digest(text: str, shape: Outline) -> Digest:
    r"""Return the digest of a text with ``\n`` for line ends, whose outline is ``shape``."""
    lines = text.split("\n")
    costs = [min(estimated_tokens(line), LARGEST_COST / (LONGEST_SIGNATURE + BLOCK_LINES)) for line in lines]
    words_of = [set(WORD.findall("\n".join(lines[at : at + BLOCK_LINES]))) for at in range(0, len(lines), BLOCK_LINES)]
    definitions = shape.definitions
    ends = [min(d.header, d.start + LONGEST_SIGNATURE) for d in definitions]
    signatures = [
        set(WORD.findall("\n".join(lines[d.start : end]))) - {d.name} for d, end in zip(definitions, ends, strict=True)
    ]
    names = [pieces(d.name) for d in definitions]
    return Digest(
        how=shape.how,
        block_tokens=np.array(
            [sum(costs[at : at + BLOCK_LINES]) for at in range(0, len(lines), BLOCK_LINES)], np.uint16
        ),
        block_lengths=np.array([len(words) for words in words_of], np.uint16),
        block_words=keys(word for words in words_of for word in words),
        definition_name=keys(d.name for d in definitions),
        definition_owner=np.array([key(d.owner) if d.owner else 0 for d in definitions], np.uint32),
        definition_kind=np.array([KINDS.index(d.kind) for d in definitions], np.uint8),
        definition_start=np.array([d.start for d in definitions], np.uint32),
        definition_header=np.array(ends, np.uint32),
        definition_end=np.array([d.end for d in definitions], np.uint32),
        definition_parent=np.array([d.parent for d in definitions], np.int32),
        definition_tokens=np.array(
            [sum(costs[d.start : end]) for d, end in zip(definitions, ends, strict=True)], np.uint16
        ),
        signature_lengths=np.array([len(words) for words in signatures], np.uint16),
        signature_words=keys(word for words in signatures for word in words),
        piece_lengths=np.array([len(found) for found in names], np.uint8),
        piece_words=keys(piece for found in names for piece in found),
        base_lengths=np.array([len(d.bases) for d in definitions], np.uint8),
        base_words=keys(base for d in definitions for base in d.bases),
    )
