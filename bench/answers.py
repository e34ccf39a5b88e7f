"""Measure what a context is worth to a model: how many lines come out right with the chunks of each strategy?

    python -m bench.answers --holes FILE.jsonl --repos FOLDER
                            [--strategy midfill siblings none] [--budget 512] [--model tiny] [--limit N] [--seed 0]
                            [--language NAME] [--details OUT.jsonl]
    python -m bench.answers --sample OWNER+NAME ... [--count 60] --repos FOLDER ...

Holes and FOLDER are those of `bench.context`; --holes and --sample together are measured together. The model sees
midfill's own repository-level prompt and writes the rest of the cursor's line greedily. The prompts of a hole differ
in the chunks alone: the windows around the cursor do not grow where a strategy leaves room, so `none` is the document
without other files. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import context
from bench.problems import Unmeasurable, one_sentence
from bench.process import machine
from bench.retrieval import answer_report, holes, registry, run, summary
from bench.retrieval.answer import MAX_TOKENS, Answer, Model, Nothing, Question, ask, prepared, question_of
from bench.retrieval.cases import case_of
from bench.retrieval.definitions import definitions_of
from bench.retrieval.strategy import Opening, Strategy
from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.worker import load
from lsp_server.errors import MidfillError
from lsp_server.evaluation.provenance import commit
from lsp_server.models.catalogue import EMBEDDED_NAME, find
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.retrieval.definitions import Definitions
    from bench.retrieval.holes import Hole
    from bench.retrieval.repository import Sources

NONE = "none"
STRATEGIES = {
    strategy.name: strategy
    for strategy in (*registry.STRATEGIES, Strategy(NONE, lambda _sources: Nothing()))
    if not strategy.is_told
}


class Conditions(NamedTuple):
    """What is the same for all holes. ``folder`` holds the clones."""

    strategies: Sequence[Strategy]
    budget: int
    model: Model
    folder: Path


class Measured(NamedTuple):
    """The answers, hole by hole and each by all strategies, and the holes that there are none for."""

    answers: list[Answer]
    skipped: list[run.Skipped]


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holes", type=Path, help="a file of holes, one JSON object a line")
    parser.add_argument("--sample", nargs="+", default=[], metavar="OWNER+NAME", help="make holes from these")
    parser.add_argument("--repos", type=Path, required=True, help="the folder of clones, each named OWNER+NAME")
    names = (registry.OURS, "siblings", NONE)
    parser.add_argument("--strategy", nargs="+", choices=list(STRATEGIES), default=names, metavar="NAME")
    parser.add_argument("--budget", type=int, default=512, help="the model's tokens that chunks may take")
    parser.add_argument("--model", default=EMBEDDED_NAME, help="a model's name or the path of a GGUF file")
    parser.add_argument("--count", type=int, default=60, help="holes of a sample, from each repository")
    parser.add_argument("--language", help="measure only holes of this language, as python")
    parser.add_argument("--limit", type=int, help="measure no more holes than this, evenly from all")
    parser.add_argument("--seed", type=int, default=0, help="of samples and of intervals")
    parser.add_argument("--details", type=Path, help="write each answer there, one JSON object a line")
    options = parser.parse_args(arguments)
    if not options.holes and not options.sample:
        parser.error("one of the arguments --holes --sample is required")
    return options


@contextmanager
def loaded(name: str) -> Iterator[Model]:
    """Load a model and free it in the end.

    Raises:
        Unmeasurable: there is no such model, or it cannot be used.
    """
    try:
        engine = load(find(name), LoadOptions())
    except MidfillError as problem:
        raise Unmeasurable(str(problem)) from problem
    try:
        form = fim.recognise(engine.special)
        if form is None:
            raise Unmeasurable(f"{name} has no fill-in-the-middle tokens that midfill knows.")
        ends = (engine.special(text) for text in form.stop)
        yield Model(engine, form, frozenset(token for token in ends if token is not None))
    finally:
        engine.close()


async def measure(given: Sequence[Hole], conditions: Conditions) -> Measured:
    """Ask about all holes, repository by repository."""
    measured = Measured([], [])
    groups: defaultdict[tuple[str, str], list[Hole]] = defaultdict(list)
    for hole in given:
        groups[hole.repo, hole.commit].append(hole)
    for number, ((name, at), group) in enumerate(groups.items(), 1):
        context.say(f"{name}: {len(group)} holes, repository {number} of {len(groups)}")
        try:
            with run.checked_out(conditions.folder, name, at) as sources:
                await _measure_repository(group, sources, conditions, measured)
        except run.NotThere as problem:
            measured.skipped.extend(run.Skipped(hole.id, str(problem)) for hole in group)
        context.say(answer_report.so_far(measured.answers))
    return measured


async def _measure_repository(
    group: Sequence[Hole], sources: Sources, conditions: Conditions, measured: Measured
) -> None:
    """Ask about holes of one commit and add what comes of it."""
    definitions = definitions_of(sources.files)
    tried = [_tried(hole, sources, definitions, conditions) for hole in group]
    questions = [one for one in tried if isinstance(one, Question)]
    measured.skipped.extend(one for one in tried if isinstance(one, run.Skipped))
    answers: defaultdict[str, list[Answer]] = defaultdict(list)
    for strategy in conditions.strategies if questions else ():
        for asked in await _asked(strategy, questions, sources, conditions):
            answers[asked.question.case.id].append(asked)
    measured.answers.extend(answer for of_hole in answers.values() for answer in of_hole)


def _tried(hole: Hole, sources: Sources, definitions: Definitions, conditions: Conditions) -> Question | run.Skipped:
    try:
        case = case_of(hole, sources, definitions)
        return question_of(case, sources.root.name, conditions.model, conditions.budget)
    except Unmeasurable as problem:
        return run.Skipped(hole.id, str(problem))


async def _asked(
    strategy: Strategy, questions: Sequence[Question], sources: Sources, conditions: Conditions
) -> list[Answer]:
    chooser = prepared(strategy, sources, conditions.model.count)
    answers = []
    for question in questions:
        if isinstance(chooser, Opening):
            chooser.open(question.case.query)
        answers.append(await ask(question, strategy.name, chooser, conditions.model))
    return answers


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that was measured, as JSON."""
    strategies = [STRATEGIES[name] for name in dict.fromkeys(options.strategy)]
    given = [*(holes.load(options.holes) if options.holes else ()), *context.sampled(options)]
    if options.language:
        given = [hole for hole in given if hole.lang == options.language]
    given = list(context.evenly(given, options.limit))
    with loaded(options.model) as model:
        found = asyncio.run(measure(given, Conditions(strategies, options.budget, model, options.repos)))
        about = {"name": model.engine.info.name, "contextLength": model.engine.info.context_length}
    if options.details:
        options.details.write_text(answer_report.details(found.answers), encoding="utf-8")
    names = [strategy.name for strategy in strategies]
    return {
        "benchmark": "answers",
        "seed": options.seed,
        "commit": commit(),
        "model": about,
        "machine": machine(),
        "budget": options.budget,
        "maxTokens": MAX_TOKENS,
        "similarity": "ratio of Python's difflib",
        "given": len(given),
        "skipped": summary.skipped(found.skipped),
        **answer_report.summary(found.answers, names, registry.OURS, options.seed),
    }


def main() -> None:
    """Measure, and print the table and the JSON line."""
    result = measured(parsed())
    answer_report.show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    with one_sentence():
        main()
