"""One text by made-up logits: what is forced, which tokens are chosen, how likely they are, and the end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.branch import Branch, Choice
from lsp_server.engine.interface import CHANCES, GenerationRequest, Sampling, Stop
from lsp_server.engine.vocabulary import Vocabulary
from lsp_server.errors import EngineError

BYTES = [bytes([byte]) for byte in range(256)]
END = 256
WORDS = Vocabulary([*BYTES, b"", b"function", b"fun", b"func", b"ct", "\u6f22".encode()])
FUNCTION, FUN, FUNC, CT, HAN = range(257, 262)


class Told(list[tuple[str, tuple[float, ...]]]):
    """What a branch has told of its text."""

    def __call__(self, text: str, chances: tuple[float, ...]) -> None:
        self.append((text, chances))


def branch(told: Told | None = None, words: Vocabulary = WORDS, **limits: Any) -> Branch:
    request = GenerationRequest((1,), **{"max_tokens": 30, "end_tokens": frozenset({END}), **limits})
    return Branch(request, words, 0, Told() if told is None else told)


def logits(**likely: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return logits of these texts' tokens, END for the end; all others are far below."""
    row = np.full(len(WORDS.pieces), -50, np.float32)
    for text, value in likely.items():
        row[END if text == "END" else WORDS.pieces.index(text.encode())] = value
    return row


def chosen(row: np.ndarray[Any, np.dtype[np.float32]], count: int = 1, **limits: Any) -> list[int]:
    return [choice.token for choice in branch(**limits).choose(row, count)]


@pytest.mark.parametrize(
    ("row", "forced", "token"),
    [
        (logits(x=9, fun=1), b"", ord("x")),
        (logits(x=9, fun=1, ct=8), b"fu", FUN),
        (logits(x=9, f=1), b"functio", ord("f")),
        (logits(function=2, func=3), b"functio", FUNC),
        (logits(function=3, func=2), b"functio", FUNCTION),
        (logits(END=9, function=3), b"fun", FUNCTION),
        (logits(END=9, function=3), b"", END),
    ],
)
def test_only_what_makes_up_the_forced_bytes_is_chosen(
    row: np.ndarray[Any, np.dtype[np.float32]], forced: bytes, token: int
) -> None:
    assert chosen(row, forced=forced) == [token]


def test_an_end_token_that_is_a_word_is_not_chosen_while_bytes_are_forced() -> None:
    row = logits(fun=9, func=1)
    assert chosen(row, forced=b"fun", end_tokens=frozenset({FUN})) == [FUNC]


def test_bytes_that_nothing_can_begin_with_are_an_error() -> None:
    words = Vocabulary([b"a", b""])
    with pytest.raises(EngineError, match="2 bytes"):
        branch(words=words, forced=b"ba", end_tokens=frozenset()).choose(np.zeros(2, np.float32), 1)
    with pytest.raises(EngineError, match="1 bytes"):
        branch(words=words, forced=b"a", end_tokens=frozenset({0})).choose(np.zeros(2, np.float32), 1)


@pytest.mark.parametrize(
    ("row", "forced", "tokens"),
    [
        (logits(x=4, y=3, z=2), b"", [ord("x"), ord("y"), ord("z")]),
        (logits(x=4, END=3, z=2, y=1), b"", [ord("x"), ord("z"), ord("y")]),
        (logits(END=4, z=3, y=2), b"", [END, ord("z"), ord("y")]),
        (logits(func=4, f=3, function=2, fun=1), b"fun", [FUNC, FUNCTION, FUN]),
        (logits(f=4, func=3), b"fun", [ord("f")]),
        (logits(function=4, func=3), b"functi", [FUNCTION]),
    ],
)
def test_rivals_are_the_next_most_likely_that_complete_what_is_forced(
    row: np.ndarray[Any, np.dtype[np.float32]], forced: bytes, tokens: list[int]
) -> None:
    assert chosen(row, 3, forced=forced) == tokens


@pytest.mark.parametrize("scale", [1, 1e4])
@pytest.mark.parametrize("forced", [b"", b"f"])
@given(seed=st.integers(0, 2**32 - 1))
def test_chances_are_those_of_a_softmax(scale: float, forced: bytes, seed: int) -> None:
    row = (np.random.default_rng(seed).normal(size=len(WORDS.pieces)) * scale).astype(np.float32)
    choices = branch(forced=forced).choose(row, 3)
    among = WORDS.allowed(forced) if forced else np.arange(len(row))
    wide = row[among].astype(np.float64)
    total = wide.max() + np.log(np.exp(wide - wide.max()).sum())
    for choice in choices:
        assert choice.log == pytest.approx(max(-700, min(0, row[choice.token] - total)), rel=1e-4, abs=1e-4)
        assert 0 < math.exp(choice.log) <= 1
    assert [choice.log for choice in choices] == sorted((choice.log for choice in choices), reverse=True)


