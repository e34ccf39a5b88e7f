"""As the server asks: midfill's own prompt, context, stop rules and shaping, or all but one of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import attrs

from lsp_server.core import Place, Reason, Snapshot, sentence
from lsp_server.errors import EngineError
from lsp_server.evaluation.ask.altered import Altered
from lsp_server.evaluation.ask.asked import Asked
from lsp_server.pipeline import Pipeline
from lsp_server.prompt.budget import budget
from lsp_server.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.config import Settings
    from lsp_server.core import Report
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.asked import Drawing
    from lsp_server.evaluation.ask.sources import Source
    from lsp_server.evaluation.task import Task
    from lsp_server.prompt.budget import Budget
    from lsp_server.prompt.fim import FimFormat
    from lsp_server.prompts import Head, Prompt

# Milliseconds; what is to be measured is what the server has to say once it has read the whole prompt.
NO_HURRY = 60_000


def settled(settings: Settings, engine: Engine) -> Settings:
    """Return settings with the sizes that the server would choose on this machine, and time for all of a suggestion."""
    sizes = budget(settings, engine.speed.prefill, engine.speed.decode, engine.info.context_length)
    return attrs.evolve(
        settings,
        enabled=True,
        latency_ms=NO_HURRY,
        prompt_tokens=sizes.prompt,
        context_tokens=sizes.context,
        max_tokens=sizes.generation,
        ahead="never",
        disabled_languages=(),
        disabled_files=(),
    )


class WithoutSuffix(Prompts):
    """Prompts that end at the cursor: what follows it is known to the rules, and not to the model."""

    def choose(self, snapshot: Snapshot, place: Place, budget: Budget) -> Prompt:
        """Return the prompt for a place."""
        return super().choose(snapshot, Place(place.before, ""), budget)

    def renew(self, snapshot: Snapshot, place: Place, budget: Budget) -> None:
        """Set a new anchor at a place."""
        super().renew(snapshot, Place(place.before, ""), budget)

    def wanted(self, place: Place, budget: Budget) -> Head | None:
        """Return the head that the next key should find evaluated."""
        return super().wanted(Place(place.before, ""), budget)


def shown(report: Report) -> str:
    """Return what the user would see; empty where that is nothing."""
    return (report.suggestion or "").replace("\r\n", "\n")


def written(report: Report) -> str:
    """Return what the model wrote, whatever the rules make of it."""
    return report.raw


@dataclass(frozen=True, slots=True)
class Build:
    """What a product is made of, but for the model.

    ``engine`` wraps the model's engine, ``text`` says which of a report's texts counts.
    """

    source: Source
    settings: Settings
    drawing: Drawing
    engine: Callable[[Engine], Altered] = field(default=Altered)
    prompts: Callable[[Engine, FimFormat], Prompts] = field(default=Prompts)
    text: Callable[[Report], str] = field(default=shown)


class Product:
    """A pipeline like the server's."""

    def __init__(self, engine: Engine, build: Build) -> None:
        self._build = build
        self._engine = build.engine(engine)
        self._pipeline = Pipeline(self._engine, build.source, build.prompts)

    async def ask(self, task: Task, sample: int) -> Asked:
        """Ask for what would be shown at the hole; see the protocol."""
        root = self._build.source.begin(task)
        snapshot = Snapshot(
            path=root / task.path if root else None,
            root=root,
            text=task.before + task.after,
            offset=len(task.before),
            # Each question is a document of its own: nothing that was shown before is known of it.
            uri=f"eval:{task.id}:{sample}",
            language=task.language,
        )
        self._engine.sampling = self._build.drawing.of(task, sample)
        began = time.perf_counter()
        report = await self._pipeline.complete(snapshot, self._build.settings)
        milliseconds = (time.perf_counter() - began) * 1000
        self._pipeline.rest()
        self._pipeline.forget(snapshot.document)
        if report.reason is Reason.ENGINE_FAILED:
            raise EngineError(report.detail)
        reason = sentence(report.reason, report.detail) if report.reason else ""
        text = self._build.text(report)
        return Asked(
            text, report.raw, "" if text else reason, milliseconds, report.evaluated_tokens, report.generated_tokens
        )
