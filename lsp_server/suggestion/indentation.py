"""Indentation: the unit of a document, and lines in another one moved into it. Pure functions on strings."""

from __future__ import annotations

from collections import Counter

# Columns of a tab where it has to be compared with spaces.
TAB_COLUMNS = 4
# Steps that people indent by. Others come from aligning.
USUAL_STEPS = (2, 3, 4, 8)
# Lines around the cursor that say how a document is indented.
_NEAR_LINES = 400
# How a line ends behind which a level begins, in most languages.
_OPENS = ("{", ":", " do", " then")


def leading(line: str) -> str:
    """Return the spaces and tabs that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def columns(space: str) -> int:
    """Return how wide spaces and tabs are; a tab goes to the next multiple of ``TAB_COLUMNS``."""
    width = 0
    for character in space:
        width += TAB_COLUMNS - width % TAB_COLUMNS if character == "\t" else 1
    return width


def unit_of(before: str, after: str) -> str:
    r"""Return one level of indentation as it is around a cursor, ``"\t"`` or some spaces; empty where none is."""
    lines = [*before.split("\n")[-_NEAR_LINES:-1], *after.split("\n")[1:_NEAR_LINES]]
    lines = [line for line in lines if line.strip()]
    tabs = sum(line.startswith("\t") for line in lines)
    spaces = sum(line.startswith("  ") for line in lines)
    if tabs or spaces:
        return "\t" if tabs > spaces else " " * _step(lines)
    return ""


def _step(lines: list[str]) -> int:
    """Return by how many spaces lines step in, 4 where no step is usual."""
    steps: Counter[int] = Counter()
    inner: Counter[int] = Counter()
    before = ""
    for line in lines:
        if "\t" not in leading(line):
            step = len(leading(line)) - len(leading(before))
            steps[step] += 1
            inner[step] += before.rstrip().endswith(_OPENS)
            before = line
    # What opens a block says it best; other lines are also aligned.
    return _most_frequent(inner) or _most_frequent(steps) or TAB_COLUMNS


def _most_frequent(steps: Counter[int]) -> int:
    """Return the most frequent step that is usual, 0 where none is.

    Two levels at once are rarer than one, so that a step of half as many counts double. (VS Code guesses like this.)
    """
    usual = {step: steps[step] for step in USUAL_STEPS if steps[step]}
    if not usual:
        return 0
    step = max(usual, key=lambda step: (usual[step], -step))
    half = step // 2
    return half if half in usual and 2 * usual[half] >= usual[step] else step


def in_unit(width: int, unit: str) -> str:
    """Return white space of so many columns, in tabs as far as they go where the unit is a tab."""
    if unit != "\t":
        return " " * width
    return "\t" * (width // TAB_COLUMNS) + " " * (width % TAB_COLUMNS)
