"""What computer this is."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

import psutil

from lsp_server.doctor.findings import Machine
from lsp_server.engine.devices import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.engine.devices import Device


def look(devices: Sequence[Device], system_info: str) -> Machine:
    """Return what computer this is, with llama.cpp's devices and what ``llama_print_system_info`` says of its build."""
    memory = psutil.virtual_memory()
    named = next((device.description for device in devices if device.kind is Kind.CPU), "")
    return Machine(
        processor=named or platform.processor() or platform.machine(),
        cores=psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        memory=memory.total,
        available=memory.available,
        system=f"{platform.system()} {platform.release()}, {platform.machine()}",
        devices=tuple(devices),
        features=features(system_info),
    )


def features(system_info: str) -> tuple[str, ...]:
    """Return the features that a build has, of ``CPU : SSE3 = 1 | AVX = 0 | CUDA : ARCHS = 750,800 |``.

    One that is more than there has its value behind it.
    """
    found = []
    for part in system_info.split("|"):
        name, is_set, value = part.rpartition(":")[2].partition("=")
        if is_set and value.strip() not in {"", "0"}:
            found.append(name.strip() if value.strip() == "1" else f"{name.strip()} {value.strip()}")
    return tuple(found)
