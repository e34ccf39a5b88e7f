"""Numbers by key, for arrays of keys at once. Knows nothing of what keys stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Keyed:
    """From keys to numbers; 0 for keys that are not in it."""

    def __init__(self, keys: NDArray[np.uint32], values: NDArray[np.float64]) -> None:
        self.keys, self._values = keys, values

    @classmethod
    def of(cls, keys: NDArray[np.uint32], values: NDArray[np.float64]) -> Keyed:
        """Return the map of keys that are there once each."""
        order = np.argsort(keys)
        return cls(keys[order], values[order])

    @classmethod
    def sums(cls, keys: NDArray[np.uint32], values: NDArray[np.float64]) -> Keyed:
        """Return the map to the sum of each key's values."""
        unique, which = np.unique(keys, return_inverse=True)
        return cls(unique, np.bincount(which, values, len(unique)).astype(np.float64))

    @classmethod
    def largest(cls, keys: NDArray[np.uint32], values: NDArray[np.float64]) -> Keyed:
        """Return the map to the largest of each key's values."""
        order = np.lexsort((values, keys))
        keys, values = keys[order], values[order]
        is_last = np.ones(len(keys), np.bool_)
        is_last[:-1] = keys[1:] != keys[:-1]
        return cls(keys[is_last], values[is_last])

    def __call__(self, keys: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Return the number of each of ``keys``."""
        if not len(self.keys):
            return np.zeros(len(keys))
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self._values[at], 0.0)


def contains(sorted_keys: NDArray[np.uint32], keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return for each of ``keys`` whether it is among the others."""
    if not len(sorted_keys):
        return np.zeros(len(keys), np.bool_)
    at = np.minimum(np.searchsorted(sorted_keys, keys), len(sorted_keys) - 1)
    found: NDArray[np.bool_] = sorted_keys[at] == keys
    return found
