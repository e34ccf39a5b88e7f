"""What is open at a place of a text while captures are taken in their order: types, functions, and what stands above.

Knows no definitions and no files; offsets are bytes, lines count from 0, ranges are half-open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.written import is_bare

if TYPE_CHECKING:
    from lsp_server.context.syntax.captures import Capture


class Scope(NamedTuple):
    """A piece of a text in which others stand.

    ``tag`` is the capture's; ``scope`` where nothing in it can be seen from outside. ``definition`` is its index among
    the definitions, -1 where it is none of them. ``body`` is where what it holds begins.
    """

    tag: str
    definition: int
    start: int
    body: int
    end: int
    name: str


class Scopes:
    """The scopes that are open, the innermost last, and the decorators or attributes that wait for a definition."""

    def __init__(self, lines: list[str], comment: str) -> None:
        self._lines = lines
        self._comment = comment
        self._open: list[Scope] = []
        self._lead: tuple[int, int] | None = None

    def reach(self, capture: Capture) -> None:
        """Close what ends before a capture; of two with the same range, neither stands in the other."""
        stack = self._open
        while stack and (
            stack[-1].end <= capture.start or (stack[-1].start == capture.start and stack[-1].end == capture.end)
        ):
            stack.pop()

    def open(self, tag: str, definition: int, capture: Capture, name: str) -> None:
        """Open a scope for what a capture holds, and forget the decorators before it."""
        body = max(capture.body, capture.start)
        self._open.append(Scope(tag, definition, capture.start, body, capture.end, name))
        self._lead = None

    def innermost(self) -> Scope | None:
        """Return what a capture stands in, ``None`` at the top."""
        return self._open[-1] if self._open else None

    def innermost_type(self) -> Scope | None:
        """Return the type that a capture stands in, in a function or not; ``None`` for none."""
        return next((scope for scope in reversed(self._open) if scope.tag == "type"), None)

    def wait(self, lead: Capture) -> None:
        """Keep a decorator or attribute for the definition that follows it."""
        if self._open and lead.start < self._open[-1].body:
            return
        self._lead = (self.first_line(lead.line), lead.end_line)

    def first_line(self, line: int) -> int:
        """Return the line where the decorators of a definition from ``line`` on begin, or ``line`` without any."""
        if self._lead is None:
            return line
        first, end = self._lead
        joined = all(is_bare(between, self._comment) for between in self._lines[end:line])
        return min(first, line) if joined else line
