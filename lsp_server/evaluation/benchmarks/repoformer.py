"""What Repoformer counts, and in what form its records are: CrossCodeLongEval's and, rewritten, RepoEval's.

The report on Qwen2.5-Coder counts so in all of its benchmarks of whole repositories, CrossCodeEval among them: its
harness has the same definitions (QwenLM/Qwen2.5-Coder@d5ead97, eval_metric.py of
qwencoder-eval/base/benchmarks/fim-bench).

A record holds ``prompt``, ``groundtruth``, ``right_context`` and, where that is cut, ``full_right_context``, in
``metadata`` ``task_id`` and the file's path, which begins with the name of the repository, and in the files with
retrieval ``crossfile_context``, a text of comments with pieces of other files, the best first. All is Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.core import Chunk
from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.statements import first_lines, longest_valid, parses, python_body, written
from lsp_server.evaluation.metrics import edit_similarity, exact_tokens, levenshtein_similarity
from lsp_server.evaluation.task import Limits, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lsp_server.evaluation.benchmarks.reading import Row

SOURCE = "amazon-science/Repoformer@5b05713: repo_eval/eval_metric.py"
FUNCTION = "function"
PUBLISHED = "published"
METRICS = ("exact match", "edit similarity", "edit similarity (Levenshtein)")
# The field in which the path is, in the order in which they are looked for.
_PATHS = ("filepath", "filename", "file")
_PIECE = re.compile(r"^# the below code fragment can be found in:\n# (.+)\n((?:#.*(?:\n|\Z))*)", re.MULTILINE)
_SIGN = re.compile(r"^# ?", re.MULTILINE)


def report(note: str) -> Limits:
    """Return the limits of the report's scripts for benchmarks of repositories; ``note`` adds what differs in one."""
    return Limits(
        sequence=8192,
        after=2048,
        chunks=2048,
        generated=50,
        note=f"The harness is followed, {note} Greedy. It puts what is of other files, as comments, behind the right "
        "context; here it stands in front, in the form that the model was trained on.",
    )


def cut(task: Task, text: str) -> str:
    """Return what counts: in a function what parses, else as many lines as the truth has, blank ones left out.

    All of a function's text where the file does not parse even without it.
    """
    if task.kind != FUNCTION:
        return first_lines(text, len(written(task.truth.split("\n"))))
    valid = longest_valid(task.before, text, ".py")
    return text if valid is None else valid


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return the metrics of a text; for functions those of the whole bodies, with what stands before the hole."""
    text, truth = _bodies(task, text) if task.kind == FUNCTION else (text, task.truth)
    found = exact_tokens(text, truth), edit_similarity(text, truth), levenshtein_similarity(text, truth)
    return dict(zip(METRICS, found, strict=True))


def _bodies(task: Task, text: str) -> tuple[str, str]:
    """Return the body with a text and the one with the truth; both texts as they are where the first does not parse."""
    if not parses(task.before + text, ".py"):
        return text, task.truth
    # The authors go on with what they have where they find no function.
    body = python_body(task.before, text)
    if body is None:
        return text, task.truth
    wanted = python_body(task.before, task.truth)
    return body, task.truth if wanted is None else wanted


def kind_of(path: Path, kinds: Sequence[str], what: str) -> str:
    """Return which kind of holes a file has, which only its name says.

    Raises:
        InputError: it names none of them, or several.
    """
    named = [kind for kind in kinds if kind in path.name]
    if len(named) != 1:
        raise InputError(
            f'{path} is {what}, of which the file\'s name says the kind: it has to hold one of "{", ".join(kinds)}".'
        )
    return named[0]


def task_of(row: Row, kind: str) -> Task:
    """Return the hole of a record; those in one repository are a group.

    Raises:
        InputError: it is none.
    """
    about = row.row("metadata")
    path = next((about.text(name) for name in _PATHS if name in about.fields), "").replace("\\", "/")
    repository, _, below = path.partition("/")
    return Task(
        id=f"{kind}/{about.text('task_id')}",
        kind=kind,
        language="python",
        before=row.text("prompt"),
        after=row.text("full_right_context" if "full_right_context" in row.fields else "right_context"),
        truth=row.text("groundtruth"),
        path=below,
        repository=repository,
        chunks=_chunks(row),
        group=repository,
    )


def _chunks(row: Row) -> tuple[Chunk, ...]:
    """Return the pieces in a text of comments; none where the record has no such text."""
    context = row.fields.get("crossfile_context")
    if not context:
        return ()
    text = row.row("crossfile_context").text("text") if isinstance(context, dict) else row.text("crossfile_context")
    return tuple(Chunk(piece[1], _SIGN.sub("", piece[2]), PUBLISHED) for piece in _PIECE.finditer(text))
