"""midfill's own way to choose, through the same code that the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.library import Library

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query
    from lsp_server.core import Chunk


class Own:
    """Asks the library of a workspace, told of the document as an editor tells the server."""

    def __init__(self, root: Path) -> None:
        """Index the files below ``root``."""
        self.library = Library([root])
        self._root = root
        self._opened: Path | None = None
        while self.library.work(1.0):
            pass

    def path(self, query: Query) -> Path:
        """Return the path of a query's document."""
        return self._root / query.path

    def open(self, query: Query) -> None:
        """Take the query's text for what is on disk."""
        path = self.path(query)
        if self._opened is not None and self._opened != path:
            self.library.close(self._opened)
        self._opened = path
        self.library.open(path, query.before + query.after)
        while self.library.work(1.0):
            pass

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return chunks, those of most worth first: over the budget, the others are cut, as the server does."""
        chunks = self.library.choose(self.path(query), query.before, query.after, budget)
        return sorted(chunks, key=lambda chunk: -chunk.score)


def prepare(sources: Sources) -> Own:
    """Index the files of a commit."""
    return Own(sources.root)
