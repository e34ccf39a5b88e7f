r"""The open documents, as the editor has them: the text behind didOpen and didChange.

pygls' own documents are not used: they end lines at form feeds and other characters that do not end
a line in LSP, and read from the disk what the editor never opened.

Positions: a line ends with ``\n``, ``\r\n`` or ``\r`` (LSP 3.17, "Text Documents"), and a character is
a code unit of the encoding that was negotiated. A position behind the end of its line means that end,
and one inside a character means its start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path

from lsp_server.core import LINE_END, Popup, Snapshot, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BLOCK = 4096
CELL_SCHEME = "vscode-notebook-cell"
LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Document:
    """An open document. ``uri`` is spelled as the editor spells it."""

    uri: str
    language: str
    version: int
    text: str


def units(text: str, encoding: str) -> int:
    """Return how many code units of ``encoding`` (utf-8, utf-16 or utf-32) a text takes."""
    if encoding == types.PositionEncodingKind.Utf32 or text.isascii():
        return len(text)
    if encoding == types.PositionEncodingKind.Utf8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def offset_at(text: str, position: types.Position, encoding: str) -> int:
    """Return the offset of a position in a text; a line behind the last means the end."""
    start, end = _line_range(text, position.line)
    line = text[start:end]
    if line.isascii() or encoding == types.PositionEncodingKind.Utf32:
        return start + min(position.character, len(line))
    passed = 0
    for index, character in enumerate(line):
        passed += units(character, encoding)
        if passed > position.character:
            return start + index
    return end


def _line_range(text: str, number: int) -> tuple[int, int]:
    """Return where a line starts and ends, without its line end; an empty range at the end where there is none."""
    if LONE_RETURN.search(text):
        ends = [(match.start(), match.end()) for match in LINE_END.finditer(text)]
        starts = [0, *(end for _, end in ends)]
        if number >= len(starts):
            return len(text), len(text)
        return starts[number], ends[number][0] if number < len(ends) else len(text)
    start = _after_line_feeds(text, number)
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return start, end - 1 if text.endswith("\r", start, end) and end < len(text) else end


def position_at(text: str, offset: int, encoding: str) -> types.Position:
    """Return the position of an offset in ``[0, len(text)]``."""
    line, start = 0, 0
    for match in LINE_END.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return types.Position(line, units(text[start:offset], encoding))


def apply_change(text: str, change: types.TextDocumentContentChangeEvent, encoding: str) -> str:
    """Return the text after one change of a didChange."""
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return change.text
    start = offset_at(text, change.range.start, encoding)
    end = max(start, offset_at(text, change.range.end, encoding))
    return text[:start] + change.text + text[end:]


def _after_line_feeds(text: str, count: int) -> int:
    """Return the offset behind the first ``count`` line feeds; the end where there are fewer."""
    # Counting block by block is many times faster than a loop over the lines of a large document.
    start = 0
    while count and start < len(text):
        in_block = text.count("\n", start, start + BLOCK)
        if in_block < count:
            count -= in_block
            start += BLOCK
            continue
        for _ in range(count):
            start = text.index("\n", start) + 1
        count = 0
    return min(start, len(text))


class Documents:
    """The open documents by URI, and the folders that the editor works in."""

    def __init__(self) -> None:
        self.encoding: str = types.PositionEncodingKind.Utf16
        self._open: dict[str, Document] = {}

    def open(self, item: types.TextDocumentItem) -> None:
        """Take a document over from the editor."""
        self._open[unquote(item.uri)] = Document(item.uri, item.language_id, item.version, item.text)

    def change(
        self,
        identifier: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
    ) -> list[str] | None:
        """Apply the changes in their order; return the text behind each, ``None`` where the document is not open."""
        document = self.get(identifier.uri)
        if document is None:
            return None
        texts = [document.text]
        for change in changes:
            texts.append(apply_change(texts[-1], change, self.encoding))
        self._open[unquote(identifier.uri)] = replace(document, version=identifier.version, text=texts[-1])
        return texts[1:]

    def close(self, uri: str) -> None:
        """Forget a document; one that is not open is no error."""
        self._open.pop(unquote(uri), None)

    def get(self, uri: str) -> Document | None:
        """Return an open document, ``None`` where the editor has not opened it."""
        return self._open.get(unquote(uri))

    def snapshot(self, params: types.InlineCompletionParams, folders: Iterable[str]) -> Snapshot | None:
        """Return the document of a request with the cursor, ``None`` where it is not open.

        ``folders`` are the URIs of the workspace's folders; the innermost that holds the document is
        its root, and its own directory where none does.
        """
        snapshot = self.look_at(params.text_document.uri, folders)
        if snapshot is None:
            return None
        offset = offset_at(snapshot.text, params.position, self.encoding)
        is_invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        trigger = Trigger.INVOKED if is_invoked else Trigger.TYPING
        snapshot = replace(snapshot, offset=offset, trigger=trigger)
        selected = params.context.selected_completion_info
        return self._with_cells(snapshot if selected is None else self._with_popup(snapshot, selected))

    def look_at(self, uri: str, folders: Iterable[str]) -> Snapshot | None:
        """Return a document with the cursor at its start, ``None`` where it is not open; ``folders`` as above."""
        document = self.get(uri)
        if document is None:
            return None
        path = file_path(notebook_of(document.uri) or document.uri)
        root = None
        if path is not None:
            holding = [f for f in map(file_path, folders) if f is not None and path.is_relative_to(f) and f != path]
            root = max(holding, key=lambda folder: len(folder.parts), default=path.parent)
        return Snapshot(path, root, document.text, 0, document.uri, document.language)

    def _with_popup(self, snapshot: Snapshot, selected: types.SelectedCompletionInfo) -> Snapshot:
        """Return the document as it would be with the choice of the editor's popup."""
        text = snapshot.text
        start = offset_at(text, selected.range.start, self.encoding)
        end = max(start, offset_at(text, selected.range.end, self.encoding))
        popup = Popup(selected.text, text[start:end], text)
        return replace(
            snapshot,
            text=text[:start] + selected.text + text[end:],
            offset=start + len(selected.text),
            popup=popup,
        )

    def _with_cells(self, snapshot: Snapshot) -> Snapshot:
        """Return a cell of a notebook amid the cells of its language, in the order in which the editor opened them."""
        notebook = notebook_of(snapshot.uri)
        if notebook is None:
            return snapshot
        cells = [
            cell
            for cell in self._open.values()
            if cell.language == snapshot.language and notebook_of(cell.uri) == notebook
        ]
        number = [cell.uri for cell in cells].index(snapshot.uri)
        before = "".join(f"{cell.text}\n\n" for cell in cells[:number])
        after = "".join(f"\n\n{cell.text}" for cell in cells[number + 1 :])
        own = range(len(before), len(before) + len(snapshot.text))
        text = before + snapshot.text + after
        return replace(snapshot, text=text, offset=len(before) + snapshot.offset, cell=own)


def notebook_of(uri: str) -> str | None:
    """Return the URI of the notebook file of a cell, ``None`` where a document is no cell of a file.

    VS Code names a cell by the scheme of cells, its notebook's path and a fragment.
    """
    scheme, _, rest = uri.partition(":")
    path = rest.partition("#")[0]
    if scheme != CELL_SCHEME or not path.startswith("/"):
        return None
    # Of a remote machine it has that one's name, where the server runs as well.
    return f"file://{path if not path.startswith('//') else '/' + path.lstrip('/').partition('/')[2]}"


def file_path(uri: str) -> Path | None:
    """Return the path of a ``file:`` URI, ``None`` for any other."""
    path = to_fs_path(uri)
    return Path(path) if path else None
