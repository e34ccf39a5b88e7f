"""Choose what of other files goes into the prompt: signatures, and code like that at the cursor, within a budget.

Knows a ranking and the lines of files. Everything that could be shown is a piece, and pieces are taken by what they
add for each token they cost, until the budget is spent. What a piece adds is the chance that its names are needed, of
those that no piece before it has shown. A signature shows a name better than a use does, so each is worth something
after the other.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lsp_server.context.pieces import Limits, chances_of, pieces_of
from lsp_server.context.render import Chosen, rendered
from lsp_server.context.words import WORD, estimated_tokens, key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lsp_server.context.index import Index
    from lsp_server.context.pieces import Piece, Span
    from lsp_server.context.rank import Ranking, Relations
    from lsp_server.core import Chunk

# What showing a name is worth, in chances that it is needed: by its signature, by a signature where a use has been
# shown already, by a use, and by a use where its signature has been shown already.
SIGNATURE, SIGNATURE_AFTER_USE, USE, USE_AFTER_SIGNATURE = 1.5, 0.9, 0.8, 0.1
# An old choice stays unless a new one would be worth this much more; keeping costs no evaluation.
WORTH_CHANGING = 1.25
# A chunk of the old choice stays in front of a new one if it is worth this share, for its tokens, of what that is.
USEFUL_SHARE = 0.5
# Tokens; what is left of a budget is not worth another piece.
SMALLEST_PIECE = 6
SEPARATOR_TOKENS = 2
# Tokens are estimated here and differ from language to language: so much more is chosen, and `fit.py` cuts the rest.
ROOM = 1.15
# A type's header line, about.
TOKENS_A_HEADER = 10.0


@dataclass(frozen=True, slots=True)
class Request:
    """How many tokens there is room for, and the choice before, without what is no longer true of the files."""

    budget: int
    kept: tuple[Chunk, ...] = ()
    limits: Limits = field(default_factory=Limits)


def gather(
    index: Index,
    ranking: Ranking,
    relations: Relations,
    request: Request,
    lines_of: Callable[[str], Sequence[str] | None],
) -> tuple[Chunk, ...]:
    """Return chunks of somewhat over the budget together, for `fit.py` to cut; empty where nothing helps.

    What is stable stands before what is not. ``lines_of`` returns the lines of an indexed file without their ends,
    ``None`` where they are not to be had as the index knows them. The choice before is returned itself where a new one
    would not be worth its evaluation. Else the new one begins with those of its first chunks that are still of use,
    so that their tokens stay in the KV cache.
    """
    chances = chances_of(index, ranking)
    pieces = pieces_of(index, ranking, chances, request.budget, request.limits)
    headers = {file: _header_tokens(index, file) for file in {piece.file for piece in pieces}}
    room, kept = request.budget * ROOM, request.kept
    fresh = rendered(index, _take(pieces, room, headers, frozenset()), relations, lines_of)
    if not kept:
        return fresh
    worth = _worth_of(fresh, chances)
    if _worth_of(kept, chances) * WORTH_CHANGING >= worth:
        return kept
    first = _still_useful(kept, chances, worth / max(1.0, room))
    left = room - sum(map(_tokens_of, first))
    rest = rendered(index, _take(pieces, left, headers, _words_of(first)), relations, lines_of)
    return (*first, *_not_again(first, rest))


def _not_again(first: Sequence[Chunk], rest: Sequence[Chunk]) -> Iterator[Chunk]:
    """Yield the chunks of ``rest`` without lines that an earlier chunk of the same file shows already."""
    for chunk in rest:
        shown = {line for other in first if other.path == chunk.path for line in other.text.split("\n")}
        lines = [line for line in chunk.text.split("\n") if not line or line not in shown]
        if any(lines):
            yield replace(chunk, text="\n".join(lines).strip("\n"))


def _still_useful(chunks: Sequence[Chunk], chances: dict[int, float], rate: float) -> tuple[Chunk, ...]:
    """Return the first chunks up to one that shows much less for its tokens than others would; never all of them."""
    seen: list[Chunk] = []
    for chunk in chunks[:-1]:
        added = _worth_of([*seen, chunk], chances) - _worth_of(seen, chances)
        if added < USEFUL_SHARE * rate * _tokens_of(chunk):
            break
        seen.append(chunk)
    return tuple(seen)


def _words_of(chunks: Iterable[Chunk]) -> frozenset[int]:
    return frozenset(key(word) for chunk in chunks for word in WORD.findall(chunk.text))


def _worth_of(chunks: Iterable[Chunk], chances: dict[int, float]) -> float:
    """Return the chances of all names that chunks show, each name once."""
    return sum(chances.get(word, 0.0) for word in _words_of(chunks))


def _tokens_of(chunk: Chunk) -> float:
    return estimated_tokens(chunk.path) + SEPARATOR_TOKENS + sum(map(estimated_tokens, chunk.text.split("\n")))


class _Taken:
    """What has been taken so far, and what another piece would add and cost."""

    def __init__(self, known: frozenset[int]) -> None:
        self.pieces: list[Chosen] = []
        self._signed = set(known)
        self._used = set(known)
        self._lines: dict[int, set[int]] = {}
        self._shown: set[tuple[int, Span]] = set()

    def worth(self, piece: Piece) -> float:
        if (piece.file, piece.span) in self._shown:
            return 0.0
        worth = piece.extra
        for name, chance in piece.names:
            if piece.is_signature:
                factor = 0.0 if name in self._signed else SIGNATURE_AFTER_USE if name in self._used else SIGNATURE
            else:
                factor = 0.0 if name in self._used else USE_AFTER_SIGNATURE if name in self._signed else USE
            worth += factor * chance
        return worth

    def cost(self, piece: Piece, header: float) -> float:
        shown = self._lines.get(piece.file)
        if shown is None:
            above = TOKENS_A_HEADER * (piece.parent.end - piece.parent.start) if piece.parent else 0.0
            return piece.tokens + above + header
        new = sum(line not in shown for line in range(*piece.span))
        above = TOKENS_A_HEADER * sum(line not in shown for line in range(*piece.parent)) if piece.parent else 0.0
        return piece.tokens * new / max(1, piece.span.end - piece.span.start) + above

    def add(self, piece: Piece, worth: float) -> None:
        self.pieces.append(Chosen(piece, worth))
        (self._signed if piece.is_signature else self._used).update(name for name, _ in piece.names)
        lines = self._lines.setdefault(piece.file, set())
        lines.update(range(*piece.span), range(*piece.parent) if piece.parent else ())
        self._shown.add((piece.file, piece.span))


def _take(pieces: list[Piece], budget: float, headers: dict[int, float], known: frozenset[int]) -> list[Chosen]:
    """Return the pieces to show, each with what it is worth, by a greedy choice; ``known`` names are shown already."""
    taken = _Taken(known)

    def rate(piece: Piece) -> float:
        return taken.worth(piece) / max(1.0, taken.cost(piece, headers[piece.file]))

    heap = [(-rate(piece), number) for number, piece in enumerate(pieces)]
    heapq.heapify(heap)
    left = budget
    while heap and left > SMALLEST_PIECE:
        _, number = heapq.heappop(heap)
        piece = pieces[number]
        # What was taken since may have shown the same names: then the piece goes back to where it belongs now.
        now = -rate(piece)
        if now >= 0:
            continue
        if heap and now > heap[0][0]:
            heapq.heappush(heap, (now, number))
            continue
        cost = taken.cost(piece, headers[piece.file])
        if cost <= left:
            left -= cost
            taken.add(piece, taken.worth(piece))
    return taken.pieces


def _header_tokens(index: Index, number: int) -> float:
    file = index.files[number]
    return estimated_tokens(file.name) + SEPARATOR_TOKENS if file else 0.0
