"""The lines of a suggestion. Pure functions on strings."""

from __future__ import annotations

import re
from typing import NamedTuple

# A line of fewer characters without its white space, such as `}` or `pass`, may well come twice.
SHORTEST_TELLING = 5
_WORD = re.compile(r"\w+")


class Line(NamedTuple):
    """A line of a suggestion; ``end`` is the offset of its line break. The first goes on from what is typed."""

    start: int
    end: int
    text: str

    @property
    def content(self) -> str:
        """The line without the white space around it."""
        return self.text.strip()


def split(text: str, start: int = 0) -> list[Line]:
    """Return the lines of a text from an offset at which one begins; the last, which may be empty, is under way."""
    lines = []
    for part in text[start:].split("\n"):
        lines.append(Line(start, start + len(part), part))
        start += len(part) + 1
    return lines


def is_telling(line: str) -> bool:
    """Return whether a line says enough that a second one like it is a repetition."""
    return len(line.strip()) >= SHORTEST_TELLING and bool(_WORD.search(line))


def joins(left: str, right: str) -> bool:
    """Return whether a word goes on from one text into the next."""
    return bool(left and right) and _is_word(left[-1]) and _is_word(right[0])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
