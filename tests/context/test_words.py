"""Words as numbers, and the pieces of names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.words import WORD, estimated_tokens, key, keys, pieces


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("", 0),
        ("Order", 0x34E8BC9C),
        ("grand_total", 0xE881840B),
        ("größe", 0x5BD3A989),
        ("\ud800", 0x1DC4A528),
    ],
)
def test_a_word_has_the_same_number_in_every_process(word: str, number: int) -> None:
    assert key(word) == number


@given(st.lists(st.text()))
def test_keys_are_in_the_order_of_the_words(words: list[str]) -> None:
    found = keys(words)
    assert found.dtype == np.uint32
    assert found.tolist() == [key(word) for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("order.lines[0] += x", "order lines"),
        ("def grand_total(self):", "def grand_total self"),
        ("a1 1a _b __init__ 17", "a1 _b __init__"),
        ("größe = 漢字", "größe 漢字"),
        ("$name @name #name", "name name name"),
        ("\ud800ab", "ab"),
        ("", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert WORD.findall(text) == words.split()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("parseHTTPReply_v2", "parse http reply"),
        ("grand_total", "grand total"),
        ("OrderLines", "order line"),
        ("MAX_ORDERS", "max order"),
        ("HTTPServer", "http server"),
        ("x", ""),
        ("is_ok", ""),
        ("__init__", "init"),
        ("utf8decode", "utf decode"),
        ("漢字列表_name", "漢字列表 name"),
        ("", ""),
    ],
)
def test_pieces(name: str, expected: str) -> None:
    assert " ".join(pieces(name)) == expected


@given(st.text())
def test_pieces_are_parts_of_the_name_in_lower_case(name: str) -> None:
    assert all(piece and piece == piece.lower() for piece in pieces(name))


@pytest.mark.parametrize("line", ["", "   ", "\t", "\f"])
def test_blank_lines_cost_nothing(line: str) -> None:
    assert estimated_tokens(line) == 0


@given(st.text().filter(str.strip), st.text("ab"))
def test_a_longer_line_costs_more(line: str, more: str) -> None:
    assert 0 < estimated_tokens(line) <= estimated_tokens(line + more)
    assert estimated_tokens(line) == estimated_tokens(f"  {line}\t")
