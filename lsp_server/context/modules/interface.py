"""What the resolver and its languages say to each other; a language is a row of the resolver's table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.outline import Import, Kind, Outline

if TYPE_CHECKING:
    from lsp_server.context.names import Names
    from lsp_server.context.projects import Projects


@dataclass(frozen=True, slots=True)
class Folder:
    """What is known of a workspace folder; ``outline_of`` returns ``None`` for files that are not indexed."""

    names: Names
    projects: Projects
    outline_of: Callable[[str], Outline | None]


class Importer(NamedTuple):
    """A file that imports."""

    name: str
    outline: Outline


class Found(NamedTuple):
    """Where an import leads: the files, the likeliest first, and the name that is to be looked for in them.

    ``name`` is ``*`` for all names that the files offer, empty where the files as they are were meant.
    """

    files: Sequence[str]
    name: str = ""


NOTHING = Found(())

# From one name of a statement (empty for the module itself) to files. Never raises.
Find = Callable[[Folder, Importer, Import, str], Found]
# The files that an importer sees without importing them, the nearest first, perhaps with itself. Never raises.
Beside = Callable[[Folder, Importer], Sequence[str]]


def nobody(_folder: Folder, _importer: Importer) -> Sequence[str]:
    """Return no files: those of a language where each file imports what it uses."""
    return ()


@dataclass(frozen=True, slots=True)
class Language:
    """``suffixes`` end the names of its files.

    ``tests`` are patterns: what the test of ``*`` is called, suffix apart; ``*`` alone for a name that a directory of
    tests repeats.
    """

    suffixes: tuple[str, ...]
    find: Find
    beside: Beside = nobody
    tests: tuple[str, ...] = ()


def defined_names(outline: Outline) -> frozenset[str]:
    """Return the names that a file itself defines and that others may import: those of no type and no function."""
    every = outline.definitions
    return frozenset(one.name for one in every if one.parent < 0 or every[one.parent].kind is Kind.MODULE)


def file_defines(folder: Folder, file: str, name: str) -> bool:
    """Return whether a file is known to define a name that others may import."""
    outline = folder.outline_of(file)
    return outline is not None and name in defined_names(outline)
