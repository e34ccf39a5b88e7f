"""What can be wrong with an installation, each with its remedy in a sentence. Changes nothing on disk."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sysconfig
import tempfile
from typing import TYPE_CHECKING

from lsp_server.context.process import LibraryProcess, Workplace
from lsp_server.context.workspace import Rules
from lsp_server.doctor.findings import Check, State
from lsp_server.engine.remote.engine import connect
from lsp_server.errors import MidfillError, ModelError
from lsp_server.models import catalogue
from lsp_server.options import server_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lsp_server.config import Loaded, Settings
    from lsp_server.context.library import Progress
    from lsp_server.doctor.findings import Measured

# Seconds that the process which reads other files has for its first word; Python alone needs half of one.
INDEX_SECONDS = 10.0
NVIM_SECONDS = 3.0
# Per cent of the processors; the system itself takes some.
BUSY = 20.0
# Bytes that the state folder should have room for.
SMALL_FILES = 10_000_000
# Where VS Code and its relatives keep extensions, in the user's home.
EXTENSIONS = (".vscode*/extensions", ".local/share/code-server/extensions")
EXTENSION = "midfill.midfill-*"
LOWEST_NVIM = (0, 10)


def problem(key: str, sentence: str) -> Check:
    """Return the check that an error's sentence is: what is wrong, a colon, and the remedy."""
    finding, _, remedy = sentence.rstrip(".").partition(": ")
    return Check(key, State.PROBLEM, f"{finding}.", f"{remedy[0].upper()}{remedy[1:]}." if remedy else "")


def settings(loaded: Loaded) -> tuple[Check, ...]:
    """Return a problem for each thing in the settings that is not usable."""
    if not loaded.warnings:
        return (Check("settings", State.GOOD, "All settings are usable."),)
    # A warning says itself where the setting stands, and what it may be.
    return tuple(
        Check("settings", State.PROBLEM, warning.removeprefix("midfill: "), "Correct it there.")
        for warning in loaded.warnings
    )


def model(chosen: str, measured: Sequence[Measured]) -> Check:
    """Return whether the model that the settings name is there and loads."""
    try:
        path = catalogue.find(chosen)
    except ModelError as error:
        return problem("model", str(error))
    found = next((model for model in measured if model.path == path), None)
    if found is not None and found.problem:
        return problem("model", found.problem)
    if path == catalogue.EMBEDDED_FILE:
        return Check(
            "model",
            State.NOTE,
            f"{chosen} is loaded: a toy for first runs.",
            "Get a Qwen2.5-Coder, see the recommendation.",
        )
    return Check("model", State.GOOD, f"{catalogue.name_of(path)} loads.")


def folder(key: str, path: Path, size: int) -> Check:
    """Return whether ``size`` bytes can be written to a folder, or to where it would be made."""
    there = next((parent for parent in (path, *path.parents) if parent.is_dir()), path)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Check(
            key, State.PROBLEM, f"{path} cannot be written ({error.strerror}).", f"Make {there} a folder of your own."
        )
    if free < size:
        finding = f"{path} has {free / 1e9:.1f} GB of room, and {size / 1e9:.1f} GB may be wanted."
        return Check(key, State.PROBLEM, finding, "Make room on that disk, or lower `stateMegabytes`.")
    return Check(key, State.GOOD, f"{path} can be written.")


def load(busy: float) -> Check:
    """Return whether other programs leave enough of the processors, of which ``busy`` per cent were taken before."""
    if busy < BUSY:
        return Check("load", State.GOOD, "Other programs leave the processor alone.")
    return Check(
        "load",
        State.NOTE,
        f"Other programs take {busy:.0f} % of the processor, so all speeds are lower than they could be.",
        "Ask again when they have ended.",
    )


async def index(settings: Settings, workspace: Path, seconds: float = INDEX_SECONDS) -> Check:
    """Return whether the process that reads other files starts, and answers within some seconds."""
    if settings.index == "off":
        return Check("index", State.NOTE, "Other files are not read: `index` is off.", "Set it to disk to have them.")
    answered: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()

    def hear(progress: Progress) -> None:
        if not answered.done():
            answered.set_result(progress)

    process = LibraryProcess(hear)
    rules = Rules(settings.exclude, settings.secrets, settings.largest_file * 1024)
    await process.start(Workplace((workspace,), rules, None))
    try:
        await asyncio.wait_for(answered, seconds)
    except asyncio.TimeoutError:
        return Check(
            "index",
            State.PROBLEM,
            f"The process that reads other files has not answered within {seconds:.0f} s.",
            "Run `python -m lsp_server.context` to see its error, and install midfill anew if it ends at once.",
        )
    finally:
        await process.stop()
    return Check("index", State.GOOD, f"The process that reads other files answers for {workspace}.")


def command() -> Check:
    """Return whether editors find the command `midfill`."""
    found = shutil.which("midfill")
    if found:
        return Check("command", State.GOOD, f"Editors find {found}.")
    scripts = sysconfig.get_path("scripts")
    return Check(
        "command", State.PROBLEM, "`midfill` is not on PATH, so editors do not find it.", f"Add {scripts} to it."
    )


def server(settings: Settings) -> tuple[Check, ...]:
    """Return whether the server that the settings name answers; nothing where they name none."""
    try:
        options = server_options(settings)
        if options is None:
            return ()
        engine = connect(options)
    except MidfillError as error:
        return (problem("server", str(error)),)
    name = engine.info.name
    engine.close()
    return (Check("server", State.GOOD, f"{options.address} answers, and has {name}."),)


def vscode(home: Path) -> Check:
    """Return whether VS Code has the extension; that there is no VS Code is no problem."""
    folders = [found for pattern in EXTENSIONS for found in home.glob(pattern)]
    extensions = [extension for found in folders for extension in found.glob(EXTENSION)]
    if extensions:
        return Check("vscode", State.GOOD, f"The extension is installed: {max(extensions).name}.")
    if folders:
        return Check(
            "vscode",
            State.PROBLEM,
            "VS Code is here, and has no midfill extension.",
            "Install it from the Extensions view, or with `code --install-extension midfill.midfill`.",
        )
    return Check("vscode", State.NOTE, "VS Code has not been used here.")


def neovim() -> Check:
    """Return whether Neovim is new enough for the plugin; that there is none is no problem."""
    found = shutil.which("nvim")
    if found is None:
        return Check("neovim", State.NOTE, "There is no Neovim on PATH.")
    try:
        done = subprocess.run(  # noqa: S603  what the user's PATH has by that name
            [found, "--version"], check=False, capture_output=True, text=True, timeout=NVIM_SECONDS
        )
        version = _nvim_version(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return Check("neovim", State.PROBLEM, f"{found} does not tell its version.", "Install Neovim anew.")
    text = ".".join(map(str, version))
    if version < LOWEST_NVIM:
        return Check("neovim", State.PROBLEM, f"Neovim {text} is too old for the plugin.", "Install 0.10 or later.")
    return Check("neovim", State.GOOD, f"Neovim {text}; `:checkhealth midfill` there says more.")


def _nvim_version(text: str) -> tuple[int, ...]:
    """Return (0, 10, 2) of ``NVIM v0.10.2-dev``.

    Raises:
        ValueError: it says something else.
    """
    numbers = text.partition(" v")[2].split()[:1] or [""]
    return tuple(int(number) for number in numbers[0].partition("-")[0].split("."))
