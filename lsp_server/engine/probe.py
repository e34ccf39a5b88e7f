"""How fast this machine would run a model that it does not have: measured on models of random weights.

Two files of the architecture that the models of the catalogue have are written, loaded as any model is, and measured.
Both have a few layers of a real size, more bytes than a processor's cache holds. A wide layer takes longer than a
narrow one, and not in proportion to the numbers in it: threads wait for each other, a graphics card is told what to do.
What an evaluation of n tokens takes is therefore, for a model of any size,

    layers * step(n) + values * rate(n)

The format of the files: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import struct
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.llama.model import Llama
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from lsp_server.engine.interface import LoadOptions

# Q8_0 keeps 32 values as a 16-bit scale and 32 bytes (block_q8_0 in ggml-common.h).
BLOCK_VALUES, BLOCK_BYTES = 32, 34
# Random bytes as weights of a matrix with so many columns keep activations near 1, or they would overflow.
BYTE_DEVIATION = 73.9
MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
# ggml's numbers of types (enum ggml_type in ggml.h), and those of metadata values (gguf.md).
F32, Q8_0 = 0, 8
UINT32, FLOAT32, STRING = 4, 6, 8
# llama.cpp takes a model without a tokenizer; its tokens are numbers below this.
VOCABULARY = 32
CONTEXT = 4096
ROPE_BASE, EPSILON = 1e6, 1e-6
# Tokens of the evaluations that are measured, as far as llama.cpp's batch holds them.
SIZES = (1, 2, 8, 32, 128, 512)
# How often each is measured, and for how many seconds at a time.
TURNS, SECONDS = 5, 0.06
# Behind this many tokens, since attention costs something too.
POSITION = 256
# Free space that is to be left besides the file.
SPARE_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a Qwen2 model."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int

    @property
    def values(self) -> int:
        """How many numbers the matrices of all layers hold."""
        return sum(rows * columns for _, rows, columns in _matrices(self))


# The layers of Qwen2.5-Coder-1.5B and of 0.5B.
WIDE = Shape(hidden=1536, layers=4, heads=12, kv_heads=2, feed_forward=8960)
NARROW = Shape(hidden=896, layers=6, heads=14, kv_heads=2, feed_forward=4864)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of an evaluation: ``step`` for each layer, and ``rate`` for each number in a matrix."""

    step: float
    rate: float

    def seconds(self, layers: int, values: int) -> float:
        """Return what a model takes with so many layers, and numbers in its matrices."""
        return layers * self.step + values * self.rate


@dataclass(frozen=True, slots=True)
class Costs:
    """What evaluations cost by the number of their tokens, smallest first, 1 always.

    ``batch`` is how many tokens are evaluated at once at the most.
    """

    by_tokens: Mapping[int, Cost]
    batch: int

    def of(self, tokens: int) -> Cost:
        """Return the cost of an evaluation of 1 to ``batch`` tokens: what was measured, or on the line between."""
        known = list(self.by_tokens)
        costs = list(self.by_tokens.values())
        step = float(np.interp(tokens, known, [cost.step for cost in costs]))
        rate = float(np.interp(tokens, known, [cost.rate for cost in costs]))
        return Cost(step, rate)


def measure(options: LoadOptions) -> Costs:
    """Write both models into a temporary folder, load them with ``options``, and return what evaluations cost.

    Takes a few seconds, 400 MB of memory, and 300 MB of disk, of which nothing is left.

    Raises:
        EngineError: there is no room for the files, or llama.cpp failed.
        ModelError: llama.cpp cannot load them.
    """
    # However few tokens the settings let a prompt have: what is measured has to fit into the cache.
    options = replace(options, cells=0)
    with tempfile.TemporaryDirectory(prefix="midfill-") as name:
        paths = [_written(Path(name), shape) for shape in (WIDE, NARROW)]
        # OpenMP keeps threads for each thread that evaluates, until that one ends.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_measure, paths, options).result()


def _written(folder: Path, shape: Shape) -> Path:
    path = folder / f"{shape.layers} layers.gguf"
    size = shape.values // BLOCK_VALUES * BLOCK_BYTES
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise EngineError(
            f"{folder.parent} has no room for {size / 1e6:.0f} MB to measure with: make room there, or name another "
            "folder by the variable TMPDIR."
        )
    try:
        write(path, shape)
    except OSError as error:
        raise EngineError(
            f"{folder.parent} cannot be written ({error.strerror}): name another folder by the variable TMPDIR."
        ) from error
    return path


def _measure(paths: Sequence[Path], options: LoadOptions) -> Costs:
    with contextlib.ExitStack() as stack:
        wide, narrow = (
            stack.enter_context(contextlib.closing(Llama(path, options, lambda _share: None))) for path in paths
        )
        for llama in (wide, narrow):
            _fill(llama)
        sizes = [tokens for tokens in SIZES if tokens <= wide.batch]
        seconds: defaultdict[tuple[Llama, int], list[float]] = defaultdict(list)
        # In turns, so that a busy moment does not meet all that is measured of one.
        for tokens in sizes * TURNS:
            for llama in (wide, narrow):
                seconds[llama, tokens] += _rounds(llama, tokens)
        # A suggestion is many evaluations, some of which other programs get in the way of: so the mean counts.
        mean = {key: statistics.fmean(each) for key, each in seconds.items()}
        return Costs({tokens: solve(mean[wide, tokens], mean[narrow, tokens]) for tokens in sizes}, wide.batch)


