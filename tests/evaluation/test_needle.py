"""The needle in the code: lengths are held, the needle lies where it shall, and nothing but the needle tells."""

from __future__ import annotations

import ast
import random
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Chunk
from lsp_server.errors import InputError
from lsp_server.evaluation import needle
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engine.worker import Worker


def words(text: str) -> int:
    """Count roughly as code models' tokenizers do: words, digits one by one, signs and white space."""
    return len(re.findall(r" ?[A-Za-z]+|\d|\n+| +(?= )|[^\w\n]", text))


def quarters(text: str) -> int:
    """Count so that a text has more tokens as a whole than in pieces."""
    return len(text) // 4


CALL = re.compile(r"assert (\w+)\(\) == $")
TASK = Task(id="1", kind="", language="python", before="assert f() == ", after="\n", truth="1234567")

counts: st.SearchStrategy[Callable[[str], int]] = st.sampled_from([words, len, quarters])
lengths = st.integers(512, 2048)
depths = st.floats(0, 1)
seeds = st.integers(0, 10**6)


def one(length: int, depth: float, seed: int, count: Callable[[str], int] = words) -> Task:
    (task,) = needle.tasks([length], [depth], 1, seed, count)
    return task


def name_in(task: Task) -> str:
    """Return the name of the function that the test calls."""
    found = CALL.search(task.before)
    assert found
    return found[1]


def others(task: Task) -> str:
    return "".join(chunk.text for chunk in task.chunks)


def constants(chunks: tuple[Chunk, ...]) -> dict[str, list[int]]:
    """Return what the functions without parameters return, by their names; the files are Python."""
    found: dict[str, list[int]] = {}
    for chunk in chunks:
        for statement in ast.parse(chunk.text).body:
            match statement:
                case ast.FunctionDef(name=name, body=[ast.Return(value=ast.Constant(value=int(value)))]):
                    found.setdefault(name, []).append(value)
                case _:
                    pass
    return found


@given(lengths, depths, seeds, counts)
def test_lengths_are_held(length: int, depth: float, seed: int, count: Callable[[str], int]) -> None:
    assert 0.98 * length <= needle.tokens_of(one(length, depth, seed, count), count) <= length


@given(lengths, depths, seeds)
def test_only_the_needle_tells(length: int, depth: float, seed: int) -> None:
    task = one(length, depth, seed)
    assert others(task).count(task.truth) == 1
    assert task.truth not in task.before + task.after + task.path + task.repository
    assert others(task).count(name_in(task)) == 1


@given(lengths, depths, seeds)
def test_the_truth_is_what_the_function_returns(length: int, depth: float, seed: int) -> None:
    task = one(length, depth, seed)
    assert constants(task.chunks)[name_in(task)] == [int(task.truth)]
    ast.parse(task.before + task.truth + task.after)


@given(lengths, depths, seeds)
def test_other_functions_look_the_same(length: int, depth: float, seed: int) -> None:
    task = one(length, depth, seed)
    values = [value for found in constants(task.chunks).values() for value in found]
    assert len(values) > 1
    assert {len(str(value)) for value in values} == {7}
    assert [value for value in values if value % 2] == [int(task.truth)]


@given(st.integers(2048, 8192), depths, seeds)
def test_the_needle_lies_at_its_depth(length: int, depth: float, seed: int) -> None:
    task = one(length, depth, seed)
    text = others(task)
    before = text[: text.index(f"def {name_in(task)}")]
    # The border nearest to a depth is half a definition away at most; heads of files come on top.
    assert words(before) / words(text) == pytest.approx(depth, abs=150 / words(text))


@given(lengths, seeds, st.sampled_from([(0.0, 0), (1.0, -1)]))
def test_the_ends_are_the_first_and_the_last_definition(length: int, seed: int, end: tuple[float, int]) -> None:
    depth, place = end
    task = one(length, depth, seed)
    _doc, _import, _log, *definitions = ast.parse(task.chunks[place].text).body
    definition = definitions[place]
    assert isinstance(definition, ast.FunctionDef)
    assert definition.name == name_in(task)


@given(lengths, depths, seeds, counts)
def test_equal_arguments_make_equal_tasks(length: int, depth: float, seed: int, count: Callable[[str], int]) -> None:
    assert one(length, depth, seed, count) == one(length, depth, seed, count)


