"""Answers that need no model, to see that what counts them counts right: what was there, and nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.evaluation.ask.asked import Asked

if TYPE_CHECKING:
    from lsp_server.evaluation.task import Task


class Truth:
    """Answers with what was there."""

    async def ask(self, task: Task, _sample: int) -> Asked:
        """Return the truth."""
        return Asked(task.truth, task.truth, "", 0.0, 0, 0)


class Nothing:
    """Answers with nothing."""

    async def ask(self, _task: Task, _sample: int) -> Asked:
        """Return an empty text."""
        return Asked("", "", "nothing was to be shown", 0.0, 0, 0)
