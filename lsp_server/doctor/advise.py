"""Which model to use on this machine. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.doctor.findings import Recommendation, Where
from lsp_server.models.catalogue import APACHE, EMBEDDED_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from lsp_server.doctor.findings import Prediction


def recommend(
    predictions: Sequence[Prediction], latency_ms: int, installed: Collection[str], chosen: str
) -> Recommendation:
    """Return the largest model that keeps up with typing and that anybody may use, or the fastest where none does.

    ``installed`` are the names of the models that are on this machine; ``chosen`` is the one in use.
    """
    usable = [
        (prediction.entry.parameters, prediction.typing, prediction)
        for prediction in predictions
        if prediction.typing is not None and prediction.entry.licence == APACHE
    ]
    if not usable:
        return Recommendation(EMBEDDED_NAME, _why_none(predictions), _command(EMBEDDED_NAME, "", installed, chosen))
    in_time = [candidate for candidate in usable if candidate[1] * 1000 <= latency_ms]
    if in_time:
        _, seconds, best = max(in_time, key=lambda candidate: candidate[0])
        reason = f"{_largest_of(predictions, best)} here: a suggestion while typing takes about {_time(seconds)}"
        reason += f", and `latencyMs` allows {_time(latency_ms / 1000)}."
    else:
        _, seconds, best = min(usable, key=lambda candidate: candidate[1])
        reason = (
            f"None is within `latencyMs` ({_time(latency_ms / 1000)}) while typing; this is the fastest, with about "
            f"{_time(seconds)}, and what is written by then is shown."
        )
    return Recommendation(best.entry.name, reason, _command(best.entry.name, best.entry.size, installed, chosen))


def _largest_of(predictions: Sequence[Prediction], best: Prediction) -> str:
    if best.entry.parameters == max(prediction.entry.parameters for prediction in predictions):
        return "The largest model fits and keeps up"
    return "The largest model under an open licence that fits and keeps up"


def _why_none(predictions: Sequence[Prediction]) -> str:
    if all(prediction.where is Where.NOWHERE for prediction in predictions):
        return "No model of the catalogue fits into the memory that is free: close other programs and ask again."
    return "The speed could not be measured, so only the embedded model is sure to run."


def _command(name: str, size: str, installed: Collection[str], chosen: str) -> str:
    if name == chosen:
        return ""
    return f"midfill models use {name if name in installed else size.lower()}"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
