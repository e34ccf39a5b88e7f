"""A suggestion, drawn in the terminal: as ghost text in its code, and how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lsp_server.core import Source, lines_of, sentence

if TYPE_CHECKING:
    from rich.console import Console

    from lsp_server.core import Reason, Report, Snapshot

LINES_BEFORE, LINES_AFTER = 8, 4
LONGEST_LINE = 200
GHOST = "italic bright_black"
TAB = "\N{RIGHTWARDS ARROW TO BAR}   "
LINE_END = "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}"


def show(console: Console, snapshot: Snapshot, report: Report) -> None:
    """Draw the lines around the cursor with the suggestion as ghost text, or say why there is none."""
    *above, typed = ["", *lines_of(snapshot.text[: snapshot.offset])[-LINES_BEFORE:]]
    if typed.endswith("\n"):
        above, typed = [*above, typed], ""
    rest, *below = lines_of(snapshot.text[snapshot.offset :])[: LINES_AFTER + 1] or [""]
    # A line may be a whole minified file: what is near the cursor is shown, and the start of the others.
    before = [line[:LONGEST_LINE].rstrip("\r\n") + "\n" for line in above if line] + [typed[-LONGEST_LINE:]]
    after = [line[:LONGEST_LINE].rstrip("\r\n") + "\n" for line in (rest, *below)]
    code = Text("".join(before))
    code.append(_marked(console, report.suggestion or ""), style=GHOST)
    code.append("".join(after).rstrip("\n"))
    console.print(code, soft_wrap=True)
    console.rule(style="bright_black")
    if report.reason is not None:
        _say_why_not(console, report.reason, report.detail)


def _say_why_not(console: Console, reason: Reason, detail: str) -> None:
    console.print(f"No suggestion: {sentence(reason, detail)}.", highlight=False, markup=False)


def _marked(console: Console, ghost: str) -> str:
    """Return ghost text that can be told from the code where there are no colours."""
    if not ghost or (console.is_terminal and not console.no_color):
        return ghost
    return f"\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}{ghost}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"


def describe(console: Console, report: Report) -> None:
    """Draw all that is known of a request where its code is on another screen: what came of it, and how."""
    if report.suggestion is not None:
        _step(console, "Suggested:", report.suggestion)
    for text in report.alternatives:
        _step(console, "Or:", text)
    if report.reason is not None:
        _say_why_not(console, report.reason, report.detail)
    if report.source is not Source.MEMORY or report.raw:
        console.print()
        explain(console, report)
    console.print()
    show_costs(console, report)


def show_costs(console: Console, report: Report) -> None:
    """Print what a suggestion has cost, in two lines."""
    times = ", ".join(f"{stage} {value:.0f}" for stage, value in report.milliseconds.items())
    console.print(
        f"{report.model}: {report.generated_tokens} tokens after {report.prompt_tokens} of prompt; "
        f"pieces of other files: {len(report.chunks)}. Milliseconds: {times}.",
        highlight=False,
    )


def explain(console: Console, report: Report) -> None:
    """Draw what the prompt held, what the model wrote, and each rule that changed it."""
    if report.chunks:
        chunks = Table("tokens", "piece of another file", "why", box=None, pad_edge=False)
        for chunk in report.chunks:
            chunks.add_row(str(chunk["tokens"]), Text(chunk["path"]), Text(chunk["reason"]))
        console.print(chunks)
    known = "the answer was in memory" if report.source is Source.MEMORY else "the model was asked"
    console.print(
        f"Prompt: {report.prompt_tokens} tokens, of which {report.reused_tokens} were in the KV cache and "
        f"{report.evaluated_tokens} were evaluated; {known}.",
        highlight=False,
    )
    _step(console, f"The model wrote ({report.generated_tokens} tokens):", report.raw)
    if report.chances:
        chances = " ".join(f"{chance:.0%}" for chance in report.chances)
        console.print(f"How sure it was of its first tokens: {chances}.", highlight=False)
    for step in report.steps:
        _step(console, f"{step.rule}: {step.what}.", step.text)
    if not report.steps and report.raw:
        console.print("No rule changed it.")


def _step(console: Console, sentence: str, text: str) -> None:
    console.print(sentence, style="bold", highlight=False, markup=False)
    # Line breaks and tabs count here, so they are shown.
    for line in text.splitlines(keepends=True) or [""]:
        visible = line.replace("\t", TAB).replace("\n", LINE_END)
        console.print(Text(f"  {visible}", style=GHOST), soft_wrap=True)
