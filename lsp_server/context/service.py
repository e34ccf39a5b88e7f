r"""The library in a process of its own: one JSON object a line in and out.

Indexing and choosing keep a processor busy, and in the server's process they would hold its event loop up; here nothing
waits for them but the operating system's scheduler, which is asked to prefer all others.

In, by ``do``: ``start`` (folders, exclude, secrets, largestFile, cache), ``open``, ``change`` (path, text), ``close``,
``visit`` (path), ``touch`` (paths), ``scan``, ``choose`` (id, path, before, after, budget, kept). Out: ``progress``
(done, found, complete) while the index grows, and for each ``choose`` its id with ``chunks``, or with ``error``.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from lsp_server.context.library import Library, Progress
from lsp_server.context.workspace import Rules
from lsp_server.core import Chunk, plain

if TYPE_CHECKING:
    from typing import BinaryIO

log = logging.getLogger(__name__)

# Seconds of work between two looks at what was asked: a choice waits for no more.
SLICE_SECONDS = 0.005
PROGRESS_SECONDS = 0.1
# Seconds after which the folders are looked through again for what no editor has told; when nobody asks, they are not.
RESCAN_SECONDS = 60.0
# Seconds that a choice is put off while the index is still being made: a better one later, for the next key.
PATIENCE_SECONDS = 1.0
# A tenth of a processor that others want, all of one that nobody wants.
NICENESS = 10


class Service:
    """Answers what comes in over one stream on another."""

    def __init__(self, asked: BinaryIO, answers: BinaryIO) -> None:
        self._inbox: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._answers = answers
        self._library: Library | None = None
        self._put_off: list[tuple[float, dict[str, Any]]] = []
        self._told: Progress | None = None
        self._told_at = 0.0
        self._scanned_at = 0.0
        threading.Thread(target=self._read, args=(asked,), daemon=True).start()

    def _read(self, asked: BinaryIO) -> None:
        for line in asked:
            self._inbox.put(json.loads(line))
        self._inbox.put(None)

    def serve(self) -> None:
        """Work until the other side has gone."""
        has_work = False
        while True:
            try:
                message = self._inbox.get_nowait() if has_work else self._inbox.get()
            except queue.Empty:
                has_work = self._work()
                continue
            if message is None:
                break
            self._do(message)
            has_work = self._library is not None
        if self._library:
            self._library.shut()

    def _work(self) -> bool:
        assert self._library is not None  # noqa: S101  there is no work before
        try:
            has_more = self._library.work(SLICE_SECONDS)
        except Exception:
            # One file that cannot be dealt with must not be the end of all.
            log.exception("A part of the index could not be made.")
            return True
        progress = self._library.progress
        self._tell(progress)
        self._answer_put_off(until=math.inf if progress.is_complete else time.monotonic())
        return has_more

    def _answer_put_off(self, until: float) -> None:
        due = [message for deadline, message in self._put_off if deadline <= until]
        self._put_off = [(deadline, message) for deadline, message in self._put_off if deadline > until]
        for message in due:
            self._do(message | {"do": "choose now"})

    def _tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress != self._told and (progress.is_complete or now - self._told_at > PROGRESS_SECONDS):
            self._told, self._told_at = progress, now
            self._send({"progress": progress})

    def _send(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message).encode() + b"\n")
        self._answers.flush()

    def _do(self, message: dict[str, Any]) -> None:
        try:
            if message["do"] == "start":
                self._start(message)
            elif self._library is not None:
                self._do_with(self._library, message)
        except Exception as error:
            log.exception("A message could not be dealt with: %s", message["do"])
            if "id" in message:
                self._send({"id": message["id"], "error": repr(error)})

    def _start(self, message: dict[str, Any]) -> None:
        if self._library:
            self._library.shut()
        rules = Rules(tuple(message["exclude"]), tuple(message["secrets"]), message["largestFile"])
        cache = Path(message["cache"]) if message["cache"] else None
        self._library = Library([Path(folder) for folder in message["folders"]], rules, cache)
        self._told, self._scanned_at = None, time.monotonic()

    def _do_with(self, library: Library, message: dict[str, Any]) -> None:
        path = Path(message.get("path", ""))
        match message["do"]:
            case "open":
                library.open(path, plain(message["text"]))
                library.visit(path)
            case "change":
                library.change(path, plain(message["text"]))
            case "close":
                library.close(path)
            case "visit":
                library.visit(path)
            case "touch":
                for name in message["paths"]:
                    library.touch(Path(name))
            case "scan":
                self._scan(library)
            case "choose" if not library.progress.is_complete:
                self._put_off_or_recall(library, path, message)
            case "choose" | "choose now":
                self._choose(library, path, message)

    def _put_off_or_recall(self, library: Library, path: Path, message: dict[str, Any]) -> None:
        """Answer with the choice of an earlier run, if there is one; else wait for the index a little."""
        recalled = () if message["kept"] else library.recall(path)
        if recalled:
            self._answer(message, recalled)
        else:
            self._put_off.append((time.monotonic() + PATIENCE_SECONDS, message))

    def _choose(self, library: Library, path: Path, message: dict[str, Any]) -> None:
        kept = tuple(Chunk(**chunk) for chunk in message["kept"]) or library.recall(path)
        chunks = library.choose(path, message["before"], message["after"], message["budget"], kept)
        self._answer(message, chunks)
        if time.monotonic() - self._scanned_at > RESCAN_SECONDS:
            self._scan(library)

    def _answer(self, message: dict[str, Any], chunks: tuple[Chunk, ...]) -> None:
        self._send({"id": message["id"], "chunks": [asdict(chunk) for chunk in chunks]})

    def _scan(self, library: Library) -> None:
        self._scanned_at = time.monotonic()
        library.scan()


def _step_back() -> None:
    """Ask the operating system to prefer other processes."""
    try:
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            psutil.Process().nice(NICENESS)
    except (psutil.Error, OSError) as error:
        log.info("The index keeps its priority: %s", error)


def main() -> None:
    """Serve standard input and output."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    _step_back()
    # Whatever else writes to standard output goes to standard error.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        Service(sys.stdin.buffer, answers).serve()
    except (BrokenPipeError, KeyboardInterrupt):
        log.info("The server has gone.")
