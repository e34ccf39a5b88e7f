"""The hole that a suggestion fills: a cursor, how much is to come there, and what the lines around it say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_server.suggestion.indentation import columns, leading

if TYPE_CHECKING:
    from lsp_server.core import Place
    from lsp_server.suggestion.language import Language

# Looking for the lines around a cursor goes no further; a suggestion cannot reach as far.
NEAR_CHARACTERS = 4000
_COMMENT_AT_END = re.compile(r"\s+(?:#|//)[^\"'`]*$")


class Extent(Enum):
    """How much is suggested at once."""

    REST = "the rest of the cursor's line, before what already follows on it"
    LINE = "the rest of the cursor's line or, where the model ends it at once, the next one"
    BLOCK = "some lines that belong together"
    BODY = "all lines of what has just been opened"


def extent(place: Place, language: Language, multiline: str) -> Extent:
    """Return how much to suggest at a place; ``multiline`` is the setting: auto, never or always."""
    if place.after.partition("\n")[0].strip():
        return Extent.REST
    if multiline == "never":
        return Extent.LINE
    if place.line.strip():
        if opens_block(place.line, language):
            return Extent.BODY
        return Extent.BLOCK if multiline == "always" else Extent.LINE
    above = last_line(place.before)
    is_awaited = opens_block(above, language) and not _has_body(place, above)
    return Extent.BODY if is_awaited else Extent.BLOCK


def opens_block(line: str, language: Language) -> bool:
    """Return whether a block begins behind a line."""
    return bool(language.opening.search(_COMMENT_AT_END.sub("", line).rstrip()))


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
