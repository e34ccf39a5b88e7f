"""Texts with a cursor mark: ``"import o‸s"`` is the text ``import os`` with the cursor behind the ``o``."""

from __future__ import annotations

from lsp_server.core import Place

CURSOR = "‸"


def unmark(marked: str) -> tuple[str, int]:
    """Return the text without its one mark, and the offset where it stood."""
    before, mark, after = marked.partition(CURSOR)
    assert mark, f"no {CURSOR} in {marked!r}"
    assert CURSOR not in after
    return before + after, len(before)


def place(marked: str) -> Place:
    """Return the text around its one mark."""
    text, offset = unmark(marked)
    return Place(text[:offset], text[offset:])
