"""The whole examination, one step after the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from platformdirs import user_cache_path

from lsp_server import config
from lsp_server.doctor import checks, machine
from lsp_server.doctor.advise import recommend
from lsp_server.doctor.findings import Check, Diagnosis, Measured, State
from lsp_server.doctor.predict import Paces, predict
from lsp_server.engine import probe, worker
from lsp_server.engine.devices import Kind
from lsp_server.engine.llama import loading
from lsp_server.errors import MidfillError, ModelError
from lsp_server.models import catalogue
from lsp_server.options import load_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.config import Loaded
    from lsp_server.doctor.findings import Machine
    from lsp_server.engine.devices import Device
    from lsp_server.engine.interface import LoadOptions, Speed
    from lsp_server.engine.probe import Costs

# Seconds in which it is seen what other programs do.
BUSY_SECONDS = 0.3
CARDS = {Kind.GPU, Kind.INTEGRATED}


def _busy() -> float:
    return psutil.cpu_percent(BUSY_SECONDS)


def _speed(path: Path, options: LoadOptions) -> Speed:
    engine = worker.load(path, options)
    engine.close()
    return engine.speed


@dataclass(frozen=True, slots=True)
class Instruments:
    """What is measured with: a model's speed, what evaluations cost, and the per cent of the processors in use.

    ``speed`` and ``costs`` raise MidfillError where they cannot.
    """

    devices: Callable[[], tuple[Device, ...]] = loading.available_devices
    speed: Callable[[Path, LoadOptions], Speed] = _speed
    costs: Callable[[LoadOptions], Costs] = probe.measure
    busy: Callable[[], float] = _busy


def _say_nothing(_step: str) -> None:
    return


def examine(
    loaded: Loaded,
    workspace: Path,
    system_info: str,
    *,
    instruments: Instruments | None = None,
    on_step: Callable[[str], None] = _say_nothing,
) -> Diagnosis:
    """Measure and look at everything. Never raises a MidfillError: what goes wrong is a finding.

    ``system_info`` is what llama.cpp says of its build. ``on_step`` is told what is being done, in a few words.
    """
    instruments = instruments or Instruments()
    settings = loaded.settings
    # Nothing that was measured before counts, and nothing of this is kept.
    options = replace(load_options(settings), folder=None, state_bytes=0)
    on_step("looking at the machine")
    found = machine.look(instruments.devices(), system_info)
    busy = instruments.busy()
    on_step("measuring with a model of random weights")
    paces, probed = _paces(instruments, options, found)
    measured = tuple(_measure(instruments, options, found, model, on_step) for model in _installed(settings.model))
    cells = options.cells or loading.CELLS
    predictions = tuple(predict(entry, found, cells, paces) for entry in catalogue.ENTRIES)
    on_step("looking at the installation")
    return Diagnosis(
        machine=found,
        measured=measured,
        predictions=predictions,
        chosen=_chosen(settings.model),
        latency_ms=settings.latency_ms,
        recommendation=recommend(
            predictions, settings.latency_ms, {model.name for model in measured}, _chosen(settings.model)
        ),
        checks=(
            *checks.settings(loaded),
            checks.model(settings.model, measured),
            probed,
            checks.load(busy),
            checks.folder("cache", user_cache_path("midfill", appauthor=False), settings.state_megabytes * 1_000_000),
            checks.folder("state", config.usage_file().parent, checks.SMALL_FILES),
            asyncio.run(checks.index(settings, workspace)),
            checks.command(),
            checks.vscode(Path.home()),
            checks.neovim(),
            *checks.server(settings),
        ),
    )


def _paces(instruments: Instruments, options: LoadOptions, found: Machine) -> tuple[Paces | None, Check]:
    """Return what evaluations cost here, ``None`` where that could not be measured, and the check that says so."""
    has_card = options.gpu_layers != 0 and any(device.kind in CARDS for device in found.devices)
    try:
        processor = instruments.costs(replace(options, gpu_layers=0))
        card = instruments.costs(replace(options, gpu_layers=-1)) if has_card else None
    except MidfillError as error:
        return None, checks.problem("speed", str(error))
    return Paces(processor, card), Check("speed", State.GOOD, "The speed of this machine could be measured.")


def _installed(chosen: str) -> list[catalogue.ModelFile]:
    """Return the models on this machine, and the file that the settings name where it lies elsewhere."""
    there = catalogue.available()
    try:
        path = catalogue.find(chosen)
    except ModelError:
        return there
    own = [catalogue.ModelFile(catalogue.name_of(path), path, "")]
    return there if any(model.path == path for model in there) else [*there, *own]


def _chosen(setting: str) -> str:
    try:
        return catalogue.name_of(catalogue.find(setting))
    except ModelError:
        return setting


def _measure(
    instruments: Instruments,
    options: LoadOptions,
    found: Machine,
    model: catalogue.ModelFile,
    on_step: Callable[[str], None],
) -> Measured:
    on_step(f"measuring {model.name}")
    try:
        size = model.path.stat().st_size
    except OSError as error:
        return Measured(model.name, model.path, 0, None, f"{model.path} cannot be read ({error.strerror}): remove it.")
    room = found.available + sum(device.free for device in found.devices if device.kind is Kind.GPU)
    if size + catalogue.OVERHEAD_BYTES > room:
        problem = f"{model.name} needs more than the {room / 1e9:.1f} GB of memory that are free: choose a smaller one."
        return Measured(model.name, model.path, size, None, problem)
    try:
        return Measured(model.name, model.path, size, instruments.speed(model.path, options))
    except MidfillError as error:
        return Measured(model.name, model.path, size, None, str(error))
