"""Growing tables of numbers, and the rows in which a number occurs. Knows neither words nor files."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import DTypeLike, NDArray

# Pairs that wait to be sorted, those of some thirty files; and those of the largest part that parts are merged to,
# which takes some milliseconds.
_MOST_WAITING = 1 << 14
_LARGEST_PART = 1 << 18
# Bytes; an array of as many has pages of its own.
_LARGE = 1 << 16
# Numbers in one piece of lists.
_PIECE = 1 << 18


def _array(length: int, kind: DTypeLike) -> NDArray[Any]:
    """Return an array with any values. A large one has pages of its own, which the system gets back when it goes.

    What lives long among what does not would leave holes in the memory that malloc manages, a tenth of all here.
    """
    size = length * np.dtype(kind).itemsize
    return np.frombuffer(mmap.mmap(-1, size), kind) if size >= _LARGE else np.empty(length, kind)


class Column:
    """One array that grows at its end."""

    def __init__(self, kind: DTypeLike) -> None:
        self._values: NDArray[Any] = np.empty(64, kind)
        self._length = 0

    def __len__(self) -> int:
        """Return how many values there are."""
        return self._length

    @property
    def values(self) -> NDArray[Any]:
        """The values so far; a view that the next :meth:`extend` may leave behind."""
        return self._values[: self._length]

    def extend(self, values: NDArray[Any]) -> None:
        """Append values."""
        needed = self._length + len(values)
        if needed > len(self._values):
            grown = _array(needed + needed // 4, self._values.dtype)
            grown[: self._length] = self.values
            self._values = grown
        self._values[self._length : needed] = values
        self._length = needed

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        return self._values.nbytes


class Table:
    """Columns of one length; a row is what stands at one index in all of them."""

    def __init__(self, columns: Mapping[str, DTypeLike]) -> None:
        self._columns = {name: Column(kind) for name, kind in columns.items()}

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column's values; a view, as with :attr:`Column.values`."""
        return self._columns[name].values

    def extend(self, **values: NDArray[Any]) -> NDArray[np.uint32]:
        """Append rows, a keyword a column; return their indices."""
        start = len(self)
        for name, column in self._columns.items():
            column.extend(values[name])
        return np.arange(start, len(self), dtype=np.uint32)

    @property
    def bytes(self) -> int:
        """The memory that it takes."""
        return sum(column.bytes for column in self._columns.values())


class Lists:
    """Lists of numbers, one a row, of any length, one behind the other in memory."""

    def __init__(self) -> None:
        # Pieces of one length: one array that grows would be copied again and again, and be in memory twice meanwhile.
        self._pieces: list[NDArray[np.uint32]] = []
        self._length = 0
        self._ends = Column(np.uint32)

    def extend(self, values: NDArray[np.uint32], lengths: NDArray[Any]) -> None:
        """Append lists, laid out one behind the other."""
        self._ends.extend(self._length + np.cumsum(lengths, dtype=np.uint32))
        while len(values):
            at = self._length % _PIECE
            if at == 0:
                self._pieces.append(_array(_PIECE, np.uint32))
            fitting = values[: _PIECE - at]
            self._pieces[-1][at : at + len(fitting)] = fitting
            self._length += len(fitting)
            values = values[len(fitting) :]

    def of(self, rows: NDArray[Any]) -> Found:
        """Return the lists of some rows: which of ``rows``, by its place there, has which value."""
        if not len(rows):
            return _NOTHING
        ends, at = self._ends.values, rows.astype(np.int64)
        starts = np.where(at > 0, ends[at - 1], 0).astype(np.int64)
        positions, offsets = _ranges(starts, ends[at].astype(np.int64))
        values = np.empty(len(offsets), np.uint32)
        pieces = offsets // _PIECE
        for number in np.flatnonzero(np.bincount(pieces)).tolist():
            here = np.flatnonzero(pieces == number)
            values[here] = self._pieces[number][offsets[here] - number * _PIECE]
        return Found(positions, values)

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        return self._length * 4 + self._ends.bytes


class Found(NamedTuple):
    """Pairs, as two arrays of one length: the place of what was asked for, and a value that belongs to it."""

    asked: NDArray[np.int64]
    values: NDArray[np.uint32]


_NOTHING = Found(np.empty(0, np.int64), np.empty(0, np.uint32))


class _Part(NamedTuple):
    """Pairs by their keys, which ascend: the rows of ``keys[i]`` are ``rows[starts[i]:starts[i + 1]]``."""

    keys: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    rows: NDArray[np.uint32]


