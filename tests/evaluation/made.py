"""Holes, records and conditions that tests of figures are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.evaluation.published import Published, Source
from lsp_server.evaluation.summarize import summarize
from lsp_server.evaluation.summary import Conditions
from lsp_server.evaluation.task import Record, Task

if TYPE_CHECKING:
    from lsp_server.evaluation.summary import Summary

CONDITIONS = Conditions(
    name="santacoder",
    title="Made holes",
    data="8 holes of a test",
    model="tiny",
    file="tiny.gguf",
    parameters=12_345_678,
    version="1.2.3",
    machine="a processor, 2 cores",
    seed=7,
    samples=1,
    temperature=0.0,
    top_p=1.0,
    limits="2048 tokens, 64 generated",
    metrics=("exact match", "edit similarity", "silent"),
    arms=("product", "bare"),
    kinds=("line", "block"),
)
REPORT = Source("A report", "https://example.org/report", "Table 7")


def task(name: str, kind: str = "line", language: str = "python", group: str = "") -> Task:
    before, after = f"def {name}(a, b):\n    total = ", "\n    return total\n"
    return Task(name, kind, language, before, after, "a + b", path=f"src/{name}.py", repository="made", group=group)


def record(
    name: str, arm: str = "product", sample: int = 0, text: str = "a + b", milliseconds: float = 100.0, **scores: float
) -> Record:
    """Return a record; in the names of scores, underscores stand for spaces."""
    named = {name.replace("_", " "): value for name, value in scores.items()}
    reason = "" if text else "the model is not sure enough"
    return Record(name, arm, sample, text, text, reason, milliseconds, evaluated=40, generated=4, scores=named)


def published(  # noqa: PLR0913 (all that a figure has)
    value: float = 0.5,
    *,
    benchmark: str = "santacoder",
    kind: str = "",
    language: str = "",
    metric: str = "exact match",
    model: str = "Large",
) -> Published:
    return Published(benchmark, kind, language, metric, model, value, "", REPORT)


def two_arms() -> tuple[list[Task], list[Record]]:
    """Return eight holes of two kinds and languages: the first arm has six, the second none of them."""
    tasks = [
        task(f"f{number}", ("line", "block")[number % 2], ("python", "java")[number // 4], group=f"g{number // 2}")
        for number in range(8)
    ]
    records = [record(one.id, exact_match=float(at < 6), edit_similarity=1.0) for at, one in enumerate(tasks)]
    records += [record(one.id, "bare", text="", exact_match=0.0, edit_similarity=0.0) for one in tasks]
    return tasks, records


def summary() -> Summary:
    tasks, records = two_arms()
    return summarize(CONDITIONS, tasks, records, [published(), published(0.75, language="java", model="Larger")])
