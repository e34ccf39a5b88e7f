r"""Digests on disk, so that a workspace that was indexed once is there at once the next time.

One SQLite file a workspace, in the user's cache folder. What it says is checked and not trusted: a digest counts for a
file of the same size and time of change only, and one that is damaged, or the whole file, is made anew. A disk that is
full, or a second editor that is writing, costs the next start some time and nothing else.

A digest is, compressed by zlib (whose checksum finds damage): the lengths of the arrays of :data:`digest.ARRAYS`, each
in four bytes, and then their bytes, little-endian.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import zlib
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.context.digest import ARRAYS, Digest
from lsp_server.context.outline import How

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

# Of what digests hold, or how words are told apart; a file with another number is not read.
VERSION = 2
# Workspaces that nobody has opened for longest lose theirs.
MOST_WORKSPACES = 24
# Digests that are written at once.
BATCH = 256
_LENGTHS = np.dtype("<u4")


class Store:
    """The digests of one workspace by path. Owned by one thread; never raises what a disk does wrong."""

    def __init__(self, folder: Path, roots: Sequence[Path]) -> None:
        """Open or make the file of a workspace in ``folder``, which need not exist."""
        name = hashlib.sha256("\0".join(sorted(map(str, roots))).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._path = folder / f"{name}.sqlite"
        self._waiting: dict[str, tuple[str, int, int, str, bytes]] = {}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            _remove_oldest(self._path)
            if self._path.exists():
                # Its age is told by its time, which reading alone does not change.
                os.utime(self._path)
            if self._path.exists():
                # An index that is read and found current is not written, but it is in use.
                os.utime(self._path)
        except OSError as error:
            log.warning("The index is not kept on disk (%s): each start reads the workspace anew.", error)
            self._connection = None
            return
        self._connection = _opened(self._path)

    def get(self, path: str, size: int, modified: int) -> Digest | None:
        """Return the digest of a file with that size in bytes and time of change; ``None`` where there is none."""
        if self._connection is None:
            return None
        try:
            query = "SELECT how, digest FROM files WHERE path = ? AND size = ? AND modified = ?"
            row = self._connection.execute(query, (_text(path), size, modified)).fetchone()
            return decode(row[0], row[1]) if row else None
        except (sqlite3.Error, ValueError, TypeError, zlib.error) as error:
            log.info("A digest on disk is passed over: %s", error)
            return None

    def put(self, path: str, size: int, modified: int, digest: Digest) -> None:
        """Keep a digest; it is written with others, at the latest by :meth:`flush`."""
        if self._connection is not None:
            self._waiting[path] = (_text(path), size, modified, digest.how.value, encode(digest))
            if len(self._waiting) >= BATCH:
                self.flush()

    def drop_all_but(self, paths: Iterable[str]) -> None:
        """Forget the files that are not among ``paths``."""
        if self._connection is None:
            return
        self.flush()
        kept = set(map(_text, paths))
        try:
            gone = [(path,) for (path,) in self._connection.execute("SELECT path FROM files") if path not in kept]
            with self._connection:
                self._connection.executemany("DELETE FROM files WHERE path = ?", gone)
        except sqlite3.Error as error:
            log.info("The index on disk is not tidied: %s", error)

    def flush(self) -> None:
        """Write what waits; what cannot be written is lost."""
        if self._connection is None or not self._waiting:
            return
        rows, self._waiting = list(self._waiting.values()), {}
        try:
            with self._connection:
                self._connection.executemany("REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
        except sqlite3.Error as error:
            log.info("A part of the index is not kept: %s", error)

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _opened(path: Path) -> sqlite3.Connection | None:
    try:
        return _connect(path)
    except sqlite3.OperationalError as error:
        # Another server is just making it, or it may not be written: no reason to remove it.
        log.info("The index on disk is left alone: %s.", error)
        return None
    except sqlite3.DatabaseError as error:
        log.info("The index on disk is made anew: %s.", error)
        _remove(path)
    try:
        return _connect(path)
    except sqlite3.Error as error:
        log.info("There is no index on disk: %s.", error)
        return None


def _connect(path: Path) -> sqlite3.Connection:
    # No waiting for another server that is writing: what is not kept now is kept the next time.
    connection = sqlite3.connect(path, timeout=0)
    try:
        # After a loss of power the file may be damaged, which is found out; until then writing costs little.
        connection.execute("PRAGMA synchronous = OFF")
        if _version(connection) == 0:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS files"
                " (path TEXT PRIMARY KEY, size INTEGER, modified INTEGER, how TEXT, digest BLOB) WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    """Return the version of a file, 0 for a new one.

    Raises:
        sqlite3.DatabaseError: it is not :data:`VERSION`, or the file is damaged.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version not in {0, VERSION}:
        raise sqlite3.DatabaseError(f"it has version {version}")
    return version


def _remove(path: Path) -> None:
    """Remove the file of a workspace, and before it those that SQLite keeps beside it: they would damage a new one."""
    try:
        for suffix in ("-wal", "-shm", ""):
            path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
    except OSError as error:
        log.info("%s cannot be removed: %s", path, error)


def _remove_oldest(kept: Path) -> None:
    others = [path for path in kept.parent.glob("*.sqlite") if path != kept]
    for path in sorted(others, key=_used)[: -MOST_WORKSPACES + 1]:
        _remove(path)


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _text(path: str) -> str:
    """Return a path as SQLite takes it: bytes that are no text in the file system's encoding are escaped."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def encode(digest: Digest) -> bytes:
    """Return the bytes of a digest's arrays."""
    arrays = [np.ascontiguousarray(getattr(digest, name), np.dtype(kind).newbyteorder("<")) for name, kind in _KINDS]
    lengths = np.array([len(array) for array in arrays], _LENGTHS)
    return zlib.compress(b"".join(array.tobytes() for array in (lengths, *arrays)), 1)


def decode(how: str, data: bytes) -> Digest:
    """Return the digest of some bytes from :func:`encode`.

    Raises:
        ValueError: they are not a digest's.
        zlib.error: they are damaged.
    """
    content = zlib.decompress(data)
    lengths = np.frombuffer(content, _LENGTHS, len(_KINDS))
    arrays, at = {}, lengths.nbytes
    for (name, kind), length in zip(_KINDS, lengths, strict=True):
        little = np.dtype(kind).newbyteorder("<")
        arrays[name] = np.frombuffer(content, little, int(length), at).astype(kind, copy=False)
        at += int(length) * little.itemsize
    if at != len(content):
        raise ValueError("there is more than a digest has")
    digest = Digest(how=How(how), **arrays)
    digest.check()
    return digest


_KINDS = tuple(ARRAYS.items())
