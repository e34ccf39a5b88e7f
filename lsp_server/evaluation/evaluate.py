"""One evaluation, from its holes to its figures. What was asked is kept in a folder, and never asked again."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import attrs
from platformdirs import user_cache_path

from lsp_server.evaluation import provenance
from lsp_server.evaluation.ask.arms import ARMS, BARE, Means
from lsp_server.evaluation.ask.asked import Drawing
from lsp_server.evaluation.ask.product import settled
from lsp_server.evaluation.journal import opened
from lsp_server.evaluation.run import ask_all, cut_all, key_of, score_all
from lsp_server.evaluation.sandbox.languages import runnable
from lsp_server.evaluation.sandbox.verdicts import passes
from lsp_server.evaluation.summarize import summarize
from lsp_server.evaluation.summary import Conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lsp_server.config import Settings
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.sources import Repository
    from lsp_server.evaluation.published import Published
    from lsp_server.evaluation.run import Key
    from lsp_server.evaluation.summary import Summary
    from lsp_server.evaluation.task import Check, Limits, Record, Scoring, Task


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    ``title`` and ``data`` say it to people. ``arms`` are names of `ask/arms.py`, ``limits`` those of the bare model;
    each hole gets ``samples`` texts. ``ks`` are those of pass@k.
    """

    name: str
    title: str
    data: str
    tasks: Sequence[Task]
    scoring: Scoring
    metrics: tuple[str, ...]
    arms: tuple[str, ...]
    limits: Limits
    seed: int = 0
    drawing: Drawing = field(default_factory=Drawing)
    samples: int = 1
    ks: tuple[int, ...] = (1,)

    @property
    def texts(self) -> int:
        """How many texts are asked for."""
        return len(self.arms) * len(self.tasks) * self.samples


@dataclass(frozen=True, slots=True)
class Model:
    """The model that is asked, and the settings that the product asks it with."""

    engine: Engine
    settings: Settings


class Answers(NamedTuple):
    """What counts of the texts of a plan, without scores, and the settings that the product asked with."""

    records: list[Record]
    settings: Settings


def subject_of(plan: Plan, model: Model) -> dict[str, object]:
    """Return all that answers depend on but for the ways to ask and the number of texts, which may grow."""
    info, file = model.engine.info, model.engine.info.path
    size, modified = (file.stat().st_size, file.stat().st_mtime_ns) if file.is_file() else (0, 0)
    tasks = hashlib.sha256()
    for task in plan.tasks:
        tasks.update(json.dumps(asdict(task)).encode())
    return {
        "evaluation": plan.name,
        "tasks": tasks.hexdigest(),
        "code": provenance.code(),
        "model": [info.name, file.name, size, modified],
        "settings": json.loads(json.dumps(attrs.asdict(model.settings), default=str)),
        "limits": asdict(plan.limits),
        "drawing": asdict(plan.drawing),
    }


def usual_folder(subject: Mapping[str, object]) -> Path:
    """Return where the answers of an evaluation are kept when nobody says where."""
    digest = hashlib.sha256(json.dumps(subject, sort_keys=True).encode()).hexdigest()[:16]
    return user_cache_path("midfill", appauthor=False) / "evaluations" / f"{subject['evaluation']}-{digest}"


async def ask(
    plan: Plan, model: Model, repository: Repository | None, folder: Path, on_answer: Callable[[], None]
) -> Answers:
    """Return the answers to a plan.

    Raises:
        InputError: the folder holds another evaluation, or cannot be written.
        EngineError: the model failed; asked again, it goes on from there.
    """
    subject = subject_of(plan, model)
    settings = _sizes(model, folder, subject)
    means = Means(model.engine, settings, plan.limits, plan.drawing, repository)
    arms = {name: ARMS[name](means) for name in plan.arms}
    with opened(folder / "answers.jsonl", subject) as journal:
        records = await ask_all(plan.tasks, arms, plan.samples, journal, on_answer)
    return Answers(cut_all(plan.tasks, records, plan.scoring), settings)


def _sizes(model: Model, folder: Path, subject: Mapping[str, object]) -> Settings:
    """Return the settings to ask with: with the sizes of the first time, for speeds are measured anew each time."""
    names = ("prompt_tokens", "context_tokens", "max_tokens")
    chosen = settled(model.settings, model.engine)
    with opened(folder / "sizes.jsonl", subject) as journal:
        if journal.entries:
            return attrs.evolve(chosen, **journal.entries[0])
        journal.add({name: getattr(chosen, name) for name in names})
    return chosen


def executable(plan: Plan) -> tuple[dict[str, Check], list[str]]:
    """Return the checks that can be executed on this machine by their tasks' ids, and why the others cannot be."""
    checks = {task.id: task.check for task in plan.tasks if task.check is not None}
    reasons = {language: runnable(language) for language in {check.language for check in checks.values()}}
    here = {name: check for name, check in checks.items() if not reasons[check.language]}
    counts = Counter(check.language for check in checks.values())
    return here, [f"{counts[name]} in {name}, since {reason}" for name, reason in sorted(reasons.items()) if reason]


def execute(
    plan: Plan, model: Model, records: Sequence[Record], folder: Path, on_verdict: Callable[[], None]
) -> dict[Key, bool]:
    """Execute the programs that texts complete, those that can be, and return which passed.

    ``on_verdict`` is called after each, also for those that were executed before.

    Raises:
        InputError: this machine cannot confine a program, or the folder cannot be written.
    """
    checks, _ = executable(plan)
    with opened(folder / "verdicts.jsonl", subject_of(plan, model)) as journal:
        passed: dict[Key, bool] = {tuple(entry["text"]): entry["passed"] for entry in journal.entries}
        todo = [record for record in records if record.task in checks and key_of(record) not in passed]
        for _ in passed:
            on_verdict()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            verdicts = pool.map(lambda record: passes(checks[record.task], record.text), todo)
            for record, verdict in zip(todo, verdicts, strict=True):
                passed[key_of(record)] = verdict.passed
                journal.add({"text": key_of(record), "passed": verdict.passed, "what": verdict.what})
                on_verdict()
    return passed


def figures(
    plan: Plan, model: Model, answers: Answers, passed: Mapping[Key, bool], published: Sequence[Published]
) -> tuple[Summary, list[Record]]:
    """Return the figures of an evaluation, and the records with their scores."""
    scored = score_all(plan.tasks, answers.records, plan.scoring, passed)
    info = model.engine.info
    conditions = Conditions(
        name=plan.name,
        title=plan.title,
        data=plan.data,
        model=info.name,
        file=info.path.name,
        parameters=info.parameters or None,
        version=provenance.version(),
        machine=provenance.machine(),
        seed=plan.seed,
        samples=plan.samples,
        temperature=plan.drawing.temperature,
        top_p=plan.drawing.top_p,
        limits=_limits(plan, answers.settings),
        metrics=plan.metrics,
        arms=plan.arms,
        kinds=tuple(dict.fromkeys(task.kind for task in plan.tasks)),
    )
    return summarize(conditions, plan.tasks, scored, published, plan.ks), scored


def _limits(plan: Plan, settings: Settings) -> str:
    of = plan.limits
    bare = (
        f"{BARE}: {of.sequence} tokens in all, {of.after} of them behind the hole and {of.chunks} of other files, "
        f"{of.generated} generated ({of.note})"
    )
    product = (
        f"product: prompts of {settings.prompt_tokens} tokens, {settings.context_tokens} of them of other files, "
        f"{settings.max_tokens} generated"
    )
    said = ([bare] if BARE in plan.arms else []) + ([product] if set(plan.arms) - {BARE} else [])
    return "; ".join(said)
