"""The hole that a suggestion fills: a cursor, how much is to come there, and what the lines around it say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_server.suggestion.indentation import columns, leading
from lsp_server.suggestion.structure import CLOSING, OPENING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.core import Place
    from lsp_server.suggestion.language import Language
    from lsp_server.suggestion.lines import Line

# Looking for the lines around a cursor goes no further; a suggestion cannot reach as far.
NEAR_CHARACTERS = 4000
# gofmt and many in C and C++ write the cases of a switch no further in than the switch.
_SWITCH = re.compile(r"\s*(?:switch|select)\b")
_CASES = frozenset({"case", "default"})


class Extent(Enum):
    """How much is suggested at once."""

    REST = "the rest of the cursor's line, before what already follows on it"
    LINE = "the rest of the cursor's line or, where the model ends it at once, the next one"
    STATEMENT = "the same, with the lines of the brackets or the block that it opens"
    BLOCK = "some lines that belong together"
    BODY = "all lines of what has just been opened"


def extent(place: Place, language: Language, multiline: str) -> Extent:
    """Return how much to suggest at a place; ``multiline`` is the setting: auto, never or always."""
    if place.after.partition("\n")[0].strip():
        return Extent.REST
    if multiline == "never":
        return Extent.LINE
    if place.line.strip():
        # Behind a space one goes on with the line.
        if opens_block(place.line, language) and not place.line[-1].isspace():
            return Extent.BODY
        return Extent.BLOCK if multiline == "always" else Extent.STATEMENT
    above = last_line(place.before)
    is_awaited = opens_block(above, language) and not _has_body(place, above)
    return Extent.BODY if is_awaited else Extent.BLOCK


def opens_block(line: str, language: Language) -> bool:
    """Return whether a block begins behind a line."""
    if language.is_comment(line) or (language.is_indented and leaves_open(line)):
        return False
    return bool(language.opening.search(language.code(line)))


def leaves_open(line: str) -> bool:
    """Return whether a line leaves a bracket open, as far as it shows by itself."""
    return sum(map(line.count, OPENING)) > sum(map(line.count, CLOSING))


def statement_columns(lines: Sequence[str], typed: int = 0) -> int:
    """Return the columns at which the statement begins that ends with the last of some lines; 0 for no lines.

    It may span several: its brackets are opened above, or it stands further in than what is ``typed`` (columns) below.
    """
    missing = 0
    for line in reversed(lines):
        missing += sum(map(line.count, ")]")) - sum(map(line.count, "(["))
        width = columns(leading(line))
        if missing <= 0 and not 0 < typed < width:
            return width
    return columns(leading(lines[-1])) if lines else 0


def last_line(before: str) -> str:
    """Return the last line above the cursor's that is not blank, empty for none."""
    lines = before[-NEAR_CHARACTERS:].split("\n")[:-1]
    return next((line for line in reversed(lines) if line.strip()), "")


def _has_body(place: Place, above: str) -> bool:
    """Return whether what a line has opened goes on behind the cursor."""
    following = next((line for line in place.after[:NEAR_CHARACTERS].split("\n")[1:] if line.strip()), "")
    return columns(leading(following)) > columns(leading(above)) and bool(following.strip())


@dataclass(frozen=True)
class Hole:
    """A cursor and how much is to come there. What is computed from the lines around it is computed once."""

    place: Place
    language: Language
    extent: Extent

    @cached_property
    def rest(self) -> str:
        """What stands behind the cursor on its line, without white space around it."""
        return self.place.after.partition("\n")[0].strip()

    @cached_property
    def above(self) -> list[str]:
        """The lines above the cursor's that are not blank, the nearest last."""
        return [line for line in self.place.before[-NEAR_CHARACTERS:].split("\n")[:-1] if line.strip()]

    @cached_property
    def below(self) -> list[str]:
        """The lines below the cursor's that are not blank, the nearest first."""
        return [line for line in self.place.after[:NEAR_CHARACTERS].split("\n")[1:] if line.strip()]

    @cached_property
    def is_on_blank_line(self) -> bool:
        """Whether nothing stands before the cursor on its line."""
        return not self.place.line.strip()

    @cached_property
    def header(self) -> str:
        """The line that opened the block in which the suggestion's lines stand, empty where none is known."""
        if not self.is_on_blank_line:
            return self.place.line if opens_block(self.place.line, self.language) else ""
        above = self.above[-1] if self.above else ""
        return above if opens_block(above, self.language) else ""

    @cached_property
    def header_width(self) -> int:
        """The columns at which the statement begins whose last line is the header."""
        if self.is_on_blank_line:
            return statement_columns(self.above, columns(self.place.line))
        return statement_columns([*self.above, self.place.line])

    def is_case(self, word: str) -> bool:
        """Return whether a line that begins with a word may stand as far to the left as the `switch` that holds it."""
        return word in _CASES and bool(_SWITCH.match(self.header))

    @cached_property
    def width_below(self) -> int:
        """The columns at which the next line that is not blank begins, 0 without one."""
        return columns(leading(self.below[0])) if self.below else 0

    def with_typed(self, line: Line) -> str:
        """Return a line of a suggestion as it would stand in the document, before what follows the cursor."""
        return line.text if line.start else self.place.line + line.text

    def width(self, line: Line) -> int:
        """Return the columns at which a line of a suggestion would begin in the document."""
        return columns(leading(self.with_typed(line)))
