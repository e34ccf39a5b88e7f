"""Write a GGUF with the true shapes and the true tokenizer of a Qwen2.5-Coder, and random weights.

    python -m bench.synthetic 0.5b --out FILE [--quantization q8_0|q4_0] [--vocabulary FILE] [--seed 0]

What a token costs depends on the shapes of the matrices and not on what stands in them: the way to
measure latency at real size without weights. Such a file says nothing of quality.

The tokenizer comes from ``--vocabulary``, a GGUF with Qwen2.5's vocabulary or the source distribution
of llama-cpp-python, which carries one; without the option pip downloads that distribution.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.problems import Unmeasurable, one_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_CONTEXT = 32768
ROPE_BASE = 1e6
EPSILON = 1e-6
# Qwen2.5's, in the order of their numbers; everything before them is text.
END_OF_TEXT = "<|endoftext|>"
SPECIAL = (
    *(END_OF_TEXT, "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>"),
    *("<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
)
USER_DEFINED = ("<tool_call>", "</tool_call>")
TEXT_TOKENS = 151643
PACKED_VOCABULARY = "vendor/llama.cpp/models/ggml-vocab-qwen2.gguf"

EMBEDDING_DEVIATION = 0.02
BIAS_DEVIATION = 0.1
# As sure of itself as a trained model: one token takes most of the probability. llama-server's sampler
# for infilling would end at once where all tokens are equally likely.
LOGIT_DEVIATION = 10.0
# The special tokens' rows are this much smaller, so none of them is ever the most likely: every
# generation runs until a rule or a limit ends it, for all subjects of a comparison alike.
SPECIAL_SHARE = 1 / 16


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Qwen2 model; ``tied`` models take the embedding for the logits too."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int
    tied: bool


# The config.json of Qwen/Qwen2.5-Coder-0.5B, -1.5B, -3B and -7B.
SHAPES = {
    "0.5b": Shape(896, 24, 14, 2, 4864, 151936, tied=True),
    "1.5b": Shape(1536, 28, 12, 2, 8960, 151936, tied=True),
    "3b": Shape(2048, 36, 16, 2, 11008, 151936, tied=True),
    "7b": Shape(3584, 28, 28, 4, 18944, 152064, tied=False),
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: ``sizes`` are rows and columns, or one length; ``deviation`` is of its values, 0 for all the same."""

    name: str
    sizes: tuple[int, ...]
    deviation: float
    mean: float = 0.0


@dataclass(frozen=True, slots=True)
class Blocks:
    """How a quantization lies in memory: blocks of ``values`` in ``size`` bytes, an fp16 scale at ``scale_at``.

    ``deviation`` is the one of the values that random bytes make with a scale of 1.
    """

    values: int
    size: int
    scale_at: int
    deviation: float


