"""How a model's tokenizer cuts a text, and what choosing a token costs. Evaluates nothing."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import figures
from bench.problems import Unmeasurable
from lsp_server.engine.branch import Branch
from lsp_server.engine.interface import GenerationRequest, LoadOptions
from lsp_server.engine.llama.model import Llama
from lsp_server.errors import MidfillError
from lsp_server.prompt.fim import QWEN25_CODER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Nothing is evaluated, so the smallest KV cache will do.
_CELLS = 256
_ROUNDS = 5


class Tokenizer:
    """The tokenizer of a model."""

    def __init__(self, llama: Llama) -> None:
        self.llama = llama

    def pieces(self, text: str) -> list[str]:
        """Return the texts of the tokens of a text that has nothing but ASCII, in their order."""
        return [self.llama.piece(token).decode("ascii") for token in self.llama.tokenize(text)]

    def borders(self, line: str) -> set[int]:
        """Return the offsets at which tokens of a line of ASCII begin or end."""
        ends, end = {0}, 0
        for piece in self.pieces(line):
            end += len(piece)
            ends.add(end)
        return ends


@contextmanager
def opened(path: Path) -> Iterator[Tokenizer]:
    """Open the tokenizer of a model's file and close it in the end.

    Raises:
        Unmeasurable: it cannot be loaded; the message is the reason.
    """
    try:
        llama = Llama(path, LoadOptions(cells=_CELLS, threads=1, gpu_layers=0), lambda _share: None)
    except MidfillError as problem:
        raise Unmeasurable(str(problem)) from problem
    try:
        yield Tokenizer(llama)
    finally:
        llama.close()


def cost(tokenizer: Tokenizer, lines: Sequence[str], seed: int) -> dict[str, Any]:
    """Return what healing costs at these texts before a cursor, in milliseconds, with logits made by dice.

    ``heal`` is how long it takes to say what is taken back, once a prompt; ``forced`` how long it takes to choose a
    token where bytes are forced, at every step until they are consumed, and ``free`` where none are.
    """
    llama, dice = tokenizer.llama, np.random.default_rng(seed)
    vocabulary = llama.vocabulary
    rows = [dice.normal(0, 4, len(vocabulary.pieces)).astype(np.float32) for _ in range(_ROUNDS)]
    ends = frozenset(token for text in QWEN25_CODER.stop if (token := llama.special(text)) is not None)
    times: dict[str, list[float]] = {"heal": [], "forced": [], "free": []}
    for number, line in enumerate(lines):
        tokens = llama.tokenize(line)
        start = time.perf_counter()
        healing = vocabulary.heal(tokens)
        times["heal"].append(_since(start))
        row = rows[number % _ROUNDS]
        for name, forced in (("forced", healing.forced), ("free", b"")):
            request = GenerationRequest((0,), len(line) + 1, ends, forced=forced)
            branch = Branch(request, vocabulary, 0, lambda _text, _chances: None)
            is_whole = name == "forced" and not forced
            while not is_whole:
                start = time.perf_counter()
                (choice,) = branch.choose(row, 1)
                times[name].append(_since(start))
                is_whole = branch.is_completed_by(choice)
                branch.take(choice)
    spreads = {name: {**figures.spread(some), "max": round(max(some, default=0), 3)} for name, some in times.items()}
    return {"size": len(vocabulary.pieces), **spreads}


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
