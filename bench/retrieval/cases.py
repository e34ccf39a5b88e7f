"""A hole beside its repository: the query without the hole, and what a context should hold for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval.common_names import uncommon
from bench.retrieval.repository import decoded
from bench.retrieval.strategy import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.retrieval.definitions import Definitions
    from bench.retrieval.holes import Hole
    from bench.retrieval.repository import Sources
    from lsp_server.core import Chunk


@dataclass(frozen=True, slots=True)
class Case:
    """One hole that can be measured.

    ``query`` has nothing of ``answer``, the hole's text. ``names`` are the identifiers to be found: gold that occurs
    nowhere else in the file and that no standard library has. ``signatures`` are, for each of them, the stripped lines
    of other files that define it; empty for one that no outline knows. ``given`` are chunks that came with the hole,
    by somebody else's choice.
    """

    id: str
    repository: str
    language: str
    kind: str
    query: Query
    answer: str
    names: tuple[str, ...]
    signatures: Mapping[str, frozenset[str]]
    given: tuple[Chunk, ...] = ()


def case_of(hole: Hole, sources: Sources, definitions: Definitions) -> Case:
    """Return the hole with its texts.

    Raises:
        Unmeasurable: the hole does not fit the file, or nothing is left to be found; the message is the reason.
    """
    names = uncommon(hole.gold_hard, hole.lang)
    if not names:
        raise Unmeasurable("only names of standard libraries to find")
    before, answer, after = _taken_out(hole, sources)
    signatures = {name: definitions.signatures(name, hole.path) for name in names}
    return Case(hole.id, hole.repo, hole.lang, hole.kind, Query(hole.path, before, after), answer, names, signatures)


def _taken_out(hole: Hole, sources: Sources) -> tuple[str, str, str]:
    try:
        content = (sources.root / hole.path).read_bytes()
    except OSError as error:
        raise Unmeasurable("the commit does not have the file") from error
    if hashlib.sha256(content).hexdigest() != hole.file_sha256:
        raise Unmeasurable("the file is another one (file_sha256)")
    if not 0 <= hole.start_byte < hole.end_byte <= len(content):
        raise Unmeasurable("the hole does not lie in the file")
    parts = (content[: hole.start_byte], content[hole.start_byte : hole.end_byte], content[hole.end_byte :])
    before, answer, after = (decoded(part) for part in parts)
    if before is None or answer is None or after is None:
        raise Unmeasurable("the hole does not lie between characters of UTF-8")
    return before, answer, after
