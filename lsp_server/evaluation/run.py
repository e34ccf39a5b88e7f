"""The loop of an evaluation: each way to ask, each hole, each text; what is known already is not asked again."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from lsp_server.evaluation.task import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from lsp_server.evaluation.ask.asked import Asker
    from lsp_server.evaluation.journal import Journal
    from lsp_server.evaluation.task import Scoring, Task

# What says which text of an evaluation a record is.
Key = tuple[str, str, int]


def key_of(record: Record) -> Key:
    """Return which text of an evaluation a record is."""
    return record.arm, record.task, record.sample


async def ask_all(
    tasks: Sequence[Task],
    arms: Mapping[str, Asker],
    samples: int,
    journal: Journal,
    on_answer: Callable[[], None],
) -> list[Record]:
    """Return a record for each text, without scores: those of the journal, and new ones, which are written to it.

    One way to ask comes after the other, so that none finds in the KV cache what the other has had to evaluate.
    ``on_answer`` is called after each text, also for those that were there.

    Raises:
        EngineError: the model failed; what was answered before is in the journal.
    """
    known = {key_of(record): record for record in (Record(**entry) for entry in journal.entries)}
    records = []
    for arm, asker in arms.items():
        for task in tasks:
            for sample in range(samples):
                record = known.get((arm, task.id, sample))
                if record is None:
                    asked = await asker.ask(task, sample)
                    record = Record(task=task.id, arm=arm, sample=sample, **asked._asdict())
                    journal.add(asdict(record))
                records.append(record)
                on_answer()
    return records


def cut_all(tasks: Iterable[Task], records: Iterable[Record], scoring: Scoring) -> list[Record]:
    """Return records with what counts of their texts."""
    by_id = {task.id: task for task in tasks}
    return [replace(record, text=scoring.cut(by_id[record.task], record.text)) for record in records]


def score_all(
    tasks: Iterable[Task], records: Iterable[Record], scoring: Scoring, passed: Mapping[Key, bool]
) -> list[Record]:
    """Return records with the metrics of their texts; ``passed`` says of those that were executed how they ended."""
    by_id = {task.id: task for task in tasks}
    scored = []
    for record in records:
        scores = dict(scoring.score(by_id[record.task], record.text))
        if key_of(record) in passed:
            scores["passed"] = float(passed[key_of(record)])
        scored.append(replace(record, scores=scores))
    return scored
