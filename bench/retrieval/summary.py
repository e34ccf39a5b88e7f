"""From single choices to the figures of the report: means by budget, language, repository and kind, and differences."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from bench import figures
from bench.retrieval import paired
from bench.retrieval.score import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.retrieval.cases import Case
    from bench.retrieval.run import Choice, Prepared, Results, Skipped

OVERALL = "all"
GROUPS: Mapping[str, Callable[[Case], str]] = {
    "overall": lambda _case: OVERALL,
    "byLanguage": lambda case: case.language,
    "byRepository": lambda case: case.repository,
    "byKind": lambda case: case.kind,
}
# What is compared with the best peer, hole by hole.
COMPARED = ("identifiers", "signatures")


def summary(results: Results, names: Sequence[str]) -> dict[str, Any]:
    """Return the figures of the strategies as JSON."""
    cases = {choice.case.id: choice.case for choice in results.choices}
    return {
        "holes": len(cases),
        "repositories": dict(Counter(case.repository for case in cases.values())),
        "names": sum(len(case.names) for case in cases.values()),
        "namesWithoutDefinition": sum(not lines for case in cases.values() for lines in case.signatures.values()),
        "skipped": skipped(results.skipped),
        "strategies": {name: _strategy(name, results) for name in names},
    }


def details(choices: Iterable[Choice]) -> str:
    """Return what came of each choice, one JSON object a line."""
    rows = (
        {
            "hole": choice.case.id,
            "path": choice.case.query.path,
            "kind": choice.case.kind,
            "strategy": choice.strategy,
            "budget": choice.budget,
            **choice.found._asdict(),
            "missed": choice.missed,
            "tokens": choice.tokens,
            "milliseconds": choice.milliseconds,
        }
        for choice in choices
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def skipped(holes: Iterable[Skipped]) -> dict[str, list[str]]:
    """Return the holes that were not measured by the reasons."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for hole in holes:
        reasons[hole.reason].append(hole.hole)
    return dict(reasons)


def _strategy(name: str, results: Results) -> dict[str, Any]:
    choices = [choice for choice in results.choices if choice.strategy == name]
    return {
        **{group: _means(choices, key) for group, key in GROUPS.items()},
        "milliseconds": figures.spread([one.milliseconds for one in choices if one.milliseconds is not None]),
        "index": _index([one for one in results.prepared if one.strategy == name]),
    }


def _means(choices: Iterable[Choice], key: Callable[[Case], str]) -> dict[str, dict[str, dict[str, float]]]:
    groups: defaultdict[str, defaultdict[str, list[Choice]]] = defaultdict(lambda: defaultdict(list))
    for choice in choices:
        groups[key(choice.case)][str(choice.budget)].append(choice)
    return {
        group: {budget: _mean(some) for budget, some in by_budget.items()}
        for group, by_budget in sorted(groups.items())
    }


def _mean(choices: Sequence[Choice]) -> dict[str, float]:
    count = len(choices)
    shares = zip(Found._fields, zip(*(choice.found for choice in choices), strict=True), strict=True)
    means = {name: round(sum(values) / count, 4) for name, values in shares}
    return means | {"tokens": round(sum(choice.tokens for choice in choices) / count, 1), "holes": count}


def _index(prepared: Sequence[Prepared]) -> dict[str, float | None]:
    files, seconds = sum(one.files for one in prepared), sum(one.seconds for one in prepared)
    return {
        "files": files,
        "seconds": round(seconds, 3),
        "filesPerSecond": round(files / seconds, 1) if seconds else None,
    }


# --- one against the others --------------------------------------------------------------------------


def against(choices: Sequence[Choice], ours: str, peers: Sequence[str], seed: int) -> dict[str, Any]:
    """Return how far a strategy is from its best peer, overall and by language, for each budget.

    The best peer is the one with the highest identifier recall on just those holes and with that budget.
    """
    return {
        group: {
            name: {
                budget: _against_best(some, ours, peers, seed) for budget, some in _by(chosen, lambda c: str(c.budget))
            }
            for name, chosen in _by(choices, partial(_group, GROUPS[group]))
        }
        for group in ("overall", "byLanguage")
    }


def _group(key: Callable[[Case], str], choice: Choice) -> str:
    return key(choice.case)


def _by(choices: Iterable[Choice], key: Callable[[Choice], str]) -> list[tuple[str, list[Choice]]]:
    groups: defaultdict[str, list[Choice]] = defaultdict(list)
    for choice in choices:
        groups[key(choice)].append(choice)
    return sorted(groups.items())


def _against_best(choices: Sequence[Choice], ours: str, peers: Sequence[str], seed: int) -> dict[str, Any]:
    found = {(choice.strategy, choice.case.id): choice.found for choice in choices}
    cases = {choice.case.id: choice.case for choice in choices}
    best = max(peers, key=lambda peer: sum(found[peer, case].identifiers for case in cases))
    return {"peer": best} | {
        name: paired.difference(
            paired.by_repository(
                [
                    (case.repository, getattr(found[ours, key], name) - getattr(found[best, key], name))
                    for key, case in cases.items()
                ]
            ),
            seed,
        )
        for name in COMPARED
    }