@given(seeds)
def test_a_task_does_not_depend_on_the_others(seed: int) -> None:
    many = needle.tasks([512, 600], [0.0, 0.5], 2, seed, words)
    (alone,) = [task for task in many if task.kind == "600 tokens, depth 050 %" and task.id.endswith(" 0")]
    assert alone == one(600, 0.5, seed)


def test_tasks_are_different() -> None:
    tasks = needle.tasks([512, 1024], [0.0, 1.0], 3, 1, words)
    assert len(tasks) == 12
    assert len({task.id for task in tasks}) == len({task.truth for task in tasks}) == 12
    assert not {task.truth for task in tasks} & {task.truth for task in needle.tasks([512], [0.0], 3, 2, words)}


def test_kinds_in_the_order_of_their_names_are_in_the_order_of_places() -> None:
    kinds = [task.kind for task in needle.tasks([600, 2048, 10000], [0.0, 0.25, 1.0], 1, 0, words)]
    assert kinds == sorted(kinds)
    assert kinds[0] == "00600 tokens, depth 000 %"
    assert kinds[-1] == "10000 tokens, depth 100 %"


def test_files_have_names_of_their_own() -> None:
    tasks = needle.tasks([60000], [0.5], 1, 0, words)
    paths = [chunk.path for chunk in tasks[0].chunks]
    assert len(set(paths)) == len(paths) > 60
    assert tasks[0].path not in paths


@given(seeds)
def test_no_other_function_has_the_name(seed: int) -> None:
    taken = needle._fields(random.Random(seed))["name"]
    assert needle._fields(random.Random(seed), taken)["name"] != taken


def test_what_is_too_short_says_what_a_needle_takes() -> None:
    with pytest.raises(InputError, match=r"^60 tokens are too few for a needle, which takes 1\d\d: "):
        one(60, 0.5, 0)


@pytest.mark.parametrize(
    ("raw", "score"),
    [
        ("1234567", 1),
        (" 1234567\n", 1),
        ("1234567\n\n\ndef test_next():", 1),
        ("1234567  # as the ledger says", 0),
        ("1234567, 'seven digits'", 0),
        ("12345678", 0),
        ("123456", 0),
        ("\n1234567", 0),
        ("f()", 0),
        ("", 0),
        (" \n", 0),
    ],
)
def test_only_the_number_counts(raw: str, score: int) -> None:
    assert needle.score(TASK, needle.cut(TASK, raw)) == {"exact match": score}


@given(lengths, depths, seeds)
def test_the_truth_scores_and_the_other_numbers_do_not(length: int, depth: float, seed: int) -> None:
    task = one(length, depth, seed)
    for name, values in constants(task.chunks).items():
        for value in values:
            scored = needle.score(task, needle.cut(task, f"{value}\n"))
            assert scored == {"exact match": float(name == name_in(task))}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (400, ()),
        (527, ()),
        (528, (512,)),
        (1024, (512, 1008)),
        (1040, (512, 1024)),
        (32768, (512, 1024, 2048, 4096, 8192, 16384, 32752)),
    ],
)
def test_lengths_go_up_to_what_the_context_holds(context: int, expected: tuple[int, ...]) -> None:
    assert needle.lengths_for(context) == expected


@pytest.mark.parametrize("context", [1024, 32768])
def test_limits_leave_the_longest_prompt_whole(context: int) -> None:
    longest = needle.lengths_for(context)[-1]
    limits = needle.limits(longest)
    assert limits.sequence == context
    assert limits.chunks >= longest
    assert limits.after >= longest


def test_special_tokens_count_as_one_each() -> None:
    task = replace(TASK, repository="shop", path="a.py", chunks=(Chunk("b.py", "x = 1\n", ""),))
    # <|repo_name|>, <|file_sep|> twice, and <|fim_prefix|>, <|fim_suffix|>, <|fim_middle|>
    text = "shop\n" + "b.py\nx = 1\n\n" + "a.py\n" + task.before + task.after
    assert needle.tokens_of(task, len) == len(text) + 6


def test_lengths_are_held_with_the_tokens_of_a_model(tiny: Worker) -> None:
    for task in needle.tasks(needle.lengths_for(tiny.info.context_length), needle.DEPTHS, 2, 0, tiny.count):
        length = int(task.kind.partition(" ")[0])
        assert 0.98 * length <= needle.tokens_of(task, tiny.count) <= length
