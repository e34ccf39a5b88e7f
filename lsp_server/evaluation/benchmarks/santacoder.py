"""The single-line set of SantaCoder (arXiv 2301.03988), which the report on Qwen2.5-Coder calls HumanEval-FIM.

A row holds ``name``, ``language``, ``prompt``, ``canonical_solution``, a line of a program that solves a problem of
HumanEval, and ``suffix``. The line breaks around the line are in none of these as a rule, so that a model writes the
first one itself. The metric is the report's: of a text that begins with a line break, or with a blank and a line break,
the second line counts, of any other one the first; it has to be the missing one, white space at both ends aside. The
harness of BigCode compares the whole text, and is not followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.evaluation.benchmarks.reading import tasks
from lsp_server.evaluation.task import Benchmark, HubFile, Limits, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsp_server.evaluation.benchmarks.reading import Row

WHAT = "the single-line set of SantaCoder"
EXACT_MATCH = "exact match"
_LANGUAGES = {"py": "python", "java": "java", "js": "javascript"}


def load(path: Path) -> list[Task]:
    """Return the holes of the set; those in one problem of HumanEval are a group, in whatever language.

    Raises:
        InputError: the file is no such set.
    """
    return tasks(path, WHAT, _task)


def _task(row: Row) -> Task:
    name, language = row.text("name"), row.text("language")
    if language not in _LANGUAGES:
        row.refuse(f'"{language}" is none of the languages {", ".join(_LANGUAGES)}')
    return Task(
        id=f"{language}/{name}",
        kind="single-line",
        language=_LANGUAGES[language],
        before=row.text("prompt"),
        after=row.text("suffix"),
        truth=row.text("canonical_solution"),
        # "humaneval-HumanEval_75_is_multiply_prime.json-L24" ends with the line.
        group=name.rpartition("-")[0],
    )


def cut(_task: Task, text: str) -> str:
    """Return the line that counts, without white space at its ends."""
    lines = text.split("\n")
    return lines[1 if text.startswith(("\n", " \n")) else 0].strip()


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return whether a text is the missing line, white space at both ends aside."""
    return {EXACT_MATCH: float(text.strip() == task.truth.strip())}


BENCHMARK = Benchmark(
    name="santacoder",
    title="HumanEval-FIM, the single-line set of SantaCoder",
    source="QwenLM/Qwen2.5-Coder@d5ead97: qwencoder-eval/base/benchmarks/fim-bench/hm_fim/humaneval_fim.py",
    data="fim_singleline.jsonl or train.parquet in hm_fim/data/ of QwenLM/Qwen2.5-Coder, "
    "or the Parquet file of bigcode/santacoder-fim-task",
    hub=HubFile(
        "bigcode/santacoder-fim-task",
        "data/train-00000-of-00001-b6ec1fdd66018baa.parquet",
        "def3907ab0e63fc18334665533d89770444babc0",
    ),
    load=load,
    cut=cut,
    score=score,
    metrics=(EXACT_MATCH,),
    report=Limits(
        sequence=2048,
        after=512,
        chunks=0,
        generated=64,
        note="The harness is followed: humaneval_fim.py has 2048, 512 and 64 for defaults, and run_hm_fim.sh leaves "
        "them so; the 8192, 2048 and 50 of the report's other sets are not used. Greedy, without stop words. All "
        "programs fit; four of the lines that are missing are longer than 64 tokens.",
    ),
)
