"""One key after the other through the pipeline, with an engine that writes when the test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from lsp_server import flight, pipeline
from lsp_server.config import Settings
from lsp_server.core import Reason, Report, Snapshot, Source
from lsp_server.engine.interface import Generation, GenerationRequest, Meter, Priority, Stop
from lsp_server.engine.kvcache import common_prefix
from lsp_server.pipeline import Pipeline
from tests.cursor import unmark
from tests.scripted import ScriptedEngine, spelled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

QUICK = Settings(latency_ms=50)
PATIENT = Settings(latency_ms=60_000)


@dataclass
class Written:
    """A request whose text the test writes."""

    request: GenerationRequest
    priority: Priority
    meter: Meter = field(default_factory=Meter)
    text: str = ""
    future: asyncio.Future[Generation] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def prompt(self) -> str:
        return spelled(self.request.tokens)

    def write(self, text: str) -> None:
        self.text += text
        self.request.on_text(self.text, (1.0,))

    def finish(self, text: str = "") -> None:
        self.text += text
        if not self.future.done():
            tokens = tuple(map(ord, self.text))
            self.future.set_result(Generation(self.text, tokens, 0, len(self.request.tokens), Stop.END))

    async def result(self) -> Generation:
        return await asyncio.shield(self.future)

    def let_wait(self, priority: Priority) -> None:
        self.priority = priority

    def cancel(self) -> None:
        self.future.cancel()


class Hand(ScriptedEngine):
    """An engine that hands out what it is asked to write."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: asyncio.Queue[Written] = asyncio.Queue()

    def held(self, tokens: Sequence[int]) -> int:
        """Hold what has been asked for."""
        return max((common_prefix(request.tokens, tuple(tokens)) for request in self.requests), default=0)

    def submit(self, request: GenerationRequest) -> Written:  # type: ignore[override]  # it plays nothing
        self.requests.append(request)
        job = Written(request, request.priority)
        self.jobs.put_nowait(job)
        return job

    async def next(self) -> Written:
        return await asyncio.wait_for(self.jobs.get(), 30)


@dataclass
class Typist:
    """Asks for completions of one document."""

    engine: Hand
    pipeline: Pipeline

    def ask(self, marked: str, settings: Settings = PATIENT) -> asyncio.Task[Report]:
        text, offset = unmark(marked)
        return asyncio.create_task(self.pipeline.complete(Snapshot(None, None, text, offset, "untitled:a"), settings))


@pytest.fixture
async def typist(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Typist]:
    # Nothing is done ahead unless a test says so.
    monkeypatch.setattr(pipeline, "PAUSE_SECONDS", 3600)
    engine = Hand()
    typist = Typist(engine, Pipeline(engine))
    yield typist
    typist.pipeline.rest()


async def test_typing_along_asks_no_model_and_deleting_returns_what_was_there(typist: Typist) -> None:
    asked = typist.ask("re‸\n")
    (await typist.engine.next()).finish("turn x\n")
    assert (await asked).suggestion == "turn x"
    for now, suggestion in (("ret‸\n", "urn x"), ("return ‸\n", "x"), ("re‸\n", "turn x")):
        report = await typist.ask(now)
        assert (report.suggestion, report.source, report.evaluated_tokens) == (suggestion, Source.MEMORY, 0)
    assert len(typist.engine.requests) == 1


async def test_a_burst_of_requests_costs_one_completion(typist: Typist) -> None:
    asked = []
    for _ in range(50):
        asked.append(typist.ask("re‸\n"))
        if len(asked) > 1:
            asked[-2].cancel()
        await asyncio.sleep(0)
    (await typist.engine.next()).finish("turn x\n")
    assert (await asked[-1]).suggestion == "turn x"
    assert len(typist.engine.requests) == 1


async def test_a_key_that_the_model_has_foreseen_joins_what_is_under_way(typist: Typist) -> None:
    first = typist.ask("re‸\n")
    job = await typist.engine.next()
    job.write("turn")
    await asyncio.sleep(0)
    second = typist.ask("ret‸\n")
    await asyncio.sleep(0)
    first.cancel()
    job.finish(" x\n")
    assert (await second).suggestion == "urn x"
    assert len(typist.engine.requests) == 1
    assert not job.future.cancelled()


