"""Answers of a server to the byte: how they are put together, how they end, and how they go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.interface import Generation, GenerationRequest, Priority, Stop, generate
from lsp_server.engine.remote import engine as engine_module
from lsp_server.engine.remote import http
from lsp_server.engine.remote.engine import connect
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.engine.remote.sse import LONGEST_EVENT
from lsp_server.errors import EngineError
from tests.engine.remote_script import END, Script, event, not_found, one_token, scripted, whole
from tests.engine.remote_servers import connected
from tests.engine.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.engine.remote.engine import RemoteEngine
    from tests.engine.remote_script import Answer, Wire

BROKE_OFF = (
    "{url} broke off in the middle of an answer: the next request tries again, and the server's log may say why."
)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server of completions without a tokenizer."""
    monkeypatch.setattr(http, "PAUSES", (0.0, 0.0))
    with scripted() as server:
        yield server


@pytest.fixture
def engine(script: Script) -> Iterator[RemoteEngine]:
    """An engine with that server."""
    with connected(RemoteOptions(script.url)) as remote:
        yield remote


class Told(list[str]):
    """The texts that a request was told, and the chances that came last."""

    chances: tuple[float, ...] = ()

    def __call__(self, text: str, chances: tuple[float, ...]) -> None:
        self.append(text)
        self.chances = chances


def request(engine: RemoteEngine, text: str = "def f", max_tokens: int = 20, **more: Any) -> GenerationRequest:
    return GenerationRequest(engine.tokenize(text), max_tokens, **more)


async def failure(engine: RemoteEngine, told: Told | None = None) -> str:
    with pytest.raises(EngineError) as caught:
        await generate(engine, request(engine, on_text=told or Told()))
    return str(caught.value)


async def is_well(script: Script, engine: RemoteEngine) -> bool:
    """Return whether the next request is answered."""
    script.answer = whole("ok")
    return (await generate(engine, request(engine))).text == "ok"


# --- how they are put together -----------------------------------------------------------------------


async def test_an_answer_in_pieces(script: Script, engine: RemoteEngine) -> None:
    script.answer, told = whole("añ✓", log=-1.0), Told()
    found = await generate(engine, request(engine, on_text=told))
    assert told == ["a", "añ", "añ✓"]
    assert told.chances == found.chances == (math.exp(-1.0),) * 3
    assert (found.text, found.stop, found.score, len(found.tokens)) == ("añ✓", Stop.END, -1.0, 3)


async def test_what_is_asked_for(script: Script, engine: RemoteEngine) -> None:
    middle = engine.special("<|fim_middle|>")
    assert middle is not None
    await generate(engine, GenerationRequest((*engine.tokenize("a <|fim_middle|>"), middle, *engine.tokenize("b")), 7))
    assert script.streams[-1].body == {
        "model": "coder",
        "prompt": "a < |fim_middle|><|fim_middle|>b",
        "max_tokens": 7,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "logprobs": 1,
    }


@pytest.mark.parametrize(("finish", "stop"), [("stop", Stop.END), ("length", Stop.TOKENS), ("abort", Stop.TOKENS)])
async def test_why_it_ended(script: Script, engine: RemoteEngine, finish: str, stop: Stop) -> None:
    script.answer = whole("x", finish=finish)
    assert (await generate(engine, request(engine))).stop is stop


async def test_a_server_that_tells_no_probabilities(script: Script) -> None:
    def refuses(wire: Wire) -> None:
        if "logprobs" in wire.asked.body:
            wire.json({"error": "logprobs are not supported"}, 400)
        else:
            whole("ok")(wire)

    script.paths["/v1/completions"] = refuses
    with connected(RemoteOptions(script.url)) as engine:
        found = await generate(engine, request(engine))
    assert (found.text, found.chances, found.score) == ("ok", (), 0.0)


