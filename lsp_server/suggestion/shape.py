"""From the model's raw text to what is shown, or the reason why nothing is. Pure functions on strings."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from lsp_server.core import Reason


class Extent(Enum):
    """How much is suggested at once."""

    LINE = "the rest of the cursor's line"
    BLOCK = "several lines, until the model ends"


class Shaped(NamedTuple):
    """Either a text that is not empty, or a reason."""

    text: str | None
    reason: Reason | None


def extent(typed: str, suffix: str) -> Extent:
    """Return how much to suggest behind what is typed of a line: a block only on a blank line."""
    rest_of_line = suffix.partition("\n")[0]
    return Extent.LINE if typed.strip() or rest_of_line.strip() else Extent.BLOCK


def is_complete(how_much: Extent, text: str) -> bool:
    """Return whether a generation can end: a line is whole when a line break follows some text of it."""
    return how_much is Extent.LINE and "\n" in text.lstrip("\n")


def shape(raw: str, typed: str, suffix: str, how_much: Extent, *, is_cut_off: bool) -> Shaped:
    """Turn raw text behind ``typed`` and before ``suffix`` into what fits there.

    ``is_cut_off`` says that a limit ended the text and not the model, so that its last line may be
    half a line.
    """
    text = raw
    if how_much is Extent.LINE:
        text = text.split("\n", 1)[0]
    elif is_cut_off and "\n" in text.strip("\n"):
        text = text[: text.rindex("\n")]
    # Half a character at the end of the text comes out of the decoder as nothing, amid it as U+FFFD.
    text = without_repeated_end(text.partition("\N{REPLACEMENT CHARACTER}")[0].rstrip(), suffix)
    if not text.strip():
        return Shaped(None, Reason.REPEATS_WHAT_FOLLOWS if raw.strip() else Reason.EMPTY)
    if _lines(typed + text) == _lines(suffix)[: len(_lines(typed + text))]:
        return Shaped(None, Reason.REPEATS_WHAT_FOLLOWS)
    return Shaped(text, None)


def without_repeated_end(text: str, suffix: str) -> str:
    """Return the text without an end that already stands behind the cursor on its line: ``)`` before ``)``."""
    rest = suffix.partition("\n")[0].strip()
    if rest and text.endswith(rest):
        return text[: -len(rest)].rstrip(" \t") if rest != text else ""
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
