"""Connections that drop, fall silent, are cancelled or closed: nothing hangs, and the next request is answered."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import Generation, Priority, generate
from lsp_server.engine.remote import engine as engine_module
from lsp_server.engine.remote.engine import connect
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.errors import EngineError
from tests.engine.remote_asking import BROKE_OFF, Told, failure, is_well, request
from tests.engine.remote_script import Script, event, whole
from tests.engine.remote_servers import connected
from tests.engine.waiting import until

if TYPE_CHECKING:
    from lsp_server.engine.remote.engine import RemoteEngine
    from tests.engine.remote_script import Wire


# --- connections that end ----------------------------------------------------------------------------


async def test_a_hundred_connections_that_drop_in_the_middle(script: Script, engine: RemoteEngine) -> None:
    def drops(wire: Wire) -> None:
        wire.begin()
        text = event("a") + event("é")
        # Somewhere else each time: between two chunks, in a line, in a character, in the chunk's frame.
        frame = b"%x\r\n%s\r\n" % (len(text), text)
        wire.send(frame[: len(script.streams) % (len(frame) + 1)])
        wire.drop()

    script.answer = drops
    told = [Told() for _ in range(100)]
    messages = [await failure(engine, each) for each in told[:50]]
    messages += await asyncio.gather(*(failure(engine, each) for each in told[50:]))
    assert set(messages) == {BROKE_OFF.format(url=script.url)}
    # Once the answer has begun nothing is asked again.
    assert len(script.streams) == 100
    assert {tuple(each) for each in told} <= {(), ("a",), ("a", "aé")}
    assert await is_well(script, engine)


async def test_a_connection_that_drops_before_the_answer_is_tried_again(script: Script, engine: RemoteEngine) -> None:
    script.answer = lambda wire: whole("ok")(wire) if len(script.streams) == 3 else wire.drop()
    assert (await generate(engine, request(engine))).text == "ok"
    script.asked.clear()
    script.answer = lambda wire: wire.drop()
    assert await failure(engine) == f"{script.url} cannot be reached: start the server, or correct its address."
    assert len(script.streams) == 3


@pytest.mark.parametrize(("status", "tries"), [(429, 3), (503, 3), (500, 1), (400, 1), (401, 1), (404, 1)])
async def test_what_is_asked_again(script: Script, engine: RemoteEngine, status: int, tries: int) -> None:
    script.answer = lambda wire: wire.json({"error": "no"}, status)
    assert f"({status})" in (message := await failure(engine)) or f"status {status}" in message
    assert len(script.streams) == tries
    assert await is_well(script, engine)


@pytest.mark.parametrize("texts", [(), ("a",)], ids=["before the first byte", "in the middle"])
async def test_a_server_that_falls_silent(script: Script, texts: tuple[str, ...]) -> None:
    with connected(RemoteOptions(script.url, piece_seconds=0.05)) as engine:
        expected = f"{script.url} was silent for 0.05 seconds: it has too much to do, or its model is too large for it."
        script.answer, told = script.hang(*texts), Told()
        assert await failure(engine, told) == expected
        assert told == list(texts)
        assert len(script.streams) == 1
        await until(lambda: script.dropped == 1)
        assert await is_well(script, engine)


async def test_comments_do_not_count_as_an_answer(script: Script) -> None:
    def pings(wire: Wire) -> None:
        wire.begin()
        with contextlib.suppress(OSError):
            while True:
                wire.connection.sendall(b"8\r\n: ping\n\n\r\n")

    script.answer = pings
    with connected(RemoteOptions(script.url, piece_seconds=0.05)) as engine:
        assert "was silent for 0.05 seconds" in await failure(engine)


async def test_tokens_that_take_too_long(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    script.paths["/tokenize"] = lambda wire: wire.json({"tokens": [1]})
    with connected(RemoteOptions(script.url)) as engine:
        script.paths["/tokenize"] = script.hang()
        monkeypatch.setattr(engine_module, "TOKENIZE_SECONDS", 0.05)
        with pytest.raises(EngineError, match=r"took more than 0.05 seconds for a few tokens"):
            engine.tokenize("b")


# --- cancelling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [(), ("a",)], ids=["before the first byte", "in the middle"])
async def test_cancelling_closes_the_connection(script: Script, engine: RemoteEngine, texts: tuple[str, ...]) -> None:
    script.answer, told = script.hang(*texts), Told()
    running = engine.submit(request(engine, on_text=told, priority=Priority.NEXT))
    running.let_wait(Priority.BACKGROUND)
    await until(lambda: len(script.streams) == 1 and told == list(texts))
    running.cancel()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running.result()
    await until(lambda: script.dropped == 1)
    assert await is_well(script, engine)


async def test_cancelling_one_who_waits_changes_nothing(script: Script, engine: RemoteEngine) -> None:
    script.answer, told = script.hang("a"), Told()
    running = engine.submit(request(engine, on_text=told, is_complete=lambda text: text == "b"))
    waiting = asyncio.ensure_future(running.result())
    await until(lambda: told == ["a"])
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert script.dropped == 0
    running.cancel()
    await until(lambda: script.dropped == 1)


@pytest.mark.parametrize("texts", [(), ("a",)], ids=["before the first byte", "in the middle"])
async def test_closing_while_requests_run(script: Script, texts: tuple[str, ...]) -> None:
    script.answer, told = script.hang(*texts), [Told() for _ in range(5)]
    engine = connect(RemoteOptions(script.url))
    running = [engine.submit(request(engine, on_text=each)) for each in told]
    await until(lambda: len(script.streams) == 5 and all(each == list(texts) for each in told))
    engine.close()
    results = await asyncio.gather(*(each.result() for each in running), return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    await until(lambda: script.dropped == 5)
    for each in running:
        each.cancel()


async def test_a_hundred_requests_cancelled_at_any_time(script: Script, engine: RemoteEngine) -> None:
    script.answer = whole("some text that takes a while")
    for turn in range(100):
        running = engine.submit(request(engine))
        waiting = asyncio.ensure_future(running.result())
        for _ in range(turn // 4):
            await asyncio.sleep(0)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            assert isinstance(await waiting, Generation)
    assert await is_well(script, engine)
    # Nothing is left on the engine's thread but what is there for as long as it runs.
    await until(lambda: not asyncio.all_tasks(engine._loop))
