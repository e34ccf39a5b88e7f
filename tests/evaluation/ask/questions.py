"""Holes with a cursor mark, and what a scripted engine is asked about them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsp_server.config import Settings
from lsp_server.evaluation.ask.arms import ARMS, Means
from lsp_server.evaluation.ask.asked import Drawing
from lsp_server.evaluation.ask.product import settled
from lsp_server.evaluation.task import Limits, Task
from tests.cursor import unmark

if TYPE_CHECKING:
    from lsp_server.core import Chunk
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.asked import Asked
    from lsp_server.evaluation.ask.sources import Repository

LIMITS = Limits(sequence=4000, after=1000, chunks=1000, generated=20, note="")


def task(marked: str, path: str = "", chunks: tuple[Chunk, ...] = (), truth: str = "") -> Task:
    """Return a hole at the cursor mark."""
    text, offset = unmark(marked)
    return Task("hole", "line", "python", text[:offset], text[offset:], truth, path, "shop" if path else "", chunks)


def ask(  # noqa: PLR0913  each has its usual value
    arm: str,
    of: Task,
    engine: Engine,
    *,
    limits: Limits = LIMITS,
    drawing: Drawing | None = None,
    repository: Repository | None = None,
    sample: int = 0,
) -> Asked:
    """Ask one question in one way."""
    means = Means(engine, settled(Settings(), engine), limits, drawing or Drawing(), repository)
    return asyncio.run(ARMS[arm](means).ask(of, sample))
