"""The context as it stands in the prompt, within a budget, in whose tokens."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.problems import Unmeasurable
from bench.retrieval import tokens
from bench.retrieval.budget import cost, cut, spent
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from pathlib import Path


def words(text: str) -> int:
    """Count words as tokens."""
    return len(text.split())


def chunk(text: str) -> Chunk:
    return Chunk("a.py", text, "why")


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (0, []),
        (2, []),
        (3, []),
        (4, ["1 2\n"]),
        (5, ["1 2\n"]),
        (6, ["1 2\n3 4"]),
        (8, ["1 2\n3 4"]),
        (9, ["1 2\n3 4", "5\n"]),
        (10, ["1 2\n3 4", "5\n6"]),
        (99, ["1 2\n3 4", "5\n6"]),
    ],
)
def test_the_last_chunk_is_cut_behind_a_whole_line(budget: int, expected: list[str]) -> None:
    kept = cut([chunk("1 2\n3 4"), chunk("5\n6")], budget, words)
    assert [one.text for one in kept] == expected
    assert {one.reason for one in kept} <= {"why"}


def test_nothing_comes_behind_a_chunk_that_does_not_fit() -> None:
    assert cut([chunk("1 2 3 4 5"), chunk("6")], 5, words) == []


@given(st.lists(st.text("a b\n", max_size=30)), st.integers(0, 40))
def test_a_budget_is_never_exceeded(texts: list[str], budget: int) -> None:
    kept = cut([chunk(text) for text in texts], budget, len)
    assert spent(kept, len) <= budget
    for one, text in zip(kept, texts, strict=False):
        assert text.startswith(one.text)


def test_a_chunk_costs_its_separator_and_its_path() -> None:
    assert cost(Chunk("a b", "c\nd", ""), words) == 1 + 4


# --- whose tokens ------------------------------------------------------------------------------------


def test_the_tokenizer_has_to_be_said() -> None:
    with pytest.raises(Unmeasurable, match=r"qwen\.tiktoken"):
        tokens.load(None)


def test_pieces_of_text_call_themselves_so() -> None:
    tokenizer = tokens.load("approximate")
    assert "not tokens" in tokenizer.name
    assert tokenizer.count("    return self.total_price(12)\n") == 9


def test_tokens_of_a_vocabulary(tmp_path: Path) -> None:
    pytest.importorskip("tiktoken", reason="optional")
    ranks = [bytes([byte]) for byte in range(256)] + [b"ab", b" ab"]
    file = tmp_path / "small.tiktoken"
    file.write_bytes(b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(ranks)))
    tokenizer = tokens.load(file)
    assert tokenizer.count("ab ab") == 2
    assert tokenizer.count("<|file_sep|>") == len("<|file_sep|>")


@pytest.mark.parametrize("content", [None, b"not base64!", b"YQ==\n"])
def test_what_is_no_vocabulary(tmp_path: Path, content: bytes | None) -> None:
    pytest.importorskip("tiktoken", reason="optional")
    file = tmp_path / "small.tiktoken"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Unmeasurable, match="not a vocabulary"):
        tokens.load(file)
