"""The language server: one client's settings, its model, and what it is told of both."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcParseError
from pygls.io_ import StdoutWriter, run_async
from pygls.lsp.server import LanguageServer

from lsp_server import __version__, config
from lsp_server.answers import Answers
from lsp_server.client import ClientLog
from lsp_server.core import Reason, sentence
from lsp_server.downloads import Downloads
from lsp_server.keeper import Keeper
from lsp_server.neighbours import Neighbours
from lsp_server.outside import Outside
from lsp_server.protocol import Protocol
from lsp_server.quiet import forbidden
from lsp_server.reading import language_at
from lsp_server.status import METHOD, State, Status, StatusLine
from lsp_server.stdio import stream_of

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import BinaryIO

    from lsp_server.core import Report, Snapshot

log = logging.getLogger(__name__)

SECTION = "midfill"
# A client that says that it answers workspace/configuration and does not, must not hold the model up.
CONFIGURATION_SECONDS = 5.0


class Server(LanguageServer):
    """One client's server: its settings, its model, the request under way in each document."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(SECTION, __version__, protocol_cls=Protocol)
        self.settings = config.Settings()
        self._initialization_options: dict[str, object] = {}
        self._pushed_settings: dict[str, object] = {}
        self._warned: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # Held while settings are read; what depends on them waits for it.
        self.configuring = asyncio.Lock()
        self.neighbours = Neighbours(self, self.protocol.documents)
        self.answers = Answers(self, self.protocol.documents)
        self.status_line = StatusLine(lambda status: self.protocol.notify(METHOD, status.to_json()))
        self.keeper = Keeper(self, self.neighbours, self.status_line, self._tell)
        self.outside = Outside(self.neighbours, self.status_line, self._tell)
        self.downloads = Downloads(self, self.status_line, lambda text: self._tell(types.MessageType.Error, text))
        self.protocol.on_text = self.answers.changed

    def start_io(self, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> None:
        """Serve one client over two streams, standard input and output by default, until it leaves."""
        self._stop_event = threading.Event()
        self.protocol.set_writer(StdoutWriter(stdout or sys.stdout.buffer))

        async def converse() -> None:
            assert self._stop_event is not None  # noqa: S101  it has just been made
            stream = stream_of(stdin or sys.stdin.buffer)
            await run_async(self._stop_event, stream, self.protocol, log, self.report_server_error)

        try:
            asyncio.run(converse())
        except BrokenPipeError:
            log.warning("The client has gone.")
        except (KeyboardInterrupt, SystemExit):
            pass
        finally:
            self.shutdown()  # type: ignore[no-untyped-call]  # pygls leaves it untyped

    # --- settings and model --------------------------------------------------------------------------

    def initialize(self, options: object) -> None:
        """Note the client's initializationOptions; settings may stand in a section ``midfill`` of them or alone."""
        self._initialization_options = _section(options)
        logging.getLogger("lsp_server").addHandler(ClientLog(self))

    def push_settings(self, settings: object) -> None:
        """Note what a client sends with didChangeConfiguration; it counts where the client cannot be asked."""
        self._pushed_settings = _section(settings)

    async def configure(self) -> None:
        """Gather the settings from all sources, warn of what is not usable, and load the model they name."""
        async with self.configuring:
            await self._take_settings()
        await self.keeper.want(self.settings)
        await self.outside.want(self.settings)

    async def _take_settings(self) -> None:
        editor = config.Source("the editor's settings", await self._editor_settings())
        options = config.Source("initializationOptions", self._initialization_options)
        self.settings, warnings = config.load([editor, options])
        logging.getLogger("lsp_server").setLevel(self.settings.log_level.upper())
        for warning in warnings:
            self._tell(types.MessageType.Warning, warning)
        self.answers.configure(self.settings)
        self.status_line.set_switched_off(None if self.settings.enabled else sentence(Reason.SWITCHED_OFF))
        await self.neighbours.configure(self.settings)

    async def _editor_settings(self) -> dict[str, object]:
        workspace = self.client_capabilities.workspace
        if workspace is None or not workspace.configuration:
            return self._pushed_settings
        params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answer = await asyncio.wait_for(self.workspace_configuration_async(params), CONFIGURATION_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever a client does wrong here, its other settings count
            log.warning("The editor did not answer workspace/configuration: %s", repr(error))
            return {}
        values = answer[0] if answer else None
        return _without_nulls(values) if isinstance(values, dict) else {}

    async def close(self) -> None:
        """Stop what runs and free the model when it is there."""
        self.answers.close()
        await self.neighbours.stop()
        await self.downloads.close()
        await self.outside.close()
        await self.keeper.close()

    def free(self) -> None:
        """Free the model, if one is loaded; the server answers nothing afterwards. Needs no event loop."""
        self.answers.close()
        self.keeper.free()

    def _tell(self, kind: types.MessageType, text: str) -> None:
        """Show a sentence to the user, once."""
        if text not in self._warned:
            self._warned.add(text)
            self.window_show_message(types.ShowMessageParams(kind, text))

    # --- requests ------------------------------------------------------------------------------------

    async def answer(
        self, params: types.InlineCompletionParams, snapshot: Snapshot | None
    ) -> types.InlineCompletionList:
        """Complete a document."""
        loaded = self.outside.pipeline() or self.keeper.loaded
        model = loaded.engine.info.name if loaded else ""
        return await self.answers.answer(params, snapshot, self._complete, model)

    async def _complete(self, snapshot: Snapshot) -> Report:
        if not self.keeper.is_started:
            # Before `initialized`, which some clients send late or never; a cancellation is not for it.
            await asyncio.shield(asyncio.ensure_future(self.configure()))
        if self.keeper.has_arrived():
            self._do(self.keeper.want(self.settings))
        with self.status_line.thinking():
            if (outside := self.outside.pipeline()) is not None:
                report = await outside.complete(snapshot, self.settings)
                if report.reason is not Reason.ENGINE_FAILED:
                    return report
                self.outside.note_failure(report.detail)
            pipeline = await self.keeper.pipeline()
            return await pipeline.complete(snapshot, self.settings)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def status(self, uri: str) -> Status:
        """Return what holds for a document: paused where the settings give it none; that of all if it is not open."""
        current, document = self.status_line.current, self.protocol.documents.look_at(uri, self._folders())
        if document is None or current.state not in {State.READY, State.THINKING}:
            return current
        quiet = forbidden(document, language_at(document.path, document.language), self.settings)
        return Status(State.PAUSED, current.model, sentence(*quiet)) if quiet else current

    def _folders(self) -> list[str]:
        return [folder.uri for folder in self.workspace.folders.values()]

    def forget(self, uri: str) -> None:
        """Forget what was suggested in a document that has been closed."""
        self.outside.forget(uri)
        if loaded := self.keeper.loaded:
            loaded.forget(uri)

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log what pygls could not handle, and answer what is not JSON as JSON-RPC 2.0 asks."""
        log.error("%s: %s", getattr(source, "__name__", source), error)
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
            parse_error = JsonRpcParseError().to_response_error()
            self.protocol._send_data(types.ResponseErrorMessage(None, parse_error))  # noqa: SLF001  no public way


def _section(values: object) -> dict[str, object]:
    """Return the settings in a JSON object, where they stand in a section ``midfill`` or alone."""
    inner = values.get(SECTION, values) if isinstance(values, dict) else {}
    return _without_nulls(inner) if isinstance(inner, dict) else {}


def _without_nulls(values: dict[str, object]) -> dict[str, object]:
    """Return the settings that have a value: a null says that the client has none, by the specification."""
    return {key: value for key, value in values.items() if value is not None}
