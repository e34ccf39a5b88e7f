"""What people see of the context benchmark: tables from its JSON object, and the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.retrieval.summary import OVERALL
from bench.tables import MILLION, UNKNOWN, WIDTH, number, numbers, panels_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

SHARES = ("identifiers", "whole", "signatures")
# The budget whose figures stand in the tables by language and by repository, where it is among those measured.
_DETAILED = 2048
# Seconds; what prepares nothing is not fast at it.
_NO_TIME = 0.01


def show(result: Mapping[str, Any]) -> None:
    """Print the tables, and what was measured on what."""
    console = Console(width=WIDTH)
    if not result["holes"]:
        console.print("No hole could be measured.")
    else:
        budget = label(detailed(result["budgets"]))
        where = f"{result['holes']} holes in {len(result['repositories'])} repositories"
        for title, table in (
            (f"Recall in {where}, budgets in {result['tokenizer']}", recall(result)),
            ("Costs", costs(result)),
            (f"Budget {budget}, identifiers and below signatures, by language", detail(result, "byLanguage")),
            (f"Budget {budget}, identifiers and below signatures, by repository", detail(result, "byRepository")),
        ):
            # A title of the table's own would be wrapped to the table's width.
            console.print(title, table, "", sep="\n", highlight=False)
    for line in notes(result):
        console.print(line, highlight=False)


def recall(result: Mapping[str, Any]) -> Table:
    """Return the table of recall by budget."""
    table = _table(f"{label(budget)}\nidentifiers / whole / signatures, %" for budget in result["budgets"])
    for name, strategy in result["strategies"].items():
        means = strategy["overall"][OVERALL]
        table.add_row(_name(name, result), *(_shares(means[str(budget)]) for budget in result["budgets"]))
    return table


def costs(result: Mapping[str, Any]) -> Table:
    """Return the table of what choosing and preparing cost."""
    largest = result["largest"]
    own = f"{_short(largest['repository'])}, {largest['files']} files\nin a process of its own"
    heads = ("a choice, ms\np50 / p95", "to prepare,\nfiles a second", f"{own}, MB", "\nseconds")
    table = _table(heads)
    for name, strategy in result["strategies"].items():
        own = largest["strategies"].get(name)
        table.add_row(
            _name(name, result),
            numbers(strategy["milliseconds"], ("p50", "p95")),
            number(strategy["index"]["filesPerSecond"] if strategy["index"]["seconds"] > _NO_TIME else None),
            f"{own['bytes'] / MILLION:.0f}" if own else UNKNOWN,
            f"{own['seconds']:.2f}" if own else UNKNOWN,
        )
    return table


def detail(result: Mapping[str, Any], group: str) -> Table:
    """Return the table of one budget's identifier and signature recall by language or by repository."""
    budget = detailed(result["budgets"])
    strategies = result["strategies"]
    of_first = next(iter(strategies.values()))[group]
    table = _table([name.replace("_", "\n_") for name in strategies])
    for row, by_budget in of_first.items():
        cells = (strategy[group][row][str(budget)] for strategy in strategies.values())
        figures = (f"{_percent(one['identifiers'])}\n{_percent(one['signatures'])}" for one in cells)
        table.add_row(f"{_short(row)}\n{by_budget[str(budget)]['holes']} holes", *figures)
    return table


def notes(result: Mapping[str, Any]) -> Iterator[str]:
    """Give what is said in sentences: what was left out, and midfill against the best of the others."""
    yield f"Measured: {result['holes']} of {result['given']} holes."
    for reason, holes in result["skipped"].items():
        shown = ", ".join(holes[:5]) + (", ..." if len(holes) > 5 else "")
        yield f"Not measured, {reason}: {len(holes)} ({shown})."
    if result["namesWithoutDefinition"]:
        yield (
            f"{result['namesWithoutDefinition']} of {result['names']} names have no definition that the outlines know; "
            "nobody can find their signatures."
        )
    for group in result["against"].values():
        for name, by_budget in group.items():
            for budget, one in by_budget.items():
                difference = one["identifiers"]
                yield (
                    f"{name}, {label(int(budget))}: {result['ours']} is {_points(difference['mean'])} points of "
                    f"identifier recall from {one['peer']} (95 %: {_points(difference['low'])} to "
                    f"{_points(difference['high'])}), signatures {_points(one['signatures']['mean'])}."
                )


def label(budget: int) -> str:
    """Return what a budget is called: its tokens, or those of the published chunks of each record."""
    return f"{budget:,}" if budget else "as published"


def detailed(budgets: Sequence[int]) -> int:
    """Return the budget that is shown in detail."""
    return min(budgets, key=lambda budget: abs(budget - _DETAILED))


def _table(heads: Iterable[str]) -> Table:
    table = Table()
    table.add_column("")
    for head in heads:
        table.add_column(head, justify="right")
    return table


def _name(strategy: str, result: Mapping[str, Any]) -> str:
    return f"{strategy} (told)" if strategy in result["told"] else strategy


def _short(repository: str) -> str:
    return repository.rpartition("/")[2]


def _shares(means: Mapping[str, float]) -> str:
    return " / ".join(_percent(means[name]) for name in SHARES)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Draw recall over the budget: a panel for identifiers and one for signatures, a line for each strategy."""
    figure, panels = panels_below(2)
    for panel, share in zip(panels, ("identifiers", "signatures"), strict=True):
        for name, strategy in result["strategies"].items():
            means = strategy["overall"][OVERALL]
            values = [100 * means[str(budget)][share] for budget in result["budgets"]]
            style = "--" if name in result["told"] else "-"
            width = 2.5 if name == result["ours"] else 1
            panel.plot(result["budgets"], values, style, label=_name(name, result), marker=".", linewidth=width)
        panel.set_xscale("log", base=2)
        panel.set_xticks(result["budgets"], [label(budget) for budget in result["budgets"]])
        panel.set_ylim(0, 100)
        panel.set_ylabel(f"{share}, %")
        panel.grid(alpha=0.3)
    panels[0].set_title(f"Recall, {result['holes']} holes in {len(result['repositories'])} repositories", loc="left")
    panels[-1].set_xlabel(f"budget, {result['tokenizer']}")
    panels[0].legend(loc="upper left", bbox_to_anchor=(1, 1))
    figure.savefig(path, dpi=120)
