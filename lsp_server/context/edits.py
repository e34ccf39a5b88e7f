"""What was changed or looked at last. Knows texts by name, no index.

What one has just written in one file is what one is about to use in another.
"""

from __future__ import annotations

from typing import NamedTuple

# Files and changes further back say nothing of what comes next.
REMEMBERED_FILES = 16
REMEMBERED_CHANGES = 32


class Change(NamedTuple):
    """Lines of a file that were changed, from 0, half-open, as they are now; empty where lines were deleted."""

    name: str
    start: int
    end: int


class Edits:
    """The files that were visited, and the lines that were changed, the last ones last."""

    def __init__(self) -> None:
        self._visited: dict[str, None] = {}
        self._changes: list[Change] = []

    def visit(self, name: str) -> None:
        """Note that a file is looked at."""
        self._visited.pop(name, None)
        self._visited[name] = None
        while len(self._visited) > REMEMBERED_FILES:
            del self._visited[next(iter(self._visited))]

    def change(self, name: str, before: str, after: str) -> None:
        """Note that a file's text has changed; earlier changes of it move with the lines."""
        span = changed_lines(before, after)
        if span is None:
            return
        start, old_end, new_end = span
        self._changes = [
            _moved(change, start, old_end, new_end) if change.name == name else change for change in self._changes
        ]
        # Typing on changes the same lines again and again: that is one change.
        self._changes = [c for c in self._changes if c.name != name or c.end < start or c.start > new_end]
        self._changes = [*self._changes[1 - REMEMBERED_CHANGES :], Change(name, start, new_end)]

    def recency(self) -> dict[str, float]:
        """Return the files by name: 1 for the one visited last, half of that for the one before it, and so on."""
        return {name: 0.5**age for age, name in enumerate(reversed(self._visited))}

    def changes(self) -> tuple[Change, ...]:
        """Return the changed lines, the oldest first."""
        return tuple(self._changes)


def changed_lines(before: str, after: str) -> tuple[int, int, int] | None:
    """Return where two texts differ: the first line, and the lines behind the last, in one and the other text.

    ``None`` where they are equal.
    """
    if before == after:
        return None
    old, new = before.split("\n"), after.split("\n")
    shortest = min(len(old), len(new))
    start = next((number for number in range(shortest) if old[number] != new[number]), shortest)
    same = next((n for n in range(shortest - start) if old[-1 - n] != new[-1 - n]), shortest - start)
    return start, len(old) - same, len(new) - same


def _moved(change: Change, start: int, old_end: int, new_end: int) -> Change:
    """Return a change where its lines are after lines ``start..old_end`` have become ``start..new_end``."""
    if change.end <= start:
        return change
    if change.start >= old_end:
        return Change(change.name, change.start + new_end - old_end, change.end + new_end - old_end)
    return Change(change.name, min(change.start, start), max(change.end + new_end - old_end, new_end))
