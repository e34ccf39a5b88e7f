"""Which tokens begin with given bytes, and how much of a text's end is taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.interface import Healing
from lsp_server.engine.vocabulary import HEALED_TOKENS, Vocabulary

BYTES = tuple(bytes([byte]) for byte in range(256))
# Few different bytes, so that many pieces begin alike; the last one has none that is larger.
PIECE = st.binary(max_size=5).map(lambda text: bytes(b"ab\xff"[byte % 3] for byte in text))
VOCABULARIES = st.lists(PIECE, max_size=30).map(Vocabulary)


def vocabulary(*pieces: str | bytes) -> Vocabulary:
    """Return one of all bytes, a special token with the id 256, and these pieces."""
    return Vocabulary([*BYTES, b"", *(p.encode() if isinstance(p, str) else p for p in pieces)])


def tokens_of(words: Vocabulary, *pieces: str | bytes) -> tuple[int, ...]:
    return tuple(words.pieces.index(piece.encode() if isinstance(piece, str) else piece) for piece in pieces)


@pytest.mark.parametrize(
    ("more", "tokens", "forced"),
    [
        pytest.param(("fun", "function"), ("fun",), b"fun", id="a word that is begun"),
        pytest.param(("fun", "function"), ("a", " ", "fun"), b"fun", id="no more than the word"),
        pytest.param(("fun",), ("fun",), b"", id="a word that none is longer than"),
        pytest.param(("fun", "ct", "io", "function"), ("x", "fun", "ct", "io"), b"functio", id="several tokens"),
        pytest.param(("fun", "ct", "io", "io.", "function"), ("fun", "ct", "io"), b"functio", id="the most of two"),
        pytest.param((" ret", " return"), (" ret", "u"), b" retu", id="a blank in front"),
        pytest.param(("  ", "    ", " " * 8), ("\n", "    "), b"    ", id="blanks"),
        pytest.param(("  ", "    "), ("    ",), b"", id="the most blanks there are"),
        pytest.param(("\n", "\n\n", "\n    "), (":", "\n"), b"\n", id="a line's end"),
        pytest.param(("\u6f22\u5b57",), (b"\xe6", b"\xbc", b"\xa2"), "\u6f22".encode(), id="bytes of a character"),
        pytest.param(
            ("\u6f22", "\u6f22\u5b57"),
            ("\u6f22", b"\xe5", b"\xad"),
            "\u6f22".encode() + b"\xe5\xad",
            id="half a character",
        ),
        pytest.param(
            (b"\xf0\x9f\x98", "\U0001f600"), (b"\xf0\x9f\x98",), b"\xf0\x9f\x98", id="an emoji without its last byte"
        ),
        pytest.param(("fun", "function"), (b"", "fun"), b"fun", id="behind a special token"),
        pytest.param(("functio", "function"), ("fun"[0], b"", "u"), b"", id="never over a special token"),
        pytest.param(("function",), (b"",), b"", id="only a special token"),
        pytest.param(("x" * 12, "y"), "x" * 11, b"x" * HEALED_TOKENS, id="no more tokens than the limit"),
        pytest.param((), (), b"", id="nothing"),
    ],
)
def test_the_end_of_a_text_is_taken_back(
    more: tuple[str | bytes, ...], tokens: tuple[str | bytes, ...], forced: bytes
) -> None:
    words = vocabulary(*more)
    row = tokens_of(words, *tokens)
    healing = words.heal(row)
    assert healing.forced == forced
    assert b"".join(words.pieces[token] for token in row[healing.kept :]) == forced


def is_cut_short(words: Vocabulary, text: bytes) -> bool:
    return any(piece.startswith(text) and len(piece) > len(text) for piece in words.pieces)


@given(VOCABULARIES, st.lists(st.integers(0, 29), max_size=12))
def test_healing_is_as_defined(words: Vocabulary, drawn: list[int]) -> None:
    tokens = [token for token in drawn if token < len(words.pieces)]
    expected = Healing(len(tokens), b"")
    for count in range(1, min(len(tokens), HEALED_TOKENS) + 1):
        pieces = [words.pieces[token] for token in tokens[-count:]]
        if all(pieces) and is_cut_short(words, b"".join(pieces)):
            expected = Healing(len(tokens) - count, b"".join(pieces))
    assert words.heal(tokens) == expected


@given(VOCABULARIES, PIECE)
def test_the_tables_are_as_defined(words: Vocabulary, text: bytes) -> None:
    pieces = dict(enumerate(words.pieces))
    longer = [token for token, piece in pieces.items() if piece and piece.startswith(text)]
    shorter = [token for token, piece in pieces.items() if piece and text.startswith(piece) and piece != text]
    assert sorted(words.beginning_with(text)) == longer
    if text:
        assert sorted(words.allowed(text)) == sorted([*longer, *shorter])


def test_a_vocabulary_of_special_tokens_heals_nothing() -> None:
    words = Vocabulary([b"", b""])
    assert words.heal([0, 1]) == Healing(2, b"")
    assert not len(words.allowed(b"a"))
