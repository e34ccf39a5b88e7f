"""How much of what a hole needs stands in a context."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.retrieval.cases import Case
    from lsp_server.core import Chunk

_WORD = re.compile(r"\w+")


class Found(NamedTuple):
    """Shares in ``[0, 1]`` of a hole's names.

    ``identifiers`` of them occur in the context, ``whole`` is 1 where all of them do and else 0, and of ``signatures``
    a line of the definition's signature stands in it.
    """

    identifiers: float
    whole: float
    signatures: float


def missed(case: Case, chunks: Iterable[Chunk]) -> tuple[str, ...]:
    """Return the names that do not occur in a context."""
    words = {word for chunk in chunks for word in _WORD.findall(chunk.text)}
    return tuple(name for name in case.names if name not in words)


def score(case: Case, chunks: Iterable[Chunk]) -> Found:
    """Return what a context has of a case: words of the chunks' texts, without their paths, and whole lines."""
    text = "\n".join(chunk.text for chunk in chunks)
    words = set(_WORD.findall(text))
    lines = {line.strip() for line in text.split("\n")}
    there = [name in words for name in case.names]
    defined = [not lines.isdisjoint(case.signatures[name]) for name in case.names]
    return Found(sum(there) / len(there), float(all(there)), sum(defined) / len(defined))
