"""One token by dice: where several texts are wanted of one prompt, and not the likeliest alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from lsp_server.engine.interface import Sampling


def drawn(logits: npt.NDArray[np.float32], sampling: Sampling, dice: np.random.Generator) -> int:
    """Return the place of a logit, drawn by its probability; impossible ones, of minus infinity, never come.

    First the temperature changes the probabilities, then the likeliest that make up ``top_p`` together are kept
    (nucleus sampling, arXiv 1904.09751).
    """
    scaled = logits.astype(np.float64) / sampling.temperature
    weights = np.exp(scaled - scaled.max())
    order = np.argsort(-weights, kind="stable")
    sums = np.cumsum(weights[order])
    # The one with which the share is reached still counts.
    kept = int(np.searchsorted(sums, sampling.top_p * sums[-1])) + 1
    place = np.searchsorted(sums[:kept], dice.random() * sums[:kept][-1], side="right")
    return int(order[min(place, kept - 1)])
