"""How fast a model runs on this machine: measured in a fraction of a second, and remembered."""

from __future__ import annotations

import json
import logging
import platform
import time
from typing import TYPE_CHECKING

from lsp_server.engine.interface import Speed

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.interface import Meter
    from lsp_server.engine.llama.model import Llama

log = logging.getLogger(__name__)

FILE = "speeds.json"
# A slice as prompts are evaluated in; a slow model is not made to do a whole one.
PREFILL_TOKENS = (8, 32)
DECODE_TOKENS = 3
# Tokens from which on a request says something of the speed.
ENOUGH_PREFILL, ENOUGH_DECODE = 128, 8
# Seconds; if the smaller slice takes longer, the larger would take too long.
LONGEST_TRIAL = 0.08


def remembered(llama: Llama, folder: Path | None) -> Speed:
    """Return the speed that ``folder`` has for this model and machine, or measure it and write it there."""
    if folder is None:
        return measure(llama)
    known = _read(folder / FILE).get(_key(llama))
    if known is not None:
        return known
    measured = measure(llama)
    remember(llama, folder, measured)
    return measured


def remember(llama: Llama, folder: Path, speed: Speed) -> None:
    """Write a speed to ``folder``; where that fails, a line in the log says so."""
    _write(folder / FILE, {**_read(folder / FILE), _key(llama): speed})


def faster(one: Speed, meter: Meter, tokens: int) -> Speed:
    """Return a speed with what a request of ``tokens`` generated has shown to be possible, if that is more.

    A measurement may have met a busy moment, so what is remembered only grows. Requests too short to tell anything
    are passed over. The first token comes with the prompt.
    """
    prefill = meter.evaluated / meter.prefill * 1000 if meter.evaluated >= ENOUGH_PREFILL else 0.0
    decode = (tokens - 1) / meter.decode * 1000 if tokens >= ENOUGH_DECODE else 0.0
    return Speed(max(one.prefill, prefill), max(one.decode, decode))


def _key(llama: Llama) -> str:
    return f"{llama.fingerprint} {platform.node()} {platform.machine()} {llama.threads} threads"


def measure(llama: Llama) -> Speed:
    """Return the speed of a freshly loaded model; its cache is empty again afterwards."""
    # The first evaluation reads the weights from disk and says nothing.
    _seconds(llama, 1)
    small, large = PREFILL_TOKENS
    seconds = _seconds(llama, small)
    prefill = small / seconds if seconds > LONGEST_TRIAL else large / _seconds(llama, large)
    decode = DECODE_TOKENS / sum(_seconds(llama, 1) for _ in range(DECODE_TOKENS))
    return Speed(prefill, decode)


def _seconds(llama: Llama, tokens: int) -> float:
    started = time.perf_counter()
    llama.evaluate([0] * tokens, 0, 0, outputs=1)
    seconds = time.perf_counter() - started
    llama.trim(0, 0)
    return seconds


def _read(path: Path) -> dict[str, Speed]:
    """Return what a file says; nothing where there is none or it is not what was written."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return {key: Speed(float(prefill), float(decode)) for key, (prefill, decode) in values.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        log.warning("%s is ignored, and speeds are measured again: %s", path, error)
        return {}


def _write(path: Path, speeds: dict[str, Speed]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps({key: [s.prefill, s.decode] for key, s in speeds.items()}), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        log.warning("Speeds cannot be remembered in %s, so each start measures them: %s", path, error)
