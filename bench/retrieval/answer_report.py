"""From answers to figures: means by strategy and group, paired differences, the table, one line for each answer."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench import figures
from bench.retrieval import paired
from bench.retrieval.summary import GROUPS, OVERALL
from bench.tables import UNKNOWN, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bench.retrieval.answer import Answer

# What is said of an answer; ``None`` where it does not apply.
MEASURES: Mapping[str, Callable[[Answer], float | None]] = {
    "exact": lambda answer: answer.exact,
    "similarity": lambda answer: answer.similarity,
    "names": lambda answer: answer.names,
    "name": lambda answer: answer.name,
}
_SHOWN = ("overall", "byKind", "byRepository")


def summary(answers: Sequence[Answer], names: Sequence[str], ours: str, seed: int) -> dict[str, Any]:
    """Return the figures of the strategies, and how far ours is from each of the others, as JSON."""
    cases = {answer.question.case.id: answer.question.case for answer in answers}
    others = [name for name in names if name != ours] if ours in names and answers else []
    return {
        "holes": len(cases),
        "repositories": dict(Counter(case.repository for case in cases.values())),
        "ours": ours,
        "strategies": {name: _strategy([one for one in answers if one.strategy == name]) for name in names},
        "against": {other: against(answers, ours, other, seed) for other in others},
    }


def _strategy(answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        **{group: {key: _means(some) for key, some in _by(group, answers)} for group in GROUPS},
        "contextTokens": figures.spread([answer.context for answer in answers]),
        "promptTokens": figures.spread([answer.prompt for answer in answers]),
        "choosingMs": figures.spread([answer.choosing for answer in answers]),
        "generatingMs": figures.spread([answer.generating for answer in answers]),
    }


def _means(answers: Sequence[Answer]) -> dict[str, float | None]:
    means = {name: figures.spread(_values(answers, measure))["mean"] for name, measure in MEASURES.items()}
    ended = sum(answer.is_ended for answer in answers) / len(answers)
    with_names = sum(answer.names is not None for answer in answers)
    return {**means, "ended": round(ended, 3), "holes": len(answers), "withNames": with_names}


def _values(answers: Iterable[Answer], measure: Callable[[Answer], float | None]) -> list[float]:
    return [value for value in map(measure, answers) if value is not None]


def _by(group: str, answers: Iterable[Answer]) -> list[tuple[str, list[Answer]]]:
    found: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[GROUPS[group](answer.question.case)].append(answer)
    return sorted(found.items())


def against(answers: Sequence[Answer], ours: str, other: str, seed: int) -> dict[str, Any]:
    """Return the paired differences of two strategies, over all holes and by kind, with bootstrap intervals.

    ``onlyOurs`` and ``onlyTheirs`` are how many lines one of the two has exactly and the other has not.
    """
    return {
        group: {key: _difference(some, ours, other, seed) for key, some in _by(group, answers)}
        for group in ("overall", "byKind")
    }


def _difference(answers: Sequence[Answer], ours: str, other: str, seed: int) -> dict[str, Any]:
    theirs = {answer.question.case.id: answer for answer in answers if answer.strategy == other}
    pairs = [(one, theirs[one.question.case.id]) for one in answers if one.strategy == ours]
    return {
        "onlyOurs": sum(one.exact > their.exact for one, their in pairs),
        "onlyTheirs": sum(one.exact < their.exact for one, their in pairs),
        **{name: _paired(pairs, measure, seed) for name, measure in MEASURES.items()},
    }


def _paired(
    pairs: Iterable[tuple[Answer, Answer]], measure: Callable[[Answer], float | None], seed: int
) -> paired.Difference | None:
    """Return the difference of one measure; ``None`` where it applies to no hole."""
    values = [
        (one.question.case.repository, mine - theirs)
        for one, their in pairs
        if (mine := measure(one)) is not None and (theirs := measure(their)) is not None
    ]
    return paired.difference(paired.by_repository(values), seed) if values else None


def details(answers: Iterable[Answer]) -> str:
    """Return what came of each answer, one JSON object a line; with the texts, which are the repositories'."""
    rows = (
        {
            "hole": answer.question.case.id,
            "repo": answer.question.case.repository,
            "path": answer.question.case.query.path,
            "kind": answer.question.case.kind,
            "strategy": answer.strategy,
            "expected": answer.question.expected,
            "text": answer.text,
            "word": answer.word,
            **{name: measure(answer) for name, measure in MEASURES.items()},
            "context": answer.context,
            "prompt": answer.prompt,
            "ended": answer.is_ended,
        }
        for answer in answers
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def so_far(answers: Sequence[Answer]) -> str:
    """Return a line for whoever waits: the lines and the single names that are right up to now."""
    right: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for answer in answers:
        right[answer.strategy][0] += answer.exact
        right[answer.strategy][1] += answer.name or 0.0
    holes = len({answer.question.case.id for answer in answers})
    shown = ", ".join(f"{name} {lines:.0f} and {names:.0f}" for name, (lines, names) in right.items())
    return f"  so far {holes} holes; lines and names right: {shown}"


# --- what people see ---------------------------------------------------------------------------------


def show(result: Mapping[str, Any]) -> None:
    """Print the tables, and what was measured on what."""
    console = Console(width=WIDTH)
    if not result["holes"]:
        console.print("No hole could be measured.")
    else:
        where = f"{result['holes']} holes in {len(result['repositories'])} repositories"
        for title, table in (
            (f"{where}, {result['model']['name']}, {result['budget']} tokens for chunks", answers_table(result)),
            ("By kind and repository, lines exact and below names from 2 letters, %", groups_table(result)),
            (f"{result['ours']} less the others, points and below their 95 % interval", differences_table(result)),
        ):
            # A title of the table's own would be wrapped to the table's width.
            console.print(title, table, "", sep="\n", highlight=False)
    for line in notes(result):
        console.print(line, highlight=False)


def answers_table(result: Mapping[str, Any]) -> Table:
    """Return the table of all holes: a row for each strategy."""
    heads = ("lines\nexact, %", "similarity,\n%", "names in\nthe line, %", "name from\n2 letters, %", "ended,\n%")
    table = _table((*heads, "tokens of chunks /\nof the prompt", "ms to choose /\nto write, p50"))
    for name, strategy in result["strategies"].items():
        means = strategy["overall"][OVERALL]
        pairs = (("contextTokens", "promptTokens", "mean"), ("choosingMs", "generatingMs", "p50"))
        figures_of = (f"{strategy[one][figure]:.0f} / {strategy[other][figure]:.0f}" for one, other, figure in pairs)
        table.add_row(name, *(_percent(means[measure]) for measure in (*MEASURES, "ended")), *figures_of)
    return table


def groups_table(result: Mapping[str, Any]) -> Table:
    """Return the table of exact lines and single names by kind and by repository."""
    strategies = result["strategies"]
    table = _table(strategies)
    for group in _SHOWN:
        for row, of_first in next(iter(strategies.values()))[group].items():
            cells = (strategy[group][row] for strategy in strategies.values())
            shown = (f"{_percent(cell['exact'])}\n{_percent(cell['name'])}" for cell in cells)
            table.add_row(f"{row}\n{of_first['holes']} holes", *shown)
    return table


def differences_table(result: Mapping[str, Any]) -> Table:
    """Return the table of paired differences from ours, in points with 95 % intervals."""
    table = _table((*MEASURES, "lines that only\none has"))
    for other, groups in result["against"].items():
        for key, one in (*groups["overall"].items(), *groups["byKind"].items()):
            shown = (_interval(one[name]) for name in MEASURES)
            table.add_row(f"{other}, {key}", *shown, f"{one['onlyOurs']} : {one['onlyTheirs']}")
    return table


def notes(result: Mapping[str, Any]) -> Iterator[str]:
    """Give what is said in sentences: what was measured and what was left out."""
    yield f"Measured: {result['holes']} of {result['given']} holes; similarity is the {result['similarity']}."
    for reason, holes in result["skipped"].items():
        yield f"Not measured, {reason}: {len(holes)}."


def _interval(difference: paired.Difference | None) -> str:
    if difference is None:
        return UNKNOWN
    mean, low, high = (f"{100 * end:+.1f}" for end in (difference["mean"], difference["low"], difference["high"]))
    return f"{mean}\n{low} to {high}"


def _table(heads: Iterable[str]) -> Table:
    table = Table()
    table.add_column("")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{100 * share:.1f}"
