"""The library's process, as the server sees it: told of documents, asked for chunks.

Belongs to one event loop. A process that ends unasked is started again, told what it has to know, a few times.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lsp_server.context.library import Progress
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from lsp_server.context.workspace import Rules

log = logging.getLogger(__name__)

# Seconds that changes of a document wait for further ones: while one types, there is one nearly every 150 ms.
CHANGE_SECONDS = 0.1
# Bytes; a line holds all chunks of a choice.
LONGEST_LINE = 1 << 26
# Characters on either side of a cursor; a library looks no further, and more would hold up the event loop.
LONGEST_SIDE = 200_000
MOST_STARTS = 3
# What Python runs.
COMMAND = ("-m", "lsp_server.context")
# Seconds that a process has to end by itself.
END_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folders of a workspace, which of their files may be read, and where indexes are kept (``None``: nowhere)."""

    folders: tuple[Path, ...]
    rules: Rules
    cache: Path | None


class LibraryProcess:
    """A process that runs `service.py`; before :meth:`start` and after :meth:`stop` everything is told to nobody."""

    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self._on_progress = on_progress
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._workplace: Workplace | None = None
        self._open: dict[Path, str] = {}
        self._changed: dict[Path, asyncio.TimerHandle] = {}
        self._asked: dict[int, asyncio.Future[tuple[Chunk, ...]]] = {}
        self._last_id = 0
        self._starts = 0
        # Whoever starts or ends the process waits for those before: each of these takes several steps.
        self._turn = asyncio.Lock()

    async def start(self, workplace: Workplace) -> None:
        """Index the folders of a workspace; those from before are left."""
        async with self._turn:
            if workplace == self._workplace:
                return
            self._workplace = workplace
            if self._process is None:
                await self._run()
            else:
                self._begin(workplace)

    async def _run(self) -> None:
        self._starts += 1
        command = (sys.executable, *COMMAND)
        try:
            self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE)
        except OSError as error:
            log.warning("Other files are not read, since no process for them can be started: %s.", error)
            return
        self._reader = asyncio.create_task(self._read(self._process))
        if self._workplace:
            self._begin(self._workplace)

    def _begin(self, workplace: Workplace) -> None:
        self._send(
            do="start",
            folders=[str(folder) for folder in workplace.folders],
            exclude=workplace.rules.exclude,
            secrets=workplace.rules.secrets,
            largestFile=workplace.rules.largest_file,
            cache=str(workplace.cache) if workplace.cache else None,
        )
        for path, text in self._open.items():
            self._send(do="open", path=str(path), text=text)

    async def stop(self) -> None:
        """End the process; what it has indexed is kept on disk."""
        async with self._turn:
            await self._stop()

    async def _stop(self) -> None:
        process, self._process = self._process, None
        self._workplace, self._starts = None, 0
        for timer in self._changed.values():
            timer.cancel()
        self._changed.clear()
        self._give_up()
        if process is None:
            return
        assert process.stdin is not None  # noqa: S101  it was started with a pipe
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
        if self._reader:
            await asyncio.wait([self._reader])

    # --- telling --------------------------------------------------------------------------------------

    def open(self, path: Path, text: str) -> None:
        """Tell of a document that was opened."""
        self._open[path] = text
        self._send(do="open", path=str(path), text=text)

    def change(self, path: Path, text: str) -> None:
        """Tell of an open document's new text, at the latest after :data:`CHANGE_SECONDS`."""
        self._open[path] = text
        if path not in self._changed:
            loop = asyncio.get_running_loop()
            self._changed[path] = loop.call_later(CHANGE_SECONDS, self._flush, path)

    def close(self, path: Path) -> None:
        """Tell of a document that was closed."""
        self._open.pop(path, None)
        if timer := self._changed.pop(path, None):
            timer.cancel()
        self._send(do="close", path=str(path))

    def touch(self, paths: Iterable[Path]) -> None:
        """Tell of files that may have changed on disk."""
        self._send(do="touch", paths=[str(path) for path in paths])

    def scan(self) -> None:
        """Have the folders looked through again."""
        self._send(do="scan")

    def _flush(self, path: Path) -> None:
        if timer := self._changed.pop(path, None):
            timer.cancel()
            self._send(do="change", path=str(path), text=self._open[path])

    # --- asking ---------------------------------------------------------------------------------------

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return the chunks for a cursor, as :meth:`Library.choose` does; empty where the process does not answer."""
        if self._process is None:
            return ()
        for changed in list(self._changed):
            self._flush(changed)
        self._last_id += 1
        asked: asyncio.Future[tuple[Chunk, ...]] = asyncio.get_running_loop().create_future()
        number, self._asked[self._last_id] = self._last_id, asked
        self._send(do="visit", path=str(path))
        self._send(
            do="choose",
            id=number,
            path=str(path),
            before=before[-LONGEST_SIDE:],
            after=after[:LONGEST_SIDE],
            budget=budget,
            kept=[asdict(chunk) for chunk in kept],
        )
        try:
            return await asked
        finally:
            self._asked.pop(number, None)

    def _send(self, **message: Any) -> None:  # noqa: ANN401  any JSON
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    # --- hearing --------------------------------------------------------------------------------------

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101  it was started with a pipe
        try:
            while line := await process.stdout.readline():
                self._hear(json.loads(line))
        except ValueError:
            log.exception("The process that reads other files says what cannot be understood.")
            process.kill()
        if process is self._process:
            await self._restart()

    def _hear(self, message: dict[str, Any]) -> None:
        if "progress" in message:
            self._on_progress(Progress(*message["progress"]))
            return
        asked = self._asked.get(message["id"])
        if "error" in message:
            log.warning("No pieces of other files could be chosen: %s", message["error"])
        if asked is not None and not asked.done():
            asked.set_result(tuple(Chunk(**chunk) for chunk in message.get("chunks", ())))

    async def _restart(self) -> None:
        self._process = None
        self._give_up()
        async with self._turn:
            if self._workplace is None or self._process is not None:
                return
            if self._starts >= MOST_STARTS:
                log.warning("Other files are not read any more: the process for it has ended %d times.", self._starts)
                return
            log.info("The process that reads other files has ended; it is started again.")
            await self._run()

    def _give_up(self) -> None:
        """Answer what was asked with nothing."""
        for asked in self._asked.values():
            if not asked.done():
                asked.set_result(())
