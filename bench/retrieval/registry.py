"""The strategies by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval import lexical, own, recent, structure
from bench.retrieval.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "midfill"
STRATEGIES = (
    Strategy("random", recent.prepare_random),
    Strategy("ring", recent.Ring),
    Strategy("recent", recent.Recent),
    Strategy("bm25", lexical.prepare_bm25),
    Strategy("bm25_around", lexical.prepare_bm25_around),
    Strategy("jaccard", lexical.prepare_jaccard),
    Strategy("skeletons", structure.prepare_skeletons),
    Strategy("half", structure.prepare_half),
    Strategy("oracle_bm25", lexical.prepare_bm25_around, is_told=True),
    Strategy(OURS, own.prepare),
)


def chosen(names: Sequence[str]) -> list[Strategy]:
    """Return the strategies of these names; without names all that are not told the answer.

    Raises:
        Unmeasurable: there is none of such a name.
    """
    if not names:
        return [strategy for strategy in STRATEGIES if not strategy.is_told]
    by_name = {strategy.name: strategy for strategy in STRATEGIES}
    if unknown := [name for name in names if name not in by_name]:
        raise Unmeasurable(f"There is no strategy {', '.join(unknown)}; there are {', '.join(by_name)}.")
    return [by_name[name] for name in dict.fromkeys(names)]
