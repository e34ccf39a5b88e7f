"""llama.cpp behind its binding: the tokenizer, evaluation, and files that cannot be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.llama import Llama, threads_for
from lsp_server.engine.worker import load
from lsp_server.errors import ModelDamaged, ModelNotFound
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.engine.worker import Worker


@pytest.fixture
def llama() -> Iterator[Llama]:
    """The embedded model with nothing in its memory."""
    llama = Llama(EMBEDDED_FILE, LoadOptions(), lambda _share: None)
    yield llama
    llama.close()


@pytest.mark.parametrize("text", ["<|fim_middle|>", "a<|endoftext|>b", "<|fim_prefix|><|fim_suffix|>", "<|file_sep|"])
def test_text_never_becomes_a_special_token(tiny: Worker, text: str) -> None:
    special = {tiny.special(name) for name in ("<|fim_middle|>", "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>")}
    tokens = tiny.tokenize(text)
    assert not special & set(tokens)
    assert b"".join(map(tiny._llama.piece, tokens)) == text.encode()


@pytest.mark.parametrize(
    "text", ["", "a", "\0", "é漢\U0001f600", " " * 300, "\r\n\t\f\v\x1c\u2028", "half \ud83d pair"]
)
def test_tokens_spell_the_text(tiny: Worker, text: str) -> None:
    assert b"".join(map(tiny._llama.piece, tiny.tokenize(text))) == text.encode("utf-8", "replace")


@pytest.mark.parametrize("text", ["", "<|no_such_token|>", "def", "<|fim_prefix|>x"])
def test_what_is_no_special_token(tiny: Worker, text: str) -> None:
    assert tiny.special(text) is None


def test_an_aborted_evaluation_changes_nothing(llama: Llama) -> None:
    tokens = llama.tokenize("def add(left, right):\n    return left + right\n")[: llama.batch]
    assert llama.evaluate(tokens, 0, 0, 1)
    expected = llama.most_likely()
    llama.abort()
    assert not llama.evaluate(tokens, 3, 0, 1)
    llama.go_on()
    assert llama.evaluate(tokens, 3, 0, 1)
    assert llama.most_likely() == expected


def test_a_state_goes_from_one_sequence_to_another(llama: Llama) -> None:
    tokens = llama.tokenize("import os\n")
    last = len(tokens) - 1
    assert llama.evaluate(tokens, 0, 0, 1)
    expected = llama.most_likely()
    assert llama.restore(5, bytes(llama.state(0)))
    llama.trim(5, last)
    assert llama.evaluate(tokens[last:], 5, last, 1)
    assert llama.most_likely() == expected


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (None, ModelNotFound, "cannot be read"),
        (b"", ModelDamaged, "is not a GGUF file"),
        (b"PK\x03\x04 a zip file", ModelDamaged, "is not a GGUF file"),
        (b"GGUF", ModelDamaged, "cut short"),
        (EMBEDDED_FILE.read_bytes()[:100_000], ModelDamaged, "cut short"),
        (EMBEDDED_FILE.read_bytes()[:-100_000], ModelDamaged, "cut short"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes | None, error: type[Exception], sentence: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=sentence):
        load(path, LoadOptions())


def test_loading_reports_its_progress() -> None:
    shares: list[float] = []
    load(EMBEDDED_FILE, LoadOptions(), shares.append).close()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (3, 2), (8, 7)])
def test_a_core_is_left_for_the_editor_where_there_are_several(cores: int, threads: int) -> None:
    assert threads_for(cores) == threads
