"""From the imports of a file to the files of the workspace folder that they name, and which files belong together.

Reads no file itself: it is told the names, and asks for the text of a project's configuration and for outlines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.context import companions
from lsp_server.context.modules.interface import Folder, Importer
from lsp_server.context.modules.languages import language_of
from lsp_server.context.names import Names
from lsp_server.context.projects import Projects
from lsp_server.context.reexports import Trails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lsp_server.context.outline import Import, Outline


@dataclass(frozen=True, slots=True)
class Resolved:
    """An import and the files of the workspace folder that it names, the likeliest first; empty for one from outside.

    ``files`` are names: paths below the root with forward slashes.
    """

    statement: Import
    files: tuple[str, ...]


class Resolver:
    """The files of one workspace folder by name, and where imports lead among them. Owned by one thread.

    ``read`` returns the text of any file of the folder by name, ``outline_of`` the outline of an indexed file; both
    return ``None`` for what they do not know and do not raise. What configures a project (tsconfig.json, package.json,
    go.mod, Cargo.toml, composer.json) is read when it is needed, and again once it was added, removed or forgotten.
    """

    def __init__(self, read: Callable[[str], str | None], outline_of: Callable[[str], Outline | None]) -> None:
        self._names = Names()
        self._folder = Folder(self._names, Projects(read, self._names), outline_of)

    def add(self, name: str) -> None:
        """Take a file in, or that it has changed; files that configure projects too, though none imports them."""
        self._names.add(name)
        self.forget(name)

    def remove(self, name: str) -> None:
        """Forget a file; nothing happens where there is none."""
        self._names.remove(name)
        self.forget(name)

    def forget(self, name: str) -> None:
        """Forget what was read in a file that has changed and is not added again."""
        self._folder.projects.forget(name)

    def resolve(self, importer: str, outline: Outline) -> tuple[Resolved, ...]:
        """Return the imports of a file, in the outline's order, with the files that define what they name.

        Where the file that defines a name is unknown, the module's own stands for it; the importer never does.
        """
        source = Importer(importer, outline)
        trails = Trails(self._folder)
        return tuple(Resolved(one, _others(trails.files(source, one), importer)) for one in outline.imports)

    def same_package(self, importer: str, outline: Outline) -> tuple[str, ...]:
        """Return the files that the importer sees without importing them, the nearest first.

        Those of its package in Go, Java, Kotlin, C# and PHP, the header or its implementation in C; empty elsewhere.
        """
        language = language_of(importer)
        return () if language is None else _others(language.beside(self._folder, Importer(importer, outline)), importer)

    def companions(self, name: str) -> tuple[str, ...]:
        """Return the tests of a file or what it tests, and header or implementation; the nearest first, a handful."""
        language = language_of(name)
        return () if language is None else companions.companions(self._names, name, language)


def _others(files: Iterable[str], importer: str) -> tuple[str, ...]:
    found = dict.fromkeys(files)
    found.pop(importer, None)
    return tuple(found)
