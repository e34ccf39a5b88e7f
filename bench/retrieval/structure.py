"""Peers that follow the imports of a file, alone and beside BM25. Written in code of our own."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from bench.retrieval.definitions import definitions_of
from bench.retrieval.languages import suffix_of
from bench.retrieval.lexical import Bm25Around, prepare_bm25_around
from bench.retrieval.repository import decoded
from lsp_server.context.imports import Resolver
from lsp_server.context.outline import outline
from lsp_server.core import Chunk, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query
    from lsp_server.context.outline import Outline

# A skeleton goes into the context in parts of so many lines, so that a part of it can stand beside other finds.
_PART = 20


@dataclass(frozen=True)
class Skeletons:
    """The signatures of all definitions of the files that the document imports, in the order of its imports.

    What RepoFuse (arXiv 2402.14323) calls rationale context, in its simplest form: who imports a file may use what it
    defines. Where a package needs no import (Go, Java), its files come behind.
    """

    sources: Sources
    outlines: ChainMap[str, Outline]
    resolver: Resolver

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the skeletons in parts."""
        del budget
        here = outline(query.before + query.after, suffix_of(query.path))
        # What the document defines is what is left of it without the hole, for re-exports that lead back to it too.
        self.outlines.maps[0] = {query.path: here}
        imported = (name for found in self.resolver.resolve(query.path, here) for name in found.files)
        names = dict.fromkeys(chain(imported, self.resolver.same_package(query.path, here)))
        return [part for name in names if name != query.path for part in self._parts(name)]

    def _parts(self, name: str) -> Iterator[Chunk]:
        if name not in self.outlines:
            return
        lines = lines_of(self.sources.files[name])
        definitions = self.outlines[name].definitions
        numbers = dict.fromkeys(chain.from_iterable(range(one.start, one.header) for one in definitions))
        skeleton = [lines[number].rstrip("\n") for number in numbers]
        for start in range(0, len(skeleton), _PART):
            yield Chunk(name, "\n".join(skeleton[start : start + _PART]), "imported")


@dataclass(frozen=True)
class Half:
    """Half of the budget for skeletons and half for BM25 around the hole; what one leaves is the other's."""

    skeletons: Skeletons
    bm25: Bm25Around

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return the chunks of both, so that each prefix has as many characters of the one as of the other."""
        waiting = [list(reversed(one.choose(query, budget))) for one in (self.skeletons, self.bm25)]
        taken = [0, 0]
        mixed: list[Chunk] = []
        while any(waiting):
            turn = min((side for side in range(2) if waiting[side]), key=lambda side: taken[side])
            mixed.append(waiting[turn].pop())
            taken[turn] += len(mixed[-1].path) + len(mixed[-1].text)
        return mixed


def prepare_skeletons(sources: Sources) -> Skeletons:
    """Read the outlines of all files."""
    outlines: ChainMap[str, Outline] = ChainMap({}, dict(definitions_of(sources.files).outlines))

    def read(name: str) -> str | None:
        try:
            return decoded((sources.root / name).read_bytes())
        except OSError:
            return None

    resolver = Resolver(read, outlines.get)
    for path in sources.root.rglob("*"):
        if path.is_file():
            resolver.add(path.relative_to(sources.root).as_posix())
    return Skeletons(sources, outlines, resolver)


def prepare_half(sources: Sources) -> Half:
    """Prepare both halves."""
    return Half(prepare_skeletons(sources), prepare_bm25_around(sources))
