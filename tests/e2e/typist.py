"""Somebody who types in a document of a real server, and looks at what is suggested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.documents import position_at
from tests.cursor import unmark

if TYPE_CHECKING:
    from tests.e2e.client import Client

ENCODING = "utf-16"


class Typist:
    """A document with a cursor in it, kept in step with the server."""

    def __init__(self, client: Client, uri: str, marked: str, language: str = "python") -> None:
        self.client, self.uri = client, uri
        self.text, self.cursor = unmark(marked)
        self._version = 1
        client.open(uri, self.text, language)

    def insert(self, text: str) -> None:
        """Put a text in at the cursor, in one go."""
        self._edit(self.cursor, self.cursor, text)
        self.cursor += len(text)

    def delete(self, characters: int = 1) -> None:
        """Delete before the cursor."""
        self._edit(self.cursor - characters, self.cursor, "")
        self.cursor -= characters

    def _edit(self, start: int, end: int, text: str) -> None:
        span = types.Range(self._position(start), self._position(end))
        self._version += 1
        change = types.TextDocumentContentChangePartial(span, text)
        self.client.change(self.uri, change, version=self._version)
        self.text = self.text[:start] + text + self.text[end:]

    def _position(self, offset: int) -> types.Position:
        return position_at(self.text, offset, ENCODING)

    async def look(self) -> str:
        """Return what is suggested at the cursor, empty for nothing."""
        items = await self.items()
        if not items:
            return ""
        (item,) = items
        at = self._position(self.cursor)
        assert item.range == types.Range(at, at)
        return str(item.insert_text)

    async def items(self) -> list[types.InlineCompletionItem]:
        """Return what is answered at the cursor."""
        at = self._position(self.cursor)
        return await self.client.complete(self.uri, at.line, at.character)

    async def invoke(self) -> list[str]:
        """Return what there is to turn through for somebody who asks for it."""
        at = self._position(self.cursor)
        return [str(item.insert_text) for item in await self.client.invoke(self.uri, at.line, at.character)]

    async def why(self) -> dict[str, Any]:
        """Return what the server says of the last request."""
        return await self.client.explain(self.uri)
