"""What a way to choose a context is: it prepares for the files of a repository and then answers queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.retrieval.repository import Sources
    from lsp_server.core import Chunk


@dataclass(frozen=True, slots=True)
class Query:
    """A document with its hole taken out: the text before it, and the text behind its end.

    Nothing of the hole is in it. ``path`` is relative to the repository, with forward slashes.
    """

    path: str
    before: str
    after: str


class Chooser(Protocol):
    """Chooses chunks of other files for a query."""

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return chunks, the most important one first.

        ``budget`` is in tokens; what is more than that is cut off later, from the end. The file of the query is no
        source, although the files that were prepared have it and, with it, the text of the hole.
        """


@runtime_checkable
class Opening(Protocol):
    """A chooser that wants to know when another document is opened."""

    def open(self, query: Query) -> None:
        """Take ``query.before + query.after`` for the text of the document, instead of what is on disk.

        Called before the document's queries and not counted as time of the choice, as an editor opens a document
        before the user types in it. What was opened before is closed.
        """


Prepare: TypeAlias = Callable[["Sources"], Chooser]


@dataclass(frozen=True, slots=True)
class Strategy:
    """A way to choose, by name. ``is_told`` marks one that has the answer in its query: an upper bound, no peer."""

    name: str
    prepare: Prepare
    is_told: bool = False
