"""Measure what the rules make of a model's text: raw and shaped side by side, rule by rule, and right texts.

    python -m bench.shape [--holes 500] [--truths 2000] [--healing 300] [--seed 0] [--model tiny]
                          [--data FOLDER | --site FOLDER ...] [--sources FOLDER [--of-each 40]]
                          [--vocabulary FILE.gguf] [--details OUT.jsonl]

The holes are in the files that the embedded model was not trained on (`bench/tiny_model/held_out.txt`), as many of each
kind (`bench/shaping/samples.py`). The model sees midfill's own prompt of the document alone and writes greedily: `raw`
up to a limit of 64 tokens, `stopped` with the stop rules as well; `shaped` is what comes of the second, `cut` of the
first, `plain` of the second without the grammar. What counts as a fault stands in `bench/shaping/faults.py`.
Prints tables and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from bench.problems import one_sentence
from bench.process import machine
from bench.shaping import (
    asking,
    details,
    figures,
    grading,
    healing,
    held_out,
    report,
    rule_figures,
    samples,
    sources,
    truth,
    vocabulary,
)
from lsp_server.evaluation.provenance import commit
from lsp_server.models.catalogue import EMBEDDED_NAME, find

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bench.retrieval.answer import Model
    from bench.shaping.asking import Answer
    from bench.shaping.healing import Healed
    from bench.shaping.samples import Sample
    from bench.shaping.truth import Verdict
    from bench.shaping.vocabulary import Tokenizer
    from bench.tiny_model.corpus import Source

# Models that write at the same time, each on one thread.
MODELS = 2
# Holes between two lines that say how far it is.
SAID_EVERY = 100
# Texts before a cursor at which the cost of choosing is measured.
COSTED = 200

_Answer = TypeVar("_Answer")


class Holes(NamedTuple):
    """What is asked and judged."""

    asked: list[Sample]
    truths: list[Sample]
    inside: list[Sample]
    border: list[Sample]


class Asked(NamedTuple):
    """What the model wrote."""

    answers: list[Answer]
    inside: list[Healed]
    border: list[Healed]


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holes", type=_at_least_one, default=500, help="how many the model is asked to fill")
    parser.add_argument("--truths", type=_at_least_one, default=2000, help="of how many the own text is shaped")
    parser.add_argument(
        "--healing", type=_at_least_one, default=300, help="cursors inside a token; half as many between two"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the holes and of intervals")
    parser.add_argument("--model", default=EMBEDDED_NAME, help="a model's name or the path of a GGUF file")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="the folder of the embedded model's recipe, with its held-out part")
    where.add_argument("--site", type=Path, action="append", help="folder of installed packages; may be repeated")
    parser.add_argument("--sources", type=Path, help="a folder of source files: right texts of other languages too")
    parser.add_argument("--of-each", type=_at_least_one, default=40, help="right texts of each kind and language")
    parser.add_argument("--vocabulary", type=Path, help="a GGUF file: what choosing a token of it costs")
    parser.add_argument("--details", type=Path, help="write each text there, one JSON object a line")
    return parser.parse_args(arguments)


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def holes(files: Sequence[Source], tokenizer: Tokenizer, options: argparse.Namespace) -> Holes:
    """Return the holes of a run, the same ones for the same seed and files, whatever the numbers of the others.

    Raises:
        Unmeasurable: the files have no such places.
    """
    seed, borders = options.seed, tokenizer.borders
    return Holes(
        samples.samples(files, options.holes, borders, Random(f"{seed} holes")),
        samples.samples(files, options.truths, borders, Random(f"{seed} truths")),
        samples.lines_cut(files, options.healing, borders, Random(f"{seed} inside"), inside=True),
        samples.lines_cut(files, options.healing // 2, borders, Random(f"{seed} border"), inside=False),
    )


async def asked(given: Holes, models: Sequence[Model]) -> Asked:
    """Have the models write, each its part; which part that is depends on nothing but their number."""
    return Asked(
        await _all("holes", given.asked, models, asking.ask),
        await _all("healing inside tokens", given.inside, models, healing.ask),
        await _all("healing between tokens", given.border, models, healing.ask),
    )


async def _all(
    what: str, given: Sequence[Sample], models: Sequence[Model], ask: Callable[[Sample, Model], Awaitable[_Answer]]
) -> list[_Answer]:
    """Return the answers in the order of the samples."""
    found: dict[int, _Answer] = {}

    async def part(first: int, model: Model) -> None:
        for number in range(first, len(given), len(models)):
            found[number] = await ask(given[number], model)
            _say(what, len(found), len(given))

    await asyncio.gather(*(part(number, model) for number, model in enumerate(models)))
    return [found[number] for number in range(len(given))]


def judged(given: Sequence[Sample], tokenizer: Tokenizer) -> list[Verdict]:
    """Return what the rules make of the samples' own texts."""
    found: list[Verdict] = []
    for sample in given:
        found.append(truth.judged(sample, tokenizer.pieces(sample.text)))
        _say("right texts", len(found), len(given))
    return found


