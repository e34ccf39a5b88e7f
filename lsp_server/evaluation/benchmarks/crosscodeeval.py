"""CrossCodeEval (arXiv 2310.11248): ends of statements that need what other files say.

In Python, Java, TypeScript and C#. A record holds ``prompt``, ``groundtruth`` and ``right_context``, which together are
a file, ``metadata`` with ``task_id``, ``repository`` and ``file``, and, but in the files without retrieval,
``crossfile_context``: its ``list`` has chunks of other files, the best first. The authors ask without what stands
behind the hole, the report on Qwen2.5-Coder with it.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lsp_server.core import Chunk
from lsp_server.evaluation.benchmarks import repoformer
from lsp_server.evaluation.benchmarks.reading import tasks
from lsp_server.evaluation.benchmarks.statements import braced_statement, python_statement, written
from lsp_server.evaluation.metrics import edit_similarity, identifier_f1, identifiers
from lsp_server.evaluation.task import Benchmark, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsp_server.evaluation.benchmarks.reading import Row

WHAT = "a file of CrossCodeEval"
_METRICS = ("exact match", "edit similarity", "identifier exact match", "identifier F1")
_LANGUAGES = {".py": "python", ".java": "java", ".ts": "typescript", ".tsx": "typescript", ".cs": "csharp"}
_COMMENT = re.compile(r"(?:#|//).*")
# The words that are no identifiers to the authors; literals are, but for `None` and, in C#, `null`.
_WORDS = {
    "java": "abstract assert boolean break byte case catch char class const continue default do double else enum "
    "extends final finally float for goto if implements import instanceof int interface long native new package "
    "private protected public return short static strictfp super switch synchronized this throw throws transient try "
    "var void volatile while",
    "typescript": "break case catch class const continue debugger default delete do else enum export extends finally "
    "for function if implements import in instanceof interface let new package private protected public return static "
    "super switch this throw try typeof var void while with yield",
    "csharp": "abstract as base bool break byte case catch char checked class const continue decimal default delegate "
    "do double else enum event explicit extern finally fixed float for foreach goto if implicit in int interface "
    "internal is lock long namespace new null object operator out override params private protected public readonly "
    "ref return sbyte sealed short sizeof stackalloc static string struct switch this throw try typeof uint ulong "
    "unchecked unsafe ushort using virtual void volatile while",
}
_KEYWORDS = {
    "python": frozenset(keyword.kwlist) - {"True", "False"},
    **{language: frozenset(words.split()) for language, words in _WORDS.items()},
}


def load(path: Path) -> list[Task]:
    """Return the holes of a file; those in one repository are a group.

    Raises:
        InputError: the file is none of CrossCodeEval.
    """
    return tasks(path, WHAT, _task)


def _task(row: Row) -> Task:
    about = row.row("metadata")
    file, repository = about.text("file"), about.text("repository")
    language = _LANGUAGES.get(PurePosixPath(file).suffix)
    if language is None:
        about.refuse(f'the name of "{file}" does not end with one of {", ".join(_LANGUAGES)}')
    return Task(
        id=about.text("task_id"),
        kind="line",
        language=language,
        before=row.text("prompt"),
        after=row.text("right_context"),
        truth=row.text("groundtruth"),
        path=file,
        repository=repository,
        chunks=_chunks(row),
        group=repository,
    )


def _chunks(row: Row) -> tuple[Chunk, ...]:
    """Return the chunks of a record; none where it has none, which it says by nothing, an empty text or object."""
    if not row.fields.get("crossfile_context"):
        return ()
    found = row.row("crossfile_context").rows("list")
    return tuple(Chunk(each.text("filename"), each.text("retrieved_chunk"), repoformer.PUBLISHED) for each in found)


def cut(task: Task, text: str) -> str:
    """Return the first statement of a text: told by parsing in Python, by the first ``;``, ``{`` or ``}`` elsewhere."""
    return python_statement(task.before, text) if task.language == "python" else braced_statement(text)


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return the metrics of a text, all of them without comments.

    What looks like the start of a comment is one, also in strings and where ``//`` divides.
    """
    text, truth = _COMMENT.sub("", text), _COMMENT.sub("", task.truth)
    found, wanted = (identifiers(code, _KEYWORDS[task.language]) for code in (text, truth))
    scores = (
        float(written(text.split("\n")) == written(truth.split("\n"))),
        edit_similarity(text, truth),
        float(found == wanted),
        identifier_f1(found, wanted),
    )
    return dict(zip(_METRICS, scores, strict=True))


BENCHMARK = Benchmark(
    name="crosscodeeval",
    title="CrossCodeEval",
    source="amazon-science/cceval@25f9cab: scripts/eval_metric.py, scripts/eval_utils.py",
    data="LANGUAGE/line_completion*.jsonl of data/crosscodeeval_data.tar.xz in amazon-science/cceval, unpacked",
    hub=None,
    load=load,
    cut=cut,
    score=score,
    metrics=_METRICS,
    report=repoformer.report(
        "run_cceval.sh: the files of oracle_bm25, whose chunks were found with the truth in the question, where the "
        "report says only that BM25 finds them. It counts as crosscodeeval-report does, and not as the benchmark's "
        "authors."
    ),
)
AS_IN_REPORT = replace(
    BENCHMARK,
    name="crosscodeeval-report",
    title="CrossCodeEval, as the report on Qwen2.5-Coder counts",
    source=repoformer.SOURCE,
    cut=repoformer.cut,
    score=repoformer.score,
    metrics=repoformer.METRICS,
)
