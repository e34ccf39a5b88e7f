"""Languages whose imports are paths of files: C, C++, Ruby, Bash."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.context.modules.interface import NOTHING, Folder, Found, Importer
from lsp_server.context.names import base_of, directory_of, join, nearest, stem_of, suffix_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.context.names import Names
    from lsp_server.context.outline import Import

HEADERS = (".h", ".hpp", ".hh", ".hxx")
SOURCES = (".c", ".cpp", ".cc", ".cxx", ".m", ".mm")
# The C standard's own (C23, 7.1.2): a file of the same name elsewhere in the folder is hardly meant.
_STANDARD_HEADERS = re.compile(
    r"(assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|string|tgmath|threads|time"
    r"|stdalign|stdarg|stdatomic|stdbit|stdbool|stdckdint|stddef|stdint|stdio|stdlib|stdnoreturn|uchar|wchar|wctype)\.h"
)
# Directories that Ruby's `require` looks into, by habit of build files and test runners.
_RUBY_ROOTS = frozenset(("", "lib", "app", "spec", "test", "ext"))
# `$DIR/`, `${DIR}/`, `"$(dirname "$0")"/` before the path of a script.
_SHELL_HEAD = re.compile(r"""^["']?(?:\$\{[^}]*\}|\$\w+|\$\(.*\)|`.*`)["']?/""")


def find_c(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return the file that an include names: from the importer's directory, else the nearest whose path ends so."""
    module = statement.module
    place = join(directory_of(importer.name), module)
    if place is not None and place in folder.names:
        return Found((place,))
    if _STANDARD_HEADERS.fullmatch(module):
        return NOTHING
    # `../include/x.h` may start from an include directory that nobody told of.
    tail = re.sub(r"^(?:\.{0,2}/)+", "", module)
    return Found(nearest(folder.names.ending(tail), importer.name)[:1] if tail else ())


def beside_c(folder: Folder, importer: Importer) -> Sequence[str]:
    """Return the header of an implementation, the implementation of a header."""
    return pair(folder.names, importer.name)


def pair(names: Names, name: str) -> list[str]:
    """Return the nearest header of a C or C++ implementation, or the other way round; empty for none."""
    if not name.endswith((*HEADERS, *SOURCES)):
        return []
    others = SOURCES if suffix_of(name) in HEADERS else HEADERS
    found = [file for suffix in others for file in names.called(stem_of(name) + suffix)]
    return nearest(found, name)[:1]


def find_ruby(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return the file of a `require_relative`, or of a `require` from the folder's own `lib`."""
    module = statement.module.removesuffix(".rb")
    beside = join(directory_of(importer.name), f"{module}.rb")
    if not module or module.startswith("."):
        return Found((beside,) if beside is not None and beside in folder.names else ())
    found = nearest(folder.names.ending(f"{module}.rb"), importer.name)
    rooted = [file for file in found if base_of(file[: -len(module) - len(".rb")].rstrip("/")) in _RUBY_ROOTS]
    near = [beside] if beside is not None and beside in folder.names else []
    return Found((rooted or near or (found if "/" in module else []))[:1])


def find_bash(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return the script that is sourced: beside the importer, from the folder's root, else the nearest."""
    path = _SHELL_HEAD.sub("", statement.module).strip("\"'")
    places = [join(directory_of(importer.name), path), join("", path)]
    found = [place for place in places if place is not None and place in folder.names]
    tail = path.lstrip("./")
    return Found((found or (nearest(folder.names.ending(tail), importer.name) if tail else []))[:1])
