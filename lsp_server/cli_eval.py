"""The commands `midfill eval`: how good the completions are, on one's own code and on published benchmarks."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from lsp_server import config
from lsp_server.errors import InputError, ModelUnsuitable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.evaluation.ask.sources import Repository
    from lsp_server.evaluation.evaluate import Answers, Model, Plan
    from lsp_server.evaluation.run import Key

app = typer.Typer(
    help="Measure how good the completions are: on your own code, or on published benchmarks.",
    no_args_is_help=True,
    add_completion=False,
)
ModelName = Annotated[str, typer.Option("--model", help="Another model than that of the settings.")]
Seed = Annotated[int, typer.Option(help="Which dice choose holes, draw texts and resample.")]
Arms = Annotated[list[str], typer.Option("--arm", help="How to ask: product, bare, or product without a part.")]
Out = Annotated[Path | None, typer.Option("--out", help="The folder for answers and the page.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON line; the tables go to standard error.")]


@app.command()
def own(  # noqa: PLR0913, PLR0917  the options of the command
    folder: Annotated[Path, typer.Argument(help="A repository, or a folder of one.")] = Path(),
    count: Annotated[int, typer.Option(min=1, help="How many holes.")] = 200,
    seed: Seed = 0,
    kind: Annotated[list[str], typer.Option(help="Only holes of this kind; may be repeated.")] = [],  # noqa: B006  typer's
    with_tests: Annotated[bool, typer.Option("--with-tests", help="Holes in tests and others' code, too.")] = False,
    arm: Arms = [],  # noqa: B006  typer's
    ablate: Annotated[bool, typer.Option("--ablate", help="Also leave out one part of midfill after another.")] = False,
    model: ModelName = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Complete holes in the repository at hand, as the server would."""
    from lsp_server.evaluation import plans  # noqa: PLC0415  only those who measure need it
    from lsp_server.evaluation.ask.arms import PRODUCT  # noqa: PLC0415  as above
    from lsp_server.evaluation.ask.sources import Repository  # noqa: PLC0415  as above
    from lsp_server.evaluation.own.files import Scope  # noqa: PLC0415  as above

    with _asked(model) as asked:
        scope = Scope.ALL if with_tests else Scope.SOURCE
        arms = plans.chosen(arm, [PRODUCT], *(plans.all_ablations() if ablate else ()))
        plan = plans.own(folder, asked.settings, count=count, seed=seed, kinds=kind, scope=scope, arms=arms)
        with Console(stderr=True).status("Reading the repository"):
            repository = Repository(folder.resolve(), plans.rules_of(asked.settings))
        session = _Session(plan, asked, out)
        session.finish(session.ask(repository), {}, as_json=as_json)


