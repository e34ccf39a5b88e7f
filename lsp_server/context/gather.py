"""Choose what of other files goes into the prompt: signatures, and code like that at the cursor, within a budget.

Knows a ranking and the lines of files. Everything that could be shown is a piece, and pieces are taken by what they
add for each token they cost, until the budget is spent. What a piece adds is the chance that its names are needed, of
those that no piece before it has shown. A signature shows a name better than a use does, so each is worth something
after the other.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsp_server.context.digest import BLOCK_LINES
from lsp_server.context.outline import How
from lsp_server.context.words import WORD, estimated_tokens, key
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from lsp_server.context.index import Index
    from lsp_server.context.rank import Ranking, Relations

# What showing a name is worth, in chances that it is needed: by its signature, by a signature where a use has been
# shown already, by a use, and by a use where its signature has been shown already.
SIGNATURE, SIGNATURE_AFTER_USE, USE, USE_AFTER_SIGNATURE = 1.5, 0.9, 0.8, 0.1
# What the signature of a name that stands right at the cursor is worth; and code just like that at the cursor.
MENTION, LIKENESS = 0.03, 0.05
MOST_NAMES, MOST_SIGNATURES, MOST_MENTIONED, MOST_BLOCKS = 1200, 400, 40, 48
# Tokens; no more signatures are weighed against each other than there would be room for if all were as short as this.
SHORT_SIGNATURE = 9
# An old choice stays unless a new one would be worth this much more; keeping costs no evaluation.
WORTH_CHANGING = 1.25
# A chunk of the old choice stays in front of a new one if it is worth this share, for its tokens, of what that is.
USEFUL_SHARE = 0.5
# Tokens; what is left of a budget is not worth another piece.
SMALLEST_PIECE = 6
SEPARATOR_TOKENS = 2
# Tokens are estimated here and differ from language to language: so much more is chosen, and `fit` cuts the rest off.
ROOM = 1.15
# A type's header line, about.
TOKENS_A_HEADER = 10.0


class Span(NamedTuple):
    """Lines of a file, from 0, half-open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """What may be shown: ``names`` with what each is worth; ``parent`` are the lines of the type that it stands in."""

    file: int
    span: Span
    tokens: float
    names: tuple[tuple[int, float], ...]
    extra: float
    is_signature: bool
    parent: Span | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """How many tokens there is room for, and the choice before, without what is no longer true of the files."""

    budget: int
    kept: tuple[Chunk, ...] = ()


def gather(
    index: Index,
    ranking: Ranking,
    relations: Relations,
    request: Request,
    lines_of: Callable[[str], Sequence[str] | None],
) -> tuple[Chunk, ...]:
    """Return chunks of somewhat over the budget together, for :func:`fit` to cut; empty where nothing helps.

    What is stable stands before what is not. ``lines_of`` returns the lines of an indexed file without their ends,
    ``None`` where they are not to be had as the index knows them. The choice before is returned itself where a new one
    would not be worth its evaluation. Else the new one begins with those of its first chunks that are still of use,
    so that their tokens stay in the KV cache.
    """
    chances = _chances(index, ranking)
    most = min(MOST_SIGNATURES, int(request.budget / SHORT_SIGNATURE))
    pieces = [*_signatures(index, ranking, most), *_mentions(index, ranking), *_uses(index, ranking, chances)]
    headers = {file: _header_tokens(index, file) for file in {piece.file for piece in pieces}}
    room, kept = request.budget * ROOM, request.kept
    fresh = _rendered(index, _take(pieces, room, headers, frozenset()), relations, lines_of)
    if not kept:
        return fresh
    worth = _worth_of(fresh, chances)
    if _worth_of(kept, chances) * WORTH_CHANGING >= worth:
        return kept
    first = _still_useful(kept, chances, worth / max(1.0, room))
    left = room - sum(map(_tokens_of, first))
    rest = _rendered(index, _take(pieces, left, headers, _words_of(first)), relations, lines_of)
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


def _chances(index: Index, ranking: Ranking) -> dict[int, float]:
    """Return the likeliest names with their chances, each by its likeliest definition."""
    best = np.argsort(-ranking.chances)[:MOST_NAMES]
    names = index.definitions["name"][ranking.rows[best]].tolist()
    chances: dict[int, float] = {}
    for name, chance in zip(names, ranking.chances[best].tolist(), strict=True):
        chances.setdefault(name, chance)
    return chances


def _signatures(index: Index, ranking: Ranking, most: int) -> list[_Piece]:
    best = np.argsort(-ranking.chances)[:most]
    chances = ranking.chances[best].tolist()
    return _signatures_of(index, ranking.rows[best], chances, [0.0] * len(best))


def _mentions(index: Index, ranking: Ranking) -> list[_Piece]:
    best = np.argsort(-ranking.weights)[:MOST_MENTIONED]
    extras = (MENTION * ranking.weights[best]).tolist()
    return _signatures_of(index, ranking.mentioned[best], [0.0] * len(best), extras)


