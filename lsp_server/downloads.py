"""Downloads of models that a client has asked for: one at a time of each, shown to the user, who can stop them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsp_server.client import Progress
from lsp_server.errors import MidfillError
from lsp_server.models import catalogue, download
from lsp_server.models.errors import DownloadCancelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygls.lsp.server import LanguageServer

    from lsp_server.models import progress
    from lsp_server.status import StatusLine

log = logging.getLogger(__name__)


class Downloads:
    """The downloads of one server. Belongs to the event loop; the bytes come in threads."""

    def __init__(self, server: LanguageServer, status_line: StatusLine, tell: Callable[[str], None]) -> None:
        """``tell`` shows a sentence to the user."""
        self._server = server
        self._status_line = status_line
        self._tell = tell
        self._running: dict[str, asyncio.Task[Path | None]] = {}
        self._stopped: set[str] = set()

    async def pull(self, name: str) -> Path | None:
        """Download a model of the table, or wait for the download of it that runs; return its file.

        Who asks has shown the licence's note. Where there is no file at the end, ``None``, and the user has been told
        why; one who has stopped it knows.

        Raises:
            ModelNotFound: the table has no such model.
        """
        entry = catalogue.get(name)
        if entry.name not in self._running:
            self._stopped.discard(entry.name)
            self._running[entry.name] = asyncio.create_task(self._download(entry))
        return await asyncio.shield(self._running[entry.name])

    def stop(self, name: str) -> None:
        """Stop a download; one that does not run is no error. What has come is kept for the next."""
        self._stopped.add(catalogue.get(name).name)

    async def close(self) -> None:
        """Stop all downloads and wait for their ends."""
        self._stopped.update(self._running)
        await asyncio.gather(*self._running.values())

    async def _download(self, entry: catalogue.Entry) -> Path | None:
        loop, shown = asyncio.get_running_loop(), Progress(self._server)
        await shown.begin(f"midfill: downloading {entry.title}", lambda: self.stop(entry.name))

        def report(so_far: progress.Progress) -> None:
            share = so_far.done / so_far.total
            shown.report(share, in_words(so_far))
            self._status_line.set_downloading(int(share * 100))

        def on_progress(so_far: progress.Progress) -> None:
            loop.call_soon_threadsafe(report, so_far)

        self._status_line.set_downloading(0)
        try:
            path = await asyncio.to_thread(download.pull, entry, on_progress, lambda: entry.name in self._stopped)
        except DownloadCancelled:
            log.info("The download of %s was stopped.", entry.name)
            return None
        except MidfillError as error:
            self._tell(f"midfill: {error}")
            return None
        finally:
            # What was reported last is on its way to this thread still.
            loop.call_soon(shown.end)
            loop.call_soon(self._status_line.set_downloading, None)
            del self._running[entry.name]
        log.info("%s has been downloaded to %s.", entry.name, path)
        return path


def in_words(so_far: progress.Progress) -> str:
    """Return a download's progress as people read it: bytes, and the time that is left where that is known."""
    text = f"{so_far.done / 1e6:,.0f} of {so_far.total / 1e6:,.0f} MB"
    if so_far.seconds_left is None:
        return text
    minutes, seconds = divmod(round(so_far.seconds_left), 60)
    return f"{text}, {minutes}:{seconds:02} left"
