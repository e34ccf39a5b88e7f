"""Synthetic models: true shapes, and files that llama.cpp loads."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.problems import Unmeasurable
from bench.synthetic import (
    BLOCKS,
    PACKED_VOCABULARY,
    SHAPES,
    SPECIAL,
    TEXT_TOKENS,
    Recipe,
    Shape,
    parameters,
    random_rows,
    read_vocabulary,
    stored_as,
    tensors,
    write,
)
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from pathlib import Path

MINIATURE = Shape(256, 2, 4, 2, 512, 5000, tied=True)


@pytest.mark.parametrize(
    ("size", "expected"),
    [("0.5b", 494_032_768), ("1.5b", 1_543_714_304), ("3b", 3_085_938_688), ("7b", 7_615_616_512)],
)
def test_the_shapes_have_the_parameters_of_the_true_models(size: str, expected: int) -> None:
    assert parameters(SHAPES[size]) == expected


def test_the_special_tokens_stand_at_their_numbers() -> None:
    numbers = {text: TEXT_TOKENS + index for index, text in enumerate(SPECIAL)}
    # Qwen2.5-Coder's README, "Special tokens".
    expected = {
        "<|endoftext|>": 151643,
        "<|im_start|>": 151644,
        "<|im_end|>": 151645,
        "<tool_call>": 151657,
        "<|fim_prefix|>": 151659,
        "<|fim_middle|>": 151660,
        "<|fim_suffix|>": 151661,
        "<|fim_pad|>": 151662,
        "<|repo_name|>": 151663,
        "<|file_sep|>": 151664,
    }
    assert {text: numbers[text] for text in expected} == expected


@pytest.mark.parametrize(
    ("shape", "quantization", "logits", "rest"),
    [
        (SHAPES["0.5b"], "Q8_0", "Q8_0", "Q8_0"),
        (SHAPES["0.5b"], "Q4_0", "Q8_0", "Q4_0"),
        (SHAPES["1.5b"], "Q4_0", "Q6_K", "Q4_0"),
        (SHAPES["7b"], "Q4_0", "Q6_K", "Q4_0"),
    ],
)
def test_the_matrix_of_the_logits_is_never_coarse(shape: Shape, quantization: str, logits: str, rest: str) -> None:
    recipe = Recipe("", shape, quantization, 0)
    kinds = {tensor.name: stored_as(tensor, recipe) for tensor in tensors(shape)}
    assert kinds["token_embd.weight" if shape.tied else "output.weight"] == logits
    assert kinds["blk.0.ffn_down.weight"] == rest
    assert kinds["blk.0.attn_q.bias"] == kinds["output_norm.weight"] == "F32"


@pytest.mark.parametrize("kind", BLOCKS)
def test_random_bytes_have_the_deviation_that_was_asked_for(kind: str) -> None:
    quants = pytest.importorskip("gguf.quants")
    gguf = pytest.importorskip("gguf")
    rows = random_rows(64, 1024, BLOCKS[kind], 0.02, np.random.default_rng(0))
    values = quants.dequantize(rows, gguf.GGMLQuantizationType[kind])
    assert values.shape == (64, 1024)
    assert np.isfinite(values).all()
    assert values.std() == pytest.approx(0.02, rel=0.05)
    assert abs(values.mean()) < 0.004


@pytest.mark.parametrize(
    ("shape", "quantization"),
    [(MINIATURE, "Q8_0"), (MINIATURE, "Q4_0"), (replace(MINIATURE, tied=False), "Q8_0")],
    ids=["q8_0", "q4_0", "untied"],
)
def test_llama_cpp_loads_a_miniature_and_it_does_not_end_by_itself(
    tmp_path: Path, shape: Shape, quantization: str
) -> None:
    pytest.importorskip("gguf")
    import llama_cpp  # noqa: PLC0415  only where gguf is

    vocabulary = read_vocabulary(EMBEDDED_FILE)
    path = tmp_path / "miniature.gguf"
    recipe = Recipe("miniature", replace(shape, vocabulary=len(vocabulary.tokens) + 40), quantization, 0)
    write(recipe, vocabulary, path)
    assert [file.name for file in tmp_path.iterdir()] == ["miniature.gguf"]
    model = llama_cpp.Llama(str(path), n_ctx=256, n_threads=1, verbose=False)
    assert model.metadata["general.name"] == "miniature"
    first = len(vocabulary.tokens)
    assert model.token_eos() == first
    prompt = model.tokenize(b"<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>", add_bos=False, special=True)
    assert [token - first for token in prompt if token >= first] == [16, 18, 17]
    generated = [token for token, _ in zip(model.generate(prompt, temp=0.0), range(64), strict=False)]
    assert all(token < first for token in generated)
    model.close()


def test_the_vocabulary_is_found_in_a_source_distribution(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    archive = tmp_path / "llama_cpp_python-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(EMBEDDED_FILE, f"llama_cpp_python-1.0/{PACKED_VOCABULARY}")
    assert read_vocabulary(archive) == read_vocabulary(EMBEDDED_FILE)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tar.gz", b"nothing", "neither a GGUF nor a readable source distribution"),
        ("a.gguf", b"nothing", "There is no vocabulary"),
    ],
)
def test_what_holds_no_vocabulary_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    pytest.importorskip("gguf")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unmeasurable, match=message):
        read_vocabulary(tmp_path / name)
