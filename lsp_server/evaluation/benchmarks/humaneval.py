"""HumanEval-Infilling of OpenAI (arXiv 2207.14255): a text passes where the problem's tests do.

A row holds ``task_id`` ("SingleLineInfilling/HumanEval/0/L0"), ``prompt``, ``canonical_solution`` and ``suffix``, which
are the program, ``test``, which defines ``check``, and ``entry_point``, the function that it is called with. The text
counts as the model wrote it, up to the end that the model set: nothing is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.evaluation.benchmarks.reading import tasks
from lsp_server.evaluation.task import Benchmark, Check, Limits, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsp_server.evaluation.benchmarks.reading import Row

WHAT = "a set of HumanEval-Infilling"
# Seconds for the program with its tests, as evaluation.py has it.
SECONDS = 3.0
_KINDS = {
    "SingleLineInfilling": "single-line",
    "MultiLineInfilling": "multi-line",
    "RandomSpanInfilling": "random-span",
    "RandomSpanInfillingLight": "random-span-light",
}


def load(path: Path) -> list[Task]:
    """Return the holes of one of the four sets; those in one problem of HumanEval are a group.

    Raises:
        InputError: the file is no such set.
    """
    return tasks(path, WHAT, _task)


def _task(row: Row) -> Task:
    name = row.text("task_id")
    kind, _, rest = name.partition("/")
    if kind not in _KINDS:
        row.refuse(f'"{name}" is of none of the sets {", ".join(_KINDS)}')
    before, after = row.text("prompt"), row.text("suffix")
    tail = f"{after}\n{row.text('test')}\ncheck({row.text('entry_point')})"
    return Task(
        id=name,
        kind=_KINDS[kind],
        language="python",
        before=before,
        after=after,
        truth=row.text("canonical_solution"),
        group="/".join(rest.split("/")[:2]),
        check=Check("python", before, tail, seconds=SECONDS),
    )


def cut(_task: Task, text: str) -> str:
    """Return the text as it is."""
    return text


def score(_task: Task, _text: str) -> Mapping[str, float]:
    """Return nothing: the text is executed."""
    return {}


BENCHMARK = Benchmark(
    name="humaneval-infilling",
    title="HumanEval-Infilling",
    source="openai/human-eval-infilling@88062ff: human_eval_infilling/execution.py and evaluation.py",
    data="one of the four HumanEval-*Infilling*.jsonl.gz in data/ of github.com/openai/human-eval-infilling",
    hub=None,
    load=load,
    cut=cut,
    score=score,
    metrics=(),
    report=Limits(
        sequence=8192,
        after=2048,
        chunks=0,
        generated=256,
        note="The report does not measure this set: its HumanEval-FIM is SantaCoder's. 8192 and 2048 are its sizes for "
        "whole files, 256 is what its harness lets functions have; the longest text that is missing has 239 tokens.",
    ),
)