def take(text: Branch, *tokens: int) -> None:
    for token in tokens:
        text.take(Choice(token, math.log(0.5)))


def test_what_stays_within_the_forced_bytes_is_neither_told_nor_counted() -> None:
    told = Told()
    text = branch(told, forced=b"functio", is_complete=lambda text: text == "n(")
    take(text, FUN, CT, ord("i"))
    assert (text.text, text.stop, text.chances, text.score, told) == ("", None, (), 0.0, [])
    take(text, ord("o"))
    assert not told
    take(text, ord("n"))
    take(text, ord("("))
    assert told == [("n", (0.5,)), ("n(", (0.5, 0.5))]
    assert (text.stop, text.score) == (Stop.RULE, math.log(0.5))
    assert text.tokens == [FUN, CT, *b"ion("]


def test_a_token_that_goes_beyond_the_forced_bytes_begins_the_text() -> None:
    told = Told()
    text = branch(told, forced=b"fun")
    take(text, FUNCTION)
    assert told == [("ction", (0.5,))]


def test_characters_come_whole_behind_forced_bytes_that_begin_one() -> None:
    told = Told()
    text = branch(told, forced=b"\xe6\xbc")
    take(text, HAN)
    # What is left of a character that was begun before is no character.
    assert told[-1][0] == "\N{REPLACEMENT CHARACTER}"
    text = branch(told, forced=b"a")
    take(text, ord("a"), 0xE6, 0xBC)
    assert told[-1][0] == ""
    take(text, 0xA2)
    assert told[-1][0] == "\u6f22"


def test_healed_tokens_count_for_the_limit() -> None:
    text = branch(forced=b"functio", max_tokens=2)
    take(text, FUN, CT)
    assert (text.stop, text.text) == (Stop.TOKENS, "")
    assert branch(max_tokens=0).stop is Stop.TOKENS


def test_the_first_chances_are_told_and_all_count_for_the_score() -> None:
    text = branch()
    take(text, *b"x" * CHANCES)
    text.take(Choice(ord("y"), math.log(0.25)))
    assert text.chances == (0.5,) * CHANCES
    assert text.score == pytest.approx((CHANCES * math.log(0.5) + math.log(0.25)) / (CHANCES + 1))


def test_a_text_that_ends_at_once_has_no_chances() -> None:
    text = branch()
    take(text, END)
    assert (text.stop, text.tokens, text.chances, text.score) == (Stop.END, [], (), 0.0)
    assert text.as_alternative() is None


def test_a_branch_beside_another_goes_on_from_there_on_its_own() -> None:
    told = Told()
    first = branch(told, forced=b"functi")
    take(first, FUN)
    other = first.beside(5)
    take(first, CT, ord("i"), ord("a"))
    take(other, CT, ord("i"), ord("b"), END)
    assert told == [("a", (0.5,))]
    assert (other.sequence, other.tokens) == (5, [FUN, CT, *b"ib"])
    alternative = other.as_alternative()
    assert alternative is not None
    assert (alternative.text, alternative.stop) == ("b", Stop.END)


@given(
    st.lists(st.binary(min_size=2, max_size=6), max_size=30),
    st.one_of(st.binary(max_size=12), st.text(max_size=6).map(str.encode)),
    st.integers(0, 2**32 - 1),
)
def test_the_bytes_generated_begin_with_the_forced_ones(more: list[bytes], forced: bytes, seed: int) -> None:
    dice = np.random.default_rng(seed)
    # Parts of what is forced, so that tokens of all lengths may make it up.
    parts = [forced[start : start + 4] for start in range(len(forced))]
    words = Vocabulary([*BYTES, b"", *more, *parts, *(part + b"x" for part in parts)])
    text = branch(words=words, forced=forced)
    spelled = b""
    while len(spelled) < len(forced):
        assert forced.startswith(spelled)
        assert not text.text
        (choice,) = text.choose(dice.normal(size=len(words.pieces)).astype(np.float32), 1)
        text.take(choice)
        spelled += words.pieces[choice.token]
    assert spelled.startswith(forced)
    assert b"".join(words.pieces[token] for token in text.tokens) == spelled


def test_a_drawn_token_is_one_of_those_that_make_up_what_is_forced() -> None:
    row = logits(x=9, fun=3, function=3, func=3, END=9)
    found = {branch(forced=b"fu", sampling=Sampling(5.0, seed=seed)).choose(row, 1)[0].token for seed in range(200)}
    assert found >= {FUN, FUNC, FUNCTION}
    assert END not in found
    assert ord("x") not in found


def test_the_chance_of_a_drawn_token_is_what_the_model_says() -> None:
    row = logits(x=1, y=1, z=0)
    [choice] = branch(sampling=Sampling(2.0, seed=3)).choose(row, 1)
    assert choice.log == pytest.approx(float(row[choice.token]) - np.log(np.exp(row.astype(float)).sum()), abs=1e-3)
