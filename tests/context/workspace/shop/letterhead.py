"""Paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class PageMargins:
    left: int
    right: int


class LetterHead:
    """What stands on top of a page, and how its rows are set."""

    def __init__(self, title: str, margins: PageMargins) -> None:
        self.title = title
        self.margins = margins

    def title_line(self) -> str:
        return self.title.upper()

    def aligned_row(self, left: str, right: str) -> str:
        return left.ljust(self.margins.left) + right.rjust(self.margins.right)

    def closing_line(self) -> str:
        return "-" * (self.margins.left + self.margins.right)