@app.command()
def benchmark(  # noqa: PLR0913, PLR0917  the options of the command
    name: Annotated[str, typer.Argument(help="Such as humaneval-infilling; `midfill eval list` has all.")],
    data: Annotated[Path | None, typer.Option(help="The benchmark's file; the hub's without.")] = None,
    count: Annotated[int, typer.Option(min=0, help="How many of its holes; 0 for all.")] = 0,
    seed: Seed = 0,
    arm: Arms = [],  # noqa: B006  typer's
    preset: Annotated[
        str, typer.Option(help="The bare model's limits: report (as its scripts), 8k (as its text).")
    ] = "report",
    samples: Annotated[int, typer.Option(min=1, help="How many texts of each hole.")] = 1,
    k: Annotated[list[int], typer.Option("-k", min=1, help="The k of pass@k; may be repeated.")] = [1],  # noqa: B006
    temperature: Annotated[float, typer.Option(min=0, max=10, help="0 takes the likeliest tokens.")] = 0.0,
    top_p: Annotated[float, typer.Option(min=0.01, max=1, help="The share of the likeliest tokens.")] = 0.95,
    execute: Annotated[bool, typer.Option("--execute", help="Run the programs that the model has written.")] = False,
    model: ModelName = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Measure on a published benchmark, as its authors count."""
    from lsp_server.evaluation import plans  # noqa: PLC0415  only those who measure need it
    from lsp_server.evaluation.ask.arms import BARE  # noqa: PLC0415  as above
    from lsp_server.evaluation.ask.asked import Drawing  # noqa: PLC0415  as above
    from lsp_server.evaluation.sandbox.requirements import requirements  # noqa: PLC0415  as above

    drawing = Drawing(temperature, top_p, seed)
    arms, ks = plans.chosen(arm, [BARE]), tuple(dict.fromkeys(k))
    plan = plans.benchmark(name, data, count=count, samples=samples, ks=ks, drawing=drawing, arms=arms, preset=preset)
    if execute:
        requirements()
    with _asked(model) as asked:
        session = _Session(plan, asked, out)
        answers = session.ask(None)
        session.finish(answers, session.execute(answers) if execute else {}, as_json=as_json)


@app.command()
def needle(  # noqa: PLR0913, PLR0917  the options of the command
    longest: Annotated[int, typer.Option(min=0, help="Tokens of the longest prompt; 0 for the model's limit.")] = 0,
    per_place: Annotated[int, typer.Option(min=1, help="How many needles at each length and depth.")] = 5,
    seed: Seed = 0,
    model: ModelName = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Have the bare model find one line of other files again, however long the prompt."""
    from lsp_server.evaluation import plans  # noqa: PLC0415  only those who measure need it

    with _asked(model) as asked:
        plan = plans.needles(asked.engine, longest=longest, per_place=per_place, seed=seed)
        session = _Session(plan, asked, out)
        session.finish(session.ask(None), {}, as_json=as_json)


@app.command("list")
def list_benchmarks() -> None:
    """List the published benchmarks."""
    from lsp_server.evaluation.benchmarks.table import BENCHMARKS  # noqa: PLC0415  only those who measure need it
    from lsp_server.terminal import evaluation as terminal  # noqa: PLC0415  as above

    terminal.draw_benchmarks(Console(), BENCHMARKS.values())


@contextlib.contextmanager
def _asked(name: str) -> Iterator[Model]:
    """Load the model of the settings, or another one, or connect to the server that the settings name."""
    from lsp_server.engine.remote.engine import connect  # noqa: PLC0415  only those who measure need it
    from lsp_server.engine.worker import load  # noqa: PLC0415  as above
    from lsp_server.evaluation.evaluate import Model  # noqa: PLC0415  as above
    from lsp_server.models import catalogue  # noqa: PLC0415  as above
    from lsp_server.options import load_options, server_options  # noqa: PLC0415  as above
    from lsp_server.prompt import fim  # noqa: PLC0415  as above

    console = Console(stderr=True)
    settings, warnings = config.load([])
    for warning in warnings:
        console.print(warning, highlight=False)
    elsewhere = None if name else server_options(settings)
    with console.status("Loading the model"):
        # The prompts of an evaluation are nobody's next start.
        options = replace(load_options(settings), state_bytes=0)
        engine = connect(elsewhere) if elsewhere else load(catalogue.find(name or settings.model), options)
    try:
        if fim.recognise(engine.special) is None:
            raise ModelUnsuitable(f"{engine.info.name} has no fill-in-the-middle tokens that midfill knows.")
        yield Model(engine, settings)
    finally:
        engine.close()


class _Session:
    """One evaluation on the terminal."""

    def __init__(self, plan: Plan, model: Model, out: Path | None) -> None:
        from lsp_server.evaluation.evaluate import subject_of, usual_folder  # noqa: PLC0415  as above

        self._plan, self._model = plan, model
        self._folder = out or usual_folder(subject_of(plan, model))
        self._console = Console(stderr=True)

    def ask(self, repository: Repository | None) -> Answers:
        """Ask for what is not in the folder yet."""
        from lsp_server.evaluation import evaluate  # noqa: PLC0415  as above

        with self._progress("Asking", self._plan.texts) as step:
            return asyncio.run(evaluate.ask(self._plan, self._model, repository, self._folder, step))

    def execute(self, answers: Answers) -> dict[Key, bool]:
        """Execute what has not been executed yet."""
        from lsp_server.evaluation import evaluate  # noqa: PLC0415  as above

        checks, reasons = evaluate.executable(self._plan)
        for reason in reasons:
            self._console.print(f"Not executed: {reason}.", highlight=False)
        count = len(self._plan.arms) * self._plan.samples * len(checks)
        with self._progress("Executing", count) as step:
            return evaluate.execute(self._plan, self._model, answers.records, self._folder, step)

    def finish(self, answers: Answers, passed: dict[Key, bool], *, as_json: bool) -> None:
        """Show the figures, and write the page."""
        from lsp_server.evaluation import evaluate, page, published, summary  # noqa: PLC0415  as above
        from lsp_server.terminal import evaluation as terminal  # noqa: PLC0415  as above

        known = published.read(published.file())
        found, records = evaluate.figures(self._plan, self._model, answers, passed, known)
        text = json.dumps(summary.to_json(found))
        page_file = self._folder / "page.html"
        try:
            page_file.write_text(page.html(found, self._plan.tasks, records), encoding="utf-8")
            (self._folder / "figures.json").write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"{page_file} cannot be written ({error.strerror}): make room, and try again.") from error
        console = self._console if as_json else Console()
        terminal.draw(console, found)
        console.print(f"The worst cases and pictures: {page_file}", highlight=False, soft_wrap=True)
        if as_json:
            print(text)  # noqa: T201  for programs: without rich's wrapping

    @contextlib.contextmanager
    def _progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        from rich import progress as bars  # noqa: PLC0415  the server starts with this module

        columns = (bars.TextColumn(what), bars.BarColumn(), bars.MofNCompleteColumn(), bars.TimeRemainingColumn())
        with bars.Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(what, total=total)
            try:
                yield lambda: progress.advance(task)
            except KeyboardInterrupt:
                progress.stop()
                self._console.print(f"Stopped. The same command goes on from here ({self._folder}).", highlight=False)
                raise typer.Exit(130) from None
