"""Write a model as a quantized GGUF, and read one back to go on training."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, quants
from tokenizers import models

from bench.tiny_model.model import Model, Shape
from bench.tiny_model.tokenizer import with_model

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer

NAME = "midfill tiny"
END_OF_TEXT = "<|endoftext|>"


def write(model: Model, tokenizer: Path, path: Path) -> None:
    """Write the model with its tokenizer to ``path``, whole or not at all; matrices become q8_0."""
    shape = model.shape
    partial = path.with_suffix(".partial")
    writer = gguf.GGUFWriter(partial, "qwen2")
    writer.add_name(NAME)
    writer.add_description("A toy trained for midfill's first runs and tests; not a good model.")
    writer.add_license("mit")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    _add_vocabulary(writer, json.loads(tokenizer.read_text(encoding="utf-8")))
    for name, parameter in model.named_parameters():
        values = parameter.detach().float().numpy()
        if values.ndim == 1:
            writer.add_tensor(name, values)
        else:
            packed = quants.quantize(values, GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)


def _add_vocabulary(writer: gguf.GGUFWriter, tokenizer: dict[str, Any]) -> None:
    model, added = tokenizer["model"], tokenizer["added_tokens"]
    special = {token["content"]: token["id"] for token in added}
    tokens = sorted({**model["vocab"], **special}.items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([text for text, _ in tokens])
    kinds = (gguf.TokenType.CONTROL if text in special else gguf.TokenType.NORMAL for text, _ in tokens)
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_eos_token_id(special[END_OF_TEXT])
    writer.add_pad_token_id(special[END_OF_TEXT])
    writer.add_add_bos_token(False)


def read_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer of a GGUF that :func:`write` has made."""
    fields = gguf.GGUFReader(path).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    kinds: list[int] = fields["tokenizer.ggml.token_type"].contents()
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind == gguf.TokenType.CONTROL]
    vocabulary = {token: number for number, token in enumerate(tokens) if token not in special}
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = with_model(models.BPE(vocab=vocabulary, merges=merges))
    # They stand behind all others, in their order, so they get the numbers that they had.
    tokenizer.add_special_tokens(special)
    return tokenizer


def read(path: Path) -> Model:
    """Return the model of a GGUF that :func:`write` has made, its matrices as good as q8_0 keeps them."""
    reader = gguf.GGUFReader(path)

    def number(key: str) -> int:
        return int(reader.fields[f"qwen2.{key}"].contents())

    tensors = {
        t.name: torch.from_numpy(np.array(quants.dequantize(t.data, t.tensor_type), dtype=np.float32))
        for t in reader.tensors
    }
    model = Model(
        Shape(
            vocabulary=tensors["token_embd.weight"].shape[0],
            width=number("embedding_length"),
            layers=number("block_count"),
            heads=number("attention.head_count"),
            kv_heads=number("attention.head_count_kv"),
            feed_forward=number("feed_forward_length"),
            context=number("context_length"),
        )
    )
    model.load_state_dict(tensors)
    return model