def _say(what: str, number: int, of: int) -> None:
    if number % SAID_EVERY == 0 or number == of:
        print(f"{what}: {number} of {of}, {time.process_time():.0f} s of a processor", file=sys.stderr, flush=True)


def measured(options: argparse.Namespace) -> dict[str, Any]:
    """Return everything that was measured, as JSON.

    Raises:
        Unmeasurable: a file, a model or places for holes are missing.
    """
    seed = options.seed
    files = held_out.found(options.data, options.site)
    with ExitStack() as stack:
        # Two of them keep two cores busy; more would take memory for nothing on a small machine.
        models = [stack.enter_context(asking.loaded(options.model)) for _ in range(MODELS)]
        tokenizer = stack.enter_context(vocabulary.opened(find(options.model)))
        given = holes(files, tokenizer, options)
        written = asyncio.run(asked(given, models))
        info, special = models[0].engine.info, models[0].form.stop
        others = sources.samples(options.sources, options.of_each, Random(seed)) if options.sources else []
        # What is timed comes when the models are at rest.
        verdicts, elsewhere = judged(given.truths, tokenizer), judged(others, tokenizer)
    answers = [grading.graded(answer, special) for answer in written.answers]
    if options.details:
        rows = details.rows(answers, [*verdicts, *elsewhere], [*written.inside, *written.border])
        options.details.write_text(rows, encoding="utf-8")
    return {
        "benchmark": "shape",
        "seed": seed,
        "commit": commit(),
        "model": {"name": info.name, "contextLength": info.context_length},
        "machine": machine(),
        "maxTokens": asking.MAX_TOKENS,
        "similarity": "ratio of Python's difflib",
        "files": len(files),
        "packages": len({file.package for file in files}),
        "texts": figures.side_by_side(answers, seed),
        "tokens": figures.tokens(answers, seed),
        "milliseconds": figures.milliseconds(answers, [time for verdict in verdicts for time in verdict.stopping]),
        "rules": {section: rule_figures.rules(answers, section, special, seed) for section in rule_figures.MADE_OF},
        "truth": rule_figures.truths(verdicts),
        "truthElsewhere": rule_figures.by_language(elsewhere),
        "thresholds": figures.thresholds(answers),
        "healing": {
            "inside": figures.healing(written.inside, seed),
            "border": figures.healing(written.border, seed),
            "cost": _cost(options, given.inside),
        },
    }


def _cost(options: argparse.Namespace, cursors: Sequence[Sample]) -> dict[str, Any] | None:
    if options.vocabulary is None:
        return None
    with vocabulary.opened(options.vocabulary) as tokenizer:
        return vocabulary.cost(tokenizer, [sample.place.line for sample in cursors[:COSTED]], options.seed)


def main() -> None:
    """Measure, and print the tables and the JSON line."""
    result = measured(parsed())
    report.show(result)
    print(json.dumps(result))


if __name__ == "__main__":
    with one_sentence():
        main()
