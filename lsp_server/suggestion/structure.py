"""Where the brackets of a suggestion are, and which parts of it are strings or comments.

A grammar tells best; where there is none, a scan that knows the usual quotes tells well enough.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

OPENING, CLOSING = "([{", ")]}"
PAIRS = dict(zip(CLOSING, OPENING, strict=True))
# A string that ends on its line, or what looks like the start of a comment, or a bracket.
_SCAN = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|(?://|#)[^\n]*|[()\[\]{}]")


class Structure(NamedTuple):
    """The structure of a text; offsets are within it, ranges half-open.

    ``brackets`` are those that mean something, ascending; ``opaque`` are strings and comments.
    """

    brackets: list[tuple[int, str]]
    opaque: list[tuple[int, int]]

    def is_opaque(self, offset: int) -> bool:
        """Return whether an offset lies inside a string or a comment: behind its first character."""
        return any(start < offset < end for start, end in self.opaque)


class Grammar(Protocol):
    """A document that a grammar has read; `context/syntax.py` has one."""

    @property
    def text(self) -> str:
        """The document."""
        ...

    @property
    def errors(self) -> int:
        """How many places of it do not parse."""
        ...

    def inserted(self, offset: int, text: str) -> Grammar | None:
        """Return the document with a text inserted; ``None`` where that takes too long to read."""
        ...

    def opaque(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the ranges of strings and comments that overlap a range."""
        ...

    def brackets(self, start: int, end: int) -> list[tuple[int, str]]:
        """Return the brackets in a range that are not in strings or comments."""
        ...


def scanned(text: str) -> Structure:
    """Return the structure of a text of which no grammar is known."""
    brackets, opaque = [], []
    for match in _SCAN.finditer(text):
        if len(match[0]) == 1:
            brackets.append((match.start(), match[0]))
        else:
            opaque.append(match.span())
    return Structure(brackets, opaque)


def reader(document: Grammar | None, offset: int) -> Callable[[str], Structure]:
    """Return what tells the structure of a text that is inserted into a document, or stands alone without one."""

    def read(text: str) -> Structure:
        grown = document.inserted(offset, text) if document is not None else None
        if grown is None:
            return scanned(text)
        end = offset + len(text)
        brackets = [(place - offset, bracket) for place, bracket in grown.brackets(offset, end)]
        opaque = [(start - offset, stop - offset) for start, stop in grown.opaque(offset, end)]
        return Structure(brackets, opaque)

    return read


def unmatched(structure: Structure) -> list[tuple[int, str]]:
    """Return the closing brackets that close nothing in the text itself, ascending."""
    open_brackets: list[str] = []
    found = []
    for offset, bracket in structure.brackets:
        if bracket in OPENING:
            open_brackets.append(bracket)
        elif PAIRS[bracket] in open_brackets:
            # What stays open inside is closed with it, as parsers recover.
            while open_brackets.pop() != PAIRS[bracket]:
                pass
        else:
            found.append((offset, bracket))
    return found


def innermost(structure: Structure, offset: int) -> str:
    """Return the last bracket that the text has opened and not closed before an offset, empty for none."""
    open_brackets: list[str] = []
    for place, bracket in structure.brackets:
        if place >= offset:
            break
        if bracket in OPENING:
            open_brackets.append(bracket)
        elif open_brackets:
            open_brackets.pop()
    return open_brackets[-1] if open_brackets else ""
