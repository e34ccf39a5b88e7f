"""The file of one saved state, all numbers little-endian. Knows no folder: streams and bytes.

[0, 8)          magic, with the version of this format
[8, 16)         n, how many bytes the state has
[16, 20)        t, how many tokens the sequence has
[20, 24)        CRC-32 of the state
[24, 40)        digest of the key: which model, llama.cpp and context the state is of
[40, 56)        digest of [0, 40) and the tokens
[56, 56 + 4t)   the tokens, from position 0
[56 + 4t, +n)   the state; the file ends with it
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

MAGIC = b"midfkv\x00\x01"
_FIELDS = struct.Struct("<8sQII16s")
_DIGEST_BYTES = 16
_TOKEN_BYTES = 4
# What stands before the tokens.
HEADER_BYTES = _FIELDS.size + _DIGEST_BYTES


class Damaged(Exception):
    """A file is not what was written; the text continues "... is damaged: "."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says before its state; ``packed`` are the tokens as they stand there."""

    size: int
    checksum: int
    key: bytes
    packed: bytes


def digest_of(data: bytes) -> bytes:
    """Return 16 bytes that tell two keys or two rows of tokens apart."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _checksum(state: bytes | memoryview) -> int:
    # What happens to a state is an accident, a write that a crash cut off or a bad block, and CRC-32 misses one in
    # 4 billion of those. Digests would miss none, but none of them has a secret to stop somebody who writes to the
    # user's folder either, and this stands between the user and the first suggestion: of 30 MB on a core of a
    # server CRC-32 takes 7 ms, Adler-32 8 ms (and is the weaker), SHA-256 17 ms, BLAKE2b 32 ms.
    return zlib.crc32(state)


def pack(tokens: Sequence[int]) -> bytes:
    """Return tokens of 32 bits as they stand in a file."""
    return struct.pack(f"<{len(tokens)}i", *tokens)


def unpack(packed: bytes) -> tuple[int, ...]:
    """Return the tokens that :func:`pack` was given."""
    return struct.unpack(f"<{len(packed) // _TOKEN_BYTES}i", packed)


def shared(left: bytes, right: bytes) -> int:
    """Return how many tokens two packed rows share from the front.

    With numpy, for the rows are long and there is one for each file: 2 us for 2,000 tokens, against 80 us in a loop.
    """
    length = min(len(left), len(right)) // _TOKEN_BYTES
    if length == 0:
        return 0
    differs = np.frombuffer(left, "<i4", length) != np.frombuffer(right, "<i4", length)
    first = int(differs.argmax())
    return first if differs[first] else length


def header_bytes(key: bytes, packed: bytes, state: memoryview) -> bytes:
    """Return all that stands before the state."""
    fields = _FIELDS.pack(MAGIC, state.nbytes, len(packed) // _TOKEN_BYTES, _checksum(state), key)
    return fields + digest_of(fields + packed) + packed


def read_header(file: BinaryIO) -> Header:
    """Read what stands before the state and leave ``file`` at its start.

    Raises:
        Damaged: it is not what was written, or the file is not as long as it says.
    """
    fields, digest = file.read(_FIELDS.size), file.read(_DIGEST_BYTES)
    if len(digest) < _DIGEST_BYTES:
        raise Damaged("its header is cut short")
    magic, size, count, checksum, key = _FIELDS.unpack(fields)
    if magic != MAGIC:
        raise Damaged("it does not begin as a saved state does")
    # Before anything else is read, so that wrong numbers never ask for more memory than the file has bytes.
    if os.fstat(file.fileno()).st_size != HEADER_BYTES + count * _TOKEN_BYTES + size:
        raise Damaged("it is not as long as its header says")
    packed = file.read(count * _TOKEN_BYTES)
    if digest_of(fields + packed) != digest:
        raise Damaged("its header does not match its digest")
    return Header(size, checksum, key, packed)


def read_state(file: BinaryIO, header: Header) -> bytes:
    """Read the state behind the header.

    Raises:
        Damaged: it is not what was written.
    """
    state = file.read(header.size)
    if len(state) != header.size or _checksum(state) != header.checksum:
        raise Damaged("its state does not match its checksum")
    return state