async def test_chances_are_above_0_and_at_most_1(script: Script, engine: RemoteEngine) -> None:
    for log in (0.001, -1e9):
        script.answer = whole("x" * 10, log=log)
        found = await generate(engine, request(engine))
        assert len(found.chances) == 8
        assert all(0 < chance <= 1 for chance in found.chances)


async def test_the_stop_rule_closes_the_request(script: Script, engine: RemoteEngine) -> None:
    script.answer = script.hang("a", "b", "c")
    found = await generate(engine, request(engine, is_complete=lambda text: text == "ab"))
    assert (found.text, found.stop) == ("ab", Stop.RULE)
    await until(lambda: script.dropped == 1)


async def test_a_prompt_that_is_only_read(script: Script, engine: RemoteEngine) -> None:
    script.answer, told = whole("x", finish="length"), Told()
    found = await generate(engine, request(engine, max_tokens=0, on_text=told))
    assert script.streams[-1].body["max_tokens"] == 1
    assert (found.text, found.tokens, found.stop, told) == ("", (), Stop.TOKENS, [])


async def test_a_prompt_that_is_too_long(script: Script, engine: RemoteEngine) -> None:
    with pytest.raises(EngineError, match="4196 tokens are more than the 4096 of the model at http"):
        await generate(engine, GenerationRequest((97,) * 4096, 100))
    assert script.streams == []


async def test_ids_where_the_server_has_a_tokenizer(script: Script) -> None:
    script.paths["/tokenize"] = lambda wire: wire.json({"tokens": [ord(c) for c in wire.asked.body["prompt"]]})

    def ends_with_a_special_token(wire: Wire) -> None:
        wire.begin()
        for text, token in (("x", 7), ("y", 8), ("", 9)):
            choice = {"text": text, "token_ids": [token], "logprobs": {"token_logprobs": [-2.0]}}
            wire.chunk(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        wire.closed()

    script.answer = ends_with_a_special_token
    with connected(RemoteOptions(script.url)) as engine:
        prompt = engine.tokenize("ab")
        running = engine.submit(GenerationRequest(prompt, 20, end_tokens=frozenset({9, 3})))
        await until(lambda: engine.held((*prompt, 7, 8)) == 4)
        running.cancel()
    assert script.streams[-1].body["prompt"] == [97, 98]
    assert script.streams[-1].body["stop_token_ids"] == [3, 9]
    assert script.streams[-1].body["return_token_ids"] is True


# --- what they cost ----------------------------------------------------------------------------------


def with_usage(cached: int | None, size: int) -> Answer:
    details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}

    def answer(wire: Wire) -> None:
        wire.begin()
        wire.chunk(event("x", finish="stop"))
        wire.chunk(f"data: {json.dumps({'choices': [], 'usage': {'prompt_tokens': size, **details}})}\n\n".encode())
        wire.chunk(END.encode())
        wire.end()

    return answer


async def test_what_the_server_had_in_its_cache(script: Script, engine: RemoteEngine) -> None:
    script.answer, running = with_usage(3, 10), engine.submit(request(engine, "a_b_c_d"))
    found = await running.result()
    assert (found.reused, found.evaluated) == (running.meter.reused, running.meter.evaluated) == (3, 7)
    assert engine.evaluated_tokens == 7
    assert running.meter.prefill > 0


async def test_what_it_is_taken_to_have_where_it_does_not_say(script: Script, engine: RemoteEngine) -> None:
    script.answer = with_usage(None, 10)
    first = await generate(engine, request(engine, "a_b_c"))
    assert (first.reused, first.evaluated) == (0, 5)
    assert engine.held(engine.tokenize("a_b_cd_e")) == 4
    assert engine.held(engine.tokenize("x")) == 0
    again = await generate(engine, request(engine, "a_b_c"))
    assert (again.reused, again.evaluated) == (4, 1)
    assert engine.evaluated_tokens == 6


async def test_the_last_prompts_are_held(script: Script, engine: RemoteEngine) -> None:
    for text in ("a_", "b_", "c_", "c_d", "d_", "e_"):
        await generate(engine, request(engine, text))
    held = {text: engine.held(engine.tokenize(text)) for text in ("a_", "b_", "c_d", "d_", "e_")}
    assert held == {"a_": 0, "b_": 2, "c_d": 3, "d_": 2, "e_": 2}


