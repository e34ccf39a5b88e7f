"""Holes drawn from files: which, how many, and the same each time."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.context.workspace import Workspace
from lsp_server.errors import InputError
from lsp_server.evaluation.own.holes import holes
from lsp_server.evaluation.own.kinds import KINDS
from lsp_server.evaluation.task import Task
from tests.context.chosen import WORKSPACE
from tests.context.tree import write

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.context.workspace import Found

FILES = sorted(Workspace([WORKSPACE]).files(), key=lambda found: found.name)
SMALL = "import a\n\n\ndef area(width, height):\n    size = width * height\n    return size\n"


def found_in(root: Path) -> list[Found]:
    return list(Workspace([root.resolve()]).files())


def of_kind(tasks: list[Task], kind: str) -> list[Task]:
    return [task for task in tasks if task.kind == kind]


def test_a_hole(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": SMALL})
    (task,) = holes(found_in(tmp_path), 1, 0, ["function body"])
    head, body = SMALL[: SMALL.index("size")], SMALL[SMALL.index("size") : -1]
    assert task == Task(
        id="src/a.py:5:5 function body",
        kind="function body",
        language="python",
        before=head,
        after="\n",
        truth=body,
        path="src/a.py",
        repository=tmp_path.name,
        group="src/a.py",
    )


def test_line_ends_are_one_character(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "\ufeff" + SMALL.replace("\n", "\r\n")})
    assert {task.before + task.truth + task.after for task in holes(found_in(tmp_path), 20, 0)} == {SMALL}


@settings(max_examples=20)
@given(st.integers(0, 300), st.integers(), st.sets(st.sampled_from(KINDS)).map(sorted))
def test_holes_are_taken_out_of_their_files(count: int, seed: int, kinds: list[str]) -> None:
    tasks = holes(FILES, count, seed, kinds)
    texts = {found.name: found.path.read_text(encoding="utf-8") for found in FILES}
    assert len(tasks) <= count
    assert len({task.id for task in tasks}) == len(tasks)
    assert all(task.before + task.truth + task.after == texts[task.path] for task in tasks)
    assert all(task.kind in kinds and task.group == task.path and task.language for task in tasks)


@settings(max_examples=5)
@given(st.integers())
def test_holes_of_a_kind_do_not_overlap(seed: int) -> None:
    taken: dict[tuple[str, str], set[int]] = {}
    for task in holes(FILES, 500, seed):
        place = set(range(len(task.before), len(task.before) + len(task.truth)))
        others = taken.setdefault((task.path, task.kind), set())
        assert others.isdisjoint(place)
        others |= place


def test_kinds_have_equal_shares_and_take_turns() -> None:
    tasks = holes(FILES, 52, 1)
    assert Counter(task.kind for task in tasks) == dict(zip(KINDS, (11, 11, 10, 10, 10), strict=True))
    assert [task.kind for task in tasks[:10]] == [*KINDS, *KINDS]


def test_all_files_give_a_hole_before_one_gives_another() -> None:
    tasks = holes(FILES, 100, 1, ["line"])
    giving = {task.path for task in tasks}
    assert {task.path for task in tasks[: len(giving)]} == giving
    assert len(giving) > len(FILES) / 2


def test_a_large_file_does_not_make_up_for_small_ones(tmp_path: Path) -> None:
    small = {f"small{number}.py": "import a\nb = 1\n" for number in range(20)}
    write(tmp_path, {**small, "large.py": "import a\n" + "b = c\n" * 500})
    paths = Counter(task.path for task in holes(found_in(tmp_path), 100, 0, ["line"]))
    assert paths == {**dict.fromkeys(small, 1), "large.py": 10}


def test_a_single_file_gives_all(tmp_path: Path) -> None:
    write(tmp_path, {"large.py": "import a\n" + "b = c\n" * 500})
    assert len(holes(found_in(tmp_path), 100, 0, ["line"])) == 100


@pytest.mark.parametrize(("count", "kinds"), [(0, KINDS), (10, ())])
def test_nothing_asked_is_nothing(count: int, kinds: tuple[str, ...]) -> None:
    assert holes(FILES, count, 0, kinds) == []


def test_without_files_there_is_none() -> None:
    assert holes([], 10, 0) == []


def test_a_file_that_is_gone_has_none(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": SMALL, "b.py": SMALL})
    files = found_in(tmp_path)
    (tmp_path / "a.py").unlink()
    assert {task.path for task in holes(files, 10, 0)} == {"b.py"}


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(InputError, match=r"'word'.*rest of a line, line"):
        holes(FILES, 1, 0, ["line", "word"])


@settings(max_examples=5)
@given(st.permutations(FILES))
def test_the_order_of_files_is_nothing(files: list[Found]) -> None:
    assert holes(files, 40, 1) == holes(FILES, 40, 1)


def test_where_the_repository_lies_is_nothing(tmp_path: Path) -> None:
    elsewhere = tmp_path / "deep" / WORKSPACE.name
    shutil.copytree(WORKSPACE, elsewhere)
    assert holes(found_in(elsewhere), 60, 3) == holes(FILES, 60, 3)


def test_another_seed_gives_other_holes() -> None:
    first, second = ({task.id for task in holes(FILES, 60, seed)} for seed in (1, 2))
    assert len(first & second) < 30


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_are_nothing_to_a_kind(kind: str) -> None:
    assert of_kind(holes(FILES, 100, 1), kind) == holes(FILES, 20, 1, [kind])


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_holes_are_the_first_of_more(kind: str) -> None:
    few, more = holes(FILES, 15, 1, [kind]), holes(FILES, 40, 1, [kind])
    assert few == more[: len(few)]


def test_other_files_do_not_move_the_holes_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("a.py", "b.py", "c.py"), SMALL))
    files = found_in(tmp_path)
    alone = {task.id for task in holes(files[:1], 5, 1)}
    assert alone <= {task.id for task in holes(files, 15, 1)}


def test_the_dice_fall_the_same_on_each_machine_and_in_each_process(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("a.py", "b.py", "c.py"), SMALL))
    assert [task.id for task in holes(found_in(tmp_path), 10, 1)] == [
        "c.py:1:8 rest of a line",
        "c.py:6:5 line",
        "b.py:5:12 expression",
        "b.py:4:1 block",
        "a.py:5:5 function body",
        "b.py:5:20 rest of a line",
        "b.py:6:5 line",
        "c.py:5:12 expression",
        "c.py:5:5 block",
        "c.py:5:5 function body",
    ]
