"""One check for all tests of shaping: a document with its cursor, the raw text, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.syntax.document import Parsed, parsed
from lsp_server.suggestion.hole import Hole, extent
from lsp_server.suggestion.language import language_of
from lsp_server.suggestion.shape import Raw, Shaped, shape
from tests.cursor import place

if TYPE_CHECKING:
    from lsp_server.core import Place, Reason


def hole_at(where: Place, language: str = "python", multiline: str = "auto") -> Hole:
    """Return the hole at a place."""
    row = language_of(language, "")
    return Hole(where, row, extent(where, row, multiline))


def document_at(where: Place, language: str = "python") -> Parsed | None:
    """Return the document as the grammar of its language reads it."""
    return parsed(where.before + where.after, language_of(language, "").suffix)


def shaped_at(where: Place, raw: Raw, language: str = "python", multiline: str = "auto") -> Shaped:
    """Return what comes of a raw text."""
    shaped = shape(raw, hole_at(where, language, multiline), document_at(where, language))
    assert (shaped.text is None) != (shaped.reason is None)
    return shaped


def check(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    """Hold what comes of a whole raw text, one that the model itself has ended."""
    shaped = shaped_at(place(marked), Raw(raw, is_cut_off=False), language)
    assert (shaped.text or shaped.reason) == expected, [step.rule for step in shaped.steps]


def check_cut_off(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    """Hold what comes of a raw text that a limit has ended."""
    shaped = shaped_at(place(marked), Raw(raw, is_cut_off=True), language)
    assert (shaped.text or shaped.reason) == expected, [step.rule for step in shaped.steps]