async def test_another_key_stops_what_is_under_way(typist: Typist) -> None:
    first = typist.ask("re‸\n")
    job = await typist.engine.next()
    job.write("turn")
    await asyncio.sleep(0)
    second = typist.ask("res‸\n")
    other = await typist.engine.next()
    assert job.future.cancelled()
    other.finish("ult\n")
    assert (await second).suggestion == "ult"
    with pytest.raises(asyncio.CancelledError):
        await first
    # What had been written by then is not lost.
    assert (await typist.ask("re‸\n")).suggestion == "turn"


async def test_at_the_time_limit_what_is_there_is_shown_and_the_rest_goes_on(typist: Typist) -> None:
    asked = typist.ask("re‸\n", QUICK)
    job = await typist.engine.next()
    job.write("turn")
    assert (await asked).suggestion == "turn"
    assert job.priority is Priority.NEXT
    assert not job.future.done()
    job.write(" value")
    # The next key finds what has been written since, at once.
    report = await typist.ask("ret‸\n", QUICK)
    assert (report.suggestion, report.source) == ("urn value", Source.MEMORY)
    job.finish(" + 1\n")
    await asyncio.sleep(0)
    assert (await typist.ask("retu‸\n")).suggestion == "rn value + 1"
    assert len(typist.engine.requests) == 1


async def test_past_the_time_limit_the_first_text_is_waited_for(typist: Typist) -> None:
    asked = typist.ask("re‸\n", QUICK)
    job = await typist.engine.next()
    await asyncio.wait({asked}, timeout=0.2)
    assert not asked.done()
    job.write("  ")
    job.write("turn")
    assert (await asyncio.wait_for(asked, 30)).suggestion == "  turn"


async def test_a_request_that_is_cancelled_for_good_stops_the_engine(
    typist: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flight, "GRACE_SECONDS", 0)
    asked = typist.ask("re‸\n")
    job = await typist.engine.next()
    asked.cancel()
    await asyncio.wait({asked})
    await asyncio.wait({job.future}, timeout=30)
    assert job.future.cancelled()


async def test_in_a_pause_the_suggestion_after_the_shown_one_is_prepared(
    typist: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "PAUSE_SECONDS", 0)
    settings = Settings(latency_ms=60_000, ahead="always")
    asked = typist.ask("if a:‸\n", settings)
    first = await typist.engine.next()
    first.finish("\n    b = 1\n")
    assert (await asked).suggestion == "\n    b = 1"
    ahead = await typist.engine.next()
    assert ahead.prompt.endswith("<|fim_middle|>if a:\n    b = 1")
    assert ahead.priority is Priority.NEXT
    ahead.finish("\n    c = 2\n")
    await asyncio.sleep(0)
    report = await typist.ask("if a:\n    b = 1‸\n", settings)
    assert (report.suggestion, report.source) == ("\n    c = 2", Source.MEMORY)


async def test_nothing_is_done_ahead_where_the_user_forbids_it(typist: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PAUSE_SECONDS", 0)
    asked = typist.ask("re‸\n", Settings(latency_ms=60_000, ahead="never"))
    (await typist.engine.next()).finish("turn x\n")
    await asked
    idle = typist.pipeline._idle
    assert idle is not None
    await asyncio.wait_for(idle, 30)
    assert len(typist.engine.requests) == 1


async def test_a_place_where_the_model_is_silent_is_not_asked_twice(typist: Typist) -> None:
    for _ in range(2):
        asked = typist.ask("x‸\n")
        if not typist.engine.requests:
            (await typist.engine.next()).finish("")
        assert (await asked).reason is Reason.EMPTY
    assert len(typist.engine.requests) == 1


async def test_a_closed_document_is_forgotten(typist: Typist) -> None:
    asked = typist.ask("re‸\n")
    (await typist.engine.next()).finish("turn x\n")
    await asked
    typist.pipeline.forget("untitled:a")
    asked = typist.ask("re‸\n")
    (await typist.engine.next()).finish("quest\n")
    assert (await asked).suggestion == "quest"
