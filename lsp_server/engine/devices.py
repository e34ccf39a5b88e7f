"""The devices that this build of llama.cpp can compute on, and how many layers of a model fit on them.

Source of the functions and of the kinds' numbers: ggml-backend.h.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a graphics card needs besides weights and KV cache: buffers for an evaluation, and what its driver takes.
RESERVED_BYTES = 600_000_000


class Kind(IntEnum):
    """What a device is, by ggml's numbers; one that shares the computer's memory is integrated."""

    CPU = 0
    GPU = 1
    INTEGRATED = 2
    ACCELERATOR = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Device:
    """A device with its memory in bytes; ``free`` is what it says at this moment."""

    name: str
    description: str
    kind: Kind
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Size:
    """What a model takes in memory: bytes of its weights, its layers, bytes of its KV cache."""

    weights: int
    layers: int
    cache: int


def devices(library: ctypes.CDLL) -> tuple[Device, ...]:
    """Return all devices that a loaded ggml knows, in its order."""
    for name, result, arguments in (
        ("count", ctypes.c_size_t, ()),
        ("get", ctypes.c_void_p, (ctypes.c_size_t,)),
        ("name", ctypes.c_char_p, (ctypes.c_void_p,)),
        ("description", ctypes.c_char_p, (ctypes.c_void_p,)),
        ("type", ctypes.c_int, (ctypes.c_void_p,)),
        ("memory", None, (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)),
    ):
        function = library[f"ggml_backend_dev_{name}"]
        function.restype, function.argtypes = result, arguments
        setattr(library, f"ggml_backend_dev_{name}", function)
    return tuple(_device(library, number) for number in range(library.ggml_backend_dev_count()))


def _device(library: ctypes.CDLL, number: int) -> Device:
    handle = library.ggml_backend_dev_get(number)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    library.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    kind = library.ggml_backend_dev_type(handle)
    return Device(
        name=library.ggml_backend_dev_name(handle).decode("utf-8", "replace"),
        description=library.ggml_backend_dev_description(handle).decode("utf-8", "replace"),
        kind=Kind(kind) if kind in set(Kind) else Kind.OTHER,
        free=free.value,
        total=total.value,
    )


def layers_that_fit(size: Size, found: Sequence[Device]) -> int:
    """Return how many layers fit on the graphics cards among the devices, from 0 to all of them and the output.

    llama.cpp counts the output as one more layer. A layer on a card keeps its share of the KV cache there.
    """
    cards = [device for device in found if device.kind in {Kind.GPU, Kind.INTEGRATED}]
    room = sum(max(0, card.free - RESERVED_BYTES) for card in cards)
    whole = size.layers + 1
    return min(whole, room * whole // max(1, size.weights + size.cache))


def fewer(layers: int) -> Iterator[int]:
    """Yield the numbers of layers to try where a card has turned out to have no room for so many, at last none."""
    while layers > 0:
        yield layers
        layers = layers * 2 // 3
    yield 0
