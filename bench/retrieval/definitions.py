"""Who defines which name in a repository, by the outlines of its files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bench.retrieval.languages import family, language_of, suffix_of
from lsp_server.context.outline import Outline, outline
from lsp_server.core import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Signature(NamedTuple):
    """The lines of a definition's signature that say its name, stripped, and the file where it stands."""

    path: str
    lines: frozenset[str]


@dataclass(frozen=True)
class Definitions:
    """The outlines of the files of a repository, and their definitions by name."""

    outlines: Mapping[str, Outline]
    by_name: Mapping[str, tuple[Signature, ...]]

    def signatures(self, name: str, apart_from: str) -> frozenset[str]:
        """Return the lines that define a name in any file but one; empty where none does."""
        found = (signature for signature in self.by_name.get(name, ()) if signature.path != apart_from)
        return frozenset[str]().union(*(signature.lines for signature in found))

    def files(self, name: str, language: str) -> set[str]:
        """Return the files that define a name and whose language can use each other's definitions."""
        wanted = family(language)
        found = (signature.path for signature in self.by_name.get(name, ()))
        return {path for path in found if family(language_of(path)) == wanted}


def definitions_of(files: Mapping[str, str]) -> Definitions:
    """Return the definitions of all files."""
    outlines: dict[str, Outline] = {}
    by_name: defaultdict[str, list[Signature]] = defaultdict(list)
    for path, text in files.items():
        outlines[path] = outline(text, suffix_of(path))
        lines = lines_of(text)
        for definition in outlines[path].definitions:
            head = (line.strip() for line in lines[definition.start : definition.header])
            # Decorators and closing brackets are lines of many signatures; only these tell that it is this one.
            telling = frozenset(line for line in head if definition.name in line)
            by_name[definition.name].append(Signature(path, telling))
    return Definitions(outlines, {name: tuple(found) for name, found in by_name.items()})
