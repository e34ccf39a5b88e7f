"""Replay a trace through midfill's own server, and measure it: as it runs, and as it starts."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.lsp import LOADED, Editor, Report, editing
from bench.problems import Unmeasurable
from bench.process import resident_bytes
from bench.traces import beginnings
from bench.typist import LETTERS, Step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from bench.figures import Key
    from bench.traces import Trace

# Of the prompt that a server has in the end: an answer whose prompt holds this share counts as a full one.
# The chunks may change a little from one choice to the next, and a window moves in steps.
FULL_SHARE = 0.9
# A model of many gigabytes from a slow disk.
LOADING_SECONDS = 300.0
KV_BUFFER = re.compile(r"KV buffer size\s*=\s*([\d.]+)\s*MiB")


@dataclass(frozen=True, slots=True)
class Prompt:
    """How large a prompt is once everything is in it: its tokens, and the chunks of other files in it."""

    tokens: int
    chunks: tuple[tuple[str, int], ...]

    @property
    def chunk_tokens(self) -> int:
        """The tokens of all chunks."""
        return sum(tokens for _, tokens in self.chunks)

    def is_reached_by(self, other: Prompt) -> bool:
        """Return whether another prompt holds about as much, in the chunks and in the whole."""
        return other.tokens >= FULL_SHARE * self.tokens and other.chunk_tokens >= FULL_SHARE * self.chunk_tokens


@dataclass(frozen=True, slots=True)
class Pass:
    """A trace from its first key to its last; ``prompt`` and ``warm_up_tokens`` are of the time before it.

    ``round_trips`` are the milliseconds of requests between the keys that need no model: what the pipe
    and pygls on both of its ends take by themselves.
    """

    keys: tuple[Key, ...]
    prompt: Prompt
    warm_up_tokens: int
    resident: int
    round_trips: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start of the process until the model is loaded, and until two answers.

    They are the ``first`` with whatever prompt, and the first with the ``full`` one. ``prompt`` is what the prompt
    was in the end.
    """

    loaded: float
    first: float
    full: float
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Starts:
    """The first start for a user, with nothing kept from before, and the one after it."""

    cold: Start
    warm: Start


def prompt_of(report: Report) -> Prompt:
    """Return the prompt that a report is of."""
    return Prompt(report["promptTokens"], tuple((chunk["path"], chunk["tokens"]) for chunk in report["chunks"]))


async def in_turn(trace: Trace, settings: Mapping[str, object]) -> Pass:
    """Replay a trace where each key waits for the answer to the one before, without pauses."""
    async with _warmed(trace, settings) as (editor, prompt, warm_up_tokens):
        keys = []
        for step in _asked(trace):
            if step.ask:
                keys.append(await editor.type(step))
            else:
                editor.change(step)
        return Pass(tuple(keys), prompt, warm_up_tokens, resident_bytes(editor.pid), tuple(editor.round_trips))


async def in_time(trace: Trace, settings: Mapping[str, object]) -> Pass:
    """Replay a trace with its pauses: a key comes when it comes, whether the answer before it is there or not."""
    async with _warmed(trace, settings) as (editor, prompt, warm_up_tokens):
        answers: list[asyncio.Future[Key]] = []
        due = time.perf_counter()
        for step in _asked(trace):
            due += step.pause_ms / 1000
            # Even where it is late, the loop must come to read, and the key before to send its change.
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if step.ask:
                answers.append(asyncio.ensure_future(editor.type(step)))
            else:
                editor.change(step)
        keys = await asyncio.gather(*answers)
        return Pass(tuple(keys), prompt, warm_up_tokens, resident_bytes(editor.pid), tuple(editor.round_trips))


async def starts(trace: Trace, settings: Mapping[str, object]) -> Starts:
    """Start a server for a user who has never run it, shut it down, and start it once more.

    Each time the clock runs from before the process is started. The trace's first file is opened and a
    letter typed where the trace begins, with a question: that is the first answer. Then the server is
    left alone until it has nothing to do, and another letter typed; this as often as the prompt has
    grown. The first answer with as large a prompt as the last one is the one that counts, at the moment
    when the server came to rest and with the milliseconds of the answer. The second start finds what
    the first has kept when it was shut down.

    Raises:
        Unmeasurable: the server did not come to rest, or did not say when its model was loaded.
    """
    with _folders(trace) as (workspace, user):
        cold = await _start(trace, workspace, user, settings)
        warm = await _start(trace, workspace, user, settings)
        return Starts(cold, warm)


