"""Peers that show what was used last, and the floor: random chunks. Written in code of our own.

A repository has no history of an editor. What stands in for it is the one of git, from the commit that last changed the
hole's file backwards: somebody who works on that file has just worked on what that commit changed too, and before that
on what the commits before it changed. Of files that are equally recent, and where there is no history, the nearest by
path comes first.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bench.retrieval.lexical import pieces
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.retrieval.inverted import Piece
    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query

# llama.vim's defaults: `ring_n_chunks` and `ring_chunk_size`.
RING = 16
RING_LINES = 64
_SMALLEST_RING_CHUNK = 3
# Chunks that are more alike than this are one.
_SAME = 0.9


def by_recency(sources: Sources, path: str) -> list[str]:
    """Return the other files, those that were used last first."""
    start = next((age for age, names in enumerate(sources.history) if path in names), 0)
    ages: dict[str, int] = {}
    for age, names in enumerate(sources.history[start:]):
        for name in names:
            ages.setdefault(name, age)
    others = (other for other in sources.files if other != path)
    return sorted(others, key=lambda other: (ages.get(other, len(sources.history)), distance(other, path), other))


def distance(path: str, other: str) -> int:
    """Return how many folders one goes up and down from one file to the other."""
    here, there = PurePosixPath(path).parts[:-1], PurePosixPath(other).parts[:-1]
    shared = 0
    for ours, theirs in zip(here, there, strict=False):
        if ours != theirs:
            break
        shared += 1
    return len(here) + len(there) - 2 * shared


@dataclass(frozen=True)
class Recent:
    """Continue's recently opened and edited files: whole files, the newest first.

    Its documentation of autocomplete (docs.continue.dev) names recently edited and recently opened files as context.
    """

    sources: Sources

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return whole files."""
        del budget
        names = by_recency(self.sources, query.path)
        return [Chunk(name, self.sources.files[name].rstrip("\n"), "recent") for name in names]


@dataclass(frozen=True)
class Ring:
    """llama.vim's ring of chunks (github.com/ggml-org/llama.vim, ``autoload/llama.vim``).

    It picks one chunk each time that a buffer is entered, left or saved: of the 65 lines around the cursor a random run
    of 33, of fewer lines all. A new chunk takes the place of those that are more than 0.9 the same line by line, and
    the ring keeps the last 16. Here each recent file was visited once, at a random line.
    """

    sources: Sources

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the ring, the newest chunk first."""
        del budget
        dice = dice_for(query)
        ring: list[Chunk] = []
        kept: list[list[str]] = []
        for name in by_recency(self.sources, query.path):
            if len(ring) == RING:
                break
            lines = self._picked(name, dice)
            # Seen from the newest to the oldest, an older chunk that is much the same has been evicted.
            if len(lines) >= _SMALLEST_RING_CHUNK and all(likeness(lines, other) <= _SAME for other in kept):
                ring.append(Chunk(name, "\n".join(lines), "ring"))
                kept.append(lines)
        return ring

    def _picked(self, name: str, dice: random.Random) -> list[str]:
        lines = self.sources.files[name].rstrip("\n").split("\n")
        cursor = dice.randrange(len(lines))
        around = lines[max(0, cursor - RING_LINES // 2) : cursor + RING_LINES // 2 + 1]
        if len(around) + 1 < RING_LINES:
            return around
        start = dice.randint(0, len(around) - RING_LINES // 2)
        return around[start : start + RING_LINES // 2 + 1]


def likeness(lines: Sequence[str], others: Sequence[str]) -> float:
    """Return how much of two chunks is the same: the lines of the first that the second has, twice, by all lines."""
    there = set(others)
    return 2 * sum(line in there for line in lines) / (len(lines) + len(others))


@dataclass(frozen=True)
class Random:
    """Random pieces of 10 lines: what is found without looking."""

    pieces: Sequence[Piece]

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return pieces in a random order, the same one for the same query."""
        order = [piece for piece in self.pieces if piece.path != query.path]
        chosen = dice_for(query).sample(order, min(len(order), budget))
        return [Chunk(piece.path, piece.text, "random") for piece in chosen]


def dice_for(query: Query) -> random.Random:
    """Return dice that fall the same way for the same place."""
    return random.Random(f"{query.path}:{len(query.before)}")


def prepare_random(sources: Sources) -> Random:
    """Cut all files in pieces."""
    return Random(list(pieces(sources.files)))
