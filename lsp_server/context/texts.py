"""The texts of the workspace's files: of open documents as the editor has them, of all others as they are on disk.

Knows which version of a file the index has, and gives no other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache

from lsp_server.context.outline import Outline, outline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lsp_server.context.workspace import Found

# Of files that choices come back to.
REMEMBERED_TEXTS = 256
REMEMBERED_OUTLINES = 512


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document's text, with plain line ends, and its outline."""

    text: str
    shape: Outline


class Texts:
    """Lines and outlines by name. ``entries`` are the files as the index has them; ``opened`` the open documents."""

    def __init__(self, on_stale: Callable[[Path], None]) -> None:
        """``on_stale`` is told of a file that is no longer as the index has it."""
        self.entries: dict[str, Found] = {}
        self.opened: dict[str, OpenDocument] = {}
        self._on_stale = on_stale
        self._lines: LRUCache[str, list[str]] = LRUCache(REMEMBERED_TEXTS)
        self._outlines: LRUCache[str, Outline | None] = LRUCache(REMEMBERED_OUTLINES)

    def forget(self, name: str) -> None:
        """Read a file anew the next time."""
        self._lines.pop(name, None)
        self._outlines.pop(name, None)

    def lines_of(self, name: str) -> list[str] | None:
        """Return a file's lines without their ends; ``None`` where they are not to be had as the index has them."""
        if document := self.opened.get(name):
            return document.text.split("\n")
        found = self.entries.get(name)
        if found is None:
            return None
        if name in self._lines and _modified(found.path) == found.modified:
            return self._lines[name]
        lines = _unchanged_lines(found)
        if lines is None:
            self._on_stale(found.path)
            return None
        self._lines[name] = lines
        return lines

    def outline_of(self, name: str) -> Outline | None:
        """Return the outline of a file, ``None`` where its lines are not to be had."""
        if document := self.opened.get(name):
            return document.shape
        if name not in self._outlines:
            lines = self.lines_of(name)
            self._outlines[name] = None if lines is None else outline("\n".join(lines), name.rpartition("/")[2])
        return self._outlines[name]


def _unchanged_lines(found: Found) -> list[str] | None:
    """Return the lines of a file that has been judged readable already; ``None`` where it is another one now."""
    try:
        with found.path.open(encoding="utf-8-sig") as file:
            if os.fstat(file.fileno()).st_mtime_ns != found.modified:
                return None
            return file.read().split("\n")
    except (OSError, ValueError):
        return None


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1