class Postings:
    """From a number to the rows that have it.

    Pairs that were added last wait unsorted until there are many or somebody asks. Then they become a part, which is
    merged with parts before it of about its size, so that there are few: as many as doublings lead from a small one to
    :data:`_LARGEST_PART`, and full ones. No call takes longer than merging one of these.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._waiting: list[NDArray[np.uint64]] = []
        self._waits = 0
        self._counts = _Counts()

    def remove(self, keys: NDArray[np.uint32]) -> None:
        """Count a row less for each of the keys; :meth:`find` still finds the row."""
        self._seal()
        unique, counts = np.unique(keys, return_counts=True)
        self._counts.add(unique, -counts)

    def add(self, keys: NDArray[np.uint32], rows: NDArray[np.uint32]) -> None:
        """Note that each of ``rows`` has the key at its place in ``keys``."""
        if len(keys):
            self._waiting.append(_pairs(keys, rows))
            self._waits += len(keys)
        if self._waits >= _MOST_WAITING:
            self._seal()

    def _seal(self) -> None:
        if not self._waiting:
            return
        pairs = np.concatenate(self._waiting)
        pairs.sort()
        self._waiting, self._waits = [], 0
        part = _part(pairs)
        self._counts.add(part.keys, np.diff(part.starts))
        # All that is to be merged is found first and merged once.
        first, size = len(self._parts), len(part.rows)
        while first and len(self._parts[first - 1].rows) <= min(2 * size, _LARGEST_PART - size):
            first -= 1
            size += len(self._parts[first].rows)
        if first < len(self._parts):
            before = [_pairs(np.repeat(one.keys, np.diff(one.starts)), one.rows) for one in self._parts[first:]]
            pairs = np.concatenate([*before, pairs])
            # Each of them is sorted, which is what this kind of sorting makes use of.
            pairs.sort(kind="stable")
            part = _part(pairs)
        self._parts[first:] = [part]

    def counts(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return how many rows have each key."""
        self._seal()
        return self._counts.of(keys)

    def find(self, keys: NDArray[np.uint32]) -> Found:
        """Return the rows of all keys: pairs of a key's place in ``keys`` and a row."""
        self._seal()
        found = [_NOTHING]
        for part in self._parts:
            at = np.searchsorted(part.keys, keys)
            hits = np.flatnonzero(_are(part.keys, at, keys))
            at = at[hits]
            positions, offsets = _ranges(part.starts[at].astype(np.int64), part.starts[at + 1].astype(np.int64))
            found.append(Found(hits[positions], part.rows[offsets]))
        return Found(np.concatenate([f.asked for f in found]), np.concatenate([f.values for f in found]))

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        parts = sum(array.nbytes for part in self._parts for array in part)
        return parts + sum(pairs.nbytes for pairs in self._waiting) + self._counts.bytes


class _Counts:
    """How many rows have each key, all parts together: a key is looked up once, and not in each part."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint32)
        self._values = np.empty(0, np.int32)

    def add(self, keys: NDArray[np.uint32], values: NDArray[Any]) -> None:
        """Add to the counts of keys, which ascend, each once."""
        at = np.searchsorted(self._keys, keys)
        is_new = ~_are(self._keys, at, keys)
        self._values[at[~is_new]] += values[~is_new].astype(np.int32)
        if is_new.any():
            self._keys = np.insert(self._keys, at[is_new], keys[is_new])
            self._values = np.insert(self._values, at[is_new], values[is_new])

    def of(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return the count of each key, 0 for one that is not there."""
        at = np.searchsorted(self._keys, keys)
        counts = np.zeros(len(keys), np.int64)
        known = _are(self._keys, at, keys)
        counts[known] = self._values[at[known]]
        return counts

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        return self._keys.nbytes + self._values.nbytes


def _pairs(keys: NDArray[np.uint32], rows: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return each key and its row as one number: numpy sorts numbers many times faster than it finds their order."""
    return keys.astype(np.uint64) << np.uint64(32) | rows


def _part(pairs: NDArray[np.uint64]) -> _Part:
    """Return the part of some pairs, of which there is one at least and which ascend."""
    keys = (pairs >> np.uint64(32)).astype(np.uint32)
    starts = np.concatenate([[0], np.flatnonzero(keys[1:] != keys[:-1]) + 1, [len(keys)]]).astype(np.uint32)
    rows = _array(len(pairs), np.uint32)
    np.copyto(rows, pairs, casting="unsafe")
    return _Part(keys[starts[:-1]], starts, rows)


def _are(there: NDArray[np.uint32], at: NDArray[np.int64], keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return which of ``keys`` stand in ``there`` at the places in ``at``, some of which may be behind its end."""
    if not len(there):
        return np.zeros(len(keys), np.bool_)
    same: NDArray[np.bool_] = there[np.minimum(at, len(there) - 1)] == keys
    return same


def _ranges(starts: NDArray[np.int64], stops: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all numbers of some half-open ranges, one range behind the other, and which range each is of."""
    lengths = stops - starts
    positions = np.repeat(np.arange(len(starts)), lengths)
    before = np.cumsum(lengths) - lengths
    return positions, np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
