"""What the doctor finds: plain values, and how programs get them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.devices import Device
    from lsp_server.engine.interface import Speed
    from lsp_server.models.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer; memory in bytes, ``available`` at this moment.

    ``devices`` are those that this build of llama.cpp can compute on, ``features`` what it was built with.
    """

    processor: str
    cores: int
    memory: int
    available: int
    system: str
    devices: tuple[Device, ...]
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A model that is on this machine; ``speed`` is ``None`` where ``problem``, a sentence, says why."""

    name: str
    path: Path
    size: int
    speed: Speed | None
    problem: str = ""


class Where(Enum):
    """What a model would run on."""

    CARD = "graphics card"
    BOTH = "graphics card and processor"
    PROCESSOR = "processor"
    NOWHERE = "nothing: it does not fit"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model of the catalogue would take here.

    ``memory`` are bytes, about; ``layers_on_card`` of ``layers`` would be on graphics cards, and the output counts as
    one. ``typing`` and ``new_place`` are seconds until a suggestion is written, while one types on and where the prompt
    has to be read first; ``None`` where it does not fit or nothing could be measured.
    """

    entry: Entry
    where: Where
    memory: int
    layers_on_card: int
    layers: int
    typing: float | None
    new_place: float | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The model to use, why, and the command that does it: "" where it is in use already, or none can be named."""

    model: str
    reason: str
    command: str


class State(Enum):
    """What a check has come to; a note is worth knowing and hinders nothing."""

    GOOD = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, by a ``key`` that stays, what was found, and what to do, "" where nothing is."""

    key: str
    state: State
    finding: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All of it. ``chosen`` is the name of the model in the settings, ``latency_ms`` what they allow a suggestion."""

    machine: Machine
    measured: tuple[Measured, ...]
    predictions: tuple[Prediction, ...]
    chosen: str
    latency_ms: int
    recommendation: Recommendation
    checks: tuple[Check, ...]

    @property
    def has_problems(self) -> bool:
        """Whether anything is to be mended."""
        return any(check.state is State.PROBLEM for check in self.checks)


def to_json(found: Diagnosis) -> dict[str, object]:
    """Return what ``midfill doctor --json`` gives; keys stay. Memory is in bytes, times in seconds.

    - ``machine``: processor, cores, memory, availableMemory, system, features, and devices: name, description, kind
      (cpu, gpu, integrated, accelerator, other), memory, freeMemory
    - ``measured``, the models that are here: name, path, bytes, and prefill and decode in tokens a second, or null and
      why as problem
    - ``models``, those that can be downloaded: name, size, licence, runsOn (card, both, processor, nowhere), memory,
      layersOnCard, typing, newPlace (seconds until a suggestion, or null)
    - ``chosen``, ``latencyMs``: the settings
    - ``recommendation``: model, reason, command; "" where there is none
    - ``checks``: check, state (ok, note, problem), finding, remedy
    """
    return {
        "machine": _machine(found.machine),
        "measured": [
            {
                "name": model.name,
                "path": str(model.path),
                "bytes": model.size,
                "prefill": _rounded(model.speed.prefill if model.speed else None),
                "decode": _rounded(model.speed.decode if model.speed else None),
                "problem": model.problem,
            }
            for model in found.measured
        ],
        "models": [
            {
                "name": prediction.entry.name,
                "size": prediction.entry.size,
                "licence": prediction.entry.licence.name,
                "runsOn": prediction.where.name.lower(),
                "memory": prediction.memory,
                "layersOnCard": prediction.layers_on_card,
                "typing": _rounded(prediction.typing),
                "newPlace": _rounded(prediction.new_place),
            }
            for prediction in found.predictions
        ],
        "chosen": found.chosen,
        "latencyMs": found.latency_ms,
        "recommendation": {
            "model": found.recommendation.model,
            "reason": found.recommendation.reason,
            "command": found.recommendation.command,
        },
        "checks": [
            {"check": check.key, "state": check.state.value, "finding": check.finding, "remedy": check.remedy}
            for check in found.checks
        ],
    }


def _machine(machine: Machine) -> dict[str, object]:
    return {
        "processor": machine.processor,
        "cores": machine.cores,
        "memory": machine.memory,
        "availableMemory": machine.available,
        "system": machine.system,
        "features": list(machine.features),
        "devices": [
            {
                "name": device.name,
                "description": device.description,
                "kind": device.kind.name.lower(),
                "memory": device.total,
                "freeMemory": device.free,
            }
            for device in machine.devices
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