def _signatures_of(index: Index, rows: NDArray[np.int64], chances: list[float], extras: list[float]) -> list[_Piece]:
    """Return the pieces that show the signatures of some definitions, below the head of the type that each is of."""
    table = index.definitions
    columns = [table[column][rows].tolist() for column in ("file", "name", "start", "header", "tokens", "parent")]
    # The row -1 is the last one's; it is not looked at.
    above = table["parent"][rows]
    spans = zip(table["start"][above].tolist(), table["header"][above].tolist(), strict=True)
    return [
        _Piece(file, Span(start, header), tokens, ((name, chance),), extra, True, Span(*span) if parent >= 0 else None)  # noqa: FBT003  the field's name says it
        for (file, name, start, header, tokens, parent), span, chance, extra in zip(
            zip(*columns, strict=True), spans, chances, extras, strict=True
        )
    ]


def _uses(index: Index, ranking: Ranking, chances: dict[int, float]) -> list[_Piece]:
    blocks = ranking.blocks[:MOST_BLOCKS]
    found = index.block_words.of(blocks)
    names: list[list[tuple[int, float]]] = [[] for _ in blocks]
    for at, word in zip(found.asked.tolist(), found.values.tolist(), strict=True):
        if word in chances:
            names[at].append((word, chances[word]))
    table = index.blocks
    return [
        _Piece(
            file=int(table["file"][block]),
            span=Span(int(table["start"][block]), int(table["start"][block]) + BLOCK_LINES),
            tokens=float(table["tokens"][block]),
            names=tuple(names[at]),
            extra=LIKENESS * float(ranking.scores[at]),
            is_signature=False,
        )
        for at, block in enumerate(blocks.tolist())
    ]


class _Taken:
    """What has been taken so far, and what another piece would add and cost."""

    def __init__(self, known: frozenset[int]) -> None:
        self.pieces: list[tuple[_Piece, float]] = []
        self._signed = set(known)
        self._used = set(known)
        self._lines: dict[int, set[int]] = {}
        self._shown: set[tuple[int, Span]] = set()

    def worth(self, piece: _Piece) -> float:
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

    def cost(self, piece: _Piece, header: float) -> float:
        shown = self._lines.get(piece.file)
        if shown is None:
            above = TOKENS_A_HEADER * (piece.parent.end - piece.parent.start) if piece.parent else 0.0
            return piece.tokens + above + header
        new = sum(line not in shown for line in range(*piece.span))
        above = TOKENS_A_HEADER * sum(line not in shown for line in range(*piece.parent)) if piece.parent else 0.0
        return piece.tokens * new / max(1, piece.span.end - piece.span.start) + above

    def add(self, piece: _Piece, worth: float) -> None:
        self.pieces.append((piece, worth))
        (self._signed if piece.is_signature else self._used).update(name for name, _ in piece.names)
        lines = self._lines.setdefault(piece.file, set())
        lines.update(range(*piece.span), range(*piece.parent) if piece.parent else ())
        self._shown.add((piece.file, piece.span))


def _take(
    pieces: list[_Piece], budget: float, headers: dict[int, float], known: frozenset[int]
) -> list[tuple[_Piece, float]]:
    """Return the pieces to show, each with what it is worth, by a greedy choice; ``known`` names are shown already."""
    taken = _Taken(known)

    def rate(piece: _Piece) -> float:
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


def _rendered(
    index: Index,
    taken: list[tuple[_Piece, float]],
    relations: Relations,
    lines_of: Callable[[str], Sequence[str] | None],
) -> tuple[Chunk, ...]:
    """Return a chunk a file: first those of signatures alone, which stay while one types, the most useful first."""
    by_file: dict[int, list[tuple[_Piece, float]]] = {}
    for piece, worth in taken:
        by_file.setdefault(piece.file, []).append((piece, worth))
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


def _text(pieces: list[tuple[_Piece, float]], lines: Sequence[str]) -> str:
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


def _reason(pieces: list[tuple[_Piece, float]], number: int, relations: Relations, how: How) -> str:
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


def fit(chunks: Iterable[Chunk], budget: int, count: Callable[[Chunk], int]) -> tuple[Chunk, ...]:
    """Return the chunks in their order, cut until they take at most ``budget`` tokens by ``count``.

    The chunk of least worth loses lines from its end first.
    """
    kept = {number: (chunk, count(chunk)) for number, chunk in enumerate(chunks)}
    over = sum(tokens for _, tokens in kept.values()) - budget
    for number in sorted(kept, key=lambda number: kept[number][0].score):
        if over <= 0:
            break
        chunk, tokens = kept.pop(number)
        over -= tokens
        if over < 0 and (shorter := _shortened(chunk, -over, count)) is not None:
            kept[number] = shorter
            over += shorter[1]
    return tuple(kept[number][0] for number in sorted(kept))


def _shortened(chunk: Chunk, budget: int, count: Callable[[Chunk], int]) -> tuple[Chunk, int] | None:
    lines = chunk.text.split("\n")
    fitting, too_many = 0, len(lines)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if count(_first(chunk, lines, middle)) <= budget:
            fitting = middle
        else:
            too_many = middle
    if not fitting:
        return None
    shorter = _first(chunk, lines, fitting)
    return shorter, count(shorter)


def _first(chunk: Chunk, lines: list[str], count: int) -> Chunk:
    text = "\n".join(lines[:count]).rstrip("\n")
    return Chunk(chunk.path, text, chunk.reason, chunk.score)
