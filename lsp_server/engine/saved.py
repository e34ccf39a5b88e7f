"""States of KV-cache sequences, kept on disk between runs. Knows no llama.cpp: a state is bytes.

llama.cpp ends the process over a state that is damaged or another model's, so nothing is handed on before
all of it has been checked. One file holds one sequence, all numbers little-endian:

    [0, 8)          magic, with the version of this format
    [8, 16)         n, how many bytes the state has
    [16, 20)        t, how many tokens the sequence has
    [20, 24)        CRC-32 of the state
    [24, 40)        digest of the key: which model, llama.cpp and context the state is of
    [40, 56)        digest of [0, 40) and the tokens
    [56, 56 + 4t)   the tokens, from position 0
    [56 + 4t, +n)   the state; the file ends with it

Its name is KEY-TOKENS.kv, from the digests of both, so files of other keys are passed over unopened. Its time
of modification is when it was used last. The folder may be shared: a file that vanishes at any moment is
one that is not there, and a file appears whole, under its name, or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import struct
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

MAGIC = b"midfkv\x00\x01"
_FIELDS = struct.Struct("<8sQII16s")
_DIGEST_BYTES = 16
_TOKEN_BYTES = 4
# Longer than any disk takes for one state: whoever wrote a temporary file of this age is gone.
STALE_SECONDS = 3600
# Nothing that is named otherwise is touched, whatever folder the user has chosen.
_STATE_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}\.kv")
_TEMPORARY_NAME = re.compile(_STATE_NAME.pattern + r"\.[0-9a-f]{32}\.tmp")


class _Damaged(Exception):
    """A file is not what was written; the text continues "... is damaged: "."""


@dataclass(frozen=True, slots=True)
class SavedState:
    """The header of one file: ``tokens`` are the sequence's, from position 0; the state has ``size`` bytes."""

    path: Path
    tokens: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the folder lists it: ``modified`` in nanoseconds, ``size`` in bytes."""

    name: str
    modified: int
    size: int


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file says before its state; ``packed`` are the tokens as they stand there."""

    size: int
    checksum: int
    key: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """A file whose header has been read, and what the folder listed of it then."""

    file: _File
    saved: SavedState
    packed: bytes


