"""What the models of the catalogue would take on this machine: memory, and seconds for a suggestion. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.doctor.findings import Prediction, Where
from lsp_server.engine.devices import Size, layers_that_fit
from lsp_server.engine.probe import BLOCK_BYTES, BLOCK_VALUES
from lsp_server.engine.session import slice_for
from lsp_server.engine.speed import LONGEST_TRIAL, PREFILL_TOKENS
from lsp_server.models.catalogue import kv_bytes_per_token, memory_bytes

if TYPE_CHECKING:
    from lsp_server.doctor.findings import Machine
    from lsp_server.engine.probe import Costs
    from lsp_server.models.catalogue import Entry

# Tokens: what a key adds to the prompt, what is read at a new place before an answer, and what is written.
KEY, NEW_PLACE, WRITTEN = 2, 300, 16


@dataclass(frozen=True, slots=True)
class Ends:
    """The matrices before and behind the layers: ``hidden`` columns, a row for each of ``tokens``.

    There are ``copies`` of it: where there is one, it is the embedding and makes the logits too.
    """

    hidden: int
    tokens: int
    copies: int

    @property
    def values(self) -> int:
        """How many numbers one copy holds."""
        return self.hidden * self.tokens


# By an entry's size; the config.json of Qwen/Qwen2.5-Coder-SIZE.
ENDS = {
    "0.5B": Ends(896, 151_936, 1),
    "1.5B": Ends(1536, 151_936, 1),
    "3B": Ends(2048, 151_936, 1),
    "7B": Ends(3584, 152_064, 2),
    "14B": Ends(5120, 152_064, 2),
    "32B": Ends(5120, 152_064, 2),
}


@dataclass(frozen=True, slots=True)
class Paces:
    """What evaluations cost on the processor, and on graphics cards where there are any."""

    processor: Costs
    card: Costs | None = None


def predict(entry: Entry, machine: Machine, cells: int, paces: Paces | None) -> Prediction:
    """Return what a model would take with a KV cache of ``cells`` tokens; without ``paces`` no times."""
    whole = entry.layers + 1
    size = Size(entry.size_bytes, entry.layers, cells * kv_bytes_per_token(entry))
    on_card = layers_that_fit(size, machine.devices) if paces is None or paces.card else 0
    memory = memory_bytes(entry, cells)
    left = memory * (whole - on_card) // whole
    where = _where(on_card, whole, fits=left <= machine.available)
    typing = new_place = None
    if paces is not None and where is not Where.NOWHERE:
        share = on_card / whole
        typing = _seconds(entry, paces, share, KEY)
        new_place = _seconds(entry, paces, share, NEW_PLACE)
    return Prediction(entry, where, memory, on_card, whole, typing, new_place)


def _where(on_card: int, whole: int, *, fits: bool) -> Where:
    if on_card == whole:
        return Where.CARD
    if not fits:
        return Where.NOWHERE
    return Where.BOTH if on_card else Where.PROCESSOR


def _seconds(entry: Entry, paces: Paces, share: float, tokens: int) -> float:
    """Return what a suggestion takes where a share of the model is on a graphics card."""
    on_processor = (1 - share) * seconds(entry, paces.processor, tokens) if share < 1 else 0.0
    on_card = share * seconds(entry, paces.card, tokens) if paces.card and share else 0.0
    return on_processor + on_card


def seconds(entry: Entry, costs: Costs, tokens: int) -> float:
    """Return what it takes to read so many tokens of a prompt and to write :data:`WRITTEN`."""
    size = min(_slice(entry, costs), tokens)
    slices, rest = divmod(tokens, size)
    reading = slices * _evaluation(entry, costs, size)
    if rest:
        reading += _evaluation(entry, costs, rest)
    # The first token comes with the prompt.
    return reading + _logits(entry, costs) + (WRITTEN - 1) * _token(entry, costs)


def _slice(entry: Entry, costs: Costs) -> int:
    """Return how many tokens of a prompt the engine evaluates at once, by what it measures when it loads a model."""
    small, large = PREFILL_TOKENS
    trial = _evaluation(entry, costs, small) + _logits(entry, costs)
    prefill = small / trial
    if trial <= LONGEST_TRIAL:
        prefill = large / (_evaluation(entry, costs, large) + _logits(entry, costs))
    return min(slice_for(prefill), costs.batch)


def _evaluation(entry: Entry, costs: Costs, tokens: int) -> float:
    """Return the seconds of all layers: tokens together cost multiply-adds, whatever the weights are packed in."""
    return costs.of(tokens).seconds(entry.layers, _values(entry))


def _token(entry: Entry, costs: Costs) -> float:
    """Return the seconds of one token by itself, which costs the bytes of the weights."""
    return costs.of(1).seconds(entry.layers, round(_values(entry) * _density(entry))) + _logits(entry, costs)


def _logits(entry: Entry, costs: Costs) -> float:
    """Return the seconds of the matrix that makes a token of the last layer's output."""
    return costs.of(1).seconds(0, round(ENDS[entry.size].values * _density(entry)))


def _values(entry: Entry) -> int:
    """Return how many numbers the matrices of all layers hold."""
    ends = ENDS[entry.size]
    return entry.parameters - ends.copies * ends.values


def _density(entry: Entry) -> float:
    """Return the bytes of a weight in the quantization of the entry, as a multiple of those in Q8_0."""
    return entry.size_bytes / entry.parameters / (BLOCK_BYTES / BLOCK_VALUES)
