"""Growing tables of numbers, and the rows in which a number occurs. Knows neither words nor files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import DTypeLike, NDArray

# Pairs that were added last are sorted apart from the rest, until they are more than these, or a quarter of it.
_SMALLEST_MERGE = 1 << 16
_MERGE_SHARE = 4


class Column:
    """One array that grows at its end."""

    def __init__(self, kind: DTypeLike) -> None:
        self._values: NDArray[Any] = np.empty(64, kind)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> NDArray[Any]:
        """The values so far; a view that the next :meth:`extend` may leave behind."""
        return self._values[: self._length]

    def extend(self, values: NDArray[Any]) -> None:
        """Append values."""
        needed = self._length + len(values)
        if needed > len(self._values):
            grown = np.empty(needed + needed // 4, self._values.dtype)
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
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: str) -> NDArray[Any]:
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
        self._values = Column(np.uint32)
        self._ends = Column(np.uint32)

    def extend(self, values: NDArray[np.uint32], lengths: NDArray[Any]) -> None:
        """Append lists, laid out one behind the other."""
        start = len(self._values)
        self._values.extend(values)
        self._ends.extend(start + np.cumsum(lengths, dtype=np.uint32))

    def of(self, rows: NDArray[Any]) -> Found:
        """Return the lists of some rows: which of ``rows``, by its place there, has which value."""
        if not len(rows):
            return _NOTHING
        ends, at = self._ends.values.astype(np.int64), rows.astype(np.int64)
        stops = ends[at]
        starts = np.where(at > 0, ends[at - 1], 0)
        positions, offsets = _ranges(starts, stops)
        return Found(positions, self._values.values[offsets])

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        return self._values.bytes + self._ends.bytes


class Found(NamedTuple):
    """Pairs, as two arrays of one length: the place of what was asked for, and a value that belongs to it."""

    asked: NDArray[np.int64]
    values: NDArray[np.uint32]


_NOTHING = Found(np.empty(0, np.int64), np.empty(0, np.uint32))


class Postings:
    """From a number to the rows that have it."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.uint32)
        self._rows = np.empty(0, np.uint32)
        self._new_keys = Column(np.uint32)
        self._new_rows = Column(np.uint32)
        self._sorted: tuple[NDArray[np.uint32], NDArray[np.uint32]] | None = None
        self._gone = Column(np.uint32)
        self._sorted_gone: NDArray[np.uint32] | None = None

    def remove(self, keys: NDArray[np.uint32]) -> None:
        """Count a row less for each of the keys; :meth:`find` still finds the row."""
        self._gone.extend(keys)
        self._sorted_gone = None

    def add(self, keys: NDArray[np.uint32], rows: NDArray[np.uint32]) -> None:
        """Note that each of ``rows`` has the key at its place in ``keys``."""
        self._new_keys.extend(keys)
        self._new_rows.extend(rows)
        self._sorted = None
        if len(self._new_keys) > max(_SMALLEST_MERGE, len(self._keys) // _MERGE_SHARE):
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate([self._keys, self._new_keys.values])
        rows = np.concatenate([self._rows, self._new_rows.values])
        self._keys, self._rows = _by_key(keys, rows)
        self._new_keys, self._new_rows = Column(np.uint32), Column(np.uint32)

    def _parts(self) -> list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]:
        if self._sorted is None:
            self._sorted = _by_key(self._new_keys.values, self._new_rows.values)
        return [(self._keys, self._rows), self._sorted]

    def counts(self, keys: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return how many rows have each key."""
        total = np.zeros(len(keys), np.int64)
        for part, _ in self._parts():
            total += np.searchsorted(part, keys, "right") - np.searchsorted(part, keys, "left")
        if self._sorted_gone is None:
            self._sorted_gone = np.sort(self._gone.values)
        gone = self._sorted_gone
        return total - (np.searchsorted(gone, keys, "right") - np.searchsorted(gone, keys, "left"))

    def find(self, keys: NDArray[np.uint32]) -> Found:
        """Return the rows of all keys: pairs of a key's place in ``keys`` and a row."""
        found = []
        for part, rows in self._parts():
            starts, stops = np.searchsorted(part, keys, "left"), np.searchsorted(part, keys, "right")
            positions, offsets = _ranges(starts, stops)
            found.append(Found(positions, rows[offsets]))
        return Found(np.concatenate([f.asked for f in found]), np.concatenate([f.values for f in found]))

    @property
    def bytes(self) -> int:
        """The memory that they take."""
        return self._keys.nbytes + self._rows.nbytes + self._new_keys.bytes + self._new_rows.bytes


def _by_key(keys: NDArray[np.uint32], rows: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order]


def _ranges(starts: NDArray[np.int64], stops: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all numbers of some half-open ranges, one range behind the other, and which range each is of."""
    lengths = stops - starts
    positions = np.repeat(np.arange(len(starts)), lengths)
    before = np.cumsum(lengths) - lengths
    return positions, np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