# llama.cpp's ggml-common.h: block_q8_0, block_q4_0 and block_q6_K.
BLOCKS = {
    "Q8_0": Blocks(32, 34, 0, 73.9),
    "Q4_0": Blocks(32, 18, 0, 4.6),
    "Q6_K": Blocks(256, 210, 208, 18.5 * 73.9),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to write: ``quantization`` is Q8_0 or Q4_0, ``seed`` decides the weights."""

    name: str
    shape: Shape
    quantization: str
    seed: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens that are text, in the order of their numbers, and the merges of the byte pair encoding."""

    tokens: tuple[str, ...]
    merges: tuple[str, ...]


def tensors(shape: Shape) -> Iterator[Tensor]:
    """Yield all tensors of a model, with deviations that keep activations near 1 through all layers."""
    width = shape.hidden
    head = width // shape.heads
    sure = LOGIT_DEVIATION / (EMBEDDING_DEVIATION * width**0.5)
    yield Tensor("token_embd.weight", (shape.vocabulary, width), EMBEDDING_DEVIATION)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield Tensor(f"{block}attn_norm.weight", (width,), 0.0, 1.0)
        for name, rows in (("q", width), ("k", shape.kv_heads * head), ("v", shape.kv_heads * head)):
            yield Tensor(f"{block}attn_{name}.weight", (rows, width), width**-0.5)
            yield Tensor(f"{block}attn_{name}.bias", (rows,), BIAS_DEVIATION)
        yield Tensor(f"{block}attn_output.weight", (width, width), width**-0.5)
        yield Tensor(f"{block}ffn_norm.weight", (width,), 0.0, 1.0)
        yield Tensor(f"{block}ffn_gate.weight", (shape.feed_forward, width), width**-0.5)
        yield Tensor(f"{block}ffn_up.weight", (shape.feed_forward, width), width**-0.5)
        yield Tensor(f"{block}ffn_down.weight", (width, shape.feed_forward), shape.feed_forward**-0.5)
    yield Tensor("output_norm.weight", (width,), 0.0, sure)
    if not shape.tied:
        yield Tensor("output.weight", (shape.vocabulary, width), EMBEDDING_DEVIATION)


def parameters(shape: Shape) -> int:
    """Return how many numbers a model of this shape has."""
    return sum(int(np.prod(tensor.sizes)) for tensor in tensors(shape))


def stored_as(tensor: Tensor, recipe: Recipe) -> str:
    """Return the type of a tensor: as llama.cpp's own quantizer decides, the logits' matrix is never coarse."""
    if len(tensor.sizes) == 1:
        return "F32"
    makes_logits = tensor.name == ("token_embd.weight" if recipe.shape.tied else "output.weight")
    if recipe.quantization == "Q4_0" and makes_logits:
        return "Q6_K" if tensor.sizes[1] % BLOCKS["Q6_K"].values == 0 else "Q8_0"
    return recipe.quantization


def random_rows(rows: int, columns: int, blocks: Blocks, deviation: float, dice: np.random.Generator) -> Any:  # noqa: ANN401  numpy's own types differ by version
    """Return the bytes of a quantized matrix, shape (rows, bytes of a row): random values, one scale."""
    data = np.frombuffer(dice.bytes(rows * columns // blocks.values * blocks.size), dtype=np.uint8).copy()
    scale = np.frombuffer(np.float16(deviation / blocks.deviation).tobytes(), dtype=np.uint8)
    data.reshape(-1, blocks.size)[:, blocks.scale_at : blocks.scale_at + 2] = scale
    return data.reshape(rows, -1)


def values(tensor: Tensor, kind: str, text_tokens: int, dice: np.random.Generator) -> Any:  # noqa: ANN401  as above
    """Return what stands in a tensor; in those with a row for each token the special ones are smaller."""
    if kind == "F32":
        return (tensor.mean + tensor.deviation * dice.standard_normal(tensor.sizes)).astype(np.float32)
    rows, columns = tensor.sizes
    if tensor.name not in ("token_embd.weight", "output.weight"):
        return random_rows(rows, columns, BLOCKS[kind], tensor.deviation, dice)
    text = random_rows(text_tokens, columns, BLOCKS[kind], tensor.deviation, dice)
    rest = random_rows(rows - text_tokens, columns, BLOCKS[kind], tensor.deviation * SPECIAL_SHARE, dice)
    return np.concatenate([text, rest])


def write(recipe: Recipe, vocabulary: Vocabulary, path: Path) -> None:
    """Write a model to ``path``, whole or not at all. One tensor is in memory at a time."""
    import gguf  # noqa: PLC0415  the shapes are of use without it

    shape = recipe.shape
    dice = np.random.default_rng(recipe.seed)
    partial = path.with_name(f"{path.name}.partial")
    writer = gguf.GGUFWriter(partial, "qwen2")
    writer.add_name(recipe.name)
    writer.add_description("Random weights in the true shapes: for latency only, it says nothing of quality.")
    writer.add_context_length(LARGEST_CONTEXT)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{recipe.quantization}"])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _add_vocabulary(writer, vocabulary, shape.vocabulary)
    stored = [(tensor, stored_as(tensor, recipe)) for tensor in tensors(shape)]
    for tensor, kind in stored:
        sizes, size_of_row = tensor.sizes, 4
        if kind != "F32":
            size_of_row = tensor.sizes[1] // BLOCKS[kind].values * BLOCKS[kind].size
            sizes = (tensor.sizes[0], size_of_row)
        raw = None if kind == "F32" else gguf.GGMLQuantizationType[kind]
        unit = np.dtype(np.float32 if kind == "F32" else np.uint8)
        writer.add_tensor_info(tensor.name, sizes, unit, tensor.sizes[0] * size_of_row, raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor, kind in stored:
        writer.write_tensor_data(values(tensor, kind, len(vocabulary.tokens), dice))
    writer.close()
    partial.replace(path)


def _add_vocabulary(writer: Any, vocabulary: Vocabulary, size: int) -> None:  # noqa: ANN401  gguf may be missing
    from gguf import TokenType  # noqa: PLC0415  as above

    padding = range(len(vocabulary.tokens) + len(SPECIAL), size)
    kinds = [TokenType.NORMAL] * len(vocabulary.tokens)
    kinds += [TokenType.USER_DEFINED if text in USER_DEFINED else TokenType.CONTROL for text in SPECIAL]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*vocabulary.tokens, *SPECIAL, *(f"[PAD{number}]" for number in padding)])
    writer.add_token_types([int(kind) for kind in [*kinds, *(TokenType.UNUSED for _ in padding)]])
    writer.add_token_merges(list(vocabulary.merges))
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_pad_token_id):
        add(len(vocabulary.tokens))
    writer.add_add_bos_token(False)


def read_vocabulary(path: Path) -> Vocabulary:
    """Return the vocabulary of a GGUF, or of the one in llama-cpp-python's source distribution.

    Raises:
        Unmeasurable: the file is neither, or its vocabulary is of another family.
    """
    if path.suffix == ".gguf":
        return _from_gguf(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "vocabulary.gguf"
        try:
            with tarfile.open(path) as archive:
                name = next((name for name in archive.getnames() if name.endswith(PACKED_VOCABULARY)), None)
                packed = archive.extractfile(name) if name else None
                copy.write_bytes(packed.read() if packed else b"")
        except (OSError, tarfile.TarError) as error:
            raise Unmeasurable(f"{path} is neither a GGUF nor a readable source distribution: {error}.") from error
        return _from_gguf(copy)


def _from_gguf(path: Path) -> Vocabulary:
    import gguf  # noqa: PLC0415  as above

    try:
        fields = gguf.GGUFReader(path).fields
        tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
        merges: list[str] = fields["tokenizer.ggml.merges"].contents()
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise Unmeasurable(f"There is no vocabulary of byte pairs in {path}: {error!r}.") from error
    if END_OF_TEXT not in tokens:
        raise Unmeasurable(f"The vocabulary in {path} is not of Qwen's family: it has no {END_OF_TEXT}.")
    return Vocabulary(tuple(tokens[: tokens.index(END_OF_TEXT)]), tuple(merges))


def downloaded_vocabulary() -> Vocabulary:
    """Return the vocabulary of the source distribution of the llama-cpp-python that is installed.

    Raises:
        Unmeasurable: pip could not get it.
    """
    wanted = f"llama-cpp-python=={metadata.version('llama-cpp-python')}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "llama-cpp-python"]
        done = subprocess.run([*command, "--dest", folder, wanted], check=False, capture_output=True, text=True)  # noqa: S603  our own command
        found = next(Path(folder).glob("*.tar.gz"), None)
        if done.returncode or found is None:
            last = (done.stderr.strip().splitlines() or ["no word of why"])[-1]
            raise Unmeasurable(f"pip could not download {wanted} ({last}): give its file with --vocabulary.")
        return read_vocabulary(found)


def main() -> None:
    """Write the file, and say what it is and what it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SHAPES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--quantization", choices=["q8_0", "q4_0"], default="q8_0")
    parser.add_argument("--vocabulary", type=Path, help="a GGUF, or llama-cpp-python's source distribution (.tar.gz)")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    vocabulary = read_vocabulary(arguments.vocabulary) if arguments.vocabulary else downloaded_vocabulary()
    if len(vocabulary.tokens) != TEXT_TOKENS:
        raise Unmeasurable(f"Qwen2.5's vocabulary has {TEXT_TOKENS} tokens of text, this one {len(vocabulary.tokens)}.")
    name = f"synthetic Qwen2.5-Coder {arguments.size.upper()} {arguments.quantization}"
    recipe = Recipe(name, SHAPES[arguments.size], arguments.quantization.upper(), arguments.seed)
    write(recipe, vocabulary, arguments.out)
    size = arguments.out.stat().st_size
    print(
        f"{arguments.out}: {name}, {parameters(recipe.shape):,} parameters, {size / 1e6:,.0f} MB, Qwen2.5's tokenizer."
    )
    print("Its weights are random. Latency depends on shapes and not on values, so this is a file for measuring")
    print("latency and memory; it says nothing of the quality of suggestions.")


if __name__ == "__main__":
    with one_sentence():
        main()
