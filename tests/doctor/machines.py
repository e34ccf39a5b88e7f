"""Machines and measurements that are made up, and what is predicted of them."""

from __future__ import annotations

from lsp_server.doctor import predict
from lsp_server.doctor.findings import Machine, Prediction
from lsp_server.doctor.predict import Paces
from lsp_server.engine.devices import Device, Kind
from lsp_server.engine.probe import Cost, Costs
from lsp_server.models.catalogue import ENTRIES

GB = 10**9
CELLS = 8192
CPU = Device("CPU", "A processor", Kind.CPU, 32 * GB, 32 * GB)
# Two cores: 20 GB of weights a second for a token by itself, and 60 billion multiply-adds for 32 together.
TWO_CORES = Costs({n: Cost(1e-4, n**0.5 * 5e-11) for n in (1, 2, 8, 32)}, 32)
FAST_CARD = Costs({n: Cost(1e-5, 1e-12 + n * 1e-14) for n in (1, 2, 8, 32, 128, 512)}, 512)
SLOW = Costs({n: Cost(1e-2, n * 1e-8) for n in (1, 2, 8, 32)}, 32)


def card(free: int) -> Device:
    return Device("CUDA0", "A card", Kind.GPU, free, 24 * GB)


def machine(available: int = 16 * GB, *cards: Device) -> Machine:
    return Machine("A processor", 2, 32 * GB, available, "Linux 6, x86_64", (CPU, *cards), ("AVX2",))


def predicted(found: Machine, paces: Paces | None = Paces(TWO_CORES)) -> list[Prediction]:  # noqa: B008  frozen
    return [predict.predict(entry, found, CELLS, paces) for entry in ENTRIES]
