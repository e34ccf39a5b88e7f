"""The counting of one server: what it tells goes through the watch, and in batches to the disk.

It never harms the server. Without a file it does nothing; a disk that cannot be written costs the counts; and a mistake
in here is logged and ends the counting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import unquote

from lsp_server.core import Place, plain
from lsp_server.usage.figures import figures
from lsp_server.usage.store import Store, merged, row_of
from lsp_server.usage.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from lsp_server.core import Snapshot
    from lsp_server.usage.events import About, Event
    from lsp_server.usage.figures import Figures
    from lsp_server.usage.store import Row

log = logging.getLogger(__name__)

# After the first count of a batch, this long for more; what a crash costs.
BATCH_SECONDS = 20.0
# Characters; a look at a larger document at each key could be felt.
LARGEST_DOCUMENT = 2_000_000
Told = TypeVar("Told")


class Timer(Protocol):
    """What can still be called off, as asyncio's handles can."""

    def cancel(self) -> None:
        """Call it off."""


def _later(seconds: float, call: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, call)


def _today() -> date:
    return datetime.now().astimezone().date()


def counted(path: Path) -> Figures:
    """Return the figures of all that has been counted into a file by today."""
    return figures(Store(path).read(date.min), path, _today())


class Usage:
    """Counts what becomes of suggestions. Belongs to the event loop; only the writing is done by a thread.

    Positions and texts are as the editor has them, with its line ends. ``document`` is `Snapshot.document`,
    or the same URI in the other spelling that some clients use in some of their messages.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = _today,
        later: Callable[[float, Callable[[], None]], Timer] = _later,
    ) -> None:
        """Count into a file, which need not exist; with ``None``, do nothing at all."""
        self._store = Store(path) if path else None
        self._watch = Watch(self._note) if path else None
        self._clock, self._today, self._later = clock, today, later
        self._waiting: list[Row] = []
        self._writer: ThreadPoolExecutor | None = None
        self._writing: Future[list[Row]] | None = None
        self._write_timer: Timer | None = None
        self._due_timer: Timer | None = None
        self._due_at: float | None = None

    def shown(self, snapshot: Snapshot, current: str, text: str, about: About, *, offered: int = 0) -> int | None:
        """Note that a suggestion was answered for a snapshot; return its number, for the item's command.

        ``current`` is the document's text by now. Where it is not the snapshot's any more, the editor has asked or will
        ask anew, and what comes then is what is shown: nothing is noted, and ``None`` returned. Nor are suggestions
        in documents of more than :data:`LARGEST_DOCUMENT` characters. ``offered`` characters at the suggestion's start
        are what the editor's own popup has selected to insert: where it does, that is no accept.
        """
        if self._watch is None or len(current) > LARGEST_DOCUMENT or current != snapshot.text:
            return None
        place = Place(plain(current[: snapshot.offset]), plain(current[snapshot.offset :]))
        document = unquote(snapshot.document)
        return self._tell(lambda watch, now: watch.shown(document, place, plain(text), about, now, offered=offered))

    def changed(self, document: str, text: str) -> None:
        """Note a document's text after one change; of several in one message each has to be told, in their order."""
        name = unquote(document)
        if self._watch is not None and self._watch.is_watching(name):
            self._tell(lambda watch, now: watch.changed(name, plain(text), now))

    def accepted(self, number: int) -> None:
        """Note that the client ran the command of the suggestion with a number from :meth:`shown`."""
        self._tell(lambda watch, now: watch.accepted(number, now))

    def seen(self, number: int, text: str | None) -> None:
        """Note that the client says a suggestion is on the screen, with this text where it is one of several."""
        self._tell(lambda watch, _now: watch.seen(number, plain(text) if text else None))

    def accepted_in_part(self, number: int, text: str) -> None:
        """Note that the client says this much of a suggestion, from its start, was accepted all in all."""
        self._tell(lambda watch, now: watch.accepted_in_part(number, len(plain(text)), now))

    def closed(self, document: str) -> None:
        """Forget a document."""
        self._tell(lambda watch, now: watch.closed(unquote(document), now))

    def due(self) -> None:
        """Do what is due by now; the timer calls it."""
        self._due_at = None
        self._tell(lambda watch, now: watch.due(now))

    async def written(self) -> None:
        """Write what waits, and wait until it is on the disk."""
        if self._writing is not None:
            await asyncio.wrap_future(self._writing)
        if self._write_timer is not None:
            self._write_timer.cancel()
        self.write()
        if self._writing is not None:
            await asyncio.wrap_future(self._writing)

    def close(self) -> None:
        """Write what waits, and count nothing any more. Needs no event loop, and may be called again.

        Takes milliseconds, and a few times `store.WAIT` where another program holds the file.
        """
        watch = self._watch
        self._stop()
        if watch is not None:
            try:
                watch.close(self._clock())
            except Exception:
                log.exception("Some suggestions are not counted.")
        if self._writer is not None:
            self._writer.shutdown()
            self._collect()
        if self._store is not None:
            _unwritten(self._store, self._waiting)
        self._store, self._waiting = None, []

    # --- behind it -------------------------------------------------------------------------------------

    def _tell(self, say: Callable[[Watch, float], Told]) -> Told | None:
        """Say something to the watch, and plan what follows from it; ``None`` where nothing is counted."""
        if self._watch is None:
            return None
        try:
            told = say(self._watch, self._clock())
            self._plan(self._watch)
        except Exception:
            log.exception("Suggestions are not counted any more.")
            self._stop()
            return None
        else:
            return told

    def _note(self, event: Event) -> None:
        self._waiting.append(row_of(event, self._today()))

    def _plan(self, watch: Watch) -> None:
        """Have the timers ring when something is due and when a batch is to be written."""
        due_at = watch.next_due()
        if due_at != self._due_at:
            if self._due_timer is not None:
                self._due_timer.cancel()
            self._due_at = due_at
            self._due_timer = None
            if due_at is not None:
                self._due_timer = self._later(max(0.0, due_at - self._clock()), self.due)
        if self._waiting and self._write_timer is None:
            self._write_timer = self._later(BATCH_SECONDS, self.write)

    def _stop(self) -> None:
        """Watch nothing any more."""
        self._watch = None
        for timer in (self._due_timer, self._write_timer):
            if timer is not None:
                timer.cancel()

    def write(self) -> None:
        """Have a thread write what waits; the timer calls it. What it cannot write waits for the next time."""
        self._write_timer = None
        self._tell(lambda _watch, _now: self._hand_over())

    def _hand_over(self) -> None:
        if self._store is None or (self._writing is not None and not self._writing.done()):
            return
        self._collect()
        rows, self._waiting = merged(self._waiting), []
        self._writer = self._writer or ThreadPoolExecutor(1, "midfill-usage")
        self._writing = self._writer.submit(_unwritten, self._store, rows)

    def _collect(self) -> None:
        """Take back what the thread could not write."""
        if self._writing is not None:
            self._waiting += self._writing.result()
            self._writing = None


def _unwritten(store: Store, rows: list[Row]) -> list[Row]:
    """Write rows, and return those that a later time may be better for."""
    try:
        return [] if store.add(rows) else rows
    except Exception:
        log.exception("Suggestions that were counted are lost.")
        return []
