"""What is around a cursor, as an index can be asked for it: words with weights by their distance.

Knows one document; neither other files nor syntax, since what is being typed seldom parses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.context.words import WORD, keys, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lsp_server.core import Place

# Lines on either side of the cursor that count as near it, and the distance at which a word counts half.
NEAR_LINES = 40
HALF_DISTANCE = 4.0
# A word behind the cursor counts less: it is used by what follows, as often as not.
SUFFIX_WEIGHT = 0.7
# Lines on either side that are looked at for what the document mentions at all.
DOCUMENT_LINES = 1500
# Lines that declare a name, or set it, of which the last are looked at for its type.
MOST_DECLARATIONS = 8

# Characters before the cursor that a name and its member are looked for in.
LONGEST_MEMBER = 200
# `name.`, `name().`, `name[0]->`, `name::`, and what of the member is typed already.
_RECEIVER = re.compile(r"(\w+)(?:\([^()]*\)|\[[^\[\]]*\])?\s*(?:\?\.|\.|->|::)\s*\w*$")


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Words are keys of `words.py`; arrays of keys are sorted, each key once.

    ``document``: all words of the document. ``near``: those near the cursor, with ``near_weights`` in ``(0, 1]``.
    ``pieces``: the pieces of the words near, with ``piece_weights``. Where a member is being typed, ``receiver`` is the
    name (alone) that it is a member of, ``receiver_pieces`` are that name's, and ``receiver_types`` the words of the
    lines that declare or set it, its type among them; empty elsewhere.
    """

    document: NDArray[np.uint32]
    near: NDArray[np.uint32]
    near_weights: NDArray[np.float64]
    pieces: NDArray[np.uint32]
    piece_weights: NDArray[np.float64]
    receiver: NDArray[np.uint32]
    receiver_pieces: NDArray[np.uint32]
    receiver_types: NDArray[np.uint32]


def survey(place: Place) -> Surroundings:
    """Return what is around a cursor."""
    above = place.before.split("\n")[-DOCUMENT_LINES:]
    below = place.after.split("\n", DOCUMENT_LINES)[:DOCUMENT_LINES]
    line = above[-1]
    near: dict[str, float] = {}
    for distance, text in enumerate(reversed(above[-NEAR_LINES:])):
        _note(near, text, _weight(distance))
    for distance, text in enumerate(below[:NEAR_LINES]):
        _note(near, text, _weight(distance) * SUFFIX_WEIGHT)
    parts: dict[str, float] = {}
    for word, weight in near.items():
        for piece in pieces(word):
            parts[piece] = max(parts.get(piece, 0.0), weight)
    near_keys, near_weights = _weighted(near)
    piece_keys, piece_weights = _weighted(parts)
    receiver = _RECEIVER.search(line[-LONGEST_MEMBER:])
    name = receiver[1] if receiver else ""
    return Surroundings(
        document=_unique(WORD.findall("\n".join(above) + "\n" + "\n".join(below))),
        near=near_keys,
        near_weights=near_weights,
        pieces=piece_keys,
        piece_weights=piece_weights,
        receiver=_unique([name] if name else ()),
        receiver_pieces=_unique(pieces(name)),
        receiver_types=_unique(_declaring(name, above) if name else ()),
    )


def _declaring(name: str, lines: list[str]) -> set[str]:
    """Return the words of the lines that declare or set a name, the last ones; without the name."""
    declared = re.compile(rf"\b{re.escape(name)}\b\s*(?::=|:|=(?!=))|\w[\]>*&?\s]+\b{re.escape(name)}\b\s*[=;,)]")
    found = [line for line in lines[:-1] if name in line and declared.search(line)]
    return {word for line in found[-MOST_DECLARATIONS:] for word in WORD.findall(line)} - {name}


def _weight(distance: int) -> float:
    return 1.0 / (1.0 + distance / HALF_DISTANCE)


def _note(words: dict[str, float], text: str, weight: float) -> None:
    for word in WORD.findall(text):
        if words.get(word, 0.0) < weight:
            words[word] = weight


def _unique(words: Iterable[str]) -> NDArray[np.uint32]:
    return np.unique(keys(words))


def _weighted(words: dict[str, float]) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    numbers = keys(words)
    order = np.argsort(numbers)
    return numbers[order], np.fromiter(words.values(), np.float64)[order]
