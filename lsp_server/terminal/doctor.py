"""What the doctor finds, drawn for people. Knows findings, and measures nothing.

Nothing needs colours: what they tell is told by words besides. 60 columns are enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lsp_server.doctor.findings import State, Where
from lsp_server.doctor.predict import NEW_PLACE, WRITTEN
from lsp_server.models.catalogue import APACHE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from lsp_server.doctor.findings import Check, Diagnosis, Machine, Measured, Prediction, Recommendation

MARKS = {State.GOOD: "ok", State.NOTE: "note", State.PROBLEM: "PROBLEM"}
STYLES = {State.GOOD: "green", State.NOTE: "yellow", State.PROBLEM: "bold red"}
GB = 1e9


def draw(console: Console, found: Diagnosis) -> None:
    """Draw the machine, speeds, what each model would take, the checks, and last what to do."""
    _head(console, "This machine")
    console.print(_machine(found.machine))
    console.print()
    _head(console, "Speeds measured now, in tokens a second")
    console.print(_speeds(found.measured))
    console.print()
    _head(console, "What each Qwen2.5-Coder would take here")
    console.print(_predictions(found.predictions, found.latency_ms))
    for prediction in found.predictions:
        if (licence := prediction.entry.licence) != APACHE:
            _say(console, f"{prediction.entry.size}: {licence.name}. {licence.note}")
    _say(console, f"while typing: until {WRITTEN} tokens are written, after a key.")
    _say(console, f"new place: the same where {NEW_PLACE} tokens have to be read before.")
    console.print()
    _head(console, "Checks")
    console.print(_checks(found.checks))
    console.print()
    _head(console, "Recommendation")
    _recommend(console, found.recommendation)


def _head(console: Console, title: str) -> None:
    console.print(title, style="bold", highlight=False)


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False)


def _machine(machine: Machine) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("processor", Text(f"{machine.processor}, physical cores: {machine.cores}"))
    table.add_row("memory", f"{machine.available / GB:.1f} of {machine.memory / GB:.1f} GB free")
    table.add_row("system", Text(machine.system))
    for device in machine.devices:
        kind, free = device.kind.name.lower(), f"{device.free / GB:.1f} of {device.total / GB:.1f} GB free"
        table.add_row("device", Text(f"{device.name} ({kind}): {device.description}, {free}"))
    table.add_row("llama.cpp", Text(" ".join(machine.features) or "tells no features"))
    return table


def _speeds(measured: Sequence[Measured]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model", overflow="fold")
    for heading in ("reading", "writing"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in measured:
        if model.speed:
            table.add_row(Text(model.name), f"{model.speed.prefill:.0f}", f"{model.speed.decode:.0f}")
        else:
            table.add_row(Text(f"{model.name}\n{model.problem}"), "-", "-")
    return table


def _predictions(predictions: Sequence[Prediction], latency_ms: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "memory"):
        table.add_column(heading, no_wrap=True)
    table.add_column("runs on")
    for heading in ("while\ntyping", "new\nplace"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for prediction in predictions:
        table.add_row(
            prediction.entry.size,
            f"{prediction.memory / GB:.1f} GB",
            _runs_on(prediction),
            _seconds(prediction.typing),
            _seconds(prediction.new_place),
            _remark(prediction, latency_ms),
        )
    return table


def _runs_on(prediction: Prediction) -> str:
    words = {Where.CARD: "card", Where.PROCESSOR: "processor", Where.NOWHERE: "no room"}
    return words.get(prediction.where, f"card: {prediction.layers_on_card}/{prediction.layers}")


def _remark(prediction: Prediction, latency_ms: int) -> str:
    if prediction.typing is None:
        return ""
    return "keeps up" if prediction.typing * 1000 <= latency_ms else "too slow"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s"


def _checks(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        text = f"{check.finding} {check.remedy}" if check.remedy else check.finding
        table.add_row(Text(MARKS[check.state], style=STYLES[check.state]), Text(text))
    return table


def _recommend(console: Console, recommendation: Recommendation) -> None:
    _say(console, f"{recommendation.model}. {recommendation.reason}")
    if not recommendation.command:
        _say(console, "It is in use already.")
        return
    # In one line, however narrow the terminal, so that it can be copied.
    console.print(Text(f"  {recommendation.command}", style="bold"), soft_wrap=True)
