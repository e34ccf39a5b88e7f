"""Workspace folders for tests of where imports lead: a tree of names, each with a text or a few words of an outline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.imports import Resolver
from lsp_server.context.outline import Definition, How, Import, Kind, Outline

if TYPE_CHECKING:
    from collections.abc import Mapping

Tree = dict[str, "str | Outline"]
EMPTY = Outline(How.SYNTAX)


def imported(statement: str, line: int = 0) -> Import:
    """Return the import that is written as ``module``, ``module: name name`` or ``export module: name``."""
    is_export = statement.startswith("export ")
    module, _, names = statement.removeprefix("export ").partition(": ")
    return Import(module, tuple(names.split()), line, is_export)


def outlined(defined: str = "", *imports: str, package: str = "") -> Outline:
    """Return the outline of a file that defines these names and imports these modules."""
    definitions = tuple(
        Definition(name, Kind.TYPE, row, row + 1, row + 1, -1) for row, name in enumerate(defined.split())
    )
    return Outline(How.SYNTAX, definitions, tuple(imported(one, row) for row, one in enumerate(imports)), package)


def files(*names: str) -> Tree:
    """Return a tree of files that define nothing."""
    return dict.fromkeys(names, EMPTY)


def resolver(tree: Mapping[str, str | Outline]) -> Resolver:
    """Return a resolver that knows all files of a tree: texts are read, outlines are indexed."""
    texts = {name: content for name, content in tree.items() if isinstance(content, str)}
    outlines = {name: content for name, content in tree.items() if isinstance(content, Outline)}
    made = Resolver(texts.get, outlines.get)
    for name in tree:
        made.add(name)
    return made


def check(tree: Mapping[str, str | Outline], importer: str, statement: str, expected: str) -> None:
    """Assert to which files an import in ``importer`` leads: their names with blanks between."""
    content = tree.get(importer)
    known = content if isinstance(content, Outline) else EMPTY
    asking = Outline(known.how, known.definitions, (imported(statement),), known.package)
    (resolved,) = resolver(tree).resolve(importer, asking)
    assert resolved.statement == imported(statement)
    assert " ".join(resolved.files) == expected
