"""What is drawn on a terminal, as plain text for an editor's window."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

# Columns; less than half of a laptop's screen.
WIDTH = 76


def text(draw: Callable[[Console], None]) -> str:
    """Return what a function draws, without colours; lines may be longer than :data:`WIDTH` where they are code."""
    file = io.StringIO()
    draw(Console(file=file, width=WIDTH, color_system=None, force_terminal=False))
    return "\n".join(line.rstrip() for line in file.getvalue().split("\n"))
