"""What counts of a text at a hole of one's own repository, and what is said of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lsp_server.context.syntax.document import parsed
from lsp_server.evaluation.metrics import edit_similarity, exact_first_line, exact_match
from lsp_server.evaluation.task import Scoring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsp_server.evaluation.task import Task

ADDED_ERRORS = "added errors"
METRICS = ("exact match", "edit similarity", "exact first line", ADDED_ERRORS)
_WITHIN_A_LINE = frozenset({"rest of a line", "line", "expression"})


def cut(_task: Task, text: str) -> str:
    """Return all of a text."""
    return text


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return how near a text is to what was there, and whether it adds syntax errors; an empty one adds none.

    Of a text at a hole within a line the first line is compared: the lines behind it may be right, too.
    ``ADDED_ERRORS`` is not told of a document that takes too long to parse.
    """
    compared = text.partition("\n")[0] if task.kind in _WITHIN_A_LINE else text
    scores = {
        "exact match": exact_match(compared, task.truth),
        "edit similarity": edit_similarity(compared, task.truth),
        "exact first line": exact_first_line(compared, task.truth),
    }
    with_text, with_hole, with_truth = (_errors(task, each) for each in (text, "", task.truth))
    if with_text is not None and with_hole is not None and with_truth is not None:
        # A hole may be an error by itself, and so may the code that was there.
        scores[ADDED_ERRORS] = float(bool(text) and with_text > max(with_hole, with_truth))
    return scores


def _errors(task: Task, text: str) -> int | None:
    found = parsed(f"{task.before}{text}{task.after}", PurePosixPath(task.path).suffix)
    return None if found is None else found.errors


SCORING = Scoring(cut, score)
