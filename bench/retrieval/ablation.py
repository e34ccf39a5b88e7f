"""midfill's own choice with one of its parts taken out: what each part is worth.

The weights of the others stay as they were learned, so this says what a part adds where it stands, and not how well one
could do without it.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.retrieval.own import Own
from bench.retrieval.strategy import Strategy
from lsp_server.context import pieces
from lsp_server.context.rank_weights import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query
    from lsp_server.core import Chunk

# By name: the figures of `rank.py` that count nothing, and the limits of `pieces.py` that are set to 0.
PARTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "imports": (("imported", "package", "companion"), ()),
    "like_code": (("in_like_code", "mass_in_like_code", "best_like_code", "in_code_like_the_rest"), ()),
    "name_pieces": (("pieces",), ()),
    "used_of_file": (("file_used",), ()),
    "owners": (("owner_near", "owner_likely", "signature"), ()),
    "rarity": (("definitions", "blocks", "unused"), ()),
    "kinds": (("type", "function", "method", "same_language", "test_for_code"), ()),
    "signatures": ((), ("MOST_SIGNATURES", "MOST_MENTIONED")),
    "uses": ((), ("MOST_BLOCKS",)),
}


class Ablated(Own):
    """Chooses without one part."""

    def __init__(self, part: str, sources: Sources) -> None:
        """Index the files of a commit; ``part`` is a name of :data:`PARTS`."""
        super().__init__(sources.root)
        self._figures, self._limits = PARTS[part]

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return chunks, those of most worth first."""
        with _zero(WEIGHTS, self._figures), _zero(vars(pieces), self._limits):
            return super().choose(query, budget)


@contextmanager
def _zero(values: dict[str, Any], names: Sequence[str]) -> Iterator[None]:
    old = {name: values[name] for name in names}
    values.update(dict.fromkeys(names, 0))
    try:
        yield
    finally:
        values.update(old)


STRATEGIES = tuple(Strategy(f"without_{part}", partial(Ablated, part)) for part in PARTS)
