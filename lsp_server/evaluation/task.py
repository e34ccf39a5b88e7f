"""The values that travel through an evaluation: holes, benchmarks, and what came of each hole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lsp_server.core import Chunk


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program: what it reads, and what it may print, compared as `sandbox/outputs.py` says."""

    stdin: str
    stdout: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """How a text is executed: ``head``, the text and ``tail`` are the program, in ``language``.

    It passes where each of ``runs`` ends with status 0 within ``seconds`` and prints what it shall; without ``runs``,
    where one run with empty input ends with status 0.
    """

    language: str
    head: str
    tail: str
    runs: tuple[Run, ...] = ()
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Task:
    r"""A hole: what stands around it, and ``truth``, the text that was there; all with ``\n`` for line ends.

    ``id`` is unique among its benchmark's. ``kind`` is what tables tell apart. ``language`` is an identifier of LSP
    ("python"), ``path`` the file's below the top of ``repository``, with forward slashes; both are empty where
    nobody says them. ``chunks`` are pieces of other files that came with the hole, the best first. Holes of one
    ``group`` are alike (a file, a problem) and drawn together where intervals are computed; empty for a group of its
    own. ``check`` is ``None`` where nothing can be executed.
    """

    id: str
    kind: str
    language: str
    before: str
    after: str
    truth: str
    path: str = ""
    repository: str = ""
    chunks: tuple[Chunk, ...] = ()
    group: str = ""
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in tokens: a prompt with its generation, what follows the hole, what came with it, what is generated.

    ``note`` says whose they are, and where those differ from what was written about them.
    """

    sequence: int
    after: int
    chunks: int
    generated: int
    note: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """What of a text counts at a hole, and what is said of it: metrics by name, each in ``[0, 1]``."""

    cut: Callable[[Task, str], str]
    score: Callable[[Task, str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a data set on the hub."""

    repository: str
    path: str
    revision: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published set of holes, and what its authors count.

    ``source`` says whose definition is followed, with a commit. ``data`` says in a sentence what file ``load`` takes;
    ``load`` raises InputError where it is none. ``cut`` returns what of a model's raw text its authors count, and
    ``score`` the metrics of that, in ``[0, 1]``, by the names in ``metrics``; what is executed is none of them.
    ``report`` are the limits with which the report on Qwen2.5-Coder measured.
    """

    name: str
    title: str
    source: str
    data: str
    hub: HubFile | None
    load: Callable[[Path], Sequence[Task]]
    cut: Callable[[Task, str], str]
    score: Callable[[Task, str], Mapping[str, float]]
    metrics: tuple[str, ...]
    report: Limits


@dataclass(frozen=True, slots=True)
class Record:
    """One text at one hole, and what is said of it.

    ``arm`` is the way in which the model was asked, ``sample`` counts the texts of one hole from 0. ``raw`` is what the
    model wrote, ``text`` what of it is shown or counts, empty where nothing does and ``reason`` says why.
    ``milliseconds`` passed from the question to the answer; ``evaluated`` of the prompt's tokens were not in the KV
    cache.
    ``scores`` are metrics by name, each in ``[0, 1]``.
    """

    task: str
    arm: str
    sample: int
    text: str
    raw: str
    reason: str
    milliseconds: float
    evaluated: int
    generated: int
    scores: Mapping[str, float] = field(default_factory=dict)
