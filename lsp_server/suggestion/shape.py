"""From the model's raw text to what is shown, or the reason why nothing is. Pure functions on strings."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from lsp_server.core import Reason


class Extent(Enum):
    """How much is suggested at once."""

    REST = "the rest of the cursor's line, before what already follows on it"
    LINE = "the rest of the cursor's line or, where the model ends it at once, the next one"
    BLOCK = "several lines, until the model ends"


class Shaped(NamedTuple):
    """Either a text that is not empty, or a reason."""

    text: str | None
    reason: Reason | None


def extent(typed: str, suffix: str) -> Extent:
    """Return how much to suggest behind what is typed of a line: a block only on a blank line."""
    if suffix.partition("\n")[0].strip():
        return Extent.REST
    return Extent.LINE if typed.strip() else Extent.BLOCK


def is_complete(how_much: Extent, text: str) -> bool:
    """Return whether a generation can end: all that is shown of it has been written."""
    match how_much:
        case Extent.REST:
            return "\n" in text
        case Extent.LINE:
            return "\n" in text.lstrip()
        case Extent.BLOCK:
            return False


def shape(raw: str, typed: str, suffix: str, how_much: Extent, *, is_cut_off: bool) -> Shaped:
    """Turn raw text behind ``typed`` and before ``suffix`` into what fits there.

    ``is_cut_off`` says that a limit ended the text and not the model, so that its last line may be
    half a line.
    """
    # Half a character at the end of the text comes out of the decoder as nothing, amid it as U+FFFD.
    written = _shown_part(raw, how_much, is_cut_off=is_cut_off).partition("\N{REPLACEMENT CHARACTER}")[0].rstrip()
    if not written.strip():
        return Shaped(None, Reason.EMPTY)
    text = without_repeated_end(written, suffix)
    # Behind the end of a line the model may go on with the next, which is what may follow already.
    new_lines = _lines(text if text.startswith("\n") else typed + text)
    if not text.strip() or new_lines == _lines(suffix)[: len(new_lines)]:
        return Shaped(None, Reason.REPEATS_WHAT_FOLLOWS)
    return Shaped(text, None)


def _shown_part(raw: str, how_much: Extent, *, is_cut_off: bool) -> str:
    match how_much:
        case Extent.REST:
            return raw.partition("\n")[0]
        case Extent.LINE:
            blank = len(raw) - len(raw.lstrip())
            return raw[:blank] + raw[blank:].partition("\n")[0]
        case Extent.BLOCK:
            # The last line may be half a line; where there is no other it is better than nothing.
            return raw[: raw.rindex("\n")] if is_cut_off and "\n" in raw.strip("\n") else raw


def without_repeated_end(text: str, suffix: str) -> str:
    """Return the text without an end that already stands behind the cursor on its line: ``)`` before ``)``."""
    rest = suffix.partition("\n")[0].strip()
    if rest and text.endswith(rest):
        return text[: -len(rest)].rstrip(" \t") if rest != text else ""
    return text


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