class SavedStates:
    """The states of one key in a folder. Threads and processes may share the folder, and threads the object.

    ``key`` names all that a state depends on: the model file, llama.cpp's version, the parameters of the context.
    ``limit`` is how many bytes the folder's states may take together, those of other keys included; with
    0 nothing is kept. The folder is made by the first ``write``. Tokens are llama.cpp's, of 32 bits.
    """

    def __init__(self, folder: Path, key: str, limit: int) -> None:
        self._folder = folder
        # The version is part of the key, so files of another one have other names. A path in the key may have
        # bytes that are no UTF-8, which Python holds as surrogates.
        self._key = _digest(MAGIC + key.encode("utf-8", "surrogatepass"))
        self._names = re.compile(self._key.hex()[:16] + r"-[0-9a-f]{16}\.kv")
        self._limit = limit
        # Replaced as a whole by each look into the folder, so threads do not get into each other's way.
        self._index: dict[str, _Known] = {}
        self._warned: set[Path] = set()

    def best(self, tokens: Sequence[int], more_than: int) -> SavedState | None:
        """Return the file that shares the longest prefix with ``tokens``, the newest of several.

        Reads headers only, and each of them once. ``None`` where no file shares more than ``more_than`` tokens.
        """
        packed = _pack(tokens)
        ranked = ((_shared(known.packed, packed), known.file.modified, known) for known in self._look())
        shared, _, known = max(ranked, key=lambda rank: rank[:2], default=(more_than, 0, None))
        return known.saved if known and shared > more_than else None

    def read(self, saved: SavedState) -> bytes | None:
        """Return the state, checked, and mark the file as used now.

        ``None`` where the file has vanished or cannot be read, or is damaged: then it is removed.
        """
        try:
            with saved.path.open("rb") as file:
                header = _read_header(file)
                state = _read_state(file, header)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn_once(saved.path, "The saved state %s cannot be read: %s", saved.path.name, error)
            return None
        except _Damaged as damage:
            self._discard(saved.path, damage)
            return None
        if header.key != self._key or header.packed != _pack(saved.tokens):
            self._warn_once(saved.path, "The saved state %s is of another sequence.", saved.path.name)
            return None
        _touch(saved.path)
        return state

    def write(self, tokens: Sequence[int], state: bytes | bytearray | memoryview) -> bool:
        """Keep the state of a sequence that holds ``tokens``, and return whether it is kept.

        A file that begins with these tokens makes another one unnecessary and counts as used now. Files that
        hold a prefix of them are replaced. Then those used longest ago, of any key, are removed down to the limit.
        False for a state that is larger than the limit, and where the disk is full or the folder cannot be written.
        """
        packed = _pack(tokens)
        view = memoryview(state)
        if _FIELDS.size + _DIGEST_BYTES + len(packed) + view.nbytes > self._limit:
            return False
        held = self._look()
        if any(known.packed.startswith(packed) and _touch(known.saved.path) for known in held):
            return True
        self._remove_stale()
        path = self._folder / f"{self._key.hex()[:16]}-{_digest(packed).hex()[:16]}.kv"
        try:
            self._put(path, _header_bytes(self._key, packed, view), view)
        except OSError as error:
            self._warn_once(self._folder, "The states of the model are not kept on disk: %s", error)
            return False
        for known in held:
            # Only now: until here the shorter one was the best there was. One that held the same tokens and
            # vanished a moment ago had the name that the new one has.
            if packed.startswith(known.packed) and known.saved.path != path:
                _remove(known.saved.path)
        self._evict(path.name)
        return True

    def _look(self) -> list[_Known]:
        """Return the usable files of this key as the folder stands now; unchanged ones are not read again."""
        index = {}
        for file in _files(self._folder, self._names):
            known = self._index.get(file.name)
            if known is None or known.file != file:
                known = self._open(file)
            if known is not None:
                index[file.name] = known
        self._index = index
        return list(index.values())

    def _open(self, file: _File) -> _Known | None:
        path = self._folder / file.name
        try:
            with path.open("rb") as opened:
                header = _read_header(opened)
        except OSError:
            # It has vanished, or another process is just removing it.
            return None
        except _Damaged as damage:
            self._discard(path, damage)
            return None
        if header.key != self._key:
            self._warn_once(path, "The saved state %s is another model's under a wrong name.", file.name)
            return None
        return _Known(file, SavedState(path, _unpack(header.packed), header.size), header.packed)

    def _put(self, path: Path, header: bytes, state: memoryview) -> None:
        """Write a file so that it appears whole or not at all.

        Nothing waits for the disk: what a power cut leaves half written, the digests find.

        Raises:
            OSError: it could not be written; nothing is left of it.
        """
        # The tokens are the user's source code: as far as modes go, nobody else's to read.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not tempfile: before Python 3.13 it tries names for hours in a folder that Windows does not let it write
        # (python/cpython#66305).
        temporary = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
        try:
            with open(temporary, "xb", opener=_open_private) as file:
                file.write(header)
                file.write(state)
            temporary.replace(path)
        finally:
            _remove(temporary)

    def _evict(self, newest: str) -> None:
        """Remove the files of all keys that were used longest ago, down to the limit, but never ``newest``."""
        files = _files(self._folder, _STATE_NAME)
        total = sum(file.size for file in files)
        for file in sorted(files, key=lambda file: (file.modified, file.name)):
            if total <= self._limit:
                return
            if file.name != newest and _remove(self._folder / file.name):
                total -= file.size

    def _remove_stale(self) -> None:
        """Remove what processes that ended while they wrote have left."""
        oldest = time.time_ns() - STALE_SECONDS * 1_000_000_000
        for file in _files(self._folder, _TEMPORARY_NAME):
            if file.modified < oldest:
                _remove(self._folder / file.name)

    def _discard(self, path: Path, damage: _Damaged) -> None:
        self._warn_once(path, "The saved state %s is damaged: %s", path.name, damage)
        _remove(path)

    def _warn_once(self, subject: Path, message: str, *values: object) -> None:
        if subject not in self._warned:
            self._warned.add(subject)
            log.warning(message, *values)


