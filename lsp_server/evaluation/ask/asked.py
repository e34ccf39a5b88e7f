"""What an answer is, and whoever can be asked for one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lsp_server.engine.interface import Sampling

if TYPE_CHECKING:
    from lsp_server.evaluation.task import Task


class Asked(NamedTuple):
    """What came of a question; the fields are those of `task.Record`."""

    text: str
    raw: str
    reason: str
    milliseconds: float
    evaluated: int
    generated: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the texts of a hole are drawn; at the temperature 0 each token is the likeliest."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0

    def of(self, task: Task, sample: int) -> Sampling | None:
        """Return how one text is drawn, the same in each run; ``None`` for the likeliest tokens."""
        if not self.temperature:
            return None
        own = zlib.crc32(f"{self.seed}:{task.id}:{sample}".encode())
        return Sampling(self.temperature, self.top_p, own)


class Asker(Protocol):
    """One way to ask."""

    async def ask(self, task: Task, sample: int) -> Asked:
        """Have the model complete a hole; ``sample`` counts the texts of it from 0.

        Raises:
            EngineError: the model failed.
        """
        ...
