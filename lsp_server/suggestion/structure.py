"""Where the brackets of a suggestion are, and which parts of it are strings or comments.

A grammar tells best; where there is none, a scan that knows the usual quotes tells well enough.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OPENING, CLOSING = "([{", ")]}"
PAIRS = dict(zip(CLOSING, OPENING, strict=True))
# A string of many lines, one that ends on its line, what looks like a comment, or a bracket.
_SCAN = re.compile(
    r"""\"\"\"(?:[^\"]|\"(?!\"\"))*(?:\"\"\"|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`"""
    r"|(?:(?<![:/])//|(?<!\S)(?:#(?=[\s!])|--(?=\s)))[^\n]*|(?<![\w.*/])/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|[()\[\]{}]"
)
_BRACKET = re.compile(r"[()\[\]{}]")


class Structure(NamedTuple):
    """The structure of a text; offsets are within it, ranges half-open.

    ``brackets`` are those that mean something, ascending; ``opaque`` are strings and comments.
    """

    brackets: list[tuple[int, str]]
    opaque: list[tuple[int, int]]

    def is_opaque(self, offset: int) -> bool:
        """Return whether an offset lies inside a string or a comment: behind its first character."""
        return any(start < offset < end for start, end in self.opaque)

    def is_unfinished(self, text: str, spanning: Sequence[tuple[str, str]]) -> bool:
        """Return whether a text, of which this is the structure, ends in a string or comment that it has begun.

        ``spanning`` are what begins and ends those that span lines. Grammars make anything of one without an end.
        """
        offset = 0
        while True:
            found = [(at, end, len(begin)) for begin, end in spanning if (at := text.find(begin, offset)) >= 0]
            if not found:
                return False
            start, end, length = min(found)
            offset = start + length
            if not self.is_opaque(start):
                offset = text.find(end, offset) + len(end)
                if offset < len(end):
                    return True


class Grammar(Protocol):
    """A document that a grammar has read; `context/syntax/document.py` has one."""

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

    def changed(self, text: str) -> Grammar | None:
        """Return another text as the grammar reads it; ``None`` where that takes too long."""
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
        if match[0] in PAIRS or match[0] in PAIRS.values():
            brackets.append((match.start(), match[0]))
        else:
            opaque.append(match.span())
    return Structure(brackets, opaque)


def plain_brackets(text: str) -> Structure:
    """Return all brackets of a text that is no code."""
    return Structure([(match.start(), match[0]) for match in _BRACKET.finditer(text)], [])


def reader(document: Grammar | None, offset: int) -> Callable[[str], Structure]:
    """Return what tells the structure of a text that is inserted into a document, or stands alone without one."""

    @cache
    def base() -> Grammar | None:
        return _around(document, offset) if document is not None else None

    def read(text: str) -> Structure:
        around = base()
        grown = around.inserted(offset, text) if around is not None else None
        if grown is None:
            return scanned(text)
        end = offset + len(text)
        brackets = [(place - offset, bracket) for place, bracket in grown.brackets(offset, end)]
        opaque = [(start - offset, stop - offset) for start, stop in grown.opaque(offset, end)]
        return Structure(brackets, opaque)

    return read


def _around(document: Grammar, offset: int) -> Grammar | None:
    """Return the part of a document that says what a text at an offset is: all of it in a line or in a string.

    Elsewhere what follows says nothing, and the grammar need not find a way from half a block into it, which is slow.
    """
    rest = document.text[offset:].partition("\n")[0]
    if rest.strip() or document.opaque(offset, offset):
        return document
    return document.changed(document.text[:offset])


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


def still_open(structure: Structure, end: int) -> list[int]:
    """Return the offsets of the brackets that are open at an offset, the innermost last."""
    waiting: list[int] = []
    for offset, bracket in structure.brackets:
        if offset >= end:
            break
        if bracket in OPENING:
            waiting.append(offset)
        elif waiting:
            waiting.pop()
    return waiting


def partner(structure: Structure, start: int) -> int | None:
    """Return the offset of the bracket that closes the one at an offset, ``None`` where none does."""
    depth = 0
    for offset, bracket in structure.brackets:
        if offset >= start:
            depth += 1 if bracket in OPENING else -1
            if not depth:
                return offset
    return None


def innermost(structure: Structure, offset: int) -> str:
    """Return the last bracket that the text has opened and not closed before an offset, empty for none."""
    waiting = still_open(structure, offset)
    return next(bracket for place, bracket in structure.brackets if place == waiting[-1]) if waiting else ""
