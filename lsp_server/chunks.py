"""The pieces of other files that one document's prompts hold: chosen at its first request, and anew in pauses.

Knows no workspace; that is the context's, which may be in another process and may not answer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from lsp_server.context.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lsp_server.core import Chunk, Place, Snapshot

log = logging.getLogger(__name__)

# What a document's first request waits for the choice; one that comes later is for the next prompt.
FIRST_CHOICE_SECONDS = 0.06


class Context(Protocol):
    """Chooses pieces of other files; `context/process.py` is one."""

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return chunks of about ``budget`` tokens for a cursor; ``kept`` is the choice before, empty at first."""


class NoContext:
    """Prompts hold the document alone."""

    async def choose(
        self, _path: Path, _before: str, _after: str, _budget: int, _kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return nothing."""
        return ()


class Chunks:
    """The choice for one document; ``in_force`` are the pieces that its next prompts hold."""

    def __init__(self, context: Context, count: Callable[[str], int]) -> None:
        """``count`` returns how many tokens a text takes."""
        self._context = context
        self._count = count
        self._first: asyncio.Task[tuple[Chunk, ...]] | None = None
        self.in_force: tuple[Chunk, ...] = ()

    async def begin(self, snapshot: Snapshot, place: Place, budget: int) -> None:
        """Choose for the first time, and wait for it a little; does nothing afterwards."""
        if self._first is None:
            self._first = asyncio.create_task(self._chosen(snapshot, place, budget))
            await asyncio.wait([self._first], timeout=FIRST_CHOICE_SECONDS)
        self.catch_up()

    def catch_up(self) -> None:
        """Put a first choice in force that was not there in time."""
        if self._first is not None and self._first.done() and not self.in_force:
            self.in_force = self._first.result()

    async def renew(self, snapshot: Snapshot, place: Place, budget: int) -> bool:
        """Choose anew; return whether the choice is another one."""
        old, self.in_force = self.in_force, await self._chosen(snapshot, place, budget)
        return self.in_force != old

    async def _chosen(self, snapshot: Snapshot, place: Place, budget: int) -> tuple[Chunk, ...]:
        """Return pieces that take at most ``budget`` tokens; those in force where the context fails."""
        if snapshot.source is None or budget <= 0:
            return ()
        kept = self.in_force
        try:
            chunks = await self._context.choose(snapshot.source, place.before, place.after, budget, kept)
        except Exception:
            # A suggestion without them is better than none.
            log.exception("No pieces of other files could be chosen.")
            return kept
        return chunks if chunks == kept else fit(chunks, budget, self.tokens_of)

    def tokens_of(self, chunk: Chunk) -> int:
        """Return how many tokens a chunk takes in the prompt, with its path and the special token before it."""
        return 1 + self._count(f"{chunk.path}\n{chunk.text}\n")