# --- cut anywhere ------------------------------------------------------------------------------------


async def test_a_stream_that_comes_byte_by_byte(script: Script, engine: RemoteEngine) -> None:
    stream = b": hello\r\n\r\n" + event("añ✓") + event("🙂\n").replace(b"\n", b"\r\n") + event("", finish="stop")

    def answer(wire: Wire) -> None:
        wire.begin()
        for number in range(len(stream)):
            wire.chunk(stream[number : number + 1])
        wire.end()

    script.answer = answer
    assert (await generate(engine, request(engine))).text == "añ✓🙂\n"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (event("a") + event("é")[:-8], BROKE_OFF),
        (event("a"), BROKE_OFF),
        (b"", BROKE_OFF),
        (event("a") + b'data: {"error": {"message": "CUDA out of memory"}}\n\n', BROKE_OFF),
        (b"data: {\n\n", "{url} sent an event that is not JSON:"),
        (b"data: 5\n\n", "{url} sent an event that is not JSON:"),
        (b"data: \xff\xfe\n\n", "{url} sent a stream that is damaged:"),
        (b'data: {"choices": [5]}\n\n', "{url} sent an answer that is not that of a completions server:"),
        (b'data: {"choices": {"a": 1}}\n\n', "{url} sent an answer that is not that of a completions server:"),
        (b'data: {"usage": {"prompt_tokens_details": {"cached_tokens": "?"}}}\n\n', "{url} sent an answer that is not"),
        (b"data: " + b"x" * (LONGEST_EVENT + 1), "{url} sent a stream that is damaged:"),
        (b"data: x\n" * (LONGEST_EVENT + 1), "{url} sent a stream that is damaged:"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_damaged_answers(script: Script, engine: RemoteEngine, sent: bytes, sentence: str) -> None:
    def answer(wire: Wire) -> None:
        wire.begin()
        if sent:
            wire.chunk(sent)
        wire.end()

    script.answer, told = answer, Told()
    assert (await failure(engine, told)).startswith(sentence.format(url=script.url))
    assert told == (["a"] if sent.startswith(event("a")) else [])
    assert await is_well(script, engine)


async def test_an_answer_of_a_megabyte_in_one_event(script: Script, engine: RemoteEngine) -> None:
    script.answer = whole("x")
    script.answer = lambda wire: (
        wire.begin(),
        wire.pieces("x" * 1_000_000),
        wire.chunk(event("", finish="stop")),
        wire.end(),
    )[0]
    assert len((await generate(engine, request(engine))).text) == 1_000_000


async def test_what_comes_behind_the_end_is_of_no_importance(script: Script, engine: RemoteEngine) -> None:
    def answer(wire: Wire) -> None:
        wire.begin()
        wire.chunk(event("x", finish="stop"))
        wire.drop()

    script.answer = answer
    assert (await generate(engine, request(engine))).text == "x"


async def test_an_answer_that_is_broken_off_for_somebody_else(script: Script, engine: RemoteEngine) -> None:
    script.answer = lambda wire: (wire.begin(), wire.pieces("x"), wire.chunk(END.encode()), wire.end())[0]
    found = await generate(engine, request(engine))
    assert (found.text, found.stop) == ("x", Stop.TOKENS)


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


async def test_a_server_that_falls_silent(script: Script) -> None:
    with connected(RemoteOptions(script.url, piece_seconds=0.05)) as engine:
        expected = f"{script.url} was silent for 0.05 seconds: it has too much to do, or its model is too large for it."
        for count, texts in enumerate([(), ("a",)], 1):
            script.answer, told = script.hang(*texts), Told()
            assert await failure(engine, told) == expected
            assert told == list(texts)
            await until(lambda count=count: script.dropped == count)
        assert len(script.streams) == 2
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