async def _start(trace: Trace, workspace: Path, user: Path, settings: Mapping[str, object]) -> Start:
    began = time.perf_counter()
    async with editing(workspace, user, settings) as editor:
        file, cursor = next(iter(beginnings(trace).items()))
        editor.open(file, trace.files[file])
        cursor = await _probe(editor, file, cursor)
        looks = [((time.perf_counter() - began) * 1000, prompt_of(editor.reports[file]))]
        while len(looks) == 1 or not looks[-1][1].is_reached_by(looks[-2][1]):
            rested = await editor.quiet()
            asked = time.perf_counter()
            cursor = await _probe(editor, file, cursor)
            answered = time.perf_counter() - asked
            looks.append(((rested - began + answered) * 1000, prompt_of(editor.reports[file])))
        if editor.loaded_at is None:
            raise Unmeasurable("The server did not log that its model was loaded.")
        return start_of((editor.loaded_at - began) * 1000, looks)


def start_of(loaded: float, looks: Sequence[tuple[float, Prompt]]) -> Start:
    """Return what looks at a starting server say, each with its milliseconds; the last is of the full prompt."""
    first, full = looks[0][0], looks[-1][1]
    return Start(loaded, first, next(passed for passed, prompt in looks if full.is_reached_by(prompt)), full)


async def kv_buffer(trace: Trace, settings: Mapping[str, object]) -> int | None:
    """Return the bytes of the KV cache, as llama.cpp says them in the server's log; ``None`` where it does not."""
    with _folders(trace) as (workspace, user):
        async with editing(workspace, user, {**settings, "logLevel": "debug"}) as editor:
            file, cursor = next(iter(beginnings(trace).items()))
            editor.open(file, trace.files[file])
            await _probe(editor, file, cursor)
            return kv_bytes(editor.logs)


def kv_bytes(logs: Sequence[str]) -> int | None:
    """Return the bytes of the KV cache of the model that was loaded last, ``None`` where a log does not say."""
    found: list[float] = []
    loading: list[float] = []
    for line in logs:
        loading += [float(size) for size in KV_BUFFER.findall(line)]
        if LOADED.match(line):
            found, loading = loading, []
    return int(sum(found) * 2**20) if found else None


def _asked(trace: Trace) -> tuple[Step, ...]:
    """Return the steps up to the last question; what comes behind it only makes the files whole."""
    last = max((number for number, step in enumerate(trace.steps) if step.ask), default=-1)
    return trace.steps[: last + 1]


@contextlib.asynccontextmanager
async def _warmed(trace: Trace, settings: Mapping[str, object]) -> AsyncIterator[tuple[Editor, Prompt, int]]:
    """Start a server and ask it in each file of the trace where the typing will begin, until all is prepared.

    So the passes measure typing and not the start, which is measured apart. Yields the editor, the
    prompt of the first file once everything is in it, and the prompt tokens that all this evaluated.
    """
    with _folders(trace) as (workspace, user):
        async with editing(workspace, user, settings) as editor:
            evaluated = 0
            # The file that is typed into first is the one that was worked in last.
            for file, cursor in reversed(beginnings(trace).items()):
                editor.open(file, trace.files[file])
                end = cursor
                for _ in range(2):
                    end = await _probe(editor, file, end)
                    evaluated += _evaluated(editor.reports[file])
                    await editor.quiet()
                editor.change(Step(file, cursor, end - cursor, "", cursor, 0, ask=False))
            yield editor, prompt_of(editor.reports[file]), evaluated


def _evaluated(report: Report) -> int:
    return int(report["evaluatedTokens"] + report.get("backgroundTokens", 0))


async def _probe(editor: Editor, file: str, cursor: int) -> int:
    """Type letters, mostly one, until the model and not a memory answers; return where the cursor is then.

    A blank follows each, since nothing is suggested within the word that it might become.
    """
    await asyncio.wait_for(editor.has_loaded.wait(), LOADING_SECONDS)
    for letter in LETTERS:
        cursor += len(typed := f"{letter} ")
        key = await editor.type(Step(file, cursor - len(typed), 0, typed, cursor, 0, ask=True))
        if not key.from_memory:
            break
    return cursor


@contextlib.contextmanager
def _folders(trace: Trace) -> Iterator[tuple[Path, Path]]:
    """Make the workspace of a trace on disk, and folders for a user who has nothing in them."""
    with tempfile.TemporaryDirectory(prefix="midfill-bench-") as folder:
        workspace, user = Path(folder) / trace.repository, Path(folder) / ".user"
        user.mkdir()
        for file, text in trace.files.items():
            path = workspace / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        yield workspace, user
