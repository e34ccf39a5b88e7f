"""A language client for the tests: pygls' own, over the pipes of a real server process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.cursor import unmark

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

SERVE = (sys.executable, "-m", "lsp_server", "serve")


class Client(LanguageClient):
    """Keeps what the server says, and answers what it asks."""

    def __init__(self, configuration: Any) -> None:
        super().__init__("midfill-tests", "0")
        self.messages: list[types.ShowMessageParams] = []
        self.logs: list[types.LogMessageParams] = []
        self.traces: list[types.LogTraceParams] = []
        self.reports: list[Any] = []
        self.statuses: list[dict[str, Any]] = []
        self.configuration = configuration
        self.encoding: str | None = None
        self.arrived = asyncio.Condition()

        @self.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        async def show_message(params: types.ShowMessageParams) -> None:
            await self._keep(self.messages, params)

        @self.feature(types.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        async def log_message(params: types.LogMessageParams) -> None:
            await self._keep(self.logs, params)

        @self.feature(types.LOG_TRACE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        async def log_trace(params: types.LogTraceParams) -> None:
            await self._keep(self.traces, params)

        @self.feature(types.PROGRESS)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        async def progress(params: types.ProgressParams) -> None:
            await self._keep(self.reports, params.value)

        @self.feature("didChangeStatus")  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        async def did_change_status(params: Any) -> None:
            await self._keep(self.statuses, as_json(params))

        @self.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        def create_progress(_params: types.WorkDoneProgressCreateParams) -> None:
            return None

        @self.feature(types.WORKSPACE_CONFIGURATION)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        def configuration_of(params: types.ConfigurationParams) -> list[Any]:
            return [self.configuration for _ in params.items]

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._server is not None
        return self._server.pid

    async def _keep(self, kept: list[Any], value: Any) -> None:
        async with self.arrived:
            kept.append(value)
            self.arrived.notify_all()

    async def wait_for(self, condition: Any) -> None:
        """Wait until a condition on what the server has said is true."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(condition), 30)

    def open(self, uri: str, text: str, language: str = "python") -> None:
        """Send didOpen."""
        item = types.TextDocumentItem(uri, language, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, uri: str, *changes: types.TextDocumentContentChangeEvent, version: int = 2) -> None:
        """Send didChange."""
        identifier = types.VersionedTextDocumentIdentifier(version, uri)
        self.text_document_did_change(types.DidChangeTextDocumentParams(identifier, list(changes)))

    async def complete(self, uri: str, line: int, character: int) -> list[types.InlineCompletionItem]:
        """Ask for inline completions, as editors do while one types."""
        return await self.ask(completion_params(uri, line, character))

    async def invoke(self, uri: str, line: int, character: int) -> list[types.InlineCompletionItem]:
        """Ask for inline completions as a user does who presses a key for them."""
        params = completion_params(uri, line, character)
        params.context.trigger_kind = types.InlineCompletionTriggerKind.Invoked
        return await self.ask(params)

    async def ask(self, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
        """Ask with these parameters."""
        answer = await self.text_document_inline_completion_async(params)
        assert isinstance(answer, types.InlineCompletionList)
        return list(answer.items)

    async def complete_marked(self, uri: str, marked: str) -> list[types.InlineCompletionItem]:
        """Open a document with a cursor mark and ask at the mark; for texts of ASCII characters."""
        text, offset = unmark(marked)
        self.open(uri, text)
        before = text[:offset].split("\n")
        return await self.complete(uri, len(before) - 1, len(before[-1]))

    async def run(self, command: str, *arguments: Any) -> Any:
        """Run one of the server's commands."""
        params = types.ExecuteCommandParams(command, list(arguments))
        return as_json(await self.workspace_execute_command_async(params))

    async def explain(self, uri: str) -> dict[str, Any]:
        """Ask for the last request of a document."""
        report = await self.run("midfill.explain", uri)
        assert isinstance(report, dict)
        return report


def as_json(value: Any) -> Any:
    """Return what pygls has made of JSON as JSON again: it turns objects of no known type into named tuples."""
    if hasattr(value, "_asdict"):
        return {name: as_json(member) for name, member in value._asdict().items()}
    return [as_json(member) for member in value] if isinstance(value, list) else value


def completion_params(uri: str, line: int, character: int) -> types.InlineCompletionParams:
    """Return the parameters of an inline completion."""
    return types.InlineCompletionParams(
        context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
        text_document=types.TextDocumentIdentifier(uri),
        position=types.Position(line, character),
    )


def initialize_params(
    folder: Path | None, encodings: list[str], options: Any, *, can_be_asked: bool = True
) -> types.InitializeParams:
    """Return what an editor with all capabilities that midfill uses sends first."""
    return types.InitializeParams(
        capabilities=types.ClientCapabilities(
            general=types.GeneralClientCapabilities(
                position_encodings=[types.PositionEncodingKind(e) for e in encodings] or None
            ),
            window=types.WindowClientCapabilities(work_done_progress=True),
            workspace=types.WorkspaceClientCapabilities(configuration=can_be_asked),
        ),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)] if folder else None,
        initialization_options=options,
    )


@contextlib.asynccontextmanager
async def serving(  # noqa: PLR0913  what a client may differ in
    folder: Path | None = None,
    *,
    configuration: Any = None,
    options: Any = None,
    encodings: list[str] | None = None,
    can_be_asked: bool = True,
    command: Sequence[str] = SERVE,
) -> AsyncIterator[Client]:
    """Start a server, initialize it, and leave it by the book: its exit status must be 0."""
    client = Client(configuration)
    await client.start_io(*command)
    offered = ["utf-16"] if encodings is None else encodings
    result = await client.initialize_async(initialize_params(folder, offered, options, can_be_asked=can_be_asked))
    client.encoding = result.capabilities.position_encoding
    client.initialized(types.InitializedParams())
    try:
        yield client
    finally:
        await asyncio.wait_for(client.shutdown_async(None), 30)
        client.exit(None)
        assert client._server is not None
        status = await asyncio.wait_for(client._server.wait(), 30)
        await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it untyped
    assert status == 0
