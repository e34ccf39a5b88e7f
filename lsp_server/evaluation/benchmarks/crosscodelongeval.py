"""CrossCodeLongEval (arXiv 2403.10059): chunks of several lines and bodies of functions, in Python.

The form of the files is that of the scripts which their authors publish for them; `repoformer.py` says more.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsp_server.evaluation.benchmarks import repoformer
from lsp_server.evaluation.benchmarks.reading import tasks
from lsp_server.evaluation.task import Benchmark

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.evaluation.task import Task

WHAT = "a file of CrossCodeLongEval"
_KINDS = ("chunk", repoformer.FUNCTION)


def load(path: Path) -> list[Task]:
    """Return the holes of a file, whose name says of which kind they are: "chunk" or "function".

    Raises:
        InputError: the file is none of CrossCodeLongEval, or its name says no kind.
    """
    return tasks(path, WHAT, partial(repoformer.task_of, kind=repoformer.kind_of(path, _KINDS, WHAT)))


BENCHMARK = Benchmark(
    name="crosscodelongeval",
    title="CrossCodeLongEval",
    source=repoformer.SOURCE,
    data="python_chunk_completion_*.jsonl or python_function_completion_*.jsonl of crosscodelongeval/ in "
    "amazon-science/Repoformer, unpacked; the name says the kind",
    hub=None,
    load=load,
    cut=repoformer.cut,
    score=repoformer.score,
    metrics=repoformer.METRICS,
    report=repoformer.report(
        "run_cclongeval.sh: the files of sparse_oracle, whose pieces were found with the truth in the question. It "
        "generates 50 tokens of functions, too: the report says 256, to which the script changes its setting only "
        "after the sampler has been made with 50."
    ),
)
