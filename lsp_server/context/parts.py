"""What choices are made of, part by part, so that what each is worth can be measured by leaving it out.

The weights of the other parts stay as they were learned: what is measured is what a part adds where it stands, and not
how well one could do without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.context.pieces import Limits
from lsp_server.context.rank_weights import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Parts:
    """What definitions are ranked by, and how many pieces of each sort there may be."""

    weights: Mapping[str, float]
    limits: Limits


ALL = Parts(WEIGHTS, Limits())
# By name: the figures of `rank.py` that count nothing without the part.
_RANKED_BY = {
    "imports": ("imported", "package", "companion"),
    "like_code": ("in_like_code", "mass_in_like_code", "best_like_code", "in_code_like_the_rest"),
    "name_pieces": ("pieces",),
    "used_of_file": ("file_used",),
    "owners": ("owner_near", "owner_likely", "signature"),
    "rarity": ("definitions", "blocks", "unused"),
    "kinds": ("type", "function", "method", "same_language", "test_for_code"),
}
# By name: the sorts of pieces of which there are none without the part.
_SHOWN = {
    "signatures": replace(Limits(), signatures=0, mentioned=0),
    "uses": replace(Limits(), blocks=0),
}
NAMES = (*_RANKED_BY, *_SHOWN)


def without(name: str) -> Parts:
    """Return all parts but one.

    Raises:
        KeyError: it is none of ``NAMES``.
    """
    if name in _SHOWN:
        return replace(ALL, limits=_SHOWN[name])
    return replace(ALL, weights={**WEIGHTS, **dict.fromkeys(_RANKED_BY[name], 0.0)})
