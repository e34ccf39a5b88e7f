"""What people see of the latency benchmark: tables from its JSON object, the picture; figures as text."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.problems import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.figures import Key

# What a subject does not tell.
UNKNOWN = "-"
MILLION = 1e6
# Threads of llama.cpp wait for each other by spinning: where others have this much, they wait long.
BUSY = 0.15
WIDTH = 110


def show(result: Mapping[str, Any]) -> None:
    """Print one table for each trace, and what it was measured on."""
    console = Console(width=WIDTH)
    machine = result["machine"]
    console.print(
        f"{result['model']} ({result['modelBytes'] / MILLION:,.0f} MB), {machine['processor']}, "
        f"{result['threads']} threads, {result['maxTokens']} tokens at most"
    )
    for trace in result["traces"]:
        console.print(subjects(trace))
        for line in (*notes(trace, result), ""):
            console.print(line, highlight=False)


def subjects(trace: Mapping[str, Any]) -> Table:
    """Return the table of a trace: a row for midfill and for each peer."""
    title = f"{trace['trace']}: {trace['keys']} keys, each waits for the answer to the one before"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    heads = ("prompt tokens a key", "first suggestion, ms", "times", "whole answer, ms", "times")
    units = ("mean / p50 / p95", "p50 / p95", "longer", "p50 / p95", "longer")
    for head, unit in zip(heads, units, strict=True):
        table.add_column(f"{head}\n{unit}", justify="right")
    table.add_row("midfill", *_row(trace["midfill"], {}))
    for name, peer in trace["peers"].items():
        label = name if peer["keys"] == trace["keys"] else f"{name}, first {peer['keys']} keys"
        table.add_row(label, *_row(peer, peer["ratios"]))
    return table


def _row(subject: Mapping[str, Any], ratios: Mapping[str, float | None]) -> list[str]:
    first, answer = subject["firstSuggestionMs"], subject["answerMs"]
    return [
        numbers(subject["evaluatedPerKey"], ("mean", "p50", "p95")),
        numbers(first, ("p50", "p95")),
        number(ratios.get("firstSuggestion")),
        numbers(answer, ("p50", "p95")),
        number(ratios.get("answer")),
    ]


def notes(trace: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """Return what is said of midfill alone, in sentences."""
    ours = trace["midfill"]
    overhead, empty = (numbers(spread, ("p50", "p95")) for spread in (ours["overheadMs"], trace["emptyRoundTripMs"]))
    lines = [
        f"Prompt: {trace['promptTokens']} tokens, {trace['chunkTokens']} of them from other files.",
        f"Evaluated before the first key: {trace['warmUpTokens']} tokens.",
        f"Evaluated in the background: {number(ours['backgroundPerKey'])} prompt tokens a key.",
        f"Overhead, all but the engine: {overhead} ms (p50 / p95); a request that needs no model takes {empty} ms.",
        f"From memory: {percent(ours['fromMemory'])} of the answers.",
        _memory(trace["residentBytes"], result["modelBytes"], result["kvBytes"]),
    ]
    if trace["realPace"]:
        real = trace["realPace"]
        lines.append(
            f"With the pauses of the trace: {real['cancelled']} of {real['keys']} questions overtaken by the next key; "
            f"of the others {percent(real['fromMemory'])} from memory, "
            f"{numbers(real['answerMs'], ('p50', 'p95'))} ms (p50 / p95), "
            f"{number(real['evaluatedPerKey']['mean'])} prompt tokens a key while the user waits and "
            f"{number(real['backgroundPerKey'])} in the background."
        )
    if trace["busyBefore"] > BUSY:
        lines.append(
            f"Something else kept {percent(trace['busyBefore'])} of the processors busy: "
            "the milliseconds say more of that than of the subjects."
        )
    if trace["starts"]:
        cold, warm = trace["starts"]["cold"], trace["starts"]["warm"]
        lines.append(
            f"Start: first answer after {cold['first']:,.0f} ms cold and {warm['first']:,.0f} ms warm, first with the "
            f"full prompt after {cold['full']:,.0f} ms cold ({cold['promptTokens']} tokens) and {warm['full']:,.0f} ms "
            f"warm ({warm['promptTokens']} tokens): {cold['full'] / warm['full']:.1f} times sooner. "
            f"The model is loaded after {cold['loaded']:,.0f} and {warm['loaded']:,.0f} ms; from there on it is "
            f"{(cold['full'] - cold['loaded']) / (warm['full'] - warm['loaded']):.0f} times sooner."
        )
    return lines


def _memory(resident: int, model: int, kv: int | None) -> str:
    if kv is None:
        return f"Resident: {resident / MILLION:,.0f} MB; the size of the KV cache is not known."
    rest = resident - model - kv
    return (
        f"Resident: {resident / MILLION:,.0f} MB: the model's file, {kv / MILLION:,.0f} MB of KV cache "
        f"and {rest / MILLION:,.0f} MB more."
    )


def numbers(spread: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return some figures by their names, with strokes between them."""
    return " / ".join(number(spread[name]) for name in names)


def number(value: float | None) -> str:
    """Return a figure with as many digits as tell something, a dash for none."""
    if value is None:
        return UNKNOWN
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"


def percent(value: float | None) -> str:
    """Return a share in whole percent, a dash for none."""
    return UNKNOWN if value is None else f"{value:.0%}"


def check_picture(path: Path) -> None:
    """Look before an hour of measuring whether the picture can be drawn.

    Raises:
        Unmeasurable: matplotlib is missing, or the folder.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise Unmeasurable("Drawing the picture needs matplotlib: pip install 'midfill[bench]'.")
    if not path.absolute().parent.is_dir():
        raise Unmeasurable(f"There is no folder {path.parent} for the picture.")


def panels_below(count: int) -> tuple[Any, Any]:
    """Return an empty picture of matplotlib, and its panels from top to bottom."""
    # Without pyplot there is no window and no display.
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(9, 3.2 * count), layout="constrained")
    return figure, figure.subplots(count, squeeze=False)[:, 0]


def draw(traces: Mapping[str, Mapping[str, Sequence[Key]]], path: Path) -> None:
    """Draw the milliseconds of each answered key: a panel for each trace, a line for each subject."""
    figure, panels = panels_below(len(traces))
    for panel, (name, subjects) in zip(panels, traces.items(), strict=True):
        for subject, keys in subjects.items():
            answered = {number: key.milliseconds for number, key in enumerate(keys, 1) if not key.cancelled}
            panel.plot(list(answered), list(answered.values()), label=subject, marker=".", linewidth=1)
        panel.set_yscale("log")
        panel.set_title(name, loc="left")
        panel.set_ylabel("ms to the answer")
        panel.grid(alpha=0.3, which="both")
        panel.legend(loc="upper right")
    panels[-1].set_xlabel("key")
    figure.savefig(path, dpi=120)
