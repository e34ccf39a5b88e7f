"""Python: dotted names from source roots, relative imports, names that are modules.

https://docs.python.org/3/reference/import.html
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lsp_server.context.modules.interface import NOTHING, Folder, Found, Importer, file_defines
from lsp_server.context.names import below, directory_of, nearest, upward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.context.names import Names
    from lsp_server.context.outline import Import

# As Python tries them: a package before a module, and stubs where nothing else is.
_ENDINGS = ("/__init__.py", ".py", "/__init__.pyi", ".pyi")
_PACKAGES = ("/__init__.py", "/__init__.pyi")
# Directories besides the packages' own parents where packages lie.
_SOURCES = "src"
# A module name that so many files bear tells nothing; reading them all would take long.
_MOST_GUESSES = 32


def find(folder: Folder, importer: Importer, statement: Import, name: str) -> Found:
    """Return the files of a module, or of the submodule that ``name`` is."""
    path = statement.module.lstrip(".")
    level = len(statement.module) - len(path)
    parts = path.split(".") if path else []
    if not all(parts) or not (level or parts):
        return NOTHING
    submodule = name if name != "*" else ""
    if level:
        return _relative(folder.names, importer.name, level, parts, name)
    file = _absolute(folder, importer.name, parts, submodule)
    if file is None and submodule:
        file = _absolute(folder, importer.name, [*parts, submodule], "")
        return Found((file,)) if file else NOTHING
    return _in_module(folder.names, file, name)


def _relative(names: Names, importer: str, level: int, parts: list[str], name: str) -> Found:
    directory = directory_of(importer)
    for _ in range(level - 1):
        if not directory:
            return NOTHING
        directory = directory_of(directory)
    place = below(directory, "/".join(parts))
    file = _module(names, place)
    if file is None and name not in {"", "*"}:
        file = _module(names, below(place, name))
        return Found((file,)) if file else NOTHING
    return _in_module(names, file, name)


def _in_module(names: Names, file: str | None, name: str) -> Found:
    """Return a module's file with the name to look for there, or the file of the submodule with that name."""
    if file is None:
        return NOTHING
    submodule = None
    if name and file.endswith(_PACKAGES):
        submodule = _module(names, below(directory_of(file), name))
    # `import a` lets its code say `a.b` of all that the package offers.
    return Found((submodule,)) if submodule else Found((file,), name or "*")


def _absolute(folder: Folder, importer: str, parts: list[str], name: str) -> str | None:
    """Return the file of a module, by the source root that is nearest to the importer.

    ``name`` is one that the module is to define, empty for none known.
    """
    names, tail = folder.names, "/".join(parts)
    is_standard = parts[0] in sys.stdlib_module_names
    # A file beside the importer may be called as one of Python's own; it is hardly ever meant.
    if (is_standard and len(parts) == 1) or not _may_be_inside(names, parts[0]):
        return None
    near = (_module(names, below(root, tail)) for root in _roots(names, importer))
    file = next((file for file in near if file and file != importer), None)
    if file or is_standard:
        return file
    return _elsewhere(folder, importer, tail, name)


def _may_be_inside(names: Names, top: str) -> bool:
    return bool(names.directories_called(top) or names.called(f"{top}.py") or names.called(f"{top}.pyi"))


def _roots(names: Names, importer: str) -> Iterator[str]:
    """Yield the source roots around an importer, the nearest first: directories that are no packages themselves."""
    for directory in upward(directory_of(importer)):
        if not directory or not _is_package(names, directory):
            yield directory
            sources = below(directory, _SOURCES)
            if names.has_directory(sources):
                yield sources


def _elsewhere(folder: Folder, importer: str, tail: str, name: str) -> str | None:
    """Return the file of a module from any other directory where the dotted path fits."""
    names = folder.names
    packages = [_module(names, directory) for directory in names.directories_ending(tail)]
    found = [file for file in packages if file and file.endswith(_PACKAGES)]
    found += names.ending(f"{tail}.py") + names.ending(f"{tail}.pyi")
    if len(found) > _MOST_GUESSES:
        return None
    found = [file for file in nearest(found, importer) if file != importer]
    sure = (file for file in found if _is_sure(names, file, tail))
    return next(sure, None) or next((file for file in found if name and file_defines(folder, file, name)), None)


def _is_sure(names: Names, file: str, tail: str) -> bool:
    """Return whether a path alone shows that this is the module: many files are called `utils.py`."""
    ends = (tail + ending for ending in _ENDINGS)
    root = next(file.removesuffix(end) for end in ends if file.endswith(end)).rstrip("/")
    return ("/" in tail or file.endswith(_PACKAGES)) and not _is_package(names, root)


def _is_package(names: Names, directory: str) -> bool:
    return below(directory, "__init__.py") in names


def _module(names: Names, place: str) -> str | None:
    for ending in _ENDINGS:
        file = place + ending if place else ending.lstrip("/")
        if file in names:
            return file
    return None
