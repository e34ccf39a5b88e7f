"""midfill's own choice with one of its parts taken out: what each part is worth (`lsp_server/context/parts.py`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.retrieval.own import Own
from bench.retrieval.strategy import Strategy
from lsp_server.context import parts

if TYPE_CHECKING:
    from bench.retrieval.repository import Sources


def prepare(name: str, sources: Sources) -> Own:
    """Index the files of a commit, for choices without one part."""
    own = Own(sources.root)
    own.library.parts = parts.without(name)
    return own


STRATEGIES = tuple(Strategy(f"without_{name}", partial(prepare, name)) for name in parts.NAMES)
