"""Train the embedded model.

    python -m bench.tiny_model.train --data DATA --minutes 90 [--resume TINY.gguf] --out TINY.gguf

Resumable: ``--resume`` starts from a GGUF written before. The learning rate follows the clock and
falls to zero at the end of ``--minutes``, so that the last file written is the best one; one is
written every ten minutes besides.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import multiprocessing
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from bench.tiny_model import export
from bench.tiny_model.corpus import load
from bench.tiny_model.holes import Corpus, Examples, Hole
from bench.tiny_model.model import Model, Shape
from lsp_server.prompt.fim import Plain, Special

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.queues import Queue

    from torch import Tensor

# The middle is what the model is for, and a small part of every row.
MIDDLE_WEIGHT = 4.0
# Of this share of the middles a part has been typed.
TYPED_SHARE = 0.5
# Examples among which the packing chooses.
POOL = 256
EXPORT_SECONDS = 600.0
DECAY = 0.45


def encode(tokenizer: Tokenizer, hole: Hole, dice: random.Random) -> tuple[list[int], int]:
    """Return the tokens of an example with its end, and how many of them are the middle and the end.

    Half of the middles are tokenized in two parts, as the product does it: what is typed of a line
    up to the cursor, which may stand within a word, and what the model adds.
    """

    def ids(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False).ids

    tokens: list[int] = []
    for segment in hole.segments()[:-1]:
        match segment:
            case Special(text):
                tokens.append(tokenizer.token_to_id(text))
            case Plain(text):
                tokens.extend(ids(text))
    cut = dice.randint(0, len(hole.middle.partition("\n")[0])) if dice.random() < TYPED_SHARE else 0
    middle = [*ids(hole.middle[:cut]), *ids(hole.middle[cut:]), tokenizer.token_to_id(export.END_OF_TEXT)]
    return [*tokens, *middle], len(middle)


def rows(data: Path, length: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield rows of ``length`` + 1 tokens and the weights of each as a target.

    Whole examples are packed end to end, the largest that fits first, so that none loses its middle,
    which stands at its end; what is left of a row is filled up with weight 0.
    """
    tokenizer = Tokenizer.from_file(str(data / "tokenizer.json"))
    # Text from files never becomes special tokens, here as in the product.
    tokenizer.encode_special_tokens = True
    dice = random.Random(seed)
    filler = tokenizer.token_to_id(export.END_OF_TEXT)
    examples = (encode(tokenizer, hole, dice) for hole in Examples(Corpus(load(data / "train.jsonl.gz")), dice))
    fitting = (example for example in examples if len(example[0]) <= length + 1)
    pool = list(itertools.islice(fitting, POOL))
    while True:
        tokens: list[int] = []
        weights: list[float] = []
        pool.sort(key=lambda example: len(example[0]))
        # One at random, so that no size starves; then the largest that fit.
        chosen = dice.randrange(len(pool))
        while chosen >= 0:
            ids, middle = pool.pop(chosen)
            tokens += ids
            weights += [1.0] * (len(ids) - middle) + [MIDDLE_WEIGHT] * middle
            chosen = bisect.bisect_right(pool, length + 1 - len(tokens), key=lambda example: len(example[0])) - 1
        rest = length + 1 - len(tokens)
        yield np.array(tokens + [filler] * rest), np.array(weights + [0.0] * rest, dtype=np.float32)
        pool.extend(itertools.islice(fitting, POOL - len(pool)))


def feed(queue: Queue[tuple[np.ndarray, np.ndarray]], data: Path, length: int, batch: int, seed: int) -> None:
    """Put batches into the queue for ever."""
    stream = rows(data, length, seed)
    while True:
        part = list(itertools.islice(stream, batch))
        queue.put((np.stack([t for t, _ in part]), np.stack([w for _, w in part])))


def orthogonal(update: Tensor) -> Tensor:
    """Return the matrix with its singular values drawn towards one (Newton-Schulz, as in Muon)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = update.mT if update.shape[0] > update.shape[1] else update
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if update.shape[0] > update.shape[1] else x


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal (https://kellerjordan.github.io/posts/muon/), for matrices only."""

    def __init__(self, parameters: list[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.01) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:
        """Update every matrix."""
        for group in self.param_groups:
            for matrix in group["params"]:
                state = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
                state.lerp_(matrix.grad, 1 - group["momentum"])
                update = orthogonal(matrix.grad.lerp(state, group["momentum"]))
                matrix.mul_(1 - group["lr"] * group["decay"])
                matrix.add_(update, alpha=-group["lr"] * max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5)


def optimizers(model: Model) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices of the layers and AdamW for the embedding, norms and biases."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and n.startswith("blk")]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or not n.startswith("blk")]
    return [Muon(matrices, lr=0.015), torch.optim.AdamW(others, lr=2e-3, betas=(0.9, 0.97), weight_decay=0.0)]


def rate(elapsed: float, total: float, step: int) -> float:
    """Return the share of the full learning rate: a short rise, a plateau, a linear fall to zero."""
    return max(0.0, min(1.0, (step + 1) / 100, (1 - elapsed / total) / DECAY))


def main() -> None:
    """Train until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--length", type=int, default=512, help="tokens in a row, up to the model's context")
    parser.add_argument("--batch", type=int, default=8, help="rows in a step")
    parser.add_argument("--peak", type=float, default=1.0, help="scales all learning rates; less than 1 to go on")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    model = export.read(arguments.resume) if arguments.resume else Model(Shape())
    if arguments.resume:
        # The machine that made the file may be gone, and its DATA with it.
        export.read_tokenizer(arguments.resume).save(str(arguments.data / "tokenizer.json"))
    length = min(arguments.length, model.shape.context)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)
    queue: Queue[tuple[np.ndarray, np.ndarray]] = multiprocessing.Queue(maxsize=4)
    settings = (queue, arguments.data, length, arguments.batch, arguments.seed)
    multiprocessing.Process(target=feed, args=settings, daemon=True).start()
    groups = optimizers(model)
    full = [group["lr"] * arguments.peak for o in groups for group in o.param_groups]
    run = torch.compile(model)
    tokens, weights = map(torch.from_numpy, queue.get())
    start = exported = time.monotonic()
    for step in itertools.count():
        elapsed = time.monotonic() - start
        if elapsed > arguments.minutes * 60:
            break
        for group, lr in zip((g for o in groups for g in o.param_groups), full, strict=True):
            group["lr"] = lr * rate(elapsed, arguments.minutes * 60, step)
        logits = run(tokens[:, :-1])
        losses = functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
        aims = weights[:, 1:].flatten()
        ((losses * aims).sum() / aims.sum()).backward()
        for optimizer in groups:
            optimizer.step()
            optimizer.zero_grad()
        if step % 80 == 0:
            seen = (step + 1) * arguments.batch * length
            middle = losses[aims > 1].mean().item()
            print(
                f"{elapsed / 60:6.1f} min {seen / 1e6:7.2f} M  {losses.mean().item():.3f} middle {middle:.3f}",
                flush=True,
            )
        if time.monotonic() - exported > EXPORT_SECONDS:
            export.write(model, arguments.data / "tokenizer.json", arguments.out)
            exported = time.monotonic()
        tokens, weights = map(torch.from_numpy, queue.get())
    export.write(model, arguments.data / "tokenizer.json", arguments.out)


if __name__ == "__main__":
    main()
