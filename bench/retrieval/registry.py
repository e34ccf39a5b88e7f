"""The strategies by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval import ablation, lexical, own, recent, siblings, structure
from bench.retrieval.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "midfill"
STRATEGIES = (
    Strategy("random", recent.prepare_random),
    Strategy("ring", recent.Ring),
    Strategy("recent", recent.Recent),
    Strategy("siblings", siblings.Siblings),
    Strategy("bm25", lexical.prepare_bm25),
    Strategy("bm25_around", lexical.prepare_bm25_around),
    Strategy("jaccard", lexical.prepare_jaccard),
    Strategy("skeletons", structure.prepare_skeletons),
    Strategy("half", structure.prepare_half),
    Strategy("oracle_bm25", lexical.prepare_bm25_around, is_told=True),
    Strategy(OURS, own.prepare),
)


# Parts taken out of midfill's own; only asked by name, or all of them as `ablation`.
ABLATIONS = ablation.STRATEGIES
ALL_ABLATIONS = "ablation"
_ABLATION_NAMES = (OURS, *(strategy.name for strategy in ABLATIONS))


def chosen(names: Sequence[str]) -> list[Strategy]:
    """Return the strategies of these names; without names all that are not told the answer.

    Raises:
        Unmeasurable: there is none of such a name.
    """
    if not names:
        return [strategy for strategy in STRATEGIES if not strategy.is_told]
    names = [name for given in names for name in (_ABLATION_NAMES if given == ALL_ABLATIONS else (given,))]
    by_name = {strategy.name: strategy for strategy in (*STRATEGIES, *ABLATIONS)}
    if unknown := [name for name in names if name not in by_name]:
        raise Unmeasurable(f"There is no strategy {', '.join(unknown)}; there are {', '.join(by_name)}.")
    return [by_name[name] for name in dict.fromkeys(names)]
