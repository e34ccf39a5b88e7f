"""The commands `midfill models`: what there is, downloads, and which one is used."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from lsp_server import config
from lsp_server.config_file import remember
from lsp_server.errors import InputError, ModelNotFound
from lsp_server.models import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.models.progress import Progress

app = typer.Typer(help="List, download, choose and remove models.", add_completion=False)
Agreed = Annotated[bool, typer.Option("--yes", help="Agree to the model's licence without being asked.")]
Name = Annotated[str, typer.Argument(metavar="SIZE", help="Such as 1.5b, or a name from `midfill models`.")]


@app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """List, download, choose and remove models; without a command, list them."""
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models() -> None:
    """List the models on this machine, and those that can be downloaded."""
    from lsp_server.terminal import models as terminal  # noqa: PLC0415  the server starts with this module

    console = Console()
    terminal.draw(console, catalogue.available(), catalogue.missing(), config.load([]).settings.model)
    console.print("`midfill models use SIZE` downloads a model, if need be, and chooses it.", highlight=False)
    console.print(f"Your own GGUF files go into {catalogue.folder()}.", highlight=False, soft_wrap=True)


@app.command()
def pull(size: Name, yes: Agreed = False) -> None:
    """Download a model; a download that was interrupted is gone on with."""
    entry = catalogue.get(size)
    _pull(entry, is_agreed=yes)
    Console().print(
        f"{entry.name} is there. Choose it with `midfill models use {entry.size.lower()}`.", highlight=False
    )


@app.command()
def use(
    model: Annotated[str, typer.Argument(metavar="SIZE|FILE", help="A size such as 1.5b, a name, or a GGUF file.")],
    yes: Agreed = False,
) -> None:
    """Choose a model, and download it first where that has to be."""
    try:
        path = catalogue.find(model)
    except ModelNotFound:
        path = _pull(catalogue.get(model), is_agreed=yes)
    names = {known.path: known.name for known in catalogue.available()}
    chosen = names.get(path, str(path))
    file = remember("model", chosen)
    Console().print(f"{chosen} is used from now on, as {file} says.", highlight=False, soft_wrap=True)


@app.command()
def remove(model: Name) -> None:
    """Delete a model's file from midfill's folder of models."""
    freed = catalogue.remove(model)
    Console().print(f"{model} is gone; {freed / 1e6:,.0f} MB are free again.", highlight=False)


def _pull(entry: catalogue.Entry, *, is_agreed: bool) -> Path:
    """Download a model with a bar on the terminal; who does not agree to its licence gets none.

    Raises:
        InputError: the user has not agreed.
        DownloadError: it is not downloaded.
    """
    from lsp_server.models import download  # noqa: PLC0415  as above
    from lsp_server.terminal import models as terminal  # noqa: PLC0415  as above

    console = Console(stderr=True)
    if entry.licence.note and not catalogue.path_of(entry).exists():
        console.print(f"{entry.title} has the {entry.licence.name} ({entry.licence.address}).", highlight=False)
        console.print(entry.licence.note, style="bold", highlight=False)
        if not is_agreed and not typer.confirm("Do you agree?", err=True):
            raise InputError("Nothing was downloaded: choose a model with another licence, such as 1.5b.")
    with _interruptible() as stopped, terminal.progress(console) as bar:
        task = bar.add_task(entry.name, total=entry.size_bytes)

        def show(so_far: Progress) -> None:
            bar.update(task, completed=so_far.done, total=so_far.total)

        return download.pull(entry, show, stopped.is_set)


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Yield what Ctrl-C sets, so that a download ends in order."""
    stopped = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
