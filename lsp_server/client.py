"""What the server tells the client unasked: how far a long task is, and midfill's log."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)

# A client that says that it shows progress and does not answer must not hold up what the progress is of.
PROGRESS_SECONDS = 1.0
MESSAGE_TYPES = {
    logging.ERROR: types.MessageType.Error,
    logging.WARNING: types.MessageType.Warning,
    logging.INFO: types.MessageType.Info,
    logging.DEBUG: types.MessageType.Log,
}


class Progress:
    """A work-done progress that the server begins by itself; does nothing where the client shows none."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._token = str(uuid.uuid4())
        self._is_shown = False
        self._on_cancel: Callable[[], None] | None = None

    async def begin(self, title: str, on_cancel: Callable[[], None] | None = None) -> None:
        """Show the progress, if the client can; the user may cancel it where ``on_cancel`` says what is done then."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        try:
            created = self._server.work_done_progress.create_async(self._token)
            await asyncio.wait_for(created, PROGRESS_SECONDS)
        except Exception as error:  # noqa: BLE001  a progress that is not shown must not stop the loading
            log.warning("The editor shows no progress: %s", repr(error))
            return
        self._on_cancel = on_cancel
        begin = types.WorkDoneProgressBegin(title=title, percentage=0, cancellable=on_cancel is not None)
        self._server.work_done_progress.begin(self._token, begin)
        self._is_shown = True

    def report(self, share: float, message: str | None = None) -> None:
        """Show how much is done, from 0 to 1, and how it is going in a few words."""
        if not self._is_shown:
            return
        value = types.WorkDoneProgressReport(percentage=round(share * 100), message=message)
        self._server.work_done_progress.report(self._token, value)
        # pygls marks the token when the client says that the user has cancelled.
        if self._on_cancel is not None and self._server.work_done_progress.tokens[self._token].cancelled():
            self._on_cancel()

    def end(self) -> None:
        """Take the progress away; nothing is reported afterwards."""
        if self._is_shown:
            self._is_shown = False
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())


class ClientLog(logging.Handler):
    """Sends midfill's log to the client as ``window/logMessage``, from any thread."""

    def __init__(self, server: LanguageServer) -> None:
        super().__init__()
        self._server = server
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record, unless the client has gone."""
        params = types.LogMessageParams(MESSAGE_TYPES.get(record.levelno, types.MessageType.Log), self.format(record))
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._server.window_log_message, params)
