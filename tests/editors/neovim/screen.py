"""The screen of a Neovim, put together from its redraw events as any user interface does (`:help ui-linegrid`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Screen:
    """A grid of cells, and a copy of its lines at each flush: what somebody who looks at it sees."""

    rows: list[list[str]] = field(default_factory=list)
    frames: list[list[str]] = field(default_factory=list)

    def apply(self, batches: list[list[Any]]) -> None:
        """Take the events of one notification."""
        for name, *calls in batches:
            handler = getattr(self, f"_{name}", None)
            if handler is None:
                continue
            for arguments in calls:
                handler(*arguments)

    def lines(self) -> list[str]:
        """Return the lines as they are drawn now, without spaces at their ends."""
        return ["".join(row).rstrip() for row in self.rows]

    def _flush(self) -> None:
        self.frames.append(self.lines())

    def _grid_resize(self, _grid: int, width: int, height: int) -> None:
        self.rows = [[" "] * width for _ in range(height)]

    def _grid_clear(self, _grid: int) -> None:
        self.rows = [[" "] * len(row) for row in self.rows]

    def _grid_line(self, _grid: int, row: int, column: int, cells: list[list[Any]], *_wrap: bool) -> None:
        for text, *more in cells:
            count = more[1] if len(more) > 1 else 1
            # The right half of a wide character is an empty string.
            self.rows[row][column : column + count] = [text] * count
            column += count

    def _grid_scroll(self, _grid: int, top: int, bottom: int, left: int, right: int, rows: int, _columns: int) -> None:
        before = [row[left:right] for row in self.rows]
        for row in range(max(top, top - rows), min(bottom, bottom - rows)):
            self.rows[row][left:right] = before[row + rows]
