"""llama.cpp behind its binding: the tokenizer, evaluation, and files that cannot be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import llama_cpp
import numpy as np
import pytest

from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.llama.loading import threads_for
from lsp_server.engine.llama.model import Llama, Step
from lsp_server.engine.worker import load
from lsp_server.errors import ModelDamaged, ModelNotFound
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.engine.requests import TIE

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


def test_the_vocabulary_has_the_bytes_of_all_tokens(tiny: Worker) -> None:
    llama = tiny._llama
    pieces = llama.vocabulary.pieces
    assert len(pieces) == tiny.info.vocabulary_size
    assert all(pieces[token] == llama.piece(token) for token in range(0, len(pieces), 7))
    special = tiny.special("<|fim_middle|>")
    assert special is not None
    assert not pieces[special]
    assert all(len(llama.vocabulary.beginning_with(bytes([byte]))) for byte in range(256))


def test_an_aborted_evaluation_changes_nothing(llama: Llama) -> None:
    tokens = llama.tokenize("def add(left, right):\n    return left + right\n")[: llama.batch]
    assert llama.evaluate(tokens, 0, 0, 1)
    expected = llama.logits().argmax()
    llama.abort()
    assert not llama.evaluate(tokens, 3, 0, 1)
    llama.go_on()
    assert llama.evaluate(tokens, 3, 0, 1)
    assert llama.logits().argmax() == expected


def test_sequences_that_are_evaluated_together_get_what_each_would_alone(llama: Llama) -> None:
    tokens = llama.tokenize("def add(left, right):\n    return")
    length, rivals = len(tokens), (llama.tokenize("(")[0], llama.tokenize("\n")[0])
    assert llama.evaluate(tokens, 0, 0, 1)
    llama.copy(0, 1, length)
    assert llama.evaluate_each([Step(rival, sequence, length) for sequence, rival in enumerate(rivals)])
    together = [llama.logits(output).copy() for output in (-2, -1)]
    for rival, logits in zip(rivals, together, strict=True):
        assert llama.evaluate([*tokens, rival], 2, 0, 1)
        # All are rounded to some bits; those of the two differ by much more.
        assert np.abs(llama.logits() - logits).max() < TIE
        llama.trim(2, 0)
    assert np.abs(together[0] - together[1]).max() > 10 * TIE


def test_an_aborted_evaluation_of_several_sequences_changes_none(llama: Llama) -> None:
    tokens = llama.tokenize("def add(left, right):\n    return")
    length = len(tokens)
    steps = [Step(tokens[sequence], sequence, length) for sequence in (0, 1)]
    assert llama.evaluate(tokens, 0, 0, 1)
    llama.copy(0, 1, length)
    assert llama.evaluate_each(steps)
    expected = [llama.logits(output).copy() for output in (-2, -1)]
    for sequence in (0, 1):
        llama.trim(sequence, length)
    llama.abort()
    assert not llama.evaluate_each(steps)
    assert [llama_cpp.llama_memory_seq_pos_max(llama._memory, n) for n in (0, 1)] == [length - 1] * 2
    llama.go_on()
    assert llama.evaluate_each(steps)
    for output, logits in zip((-2, -1), expected, strict=True):
        assert np.abs(llama.logits(output) - logits).max() < TIE


def test_a_state_goes_from_one_sequence_to_another(llama: Llama) -> None:
    tokens = llama.tokenize("import os\n")
    last = len(tokens) - 1
    assert llama.evaluate(tokens, 0, 0, 1)
    expected = llama.logits().argmax()
    assert llama.restore(5, bytes(llama.state(0)))
    llama.trim(5, last)
    assert llama.evaluate(tokens[last:], 5, last, 1)
    assert llama.logits().argmax() == expected


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
