"""States on disk, as their tests write and look for them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lsp_server.engine.saved import SavedState, SavedStates


KEY = "tiny.gguf, llama.cpp 1, 2048"
OTHER_KEY = "other.gguf, llama.cpp 1, 2048"
PLENTY = 1_000_000
HEADER_BYTES = 56
TOKENS = (151664, 7, 0, 5)
STATE = b"keys and values"
INT32 = st.integers(-(2**31), 2**31 - 1)
FEW_TOKENS = st.lists(st.integers(0, 2), max_size=6).map(tuple)


def shared(left: Sequence[int], right: Sequence[int]) -> int:
    return max(length for length in range(len(left) + 1) if left[:length] == right[:length])


def used(path: Path, second: int) -> None:
    """Say that a file was used last at this second of 1970."""
    os.utime(path, (second, second))


def find(states: SavedStates, tokens: Sequence[int]) -> SavedState:
    """Return the file of these very tokens."""
    found = states.best(tokens, 0)
    assert found is not None
    assert found.tokens == tuple(tokens)
    return found


def held(states: SavedStates, rows: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Return those of the rows that have a file of their own."""
    found = [(row, states.best(row, 0)) for row in rows]
    return [row for row, saved in found if saved is not None and saved.tokens == tuple(row)]


def one_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def file_size(tokens: Sequence[int], state: bytes) -> int:
    return HEADER_BYTES + 4 * len(tokens) + len(state)
