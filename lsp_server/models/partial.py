"""What a download leaves in the user's folder before it is a model, and who may touch it. Knows no network.

``NAME.DIGEST.part`` is the start of the file whose SHA-256 begins with DIGEST: what was downloaded of another version
is never gone on with. ``.NAME.lock`` is locked by whoever works on that model; the operating system lets go of it when
its owner ends, however that happens, and the empty file that stays means nothing. Where a file system only pretends to
lock, two downloads spoil their common file, which its checksum tells.
"""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from lsp_server.models.errors import DownloadError, DownloadRunning, NoSpace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Hexadecimal digits of the SHA-256: enough to tell versions of one file apart.
DIGITS = 16


def file(folder: Path, name: str, sha256: str) -> Path:
    """Return where a download of the model ``name`` collects the file of that checksum."""
    return folder / f"{name}.{sha256[:DIGITS]}.part"


def files(folder: Path, name: str) -> list[Path]:
    """Return what downloads of a model have left, of any version; nothing where there is no folder."""
    ours = re.compile(rf"{re.escape(name)}\.[0-9a-f]{{{DIGITS}}}\.part")
    try:
        return [path for path in folder.iterdir() if ours.fullmatch(path.name)]
    except OSError:
        return []


@contextmanager
def only_one(folder: Path, name: str) -> Iterator[None]:
    """Make the folder if it is not there, and keep all others, in this process and outside, from working on a model.

    Raises:
        DownloadRunning: somebody else does.
        DownloadError: the folder cannot be written.
    """
    lock = FileLock(folder / f".{name}.lock")
    with disk(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise DownloadRunning(f"{name} is being downloaded already: wait until that has ended.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Tell in plain words what the disk of the folder of models does wrong.

    Raises:
        NoSpace: it is full.
        DownloadError: anything else.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoSpace(f"The disk of {folder} is full: make room, and try again.") from error
        raise DownloadError(
            f"A model cannot be written to {folder} ({error.strerror}): make that folder writable, and try again."
        ) from error
