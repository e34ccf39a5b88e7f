"""Rust: paths of modules within a crate, and the other crates of the Cargo workspace.

https://doc.rust-lang.org/reference/items/modules.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.modules.interface import NOTHING, Folder, Found, Importer
from lsp_server.context.names import base_of, below, directory_of, stem_of, upward
from lsp_server.context.outline import Kind

if TYPE_CHECKING:
    from lsp_server.context.manifests import Crate
    from lsp_server.context.names import Names
    from lsp_server.context.outline import Import

# The first files of crates; `mod.rs` is the first of a module that is a directory.
_ROOTS = ("lib.rs", "main.rs")
_FIRST = frozenset((*_ROOTS, "mod.rs", "build.rs"))
# Directories of a crate whose files are crates of their own.
_PROGRAMS = ("tests", "examples", "benches", "src/bin")


def find(folder: Folder, importer: Importer, statement: Import, name: str) -> Found:
    """Return the file of a path's last module, in which the path's next part is to be looked for."""
    path = [part.removeprefix("r#") for part in statement.module.split("::") if part]
    path += [name] if name and path[-1:] != [name] else []
    # `use a::{self}` names a itself.
    if len(path) > 1 and path[-1] == "self":
        path.pop()
    first, rest = (path[0], path[1:]) if path else ("", [])
    inline = _modules_around(importer, statement.line)
    home = below(_home(folder, importer.name), "/".join(inline))
    if first == "mod":
        return _walk(folder.names, None, home, rest)
    if first == "crate":
        root = _crate_directory(folder, importer.name)
        return _walk(folder.names, _root_file(folder.names, root, importer.name), root, rest)
    if first in {"self", "super"}:
        return _from_here(folder.names, home, len(inline), path)
    own = _walk(folder.names, None, home, path)
    if own.files:
        return own
    crate = folder.projects.crate_named(first)
    return NOTHING if crate is None else _walk(folder.names, crate.root, directory_of(crate.root), rest)


def _from_here(names: Names, home: str, inline: int, path: list[str]) -> Found:
    """Follow a path that begins with `self` or `super`, from within so many modules of the importer's own."""
    if path[0] == "self":
        path = path[1:]
    ups = next((index for index, part in enumerate(path) if part != "super"), len(path))
    for _ in range(ups):
        home = directory_of(home)
    # Up to as many levels as there are modules around, the importer speaks of itself.
    start = _file_of(names, home) if ups > inline else None
    return _walk(names, start, home, path[ups:])


def _walk(names: Names, start: str | None, directory: str, path: list[str]) -> Found:
    """Go down from a module as far as files do; nothing where there is no file at all.

    ``start`` is the file of the module, ``directory`` the one where its submodules lie.
    """
    file = start
    for part in path:
        places = (below(directory, f"{part}.rs"), below(directory, f"{part}/mod.rs"))
        child = next((place for place in places if place in names), None)
        if child is None:
            # `a::Type::method` and `a::Enum::Variant` are found where the type is.
            return Found((file,), part) if file and file in names else NOTHING
        file, directory = child, below(directory, part)
    return Found((file,)) if file and file in names else NOTHING


def _home(folder: Folder, importer: str) -> str:
    """Return the directory where the submodules of a file lie."""
    directory = directory_of(importer)
    crate = folder.projects.crate(directory)
    is_first = base_of(importer) in _FIRST or (crate and (importer == crate.root or directory in _programs(crate)))
    return directory if is_first else below(directory, stem_of(importer))


def _crate_directory(folder: Folder, importer: str) -> str:
    """Return the directory of the first file of the crate that a file belongs to."""
    directory = directory_of(importer)
    crate = folder.projects.crate(directory)
    known = {directory_of(crate.root), *_programs(crate)} if crate else set()
    for place in upward(directory):
        if place in known or any(below(place, root) in folder.names for root in _ROOTS):
            return place
    return directory


def _programs(crate: Crate) -> list[str]:
    return [below(crate.directory, place) for place in _PROGRAMS]


def _root_file(names: Names, directory: str, importer: str) -> str | None:
    """Return the first file of the crate in a directory; the importer is it where several files could be."""
    files = [file for root in _ROOTS if (file := below(directory, root)) in names]
    return next((file for file in files if file == importer), None) or next(iter(files), None)


def _file_of(names: Names, directory: str) -> str | None:
    """Return the file of the module whose submodules lie in a directory."""
    places = (below(directory, "mod.rs"), f"{directory}.rs", *(below(directory, root) for root in _ROOTS))
    return next((place for place in places if place in names), None)


def _modules_around(importer: Importer, line: int) -> list[str]:
    """Return the names of the modules within the importer's own text that hold a line, the outermost first."""
    definitions = importer.outline.definitions
    around = [one for one in definitions if one.kind is Kind.MODULE and one.start <= line < one.end]
    return [one.name for one in around]