def solve(wide: float, narrow: float) -> Cost:
    """Return the cost that explains the seconds of both models; neither part of it is below 0."""
    determinant = WIDE.layers * NARROW.values - NARROW.layers * WIDE.values
    step = max(0.0, (wide * NARROW.values - narrow * WIDE.values) / determinant)
    return Cost(step, max(0.0, wide - step * WIDE.layers) / WIDE.values)


def _fill(llama: Llama) -> None:
    """Have the cache hold what stands before the tokens that are measured."""
    for position in range(0, POSITION, llama.batch):
        llama.evaluate([0] * min(llama.batch, POSITION - position), 0, position, outputs=0)


def _rounds(llama: Llama, tokens: int) -> list[float]:
    """Return the seconds of one evaluation after the other, of one at the least."""
    rounds: list[float] = []
    # llama.cpp prepares itself for each new number of tokens, so the first says nothing.
    _seconds(llama, tokens)
    while sum(rounds) < SECONDS or not rounds:
        rounds.append(_seconds(llama, tokens))
    return rounds


def _seconds(llama: Llama, tokens: int) -> float:
    started = time.perf_counter()
    llama.evaluate([0] * tokens, 0, POSITION, outputs=1)
    # Graphics cards go on by themselves until somebody wants to see what has come of it.
    llama.logits()
    seconds = time.perf_counter() - started
    llama.trim(0, POSITION)
    return seconds


# --- the file ----------------------------------------------------------------------------------------


def write(path: Path, shape: Shape) -> None:
    """Write a model of random weights in Q8_0, the same at each call.

    Raises:
        OSError: it cannot be written.
    """
    tensors = list(_tensors(shape))
    with path.open("wb") as file:
        metadata = _metadata(shape)
        file.write(MAGIC + struct.pack("<IQQ", VERSION, len(tensors), len(metadata)))
        for key, value in metadata.items():
            file.write(_text(key) + _value(value))
        offset = 0
        for name, sizes in tensors:
            kind = F32 if len(sizes) == 1 else Q8_0
            # ggml counts from the innermost dimension: columns before rows.
            dimensions = struct.pack(f"<I{len(sizes)}Q", len(sizes), *reversed(sizes))
            file.write(_text(name) + dimensions + struct.pack("<IQ", kind, offset))
            offset += _padded(_bytes(sizes))
        _pad(file)
        for _, sizes in tensors:
            file.write(_data(sizes))
            _pad(file)


def _matrices(shape: Shape) -> Iterator[tuple[str, int, int]]:
    """Yield name, rows and columns of all matrices that each token is multiplied with."""
    width = shape.hidden
    kv_width = shape.kv_heads * width // shape.heads
    for layer in range(shape.layers):
        for name, rows, columns in (
            ("attn_q", width, width),
            ("attn_k", kv_width, width),
            ("attn_v", kv_width, width),
            ("attn_output", width, width),
            ("ffn_gate", shape.feed_forward, width),
            ("ffn_up", shape.feed_forward, width),
            ("ffn_down", width, shape.feed_forward),
        ):
            yield f"blk.{layer}.{name}.weight", rows, columns


def _tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield name and sizes of all tensors, rows first."""
    yield "token_embd.weight", (VOCABULARY, shape.hidden)
    yield "output_norm.weight", (shape.hidden,)
    for name, rows, columns in _matrices(shape):
        yield name, (rows, columns)
        if name.endswith(("q.weight", "k.weight", "v.weight")):
            yield name.replace("weight", "bias"), (rows,)
    for layer in range(shape.layers):
        yield f"blk.{layer}.attn_norm.weight", (shape.hidden,)
        yield f"blk.{layer}.ffn_norm.weight", (shape.hidden,)


def _metadata(shape: Shape) -> dict[str, str | int | float]:
    return {
        "general.architecture": "qwen2",
        "general.name": "midfill's probe",
        "qwen2.context_length": CONTEXT,
        "qwen2.embedding_length": shape.hidden,
        "qwen2.block_count": shape.layers,
        "qwen2.feed_forward_length": shape.feed_forward,
        "qwen2.attention.head_count": shape.heads,
        "qwen2.attention.head_count_kv": shape.kv_heads,
        "qwen2.rope.freq_base": ROPE_BASE,
        "qwen2.attention.layer_norm_rms_epsilon": EPSILON,
        "qwen2.vocab_size": VOCABULARY,
        "tokenizer.ggml.model": "no_vocab",
    }


def _value(value: str | int | float) -> bytes:  # noqa: PYI041  an integer has a type of its own in the file
    if isinstance(value, str):
        return struct.pack("<I", STRING) + _text(value)
    if isinstance(value, int):
        return struct.pack("<II", UINT32, value)
    return struct.pack("<If", FLOAT32, value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _bytes(sizes: Sequence[int]) -> int:
    values = int(np.prod(sizes))
    return values * 4 if len(sizes) == 1 else values // BLOCK_VALUES * BLOCK_BYTES


def _data(sizes: Sequence[int]) -> bytes:
    if len(sizes) == 1:
        return np.ones(sizes, np.float32).tobytes()
    blocks = np.frombuffer(np.random.default_rng(0).bytes(_bytes(sizes)), np.uint8).copy().reshape(-1, BLOCK_BYTES)
    scale = np.float16(sizes[1] ** -0.5 / BYTE_DEVIATION)
    blocks[:, :2] = np.frombuffer(scale.tobytes(), np.uint8)
    return blocks.tobytes()


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _pad(file: BinaryIO) -> None:
    file.write(bytes(_padded(file.tell()) - file.tell()))
