"""How the other files of the workspace stand to a document: imported, of its package, its tests, visited last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from cachetools import LRUCache

from lsp_server.context.index import is_test, language_key
from lsp_server.context.rank import Relations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lsp_server.context.edits import Change, Edits
    from lsp_server.context.index import Index
    from lsp_server.context.outline import Outline
    from lsp_server.context.roots import Roots

# An import of a whole package may lead to all of its files; the nearest come first.
MOST_FILES_OF_IMPORT = 40
# Documents.
REMEMBERED = 32


class Relatives:
    """The files that documents import, share a package with, or are tested by; remembered until files come or go."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._known: LRUCache[object, Files] = LRUCache(REMEMBERED)

    def forget(self) -> None:
        """Look anew: there are other files now."""
        self._known.clear()

    def of(self, name: str, shape: Outline) -> Files:
        """Return the names of a document's relatives."""
        # While one types, imports seldom change, and following them may take more than a choice.
        key = (name, shape.imports, shape.package)
        if key not in self._known:
            self._known[key] = self._found(name, shape)
        return self._known[key]

    def _found(self, name: str, shape: Outline) -> Files:
        root, below = self._roots.of(name), self._roots.below(name)
        resolver = root.resolver
        imported = [file for one in resolver.resolve(below, shape) for file in one.files[:MOST_FILES_OF_IMPORT]]
        kinds = (imported, resolver.same_package(below, shape), resolver.companions(below))
        return Files(*(tuple(root.prefix + file for file in files) for files in kinds))


class Files(NamedTuple):
    """Names of files by how they stand to a document."""

    imported: tuple[str, ...]
    package: tuple[str, ...]
    companions: tuple[str, ...]


def relate(index: Index, files: Files, edits: Edits, name: str) -> Relations:
    """Return how the indexed files stand to the document of a name."""
    recent = {other: weight for other, weight in edits.recency().items() if other != name}
    edited = [_rows_of(index, change) for change in edits.changes() if change.name != name]
    return Relations(
        own=index.numbers.get(name, -1),
        is_test=is_test(name),
        language=language_key(name),
        imported=_weighed(index, dict.fromkeys(files.imported, 1.0)),
        package=_weighed(index, dict.fromkeys(files.package, 1.0)),
        companions=_weighed(index, dict.fromkeys(files.companions, 1.0)),
        recent=_weighed(index, recent),
        edited=np.concatenate([np.zeros(0, np.int64), *edited]),
    )


def _weighed(index: Index, weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return for each file number its weight by name, 0 for all others."""
    values = np.zeros(len(index.files))
    for name, weight in weights.items():
        number = index.numbers.get(name)
        if number is not None:
            values[number] = weight
    return values


def _rows_of(index: Index, change: Change) -> NDArray[np.int64]:
    """Return the rows of the definitions whose signatures a change has touched."""
    number = index.numbers.get(change.name)
    file = None if number is None else index.files[number]
    if file is None:
        return np.zeros(0, np.int64)
    rows = np.arange(*file.definitions)
    table = index.definitions
    touched: NDArray[np.int64] = rows[(table["start"][rows] <= change.end) & (table["header"][rows] >= change.start)]
    return touched
