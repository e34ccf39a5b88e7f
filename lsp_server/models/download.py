"""Downloads of models into the user's folder: one at a time of each, gone on with after any interruption.

A model gets its name when its last byte is on the disk and the checksum of the whole file is the hub's; until then it
is a partial file (``partial.py``) that the next attempt goes on with, in this process or another. Knows no
huggingface_hub: ``hub.py`` asks the hub.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, TypeVar

from lsp_server.models import catalogue, partial
from lsp_server.models.errors import DamagedDownload, DownloadCancelled, NoNetwork, NoSpace
from lsp_server.models.progress import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from io import FileIO

    from lsp_server.models.hub import Piece, RemoteFile
    from lsp_server.models.progress import Progress

log = logging.getLogger(__name__)

T = TypeVar("T")

# Seconds between two looks at whether to stop and how far the download is.
WATCH_EVERY = 0.1
# Seconds before each new attempt after a broken connection; an attempt that brought bytes starts them over.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
# Bytes that a download leaves free on the disk: nobody thanks for a full one.
RESERVE = 256 * 1024 * 1024
# Pieces that may wait for the disk, of 64 KiB each.
PIECES_WAITING = 16
BLOCK = 1024 * 1024


def pull(entry: catalogue.Entry, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]) -> Path:
    """Download a model of the table, unless it is there, and return its file.

    Whoever calls this has shown ``entry.licence.note``, where there is one, and been told to go on.

    Args:
        entry: What to download.
        on_progress: Called in this thread, about ten times a second, first with what an earlier attempt has left and
            last with the whole, before its checksum is looked at; not at all where the model is there.
        should_stop: Called in this thread, at least ten times a second; ``True`` ends the download.

    Raises:
        NoNetwork: the hub cannot be reached, or a connection keeps breaking.
        NoSuchModelFile: the hub does not have the file, or does not give it to this user.
        NoSpace: the disk has no room for what is missing.
        DamagedDownload: the bytes are not those that the hub has announced; the next attempt begins anew.
        DownloadRunning: another thread or process is downloading it.
        DownloadCancelled: ``should_stop`` has said so.
        DownloadError: the folder cannot be written.
    """
    path = catalogue.path_of(entry)
    with partial.only_one(path.parent, entry.name):
        if not path.exists():
            _download(entry, path, on_progress, should_stop)
    return path


def _download(
    entry: catalogue.Entry, path: Path, on_progress: Callable[[Progress], None], should_stop: Callable[[], bool]
) -> None:
    def check() -> None:
        if should_stop():
            raise DownloadCancelled("The download was stopped; the next one goes on from here.")

    # 1. What there is: on the hub, on this disk, and how much room.
    remote = _describe(entry, check)
    part = partial.file(path.parent, entry.name, remote.sha256)
    with partial.disk(path.parent):
        for old in partial.files(path.parent, entry.name):
            if old != part:
                old.unlink()
        have = part.stat().st_size if part.exists() else 0
        _check_space(entry, path.parent, remote.size - have)

    # 2. The bytes that are missing.
    with partial.disk(path.parent):
        file = part.open("ab", buffering=0)
    meter = Meter(remote.size, on_progress)

    def watch() -> None:
        check()
        meter.tell(file.tell())

    with file:
        watch()
        _complete(file, remote, watch)
        with partial.disk(path.parent):
            os.fsync(file.fileno())

    # 3. The name, for the right bytes alone.
    with partial.disk(path.parent):
        if _digest(part, check) != remote.sha256:
            part.unlink()
            raise DamagedDownload(
                f"The download of {entry.name} was damaged on its way, and has been deleted: download it again."
            )
        part.replace(path)


def _describe(entry: catalogue.Entry, watch: Callable[[], None]) -> RemoteFile:
    from lsp_server.models import hub  # noqa: PLC0415  the library takes a quarter of a second, and few download

    def ask() -> Generator[RemoteFile]:
        yield hub.describe(entry.repository, entry.file)

    with closing(_in_thread(ask(), watch)) as answers:
        return next(answers)


def _check_space(entry: catalogue.Entry, folder: Path, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < missing + RESERVE:
        raise NoSpace(
            f"{entry.name} needs {(missing + RESERVE) / 1e9:.1f} GB on the disk of {folder}, where {free / 1e9:.1f} GB "
            "are free: make room, and try again."
        )


def _complete(file: FileIO, remote: RemoteFile, watch: Callable[[], None]) -> None:
    """Append to a file what it has less than the remote one, over as many connections as it takes."""
    from lsp_server.models import hub  # noqa: PLC0415  as above

    failures = 0
    while (have := file.tell()) < remote.size:
        broken = _append(file, hub.read(remote, have), watch)
        if broken is None:
            continue
        failures = 0 if file.tell() > have else failures + 1
        if failures >= len(PAUSES):
            raise broken
        # The cause's own words may hold the address of the file, which is a key to it for an hour.
        log.info("The download of %s broke at byte %d: %s", remote.file, file.tell(), type(broken.__cause__).__name__)
        _pause(PAUSES[failures], watch)


def _append(file: FileIO, pieces: Generator[Piece], watch: Callable[[], None]) -> NoNetwork | None:
    """Write to the end of a file what it does not have yet of ``pieces``, which overlap with it or follow on it.

    Returns:
        What has broken the connection before the last piece, if something has.
    """
    try:
        with closing(_in_thread(pieces, watch)) as arriving:
            for start, data in arriving:
                fresh = memoryview(data)[max(0, file.tell() - start) :]
                with partial.disk(Path(file.name).parent):
                    while fresh:
                        fresh = fresh[file.write(fresh) :]
    except NoNetwork as error:
        return error
    return None


def _digest(path: Path, watch: Callable[[], None]) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            watch()
            digest.update(block)
    return digest.hexdigest()


def _pause(seconds: float, watch: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        watch()
        time.sleep(min(left, WATCH_EVERY))


def _in_thread(items: Generator[T], watch: Callable[[], None]) -> Generator[T]:
    """Yield what ``items`` yields in a thread of its own, and raise what it raises.

    Waiting for the network can be interrupted by nothing but its timeout. So nobody waits for the thread when the
    download stops: it touches no file, and ends by itself when its wait does.

    ``watch`` is called here after each item, and at least ten times a second; what it raises ends all.
    """
    arrived: Queue[T | _End] = Queue(PIECES_WAITING)
    is_over = threading.Event()

    def read() -> None:
        end = _End()
        try:
            with closing(items):
                for item in items:
                    arrived.put(item)
                    if is_over.is_set():
                        return
        except Exception as error:  # noqa: BLE001  raised again below, in the thread that can handle it
            end.error = error
        arrived.put(end)

    threading.Thread(target=read, name="midfill-download", daemon=True).start()
    try:
        while True:
            watch()
            try:
                item = arrived.get(timeout=WATCH_EVERY)
            except Empty:
                continue
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return
    finally:
        is_over.set()
        # One who waits for room in the queue shall see it.
        with suppress(Empty):
            while True:
                arrived.get_nowait()


class _End:
    """The last of a thread's items, with the error that has ended it."""

    error: Exception | None = None
