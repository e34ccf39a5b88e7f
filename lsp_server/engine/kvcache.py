"""Which tokens live in the KV cache: match, fork, trim, evict. Pure Python; llama.cpp does as it says.

One buffer of cells is shared by several sequences. A cell holds one evaluated token and may belong to
more than one sequence: those that were forked behind it.

    sequence 0   [ header | chunks | prefix | suffix A | middle ]
    sequence 1   [ header | chunks | prefix | suffix B ]
                 <------- shared cells --->

A sequence has a head: the tokens ``[0, head)`` that are worth keeping for later, the prompt up to where
the middle begins. What stands behind it, typed or generated, is dropped when the next prompt differs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

# A fork costs one of few sequences: cutting fewer tokens than this off a head is cheaper.
WORTH_KEEPING = 16


class Memory(Protocol):
    """What a KV buffer can do with the positions of a sequence."""

    def trim(self, sequence: int, length: int) -> None:
        """Forget all positions of a sequence from ``length`` on."""
        ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Make the empty ``target`` share the positions ``[0, length)`` of ``source``."""
        ...


class NoRoom(Exception):
    """What is pinned leaves too few cells or sequences."""


@dataclass(slots=True)
class _Sequence:
    """``cells`` are the buffer's cells by position; ``used`` is when it was last taken, 0 for never.

    ``room`` is how many cells it may still take while it is pinned: nobody else gets them.
    """

    tokens: list[int] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    head: int = 0
    used: int = 0
    room: int = 0
    is_pinned: bool = False


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Return how many tokens two rows of one type share from the front."""
    # Slices compare in C: halving what is left finds the place in a time that is linear all the same.
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


class KVCache:
    """The tokens of each sequence of one buffer of ``capacity`` cells. Owned by one thread, but for ``held``."""

    def __init__(self, memory: Memory, capacity: int, sequences: int) -> None:
        self.capacity = capacity
        self._memory = memory
        self._sequences = [_Sequence() for _ in range(sequences)]
        self._references: Counter[int] = Counter()
        self._next_cell = 0
        self._clock = 0

    @property
    def free(self) -> int:
        """How many cells hold nothing."""
        return self.capacity - len(self._references)

    def held(self, tokens: Sequence[int]) -> int:
        """Return how many leading tokens some sequence holds. Any thread may ask; the answer ages at once."""
        row = list(tokens)
        return max(common_prefix(sequence.tokens, row) for sequence in self._sequences)

    def length(self, sequence: int) -> int:
        """Return how many tokens a sequence holds."""
        return len(self._sequences[sequence].tokens)

    def tokens(self, sequence: int) -> tuple[int, ...]:
        """Return the tokens that a sequence holds."""
        return tuple(self._sequences[sequence].tokens)

    def heads(self) -> list[tuple[int, int]]:
        """Return (sequence, length of its head) of all that have a head, the last used first."""
        order = sorted(range(len(self._sequences)), key=lambda number: -self._sequences[number].used)
        heads = ((n, min(self._sequences[n].head, self.length(n))) for n in order)
        return [(number, head) for number, head in heads if head]

    def acquire(self, tokens: Sequence[int], head: int, room: int) -> int:
        """Return a sequence that holds the longest possible start of a prompt and nothing else, pinned.

        ``head`` of the prompt's tokens are worth keeping afterwards. ``room`` is how many tokens will be
        generated: so many cells are kept free for it, besides those that the prompt's rest takes. The last token of
        a prompt is never held: it has to be evaluated for its logits.

        Raises:
            NoRoom: the pinned sequences leave no room; nothing has changed.
        """
        row = list(tokens)
        source = max(range(len(self._sequences)), key=lambda n: common_prefix(self._sequences[n].tokens, row))
        kept = min(common_prefix(self._sequences[source].tokens, row), len(row) - 1)
        needed = len(row) - kept + room
        self._check_room(needed, self._staying(source, kept))
        target = self._fork(source, kept) if self._is_kept(source, kept) else source
        if target == source:
            self._cut(source, kept)
        self._evict(needed, keep={source, target})
        if self._spare < needed:
            # The source is the last that may go; what was forked of it stays.
            self._cut(source, kept)
        taken = self._sequences[target]
        taken.is_pinned, taken.head, taken.used = True, max(taken.head, head), self._tick()
        taken.room = needed
        return target

    def fork(self, source: int, room: int) -> int:
        """Return another sequence that shares all that a pinned one holds, pinned, with ``room`` for what it adds.

        Raises:
            NoRoom: the pinned sequences leave no room; nothing has changed.
        """
        self._check_room(room, self._staying(source, 0))
        target = self._fork(source, self.length(source))
        self._evict(room, keep={target})
        self._sequences[target].is_pinned, self._sequences[target].room = True, room
        return target

    def acquire_empty(self, room: int) -> int:
        """Return a sequence that holds nothing, pinned, with ``room`` free cells for a state from elsewhere.

        Raises:
            NoRoom: the pinned sequences leave no room; nothing has changed.
        """
        target = self._least_needed()
        self._check_room(room, self._staying(target, 0))
        self._cut(target, 0)
        self._evict(room, keep=set())
        self._sequences[target].is_pinned, self._sequences[target].room = True, room
        return target

    def _least_needed(self, but: int = -1) -> int:
        """Return an empty sequence or the one that was used least recently, none that is pinned or ``but``.

        Raises:
            NoRoom: there is no such sequence.
        """
        free = [n for n, s in enumerate(self._sequences) if n != but and not s.is_pinned]
        if not free:
            raise NoRoom
        return min(free, key=lambda n: (bool(self._sequences[n].tokens), self._sequences[n].used))

    @property
    def _spare(self) -> int:
        """How many cells are free and kept for nobody."""
        return self.free - sum(sequence.room for sequence in self._sequences)

    def _check_room(self, needed: int, staying: set[int]) -> None:
        """Raise NoRoom where too few cells would be left if all went but those that stay."""
        kept_free = sum(sequence.room for sequence in self._sequences)
        if self.capacity - len(staying) - kept_free < needed:
            raise NoRoom

    def _staying(self, source: int, kept: int) -> set[int]:
        """Return the cells that cannot be freed: what is pinned, and what is kept of the source."""
        staying = set(self._sequences[source].cells[:kept])
        return staying.union(*(sequence.cells for sequence in self._sequences if sequence.is_pinned))

    def _is_kept(self, source: int, kept: int) -> bool:
        sequence = self._sequences[source]
        return sequence.is_pinned or min(sequence.head, len(sequence.tokens)) - kept >= WORTH_KEEPING

    def _fork(self, source: int, kept: int) -> int:
        """Return another sequence that holds the first ``kept`` tokens of ``source`` and nothing else."""
        target = self._least_needed(but=source)
        self._cut(target, 0)
        if kept:
            self._memory.copy(source, target, kept)
            origin, copy = self._sequences[source], self._sequences[target]
            copy.tokens, copy.cells = origin.tokens[:kept], origin.cells[:kept]
            self._references.update(copy.cells)
        return target

    def _evict(self, needed: int, keep: set[int]) -> None:
        """Empty sequences that are not pinned, the least recently used first, until cells enough are spare."""
        for number in sorted(range(len(self._sequences)), key=lambda n: self._sequences[n].used):
            if self._spare >= needed:
                return
            if number not in keep and not self._sequences[number].is_pinned:
                self._cut(number, 0)

    def _cut(self, number: int, length: int) -> None:
        sequence = self._sequences[number]
        if length >= len(sequence.tokens):
            return
        for cell in sequence.cells[length:]:
            self._references[cell] -= 1
            if not self._references[cell]:
                del self._references[cell]
        del sequence.tokens[length:], sequence.cells[length:]
        sequence.head = min(sequence.head, length)
        self._memory.trim(number, length)

    def restore(self, sequence: int, tokens: Sequence[int]) -> None:
        """Note that an empty sequence has been given the state of ``tokens``, all of them worth keeping."""
        self.append(sequence, tokens)
        self._sequences[sequence].head = len(tokens)

    def append(self, sequence: int, tokens: Sequence[int]) -> None:
        """Note that ``tokens`` have been evaluated behind what a sequence holds."""
        cells = range(self._next_cell, self._next_cell + len(tokens))
        self._next_cell += len(tokens)
        self._references.update(cells)
        row = self._sequences[sequence]
        row.tokens.extend(tokens)
        row.cells.extend(cells)
        row.room = max(0, row.room - len(tokens))

    def release(self, sequence: int) -> None:
        """Unpin a sequence; what it holds stays until the room is needed."""
        row = self._sequences[sequence]
        row.is_pinned, row.room, row.used = False, 0, self._tick()

    def forget(self, sequence: int) -> None:
        """Empty a sequence of which it is not known what the memory holds."""
        self._cut(sequence, 0)
        self._memory.trim(sequence, 0)

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    def check_integrity(self) -> None:
        """Raise AssertionError where the account contradicts itself."""
        counted: Counter[int] = Counter()
        for sequence in self._sequences:
            assert len(sequence.tokens) == len(sequence.cells), "a cell for each token"
            assert len(set(sequence.cells)) == len(sequence.cells), "no cell twice in a sequence"
            counted.update(sequence.cells)
        assert counted == self._references, "the references are those of the sequences"
        assert self.free >= 0, "no more cells than there are"
        assert self._spare >= 0, "what is kept free for a sequence is free"
        assert all(sequence.is_pinned or not sequence.room for sequence in self._sequences), "none is kept for nobody"
        # A cell that two sequences share stands at one position, behind the same tokens.
        for one in self._sequences:
            for other in self._sequences:
                shared = common_prefix(one.cells, other.cells)
                assert not set(one.cells[shared:]) & set(other.cells[shared:]), "only starts are shared"
                assert one.tokens[:shared] == other.tokens[:shared], "shared cells hold the same tokens"
