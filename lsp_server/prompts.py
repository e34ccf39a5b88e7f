"""Which prompt a place in a document gets now, and which one should be ready for the next key.

A prompt is a head, all that stands before the middle, and what has been typed. The heads of a document are
kept with their anchors; of those that fit the place, the fullest that can be evaluated in time is taken. Where none
can, a short one answers while the full one is evaluated behind it, and takes over by itself once it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.prompt import fim
from lsp_server.prompt.anchor import Anchor, anchored, with_suffix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.core import Chunk, Place, Snapshot
    from lsp_server.engine.interface import Engine
    from lsp_server.prompt.budget import Budget

# Heads kept of one document: where one was before, and what is being prepared.
KEPT_HEADS = 8
# Names and special tokens may take this share of a prompt; longer names are left out.
LARGEST_FRAME_SHARE = 0.25
# Of the tokens around the cursor, what follows it gets no more than this.
SUFFIX_SHARE = 0.3
# Fewer tokens of code around the cursor tell a model nothing.
SMALLEST_WINDOW = 32


@dataclass(frozen=True, slots=True)
class Head:
    """A prompt up to its middle. ``is_full`` where its windows are as large as the budget lets them be."""

    anchor: Anchor
    chunks: tuple[Chunk, ...]
    tokens: tuple[int, ...]
    is_full: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """The tokens for the engine: those of ``head``, and what is typed behind it.

    The end of what is typed may be half a token; it is left out then, and what is generated has to begin with its
    bytes, ``forced``.
    """

    tokens: tuple[int, ...]
    head: Head
    forced: bytes = b""


class Prompts:
    """The prompts of one document. Used by one thread at a time."""

    def __init__(self, engine: Engine, form: fim.FimFormat) -> None:
        self._engine = engine
        self._form = form
        # The newest last.
        self._heads: list[Head] = []
        self.chunks: tuple[Chunk, ...] = ()

    def choose(self, snapshot: Snapshot, place: Place, budget: Budget) -> Prompt:
        """Return the prompt for a place."""
        full = self._up_to_date(place, budget) or self._set(self._full(snapshot, place, budget), place)
        if self._missing(full.tokens) <= budget.at_once:
            return full
        for prompt in self._fitting(place, budget):
            if self._missing(prompt.tokens) <= budget.at_once:
                return prompt
        return self._set(self._short(snapshot, place, budget, full.head), place)

    def renew(self, snapshot: Snapshot, place: Place, budget: Budget) -> None:
        """Set a new anchor at a place, with the chunks in force; it takes over once it has been evaluated."""
        self._set(self._full(snapshot, place, budget), place)

    def wanted(self, place: Place, budget: Budget) -> Head | None:
        """Return the head that the next key should find evaluated, ``None`` where that is so already."""
        full = self._up_to_date(place, budget)
        return full.head if full and self._missing(full.head.tokens) > 1 else None

    def _fitting(self, place: Place, budget: Budget) -> Iterator[Prompt]:
        """Yield the prompts of the kept heads that fit a place, full ones first, the newer before the older."""
        for head in sorted(self._heads, key=lambda head: head.is_full)[::-1]:
            typed = head.anchor.typed(place)
            if typed is not None:
                prompt = self._prompt(head, typed)
                if len(prompt.tokens) <= budget.prompt:
                    yield prompt

    def _up_to_date(self, place: Place, budget: Budget) -> Prompt | None:
        """Return the one that need not be replaced: full, with the chunks in force, its middle not too long."""
        for prompt in self._fitting(place, budget):
            middle = len(prompt.tokens) - len(prompt.head.tokens)
            if prompt.head.is_full and prompt.head.chunks == self.chunks and middle <= budget.middle:
                return prompt
        return None

    def _missing(self, tokens: tuple[int, ...]) -> int:
        return len(tokens) - self._engine.held(tokens)

    def _set(self, head: Head, place: Place) -> Prompt:
        self._heads = [*self._heads[-KEPT_HEADS + 1 :], head]
        return self._prompt(head, head.anchor.typed(place) or "")

    def _prompt(self, head: Head, typed: str) -> Prompt:
        tokens = self._engine.tokenize(typed)
        healing = self._engine.heal(tokens)
        return Prompt((*head.tokens, *tokens[: healing.kept]), head, healing.forced)

    # --- new heads -----------------------------------------------------------------------------------

    def _full(self, snapshot: Snapshot, place: Place, budget: Budget) -> Head:
        chunks = self.chunks
        if len(self._frame(snapshot, ())) > budget.prompt * LARGEST_FRAME_SHARE:
            # Names so long that the code would have no room: the document goes without them.
            snapshot, chunks = replace(snapshot, path=None, root=None), ()
        room = budget.prompt - budget.middle
        window = room - len(self._frame(snapshot, chunks))
        near = [head.anchor for head in reversed(self._heads) if head.is_full]
        while True:
            anchor = anchored(place, window, int(window * SUFFIX_SHARE), self._count, near)
            head = self._head(snapshot, chunks, anchor)
            if len(head.tokens) <= room or window <= 0:
                return replace(head, is_full=True)
            window -= len(head.tokens) - room

    def _short(self, snapshot: Snapshot, place: Place, budget: Budget, full: Head) -> Head:
        """Return a head that can be evaluated at once: what the KV cache holds of the full one, and some more."""
        count = self._count
        left = budget.at_once - count(place.line)
        missing = self._missing((*self._frame(snapshot, full.chunks), *self._engine.tokenize(full.anchor.prefix)))
        # Where the suffix comes first, another suffix is another prompt from its start.
        if left - missing >= SMALLEST_WINDOW and self._form.begins_with_prefix:
            return self._head(snapshot, full.chunks, with_suffix(full.anchor, place, left - missing, count))
        missing = self._missing(self._frame(snapshot, full.chunks))
        if left - missing < SMALLEST_WINDOW:
            return self._bare(snapshot, place, left)
        window = left - missing
        return self._head(snapshot, full.chunks, anchored(place, window, int(window * SUFFIX_SHARE), count))

    def _bare(self, snapshot: Snapshot, place: Place, window: int) -> Head:
        """Return a head without pieces of other files, and without names where they leave no room."""
        left = window - len(self._frame(snapshot, ()))
        if left < SMALLEST_WINDOW:
            snapshot, left = replace(snapshot, path=None, root=None), max(window, SMALLEST_WINDOW)
        return self._head(snapshot, (), anchored(place, left, int(left * SUFFIX_SHARE), self._count))

    def _count(self, text: str) -> int:
        return self._engine.count(text)

    def _head(self, snapshot: Snapshot, chunks: Sequence[Chunk], anchor: Anchor) -> Head:
        segments = fim.prompt(self._form, _surroundings(snapshot, chunks), anchor.prefix, anchor.suffix)
        return Head(anchor, tuple(chunks), self._encode(segments), is_full=False)

    def _frame(self, snapshot: Snapshot, chunks: Sequence[Chunk]) -> tuple[int, ...]:
        """Return the tokens of all that stands before the prefix, but for the suffix."""
        return self._encode(fim.frame(self._form, _surroundings(snapshot, chunks)))

    def _encode(self, segments: Sequence[fim.Segment]) -> tuple[int, ...]:
        return fim.encode(segments, self._engine.tokenize, self._engine.special)


def _surroundings(snapshot: Snapshot, chunks: Sequence[Chunk]) -> fim.Surroundings | None:
    return fim.Surroundings(snapshot.repository, snapshot.name, tuple(chunks)) if snapshot.name else None
