"""Which prompt a place gets, against an engine whose KV cache holds what the test says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Chunk, Place, Snapshot
from lsp_server.engine.kvcache import common_prefix
from lsp_server.prompt.budget import Budget
from lsp_server.prompt.fim import FORMATS, QWEN25_CODER, FimFormat
from lsp_server.prompts import Prompts
from tests.scripted import ScriptedEngine, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIZES = Budget(prompt=1000, context=300, middle=60, generation=20, at_once=200)
CODE = "".join(f"value_{number} = {number}\n" for number in range(200))


class Holding(ScriptedEngine):
    """An engine that holds the prompts of ``evaluated``."""

    evaluated: tuple[tuple[int, ...], ...] = ()

    def held(self, tokens: Sequence[int]) -> int:
        return max((common_prefix(row, tuple(tokens)) for row in self.evaluated), default=0)

    def evaluate(self, tokens: tuple[int, ...]) -> None:
        self.evaluated = (*self.evaluated, tokens)


@pytest.fixture
def engine() -> Holding:
    return Holding(context_length=4096)


@pytest.fixture
def prompts(engine: Holding) -> Prompts:
    return Prompts(engine, QWEN25_CODER)


def here(root: Path) -> Snapshot:
    return Snapshot(root / "a.py", root, "", 0)


def test_what_cannot_be_read_in_time_is_short_until_it_has_been_read(
    engine: Holding, prompts: Prompts, tmp_path: Path
) -> None:
    place = Place(CODE + "x = ", "\n" + CODE)
    first = prompts.choose(here(tmp_path), place, SIZES)
    assert len(first.tokens) <= SIZES.at_once
    text = spelled(first.tokens)
    assert "value_199 = 199\n<|fim_suffix|>\nvalue_0 = 0\n" in text
    assert text.endswith("<|fim_middle|>x = ")
    engine.evaluate(first.tokens)
    # The next key costs itself, while the full prompt is wanted.
    second = prompts.choose(here(tmp_path), Place(place.before + "v", place.after), SIZES)
    assert second.head is first.head
    assert len(second.tokens) - engine.held(second.tokens) == 1
    wanted = prompts.wanted(place, SIZES)
    assert wanted is not None
    assert SIZES.at_once < len(wanted.tokens) <= SIZES.prompt - SIZES.middle
    engine.evaluate(wanted.tokens)
    third = prompts.choose(here(tmp_path), Place(place.before + "va", place.after), SIZES)
    assert third.head is wanted
    assert prompts.wanted(place, SIZES) is None


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_in_each_format_a_key_costs_itself(form: FimFormat, engine: Holding, tmp_path: Path) -> None:
    prompts = Prompts(engine, form)
    typed = "value_0 + value_1"
    for length in range(len(typed)):
        place = Place(f"{CODE}x = {typed[:length]}", "\n" + CODE)
        prompt = prompts.choose(here(tmp_path), place, SIZES)
        missing = len(prompt.tokens) - engine.held(prompt.tokens)
        assert missing <= (1 if length else SIZES.at_once)
        assert spelled(prompt.tokens).endswith(f"x = {typed[:length]}")
        engine.evaluate(prompt.tokens)


def test_a_middle_that_has_grown_long_gets_a_new_anchor_when_it_is_ready(
    engine: Holding, prompts: Prompts, tmp_path: Path
) -> None:
    sizes = replace(SIZES, at_once=1000)
    old = prompts.choose(here(tmp_path), Place(CODE, CODE), sizes)
    engine.evaluate(old.tokens)
    grown = Place(CODE + "other = 1\n" * 8, CODE)
    assert prompts.choose(here(tmp_path), grown, SIZES).head is old.head
    wanted = prompts.wanted(grown, SIZES)
    assert wanted is not None
    assert wanted is not old.head
    assert wanted.anchor.prefix.endswith("other = 1\n")
    assert prompts.choose(here(tmp_path), Place(grown.before + "y", CODE), SIZES).head is old.head
    engine.evaluate(wanted.tokens)
    assert prompts.choose(here(tmp_path), Place(grown.before + "yz", CODE), SIZES).head is wanted


def test_coming_back_finds_the_old_anchor(engine: Holding, prompts: Prompts, tmp_path: Path) -> None:
    sizes = replace(SIZES, at_once=1000)
    here_first, there = Place(CODE + "x", CODE), Place(CODE[:500] + "y", CODE[500:] + "x" + CODE)
    first = prompts.choose(here(tmp_path), here_first, sizes)
    engine.evaluate(first.tokens)
    other = prompts.choose(here(tmp_path), there, sizes)
    assert other.head is not first.head
    engine.evaluate(other.tokens)
    back = prompts.choose(here(tmp_path), Place(CODE + "xy", CODE), SIZES)
    assert back.head is first.head


def test_what_the_cache_holds_of_the_prefix_is_used_at_another_place(
    engine: Holding, prompts: Prompts, tmp_path: Path
) -> None:
    sizes = replace(SIZES, at_once=1000)
    code = CODE[: CODE.index("value_40")]
    engine.evaluate(prompts.choose(here(tmp_path), Place(code, CODE), sizes).tokens)
    # A line is deleted: the prefix is held, but not what follows it.
    shorter = code[: code.rindex("\n", 0, -1) + 1]
    prompt = prompts.choose(here(tmp_path), Place(shorter, CODE), SIZES)
    assert not prompt.head.is_full
    assert prompt.head.anchor.prefix == shorter
    assert prompt.head.anchor.suffix
    assert len(prompt.tokens) - engine.held(prompt.tokens) <= SIZES.at_once


def test_new_chunks_take_over_when_they_have_been_evaluated(engine: Holding, prompts: Prompts, tmp_path: Path) -> None:
    place = Place("a = 1\n", "")
    old = prompts.choose(here(tmp_path), place, SIZES)
    engine.evaluate(old.tokens)
    prompts.chunks = (Chunk("b.py", "B = 1\n" * 40, "for a test"),)
    prompts.renew(here(tmp_path), place, SIZES)
    assert prompts.choose(here(tmp_path), place, SIZES).head is old.head
    wanted = prompts.wanted(place, SIZES)
    assert wanted is not None
    assert wanted.chunks == prompts.chunks
    engine.evaluate(wanted.tokens)
    assert prompts.choose(here(tmp_path), place, SIZES).head is wanted


def test_what_can_be_read_in_time_is_full_at_once(prompts: Prompts, tmp_path: Path) -> None:
    prompt = prompts.choose(here(tmp_path), Place(CODE, CODE), replace(SIZES, at_once=1000))
    assert prompt.head.is_full
    assert len(prompt.tokens) > SIZES.at_once
