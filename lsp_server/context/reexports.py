"""Following a name that is imported through the files that only pass it on, to the one that defines it."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from lsp_server.context.modules.interface import NOTHING, Folder, Found, Importer, defined_names
from lsp_server.context.modules.languages import language_of
from lsp_server.context.names import stem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.context.outline import Import, Outline

# Files that one name is looked for in, and files behind one `*`: where re-exports are that deep, the rest is noise.
_MOST_STEPS = 64
_MOST_BEHIND = 16


class Trails:
    """Where the imports of one file lead. Keeps what it has looked up, so it is to live no longer than one answer."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._outlines: dict[str, Outline | None] = {}
        self._defined: dict[str, frozenset[str]] = {}
        self._found: dict[tuple[str, str, int, str], Found] = {}

    def files(self, importer: Importer, statement: Import) -> list[str]:
        """Return the files that define what a statement imports, name by name; its module's where they are unknown."""
        names = statement.names or ("",)
        return [file for name in names for file in self._lead(importer, statement, name, set())]

    def _lead(self, importer: Importer, statement: Import, name: str, seen: set[tuple[str, str]]) -> list[str]:
        found = self._find(importer, statement, name)
        if not found.name:
            return list(found.files)
        behind = [file for module in found.files for file in self._behind(module, found.name, seen)]
        return behind or list(found.files)

    def _behind(self, file: str, name: str, seen: set[tuple[str, str]]) -> list[str]:
        """Return the files that define a name which ``file`` offers; empty where none is known to."""
        if (file, name) in seen or len(seen) > _MOST_STEPS:
            return []
        seen.add((file, name))
        outline = self._outline_of(file)
        if outline is None:
            return []
        importer = Importer(file, outline)
        if name == "*":
            return [file, *self._exports(importer, seen)]
        if name in self._defined[file]:
            return [file]
        ways = chain(self._by_name(importer, name, seen), self._by_star(importer, name, seen))
        return next((files for files in ways if files), [])

    def _by_name(self, importer: Importer, name: str, seen: set[tuple[str, str]]) -> Iterator[list[str]]:
        """Yield where the imports of a file lead that bring in a name."""
        for statement in importer.outline.imports:
            if name in _offered(statement):
                yield self._lead(importer, statement, name, seen)
            elif statement.is_export and "default" in statement.names and _is_called(statement.module, name):
                yield self._lead(importer, statement, "default", seen)

    def _by_star(self, importer: Importer, name: str, seen: set[tuple[str, str]]) -> Iterator[list[str]]:
        """Yield the files that define a name, of those of which a file passes on everything."""
        for statement in importer.outline.imports:
            if statement.is_export and "*" in statement.names:
                modules = self._find(importer, statement, "*").files
                yield [file for module in modules for file in self._behind(module, name, seen)]

    def _exports(self, importer: Importer, seen: set[tuple[str, str]]) -> list[str]:
        """Return the files behind what a file passes on."""
        found: dict[str, None] = {}
        for statement in importer.outline.imports:
            for name in (statement.names or ("",)) if statement.is_export else ():
                if len(found) >= _MOST_BEHIND:
                    return list(found)[:_MOST_BEHIND]
                found.update(dict.fromkeys(self._lead(importer, statement, name, seen)))
        return list(found)[:_MOST_BEHIND]

    def _find(self, importer: Importer, statement: Import, name: str) -> Found:
        key = importer.name, statement.module, statement.line, name
        if key not in self._found:
            language = language_of(importer.name)
            found = language.find(self._folder, importer, statement, name) if language else NOTHING
            self._found[key] = found
        return self._found[key]

    def _outline_of(self, file: str) -> Outline | None:
        if file not in self._outlines:
            outline = self._folder.outline_of(file)
            self._outlines[file] = outline
            self._defined[file] = defined_names(outline) if outline else frozenset()
        return self._outlines[file]


def _offered(statement: Import) -> tuple[str, ...]:
    """Return the names that a statement brings in; a path of Rust is called by its last part."""
    if statement.names or "::" not in statement.module:
        return statement.names
    return (statement.module.rpartition("::")[2],)


def _is_called(module: str, name: str) -> bool:
    """Return whether a module is called as a name, but for case and dashes: `./date-picker` as `DatePicker`."""
    return stem_of(module).replace("-", "").replace("_", "").lower() == name.replace("_", "").lower()
