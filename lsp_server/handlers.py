"""Every LSP message that the server hears, each with a handler of a few lines; nothing is decided here."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server import copilot
from lsp_server.answers import ACCEPTED
from lsp_server.models import catalogue
from lsp_server.protocol import snapshot_when_read
from lsp_server.server import Server


def create() -> Server:
    """Return a server with its handlers, ready to be started on a transport."""
    server = Server()
    _hear_of_life(server)
    _hear_of_files(server)
    _hear_of_suggestions(server)
    _hear_commands(server)
    return server


def _hear_of_life(server: Server) -> None:
    """Give a server its handlers for how it begins, is configured and ends."""

    @server.feature(types.INITIALIZE)
    def initialize(ls: Server, params: types.InitializeParams) -> None:
        ls.initialize(params.initialization_options)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: Server, _params: types.InitializedParams) -> None:
        await ls.configure()
        await ls.neighbours.watch()

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
        ls.push_settings(params.settings)
        await ls.configure()

    @server.feature(types.SHUTDOWN)
    async def shutdown(ls: Server, *_params: None) -> None:
        await ls.close()


def _hear_of_files(server: Server) -> None:
    """Give a server its handlers for what happens to documents, files and folders."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        ls.neighbours.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        ls.neighbours.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        ls.neighbours.told([params.text_document.uri])

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.forget(params.text_document.uri)
        ls.answers.closed(params.text_document.uri)
        ls.neighbours.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
        ls.neighbours.told(change.uri for change in params.changes)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def did_change_workspace_folders(ls: Server, _params: types.DidChangeWorkspaceFoldersParams) -> None:
        await ls.neighbours.configure(ls.settings)


def _hear_of_suggestions(server: Server) -> None:
    """Give a server its handlers for requests of suggestions, and for what becomes of them on the screen."""

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(ls: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        return await ls.answer(params, snapshot_when_read.get())

    @server.feature(copilot.DID_SHOW)
    def did_show(ls: Server, params: copilot.DidShowParams) -> None:
        ls.answers.shown(params.item)

    @server.feature(copilot.DID_PARTIALLY_ACCEPT)
    def did_partially_accept(ls: Server, params: copilot.DidPartiallyAcceptParams) -> None:
        ls.answers.accepted_in_part(params.item, params.accepted_length)

    @server.command(ACCEPTED)
    def accepted(ls: Server, *arguments: Any) -> None:  # noqa: ANN401  whatever a client sends
        if len(arguments) != 1 or not isinstance(arguments[0], int):
            raise JsonRpcInvalidParams(f"{ACCEPTED} takes one argument, the number in the item's command.")
        ls.answers.accepted(arguments[0])


def _hear_commands(server: Server) -> None:
    """Give a server the commands by which clients ask it about itself; `terminal` draws what is text for people."""

    @server.command("midfill.status")
    async def status(ls: Server, *arguments: Any) -> dict[str, object]:  # noqa: ANN401  whatever a client sends
        async with ls.configuring:
            return (ls.status(_uri(arguments)) if arguments else ls.status_line.current).to_json()

    @server.command("midfill.explain")
    def explain(ls: Server, *arguments: Any) -> dict[str, object] | None:  # noqa: ANN401  whatever a client sends
        report = ls.answers.report(_uri(arguments))
        return report.to_json() if report else None

    @server.command("midfill.explainText")
    def explain_text(ls: Server, *arguments: Any) -> str:  # noqa: ANN401  whatever a client sends
        from lsp_server.terminal import plain, suggestion  # noqa: PLC0415  rich takes a while, and few ask

        report = ls.answers.report(_uri(arguments))
        if report is None:
            return "Nothing has been asked of midfill in this document yet.\n"
        return plain.text(lambda console: suggestion.describe(console, report))

    @server.command("midfill.stats")
    async def stats(ls: Server, *_arguments: Any) -> dict[str, object]:  # noqa: ANN401  whatever a client sends
        from lsp_server.terminal import usage  # noqa: PLC0415  as above

        return usage.to_json(await ls.answers.counts())

    @server.command("midfill.statsText")
    async def stats_text(ls: Server, *_arguments: Any) -> str:  # noqa: ANN401  whatever a client sends
        from lsp_server.terminal import plain, usage  # noqa: PLC0415  as above

        counts = await ls.answers.counts()
        return plain.text(lambda console: usage.draw(console, counts))

    @server.command("midfill.models")
    def models(ls: Server, *_arguments: Any) -> list[dict[str, object]]:  # noqa: ANN401  whatever a client sends
        chosen = ls.settings.model
        there = [model.to_json(chosen) for model in catalogue.available()]
        return there + [model.to_json(chosen) for model in catalogue.missing()]

    @server.command("midfill.pull")
    async def pull(ls: Server, *arguments: Any) -> str | None:  # noqa: ANN401  whatever a client sends
        path = await ls.downloads.pull(_text(arguments, "the model's name"))
        return str(path) if path else None

    @server.command("midfill.stopPull")
    def stop_pull(ls: Server, *arguments: Any) -> None:  # noqa: ANN401  whatever a client sends
        ls.downloads.stop(_text(arguments, "the model's name"))


def _uri(arguments: tuple[Any, ...]) -> str:
    return _text(arguments, "the document's URI")


def _text(arguments: tuple[Any, ...], what: str) -> str:
    """Return the only argument of a command.

    Raises:
        JsonRpcInvalidParams: there are more or fewer, or it is no text.
    """
    if len(arguments) != 1 or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams(f"This command takes one argument, {what}.")
    return arguments[0]