# --- the format ------------------------------------------------------------------------------------


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _checksum(state: bytes | memoryview) -> int:
    # What happens to a state is an accident, a write that a crash cut off or a bad block, and CRC-32 misses one in
    # 4 billion of those. Digests would miss none, but none of them has a secret to stop somebody who writes to the
    # user's folder either, and this stands between the user and the first suggestion: of 30 MB on a core of a
    # server CRC-32 takes 7 ms, Adler-32 8 ms (and is the weaker), SHA-256 17 ms, BLAKE2b 32 ms.
    return zlib.crc32(state)


def _pack(tokens: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(tokens)}i", *tokens)


def _unpack(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // _TOKEN_BYTES}i", packed)


def _shared(left: bytes, right: bytes) -> int:
    """Return how many tokens two packed rows share from the front.

    With numpy, for the rows are long and there is one for each file: 2 us for 2,000 tokens, against 80 us in a loop.
    """
    length = min(len(left), len(right)) // _TOKEN_BYTES
    if length == 0:
        return 0
    differs = np.frombuffer(left, "<i4", length) != np.frombuffer(right, "<i4", length)
    first = int(differs.argmax())
    return first if differs[first] else length


def _header_bytes(key: bytes, packed: bytes, state: memoryview) -> bytes:
    """Return all that stands before the state."""
    fields = _FIELDS.pack(MAGIC, state.nbytes, len(packed) // _TOKEN_BYTES, _checksum(state), key)
    return fields + _digest(fields + packed) + packed


def _read_header(file: BinaryIO) -> _Header:
    """Read what stands before the state and leave ``file`` at its start.

    Raises:
        _Damaged: it is not what was written, or the file is not as long as it says.
    """
    fields, digest = file.read(_FIELDS.size), file.read(_DIGEST_BYTES)
    if len(digest) < _DIGEST_BYTES:
        raise _Damaged("its header is cut short")
    magic, size, count, checksum, key = _FIELDS.unpack(fields)
    if magic != MAGIC:
        raise _Damaged("it does not begin as a saved state does")
    # Before anything else is read, so that wrong numbers never ask for more memory than the file has bytes.
    if os.fstat(file.fileno()).st_size != _FIELDS.size + _DIGEST_BYTES + count * _TOKEN_BYTES + size:
        raise _Damaged("it is not as long as its header says")
    packed = file.read(count * _TOKEN_BYTES)
    if _digest(fields + packed) != digest:
        raise _Damaged("its header does not match its digest")
    return _Header(size, checksum, key, packed)


def _read_state(file: BinaryIO, header: _Header) -> bytes:
    """Read the state behind the header.

    Raises:
        _Damaged: it is not what was written.
    """
    state = file.read(header.size)
    if len(state) != header.size or _checksum(state) != header.checksum:
        raise _Damaged("its state does not match its checksum")
    return state


# --- the folder, which others change at the same time ------------------------------------------------


def _files(folder: Path, names: re.Pattern[str]) -> list[_File]:
    """Return the files whose names match; none where there is no such folder or it cannot be read."""
    files = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if names.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat()
                    files.append(_File(entry.name, status.st_mtime_ns, status.st_size))
    return files


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _touch(path: Path) -> bool:
    """Mark a file as used now, where that is allowed, and return whether it is there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        log.debug("%s is not marked as used: %s", path.name, error)
    return True


def _remove(path: Path) -> bool:
    """Return whether a file is gone. Windows keeps one that somebody reads: then it stays for another time."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.debug("%s is not removed: %s", path.name, error)
        return False
    return True
