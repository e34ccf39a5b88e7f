"""What LSP asks of a server and pygls leaves out: documents by LSP's rules, one reply to every request.

pygls does not answer a request whose parameters are malformed, one before ``initialize`` and one after
``shutdown``; here each gets the error that the specification names (LSP 3.17, "Server lifecycle").
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from lsp_server import copilot
from lsp_server.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

    from lsp_server.core import Snapshot

log = logging.getLogger(__name__)

# The document as it is when a request is read. A handler starts later, and by then the messages that
# came in the same packet have changed the document.
snapshot_when_read: ContextVar[Snapshot | None] = ContextVar("snapshot_when_read", default=None)


def _ignore(_uri: str, _text: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that does not have the form of its method; ``id`` is ``None`` where it was no request."""

    id: int | str | None
    error: JsonRpcException


class Protocol(LanguageServerProtocol):
    """pygls' protocol with midfill's documents in place of its own.

    ``on_text`` is told the URI and the text of a document after each single change of it.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        self.documents = Documents()
        self.on_text: Callable[[str, str], None] = _ignore
        super().__init__(server, converter)
        copilot.teach(converter)

    @property
    def has_shut_down(self) -> bool:
        """Whether the client has asked for the shutdown, as it has to before it asks for the exit."""
        return self._shutdown

    # --- messages ------------------------------------------------------------------------------------

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # pygls caches a constant
        """Return the type of a method's messages, ``None`` of one that is not known."""
        return copilot.MESSAGES.get(method) or super().get_message_type(method)

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401  pygls' own signature
        """Return the typed message, or what is wrong with it."""
        method = data.get("method")
        if method is not None and self.get_message_type(method) is None:
            # pygls' form for methods that it does not know wants parameters, which JSON-RPC leaves optional.
            data.setdefault("params", None)
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            return Malformed(data.get("id") if "method" in data else None, error)

    def handle_message(self, message: Any) -> None:  # noqa: ANN401  pygls' own signature
        """Hand a message to its handler, or refuse it by LSP's rules for the server's life."""
        if isinstance(message, Malformed):
            self._refuse(message.id, message.error)
            return
        method, request = getattr(message, "method", None), getattr(message, "id", None)
        if method is not None and method != types.EXIT and (refusal := self._refusal(method)):
            self._refuse(request, refusal)
            return
        if isinstance(message, types.InlineCompletionRequest):
            folders = [folder.uri for folder in self.workspace.folders.values()]
            snapshot_when_read.set(self.documents.snapshot(message.params, folders))
        super().handle_message(message)

    def _refusal(self, method: str) -> JsonRpcException | None:
        if self._shutdown:
            return JsonRpcInvalidRequest("The server has been shut down.")
        if self._workspace is None and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("The first request must be `initialize`.")
        if self._workspace is not None and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("The server has been initialized already.")
        return None

    def _refuse(self, request: int | str | None, error: JsonRpcException) -> None:
        if request is None:
            log.warning("A notification was ignored: %s", error)
            return
        self._send_response(request, error=error.to_response_error())

    # --- what replaces pygls' own handlers -----------------------------------------------------------

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Note what was negotiated, besides what pygls does."""
        result = yield from super().lsp_initialize(params)
        self.documents.encoding = result.capabilities.position_encoding or types.PositionEncodingKind.Utf16
        self.trace = params.trace or types.TraceValue.Off
        return result

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> Generator[Any, Any, None]:
        """Take the document over."""
        self.documents.open(params.text_document)
        yield from self._server_handler(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> Generator[Any, Any, None]:
        """Apply the changes."""
        texts = self.documents.change(params.text_document, params.content_changes)
        if texts is None:
            log.warning("A change of a document that is not open was ignored: %s", params.text_document.uri)
        for text in texts or ():
            # Some editors send several keys in one message; together they would look like something pasted.
            self.on_text(params.text_document.uri, text)
        yield from self._server_handler(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> Generator[Any, Any, None]:
        """Forget the document."""
        self.documents.close(params.text_document.uri)
        yield from self._server_handler(types.TEXT_DOCUMENT_DID_CLOSE, params)

    def _server_handler(self, method: str, params: object) -> Generator[Any, Any, None]:
        """Yield the server's own handler of a method, as pygls calls it behind the protocol's."""
        if (handler := self.fm.features.get(method)) is not None:
            yield handler, (params,), None
