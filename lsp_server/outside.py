"""The server that writes instead of the local model, where the user has named one and while it answers."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from lsprotocol.types import MessageType

from lsp_server.errors import InputError, MidfillError
from lsp_server.options import server_options
from lsp_server.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.chunks import Context
    from lsp_server.config import Settings
    from lsp_server.engine.remote.options import RemoteOptions
    from lsp_server.status import StatusLine

log = logging.getLogger(__name__)

# Seconds after a failure before the server is asked again; until then the local model answers at once.
RETRY_SECONDS = 30.0


class Outside:
    """The server elsewhere, or none. Belongs to the event loop."""

    def __init__(self, context: Context, status_line: StatusLine, tell: Callable[[MessageType, str], None]) -> None:
        """``tell`` shows a sentence to the user."""
        self._context, self._status_line, self._tell = context, status_line, tell
        self._options: RemoteOptions | None = None
        self._pipeline: Pipeline | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._again_at = 0.0
        self._changing = asyncio.Lock()

    async def want(self, settings: Settings) -> None:
        """Use the server of the settings, or none; that of other settings is left."""
        try:
            options = server_options(settings)
        except InputError as error:
            self._tell(MessageType.Error, f"midfill: {error}")
            options = None
        # One server after the other, so that the last one that was wanted is the one that stays.
        async with self._changing:
            if options == self._options:
                return
            await self._leave()
            self._options = options
            self._connect()
            if self._connecting is not None:
                await asyncio.shield(self._connecting)

    def pipeline(self) -> Pipeline | None:
        """Return what completes by way of the server, ``None`` while the local model has to."""
        if self._pipeline is None and self._options is not None and time.monotonic() >= self._again_at:
            self._connect()
        return self._pipeline

    def note_failure(self, why: str) -> None:
        """Note that the server has failed: the local model answers, and the user hears of it once."""
        self._again_at = time.monotonic() + RETRY_SECONDS
        failed, self._pipeline = self._pipeline, None
        self._status_line.set_elsewhere(None)
        self._tell(MessageType.Warning, f"midfill: {why} Until then the local model answers.")
        if failed is not None:
            failed.rest()
            task = asyncio.ensure_future(asyncio.to_thread(failed.engine.close))
            task.add_done_callback(lambda _done: None)

    def forget(self, uri: str) -> None:
        """Forget what was suggested in a document that has been closed."""
        if self._pipeline is not None:
            self._pipeline.forget(uri)

    async def close(self) -> None:
        """Leave the server."""
        async with self._changing:
            await self._leave()

    async def _leave(self) -> None:
        if self._connecting is not None:
            await asyncio.wait([self._connecting])
        self._options, self._again_at = None, 0.0
        self._status_line.set_elsewhere(None)
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            pipeline.rest()
            await asyncio.to_thread(pipeline.engine.close)

    def _connect(self) -> None:
        if self._options is not None and (self._connecting is None or self._connecting.done()):
            self._connecting = asyncio.create_task(self._try(self._options))

    async def _try(self, options: RemoteOptions) -> None:
        try:
            pipeline = await asyncio.to_thread(self._connected, options)
        except MidfillError as error:
            self.note_failure(str(error))
            return
        log.info("Suggestions come from %s (%s).", options.address, pipeline.engine.info.name)
        self._pipeline = pipeline
        self._status_line.set_elsewhere(pipeline.engine.info.name)

    def _connected(self, options: RemoteOptions) -> Pipeline:
        from lsp_server.engine.remote.engine import connect  # noqa: PLC0415  HTTP takes a while, and few have a server

        engine = connect(options)
        try:
            return Pipeline(engine, self._context)
        except MidfillError:
            engine.close()
            raise
