"""What the bare model is asked, and what counts of its answer: all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Chunk
from lsp_server.evaluation.ask.asked import Drawing
from lsp_server.evaluation.ask.bare import Bare, end, start
from lsp_server.evaluation.task import Limits, Task
from lsp_server.prompt.fim import QWEN25_CODER
from tests.evaluation.ask.questions import LIMITS, ask, task
from tests.scripted import ScriptedEngine

if TYPE_CHECKING:
    from lsp_server.engine.worker import Worker


def test_the_prompt_is_split_at_the_hole() -> None:
    engine = ScriptedEngine("b\n")
    asked = ask("bare", task("a = ‸\nc\n"), engine)
    assert engine.prompt() == "<|fim_prefix|>a = <|fim_suffix|>\nc\n<|fim_middle|>"
    assert (asked.text, asked.raw, asked.reason, asked.generated) == ("b\n", "b\n", "", 2)


def test_a_named_file_and_what_came_with_it() -> None:
    engine = ScriptedEngine("b")
    chunks = (Chunk("x.py", "X = 1", "first"), Chunk("y.py", "Y = 2", "second"))
    ask("bare", task("a = ‸\n", "m/a.py", chunks), engine)
    assert engine.prompt() == (
        "<|repo_name|>shop\n<|file_sep|>x.py\nX = 1\n<|file_sep|>y.py\nY = 2\n"
        "<|file_sep|>m/a.py\n<|fim_prefix|>a = <|fim_suffix|>\n<|fim_middle|>"
    )


def test_it_writes_until_it_ends_or_meets_the_limit() -> None:
    assert ask("bare", task("‸"), ScriptedEngine("\n" * 30)).text == "\n" * LIMITS.generated
    silent = ask("bare", task("‸"), ScriptedEngine(""))
    assert (silent.text, silent.reason) == ("", "the model wrote nothing here")


@pytest.mark.parametrize(
    ("limits", "prompt"),
    [
        # The room is what is not generated, less three special tokens.
        (Limits(60, 0, 0, 10, ""), "0123456789‸"),
        (Limits(24, 4, 0, 10, ""), "3456789‸abcd"),
    ],
)
def test_what_is_near_the_hole_is_kept(limits: Limits, prompt: str) -> None:
    engine = ScriptedEngine("")
    ask("bare", task("0123456789‸abcdefghij"), engine, limits=limits)
    text = engine.prompt()
    before = text.removeprefix("<|fim_prefix|>").partition("<|fim_suffix|>")[0]
    after = text.partition("<|fim_suffix|>")[2].removesuffix("<|fim_middle|>")
    assert f"{before}‸{after}" == prompt


def test_the_first_pieces_that_fit_are_kept_whole() -> None:
    engine = ScriptedEngine("")
    chunks = tuple(Chunk(f"{name}.py", name * 10, "") for name in "xyz")
    # One piece takes its token, its path, its text and two line breaks: 17.
    ask("bare", task("‸", "a.py", chunks), engine, limits=Limits(1000, 0, 35, 10, ""))
    assert [name for name in "xyz" if name * 10 in engine.prompt()] == ["x", "y"]


def test_a_smaller_context_has_the_same_shares() -> None:
    engine = ScriptedEngine("", context_length=400)
    ask("bare", task("b" * 4000 + "‸" + "a" * 4000), engine)
    assert engine.prompt().count("a") == 100
    assert len(engine.requests[0].tokens) == 400 - LIMITS.generated


@given(st.text("ab\n\t é漢", max_size=400), st.text("ab\n\t é漢", max_size=400), st.integers(40, 400))
def test_any_prompt_fits_and_is_of_the_text_around_the_hole(tiny: Worker, before: str, after: str, size: int) -> None:
    chunks = (Chunk("x.py", "X = 1\n" * 5, ""),)
    whole = Task("t", "k", "python", before, after, "", "a.py", "shop", chunks)
    bare = Bare(tiny, QWEN25_CODER, Limits(size, size // 4, size // 4, 8, ""), Drawing())
    assert len(bare.prompt(whole)) <= max(
        size - 8, len(bare.prompt(Task("t", "k", "python", "", "", "", "a.py", "shop")))
    )


@given(st.text("ab\n\t é漢", max_size=80), st.integers(0, 40))
def test_the_ends_of_a_text(text: str, most: int) -> None:
    assert start(text, most, len) == text[:most]
    assert end(text, most, len) == text[len(text) - min(most, len(text)) :]


def test_texts_are_drawn_by_hole_and_number() -> None:
    engine, drawing = ScriptedEngine("b"), Drawing(0.8, 0.95, seed=1)
    for sample in (0, 1, 0):
        ask("bare", task("‸"), engine, drawing=drawing, sample=sample)
    first, second, again = (request.sampling for request in engine.requests)
    assert first is not None
    assert (first.temperature, first.top_p) == (0.8, 0.95)
    assert first == again != second
    ask("bare", task("‸"), engine)
    assert engine.requests[-1].sampling is None
