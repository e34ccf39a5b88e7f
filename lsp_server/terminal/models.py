"""The models that there are and could be, and how far a download is, drawn on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from lsp_server.models.catalogue import Entry, ModelFile


def draw(console: Console, there: Sequence[ModelFile], missing: Sequence[Entry], chosen: str) -> None:
    """Draw a table of the models on this machine and of those that can be downloaded; a star marks the chosen one."""
    table = Table("", "name", "MB", "what it is", box=None, pad_edge=False)
    for row in (*(model.to_json(chosen) for model in there), *(entry.to_json(chosen) for entry in missing)):
        note = str(row["note"]) if row["isThere"] else f"to download: {row['note']}"
        if row["licenceNote"]:
            note = f"{note}, for research only"
        megabytes = row["megabytes"]
        size = "missing" if megabytes is None else str(megabytes)
        table.add_row("*" if row["isChosen"] else "", Text(str(row["name"])), size, Text(note))
    console.print(table)


def progress(console: Console) -> Progress:
    """Return a bar for a download in bytes, with its speed and the time that is left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
