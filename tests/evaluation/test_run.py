"""The loop: what is asked, in which order, and that nothing is asked twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import EngineError
from lsp_server.evaluation.ask.asked import Asked
from lsp_server.evaluation.journal import opened
from lsp_server.evaluation.metrics import exact_match
from lsp_server.evaluation.run import ask_all, cut_all, key_of, score_all
from lsp_server.evaluation.task import Scoring
from tests.evaluation import made

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.evaluation.task import Record, Task

TASKS = [made.task(name) for name in "abc"]
FIRST_LINE = Scoring(
    cut=lambda _task, text: text.partition("\n")[0],
    score=lambda task, text: {"exact match": exact_match(text, task.truth)},
)


class Parrot:
    """Answers with the hole's name, and fails at the question of a number."""

    def __init__(self, fails_at: int = -1) -> None:
        self.asked: list[str] = []
        self._fails_at = fails_at

    async def ask(self, task: Task, sample: int) -> Asked:
        if len(self.asked) == self._fails_at:
            raise EngineError("out of order")
        self.asked.append(f"{task.id}{sample}")
        return Asked(task.id, f"{task.id}\n", "", 1.0, 2, 3)


def run(folder: Path, samples: int = 1, **arms: Parrot) -> tuple[list[Record], int]:
    """Return the records, and how often a step was told."""
    steps: list[None] = []
    with opened(folder / "answers.jsonl", {}) as journal:
        records = asyncio.run(ask_all(TASKS, arms, samples, journal, lambda: steps.append(None)))
    return records, len(steps)


def test_one_way_to_ask_comes_after_the_other(tmp_path: Path) -> None:
    product, bare = Parrot(), Parrot()
    records, steps = run(tmp_path, 2, product=product, bare=bare)
    assert product.asked == bare.asked == ["a0", "a1", "b0", "b1", "c0", "c1"]
    assert [record.arm for record in records] == ["product"] * 6 + ["bare"] * 6
    assert steps == len(records) == 12


def test_after_a_failure_it_goes_on_from_there(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        run(tmp_path, product=Parrot(fails_at=2))
    second = Parrot()
    records, steps = run(tmp_path, product=second)
    assert second.asked == ["c0"]
    assert ([record.task for record in records], steps) == (["a", "b", "c"], 3)


def test_more_ways_and_more_texts_are_added_to_what_is_there(tmp_path: Path) -> None:
    whole = run(tmp_path / "other", 2, product=Parrot(), bare=Parrot())[0]
    run(tmp_path, product=Parrot())
    product, bare = Parrot(), Parrot()
    records, _ = run(tmp_path, 2, product=product, bare=bare)
    assert product.asked == ["a1", "b1", "c1"]
    assert len(bare.asked) == 6
    assert records == whole


def test_fewer_texts_leave_the_others_out(tmp_path: Path) -> None:
    run(tmp_path, 3, product=Parrot(), bare=Parrot())
    nothing = Parrot()
    records, _ = run(tmp_path, product=nothing)
    assert (len(records), nothing.asked) == (3, [])


def test_what_counts_is_cut_and_scored() -> None:
    records = [made.record("a", text="a + b\nmore"), made.record("b", text="wrong"), made.record("c", text="")]
    cut = cut_all(TASKS, records, FIRST_LINE)
    assert [record.text for record in cut] == ["a + b", "wrong", ""]
    assert [record.raw for record in cut] == ["a + b\nmore", "wrong", ""]
    scored = score_all(TASKS, cut, FIRST_LINE, {key_of(cut[1]): True, key_of(cut[2]): False})
    assert [record.scores for record in scored] == [
        {"exact match": 1.0},
        {"exact match": 0.0, "passed": 1.0},
        {"exact match": 0.0, "passed": 0.0},
    ]


def test_a_text_is_told_by_all_of_its_key() -> None:
    record = made.record("a")
    others = [replace(record, task="b"), replace(record, arm="bare"), replace(record, sample=1)]
    assert len({key_of(each) for each in (record, *others)}) == 4
