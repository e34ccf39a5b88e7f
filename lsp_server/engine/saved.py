"""States of KV-cache sequences, kept on disk between runs. Knows no llama.cpp: a state is bytes.

llama.cpp ends the process over a state that is damaged or another model's, so nothing is handed on before
all of it has been checked. One file holds one sequence, in the form of :mod:`lsp_server.engine.statefile`.

Its name is KEY-TOKENS.kv, from the digests of both, so files of other keys are passed over unopened. Its time
of modification is when it was used last. The folder may be shared: a file that vanishes at any moment is
one that is not there, and a file appears whole, under its name, or not at all.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from lsp_server.engine.statefile import (
    HEADER_BYTES,
    MAGIC,
    Damaged,
    digest_of,
    header_bytes,
    pack,
    read_header,
    read_state,
    shared,
    unpack,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

# Longer than any disk takes for one state: whoever wrote a temporary file of this age is gone.
STALE_SECONDS = 3600
# Nothing that is named otherwise is touched, whatever folder the user has chosen.
_STATE_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}\.kv")
_TEMPORARY_NAME = re.compile(_STATE_NAME.pattern + r"\.[0-9a-f]{32}\.tmp")


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
        self._key = digest_of(MAGIC + key.encode("utf-8", "surrogatepass"))
        self._names = re.compile(self._key.hex()[:16] + r"-[0-9a-f]{16}\.kv")
        self._limit = limit
        # Replaced as a whole by each look into the folder, so threads do not get into each other's way.
        self._index: dict[str, _Known] = {}
        self._warned: set[Path] = set()

    def best(self, tokens: Sequence[int], more_than: int) -> SavedState | None:
        """Return the file that shares the longest prefix with ``tokens``, the newest of several.

        Reads headers only, and each of them once. ``None`` where no file shares more than ``more_than`` tokens.
        """
        packed = pack(tokens)
        ranked = ((shared(known.packed, packed), known.file.modified, known) for known in self._look())
        length, _, known = max(ranked, key=lambda rank: rank[:2], default=(more_than, 0, None))
        return known.saved if known and length > more_than else None

    def read(self, saved: SavedState) -> bytes | None:
        """Return the state, checked, and mark the file as used now.

        ``None`` where the file has vanished or cannot be read, or is damaged: then it is removed.
        """
        try:
            with saved.path.open("rb") as file:
                header = read_header(file)
                state = read_state(file, header)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn_once(saved.path, "The saved state %s cannot be read: %s", saved.path.name, error)
            return None
        except Damaged as damage:
            self._discard(saved.path, damage)
            return None
        if header.key != self._key or header.packed != pack(saved.tokens):
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
        packed = pack(tokens)
        view = memoryview(state)
        if HEADER_BYTES + len(packed) + view.nbytes > self._limit:
            return False
        held = self._look()
        if any(known.packed.startswith(packed) and _touch(known.saved.path) for known in held):
            return True
        self._remove_stale()
        path = self._folder / f"{self._key.hex()[:16]}-{digest_of(packed).hex()[:16]}.kv"
        try:
            self._put(path, header_bytes(self._key, packed, view), view)
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
                header = read_header(opened)
        except OSError:
            # It has vanished, or another process is just removing it.
            return None
        except Damaged as damage:
            self._discard(path, damage)
            return None
        if header.key != self._key:
            self._warn_once(path, "The saved state %s is another model's under a wrong name.", file.name)
            return None
        return _Known(file, SavedState(path, unpack(header.packed), header.size), header.packed)

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

    def _discard(self, path: Path, damage: Damaged) -> None:
        self._warn_once(path, "The saved state %s is damaged: %s", path.name, damage)
        _remove(path)

    def _warn_once(self, subject: Path, message: str, *values: object) -> None:
        if subject not in self._warned:
            self._warned.add(subject)
            log.warning(message, *values)


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
