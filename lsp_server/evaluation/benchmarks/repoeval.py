"""RepoEval (arXiv 2303.12570): lines, calls of an API and bodies of functions, in Python.

Two forms are read. RepoCoder's own has ``prompt``, the end of what stands before the hole, without the last line break,
and in ``metadata`` ``ground_truth``, whole lines, and ``fpath_tuple``. What stands behind the hole is in the
repositories alone, so that it is empty then. Repoformer's, which the report on Qwen2.5-Coder uses, is made with those,
and has the whole file on both sides (`repoformer.py`); the report's way of counting parses that, so that it reads no
other form. The cursor stands behind the indentation in both.

RepoCoder judges functions by unit tests, which it does not publish; here they have the metrics of the other kinds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.evaluation.benchmarks import repoformer
from lsp_server.evaluation.benchmarks.reading import tasks
from lsp_server.evaluation.benchmarks.statements import written
from lsp_server.evaluation.metrics import levenshtein_similarity
from lsp_server.evaluation.task import Benchmark, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsp_server.evaluation.benchmarks.reading import Row

WHAT = "a file of RepoEval"
_KINDS = ("line", "api", repoformer.FUNCTION)
_METRICS = ("exact match", "edit similarity")


def load(path: Path) -> list[Task]:
    """Return the holes of a file, whose name says of which kind they are: "line", "api" or "function".

    Raises:
        InputError: the file is none of RepoEval, or its name says no kind.
    """
    kind = _kind(path)
    seen: Counter[str] = Counter()

    def read(row: Row) -> Task:
        if "groundtruth" in row.fields:
            return repoformer.task_of(row, kind)
        task = _task(row, kind, seen)
        seen[task.repository] += 1
        return task

    return tasks(path, WHAT, read)


def load_rewritten(path: Path) -> list[Task]:
    """Return the holes of a file in Repoformer's form alone, as ``load`` does."""
    return tasks(path, f"{WHAT} in Repoformer's form", partial(repoformer.task_of, kind=_kind(path)))


def _kind(path: Path) -> str:
    return repoformer.kind_of(path, _KINDS, WHAT)


def _task(row: Row, kind: str, seen: Counter[str]) -> Task:
    """Return the hole of a record in RepoCoder's own form; ``seen`` counts the earlier ones of each repository."""
    about = row.row("metadata")
    parts = about.get("fpath_tuple", list)
    if len(parts) < 2 or not all(isinstance(part, str) for part in parts):  # noqa: PLR2004 (a repository and a file)
        about.refuse('"fpath_tuple" is no repository with a path')
    repository, identifier = parts[0], about.text("task_id")
    if identifier.endswith("/idx"):
        # All functions of a repository have this one.
        identifier = f"{repository}/{seen[repository]}"
    before, truth = row.text("prompt"), about.text("ground_truth")
    if before and not before.endswith("\n"):
        before += "\n"
    code = truth.lstrip(" \t")
    return Task(
        id=f"{kind}/{identifier}",
        kind=kind,
        language="python",
        before=before + truth[: len(truth) - len(code)],
        after="",
        truth=code.removesuffix("\n"),
        path="/".join(parts[1:]),
        repository=repository,
        group=repository,
    )


def cut(task: Task, text: str) -> str:
    """Return as many lines as the truth has, blank ones left out, without the white space at their ends."""
    return "\n".join(written(text.splitlines())[: len(written(task.truth.splitlines()))])


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return how a text compares, line by line, white space at the ends of lines and blank lines left aside."""
    text, truth = cut(task, text), "\n".join(written(task.truth.splitlines()))
    return dict(zip(_METRICS, (float(text == truth), levenshtein_similarity(text, truth)), strict=True))


BENCHMARK = Benchmark(
    name="repoeval",
    title="RepoEval",
    source="microsoft/CodeT@35f54d6: RepoCoder/compute_score.py",
    data="{line,api,function}_level_completion_*.test.jsonl of RepoCoder/datasets/datasets.zip in microsoft/CodeT, or "
    "python_{line,api,function}_completion*.jsonl as amazon-science/Repoformer makes them; the name says the kind",
    hub=None,
    load=load,
    cut=cut,
    score=score,
    metrics=_METRICS,
    report=repoformer.report(
        "run_repoeval.sh: the files of sparse_oracle, in Repoformer's form, whose pieces were found with the truth in "
        "the question. It counts as repoeval-report does. It generates 50 tokens of functions, too: the report says "
        "256, to which the script changes its setting only after the sampler has been made with 50."
    ),
)
AS_IN_REPORT = replace(
    BENCHMARK,
    name="repoeval-report",
    title="RepoEval, as the report on Qwen2.5-Coder counts",
    source=repoformer.SOURCE,
    data="python_{line,api,function}_completion*.jsonl as amazon-science/Repoformer makes them; the name says the kind",
    load=load_rewritten,
    cut=repoformer.cut,
    score=repoformer.score,
    metrics=repoformer.METRICS,
)
