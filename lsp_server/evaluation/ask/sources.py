"""Where the pieces of other files come from: the repository on disk, or what came with a hole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lsp_server.chunks import Context
from lsp_server.context.library import Library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.context.parts import Parts
    from lsp_server.context.workspace import Rules
    from lsp_server.core import Chunk
    from lsp_server.evaluation.task import Task


class Source(Context, Protocol):
    """Chooses pieces of other files for one hole at a time."""

    def begin(self, task: Task) -> Path | None:
        """Take on a hole; return the top folder of its repository, ``None`` where it has no name."""
        ...


class CameAlong:
    """The pieces that came with a hole; its repository is a name."""

    def __init__(self) -> None:
        self._chunks: tuple[Chunk, ...] = ()

    def begin(self, task: Task) -> Path | None:
        """Take on a hole."""
        self._chunks = task.chunks
        return Path("/").absolute() / (task.repository or "repository") if task.path else None

    async def choose(
        self, _path: Path, _before: str, _after: str, _budget: int, _kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return them all, in their order; who asks cuts them to the budget."""
        return self._chunks


class Repository:
    """A repository on disk, all of it read, with at most one document open as in an editor."""

    def __init__(self, root: Path, rules: Rules) -> None:
        self.root = root
        self.library = Library([root], rules)
        self._opened: Path | None = None
        self._settle()

    def open(self, task: Task) -> None:
        """Have nothing but a hole's document open, without the hole's text."""
        path = self.root / task.path
        if self._opened is not None and self._opened != path:
            self.library.close(self._opened)
        self._opened = path
        self.library.open(path, task.before + task.after)
        self._settle()

    def _settle(self) -> None:
        while self.library.work(1.0):
            pass


class OnDisk:
    """midfill's own choice from a repository; several that choose by other parts may share it."""

    def __init__(self, repository: Repository, parts: Parts) -> None:
        self._repository, self._parts = repository, parts

    def begin(self, task: Task) -> Path | None:
        """Take on a hole."""
        self._repository.open(task)
        return self._repository.root

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return the library's choice."""
        library = self._repository.library
        library.parts = self._parts
        return library.choose(path, before, after, budget, tuple(kept))


class NoneOf:
    """No pieces, with the names that another source gives."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def begin(self, task: Task) -> Path | None:
        """Take on a hole."""
        return self._source.begin(task)

    async def choose(
        self, _path: Path, _before: str, _after: str, _budget: int, _kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return nothing."""
        return ()
