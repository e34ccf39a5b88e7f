"""How the other files of the workspace stand to a document: imported, of its package, its tests, visited last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsp_server.context.index import is_test, language_key
from lsp_server.context.rank import Relations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from lsp_server.context.edits import Change, Edits
    from lsp_server.context.index import Index
    from lsp_server.context.outline import Outline
    from lsp_server.context.roots import Roots

# An import of a whole package may lead to all of its files; the nearest come first.
MOST_FILES_OF_IMPORT = 40


def relate(index: Index, roots: Roots, edits: Edits, name: str, shape: Outline) -> Relations:
    """Return how the indexed files stand to the document of a name and outline."""
    root, below = roots.of(name), roots.below(name)
    resolver = root.resolver
    imported = [file for one in resolver.resolve(below, shape) for file in one.files[:MOST_FILES_OF_IMPORT]]
    marked = {
        "imported": imported,
        "package": resolver.same_package(below, shape),
        "companions": resolver.companions(below),
    }
    recent = {other: weight for other, weight in edits.recency().items() if other != name}
    edited = [_rows_of(index, change) for change in edits.changes() if change.name != name]
    return Relations(
        own=index.numbers.get(name, -1),
        is_test=is_test(name),
        language=language_key(name),
        recent=_weighed(index, recent),
        edited=np.concatenate([np.zeros(0, np.int64), *edited]),
        **{kind: _weighed(index, _ones(root.prefix, files)) for kind, files in marked.items()},
    )


def _ones(prefix: str, files: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys((prefix + file for file in files), 1.0)


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
