"""Lay the pieces that were chosen out as chunks: one a file, with the reason for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.outline import How
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsp_server.context.index import Index
    from lsp_server.context.pieces import Piece
    from lsp_server.context.rank import Relations


class Chosen(NamedTuple):
    """A piece that is shown, and what it has added when it was chosen."""

    piece: Piece
    worth: float


def rendered(
    index: Index,
    taken: list[Chosen],
    relations: Relations,
    lines_of: Callable[[str], Sequence[str] | None],
) -> tuple[Chunk, ...]:
    """Return a chunk a file: first those of signatures alone, which stay while one types, the most useful first.

    ``lines_of`` returns the lines of an indexed file, ``None`` where they are not to be had: that file is left out.
    """
    by_file: dict[int, list[Chosen]] = {}
    for piece, worth in taken:
        by_file.setdefault(piece.file, []).append(Chosen(piece, worth))
    chunks: list[tuple[bool, float, Chunk]] = []
    for number, pieces in by_file.items():
        file = index.files[number]
        lines = lines_of(file.name) if file else None
        if file is None or lines is None:
            continue
        text = _text(pieces, lines)
        if text:
            worth = sum(worth for _, worth in pieces)
            reason = _reason(pieces, number, relations, file.how)
            has_uses = any(not piece.is_signature for piece, _ in pieces)
            chunks.append((has_uses, -worth, Chunk(file.name, text, reason, round(worth, 4))))
    return tuple(chunk for *_, chunk in sorted(chunks, key=lambda one: one[:2]))


def _text(pieces: list[Chosen], lines: Sequence[str]) -> str:
    shown: set[int] = set()
    starts: set[int] = set()
    for piece, _ in pieces:
        for span in (piece.parent, piece.span):
            if span is not None:
                shown.update(range(span.start, min(span.end, len(lines))))
        if not piece.is_signature:
            starts.update((piece.span.start, piece.span.end))
    text: list[str] = []
    previous = -1
    for number in sorted(shown):
        if not lines[number].strip():
            continue
        # Code that is left out between two uses is a blank line; signatures stand close, as in a header file.
        if text and number > previous + 1 and any(previous < start <= number for start in starts):
            text.append("")
        text.append(lines[number])
        previous = number
    return "\n".join(text)


def _reason(pieces: list[Chosen], number: int, relations: Relations, how: How) -> str:
    signatures = sum(piece.is_signature for piece, _ in pieces)
    uses = len(pieces) - signatures
    what = []
    if signatures:
        what.append("a signature" if signatures == 1 else f"{signatures} signatures")
    if uses:
        what.append("code like that at the cursor")
    relation = ""
    if relations.imported[number]:
        relation = " of an imported file"
    elif relations.package[number]:
        relation = " of the same package"
    elif relations.companions[number]:
        relation = " of the test, or of what it tests"
    unparsed = "" if how is How.SYNTAX else " (by lines: parts do not parse)" if how is How.ERRORS else " (by lines)"
    return f"{' and '.join(what)}{relation}{unparsed}"
