"""The worst cases of an arm, what stood there and what was shown side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.evaluation.markup import element, joined
from lsp_server.evaluation.metrics import edit_similarity
from lsp_server.evaluation.summarize import PASSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.evaluation.markup import Markup
    from lsp_server.evaluation.task import Record, Task

ABOUT = (
    "Not perfect: first what was shown, the least like what stood there before the others, then holes where nothing "
    "was shown, the shortest first. What only one of the two has is marked."
)
# All cases of a page, and how many of them may be silent while there are others.
MOST, MOST_SILENT = 40, 10
SIMILARITY = "edit similarity"
# Lines around a hole, and characters of them; a line of minified code is as long as its file.
LINES, CHARACTERS = 4, 400
# Characters of a text that are shown.
LONGEST = 2000
# Words of a text that are compared: beyond that the comparison takes longer than reading it.
MOST_WORDS = 400
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


class Case(NamedTuple):
    """A hole, and the text that fell short there."""

    task: Task
    record: Record


def worst(tasks: Iterable[Task], records: Iterable[Record], arm: str, metric: str) -> list[Case]:
    """Return the cases of an arm's first texts that are not perfect, the least like the truth first, then silent ones.

    A text is perfect where it passed, or where its score of ``metric`` is 1. Of the silent ones, those come that had
    least to say: there a suggestion was nearest. There are at most :data:`MOST`.
    """
    by_id = {task.id: task for task in tasks}
    firsts = (Case(by_id[one.task], one) for one in records if one.arm == arm and one.sample == 0)
    short = [case for case in firsts if not _is_perfect(case, metric)]
    shown = sorted((case for case in short if case.record.text), key=lambda case: (similarity(case), case.task.id))
    quiet = (case for case in short if not case.record.text)
    silent = sorted(quiet, key=lambda case: (len(case.task.truth), case.task.id))
    room = MOST - min(MOST_SILENT, len(silent))
    return [*shown[:room], *silent[: MOST - len(shown[:room])]]


def _is_perfect(case: Case, metric: str) -> bool:
    scores = case.record.scores
    return scores.get(PASSED, scores.get(metric, 0.0)) >= 1


def similarity(case: Case) -> float:
    """Return how much a text is like the truth, in ``[0, 1]``: as it was scored, or computed where it was not."""
    found = case.record.scores.get(SIMILARITY)
    return edit_similarity(case.record.text, case.task.truth) if found is None else found


def drawn(case: Case) -> Markup:
    """Return one case."""
    task, record = case
    truth, text = marked(task.truth, record.text) if record.text else (joined(_cut(task.truth)), joined())
    shown = element("p", f"Nothing: {record.reason or 'the model wrote nothing'}.", class_="silent")
    scores = ", ".join(f"{name} {100 * value:.0f} %" for name, value in sorted(record.scores.items()))
    return element(
        "article",
        element("h3", task.id),
        element("p", " · ".join(filter(None, (_where(task), scores, _cost(record)))), class_="facts"),
        element(
            "div",
            element("section", element("h4", "What stood there"), _code(task, truth)),
            element("section", element("h4", "What was shown"), _code(task, text) if record.text else shown),
            class_="pair",
        ),
        _raw(record),
    )


def _where(task: Task) -> str:
    """Return what the task's name may leave out."""
    return ", ".join(name for name in (task.repository, task.path, task.kind, task.language) if name)


def _cost(record: Record) -> str:
    return f"{record.milliseconds:.0f} ms, {record.evaluated} tokens read, {record.generated} written"


def _raw(record: Record) -> Markup:
    """Return what the model wrote, where that is something else than what was shown."""
    if record.raw in ("", record.text):
        return joined()
    return element("details", element("summary", "What the model wrote"), element("pre", _cut(record.raw)))


def _code(task: Task, inside: Markup) -> Markup:
    """Return a hole filled with something, and some lines around it."""
    before = "".join(task.before.splitlines(keepends=True)[-LINES:])[-CHARACTERS:]
    after = "".join(task.after.splitlines(keepends=True)[:LINES])[:CHARACTERS]
    return element("pre", before, element("b", inside), after)


def _cut(text: str) -> str:
    over = len(text) - LONGEST
    return text if over <= 0 else f"{text[:LONGEST]}\n[and {over} more characters]"


def marked(truth: str, text: str) -> tuple[Markup, Markup]:
    """Return both texts with what only one of them has marked, word by word; long ones are cut, and not compared."""
    truth, text = _cut(truth), _cut(text)
    old, new = _WORD.findall(truth), _WORD.findall(text)
    if max(len(old), len(new)) > MOST_WORDS:
        return joined(truth), joined(text)
    left, right = [], []
    for what, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        left.append(gone if what == "equal" else _mark("del", gone))
        right.append(come if what == "equal" else _mark("ins", come))
    return joined(*left), joined(*right)


def _mark(name: str, text: str) -> Markup:
    return element(name, text) if text else joined()
