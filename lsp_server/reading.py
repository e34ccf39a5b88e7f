"""One document as the grammar of its language reads it, kept up with what is typed. Knows no prompt and no model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsp_server.context.syntax import document
from lsp_server.suggestion.hole import Extent, Hole, extent
from lsp_server.suggestion.language import language_of

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.config import Settings
    from lsp_server.context.syntax.document import Parsed
    from lsp_server.core import Place, Snapshot
    from lsp_server.suggestion.language import Language


def language_at(path: Path | None, identifier: str) -> Language:
    """Return the language of a document by what the editor calls it, or else by its file's name."""
    return language_of(identifier, path.suffix.lower() if path else "")


class Reading:
    """The last text of a document that has been parsed; another one is parsed from there. Belongs to an event loop."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.language = language_at(snapshot.path, snapshot.language)
        self._parsed: Parsed | None = None
        # A text that has no grammar, or took too long once, is not tried again at each key.
        self._is_readable = True

    async def read(self, place: Place) -> Parsed | None:
        """Return the parsed text around a place; ``None`` without a grammar, and where it takes too long.

        A thread parses, for the first time takes tens of milliseconds in a large document.
        """
        text, known = place.before + place.after, self._parsed
        if not self._is_readable or (known is not None and known.text == text):
            return known
        parsed = await asyncio.to_thread(known.changed if known else self._parse, text)
        # Another request may have read another text meanwhile; the last one is as good to go on from as any.
        self._parsed, self._is_readable = parsed, parsed is not None
        return parsed

    def at_hand(self, place: Place) -> Parsed | None:
        """Return the parsed text around a place if it has been read already or is quick to read, else ``None``."""
        text = place.before + place.after
        if self._parsed is not None and self._parsed.text != text:
            self._parsed = self._parsed.changed(text)
        return self._parsed

    def _parse(self, text: str) -> Parsed | None:
        return document.parsed(text, self.language.suffix)

    def hole(self, place: Place, how_much: Extent) -> Hole:
        """Return the hole at a place."""
        return Hole(place, self.language, how_much)

    def extent(self, place: Place, settings: Settings) -> Extent:
        """Return how much to suggest at a place, by the settings."""
        multiline = settings.multiline_by_language.get(self.language.id, settings.multiline)
        return extent(place, self.language, multiline)
