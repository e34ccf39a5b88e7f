"""Answers of a server to the byte: how they are put together, what they cost, and where they are damaged."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import GenerationRequest, Sampling, Stop, generate
from lsp_server.engine.remote import server
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.engine.remote.sse import LONGEST_EVENT
from lsp_server.errors import EngineError
from tests.engine.remote_asking import BROKE_OFF, Told, failure, is_well, request
from tests.engine.remote_script import END, Script, event, sending, whole
from tests.engine.remote_servers import connected
from tests.engine.waiting import until

if TYPE_CHECKING:
    from lsp_server.engine.remote.engine import RemoteEngine
    from tests.engine.remote_script import Answer, Wire


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


async def test_tokens_are_drawn_as_the_request_says(script: Script, engine: RemoteEngine) -> None:
    await generate(engine, request(engine, sampling=Sampling(0.8, 0.95, seed=3)))
    body = script.streams[-1].body
    assert {name: body[name] for name in ("temperature", "top_p", "seed")} == {
        "temperature": 0.8,
        "top_p": 0.95,
        "seed": 3,
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

    choices = [{"text": text, "token_ids": [token]} for text, token in (("x", 7), ("y", 8), ("", 9))]
    script.answer = sending(*(f"data: {json.dumps({'choices': [choice]})}\n\n".encode() for choice in choices))
    with connected(RemoteOptions(script.url)) as engine:
        prompt = engine.tokenize("ab")
        running = engine.submit(GenerationRequest(prompt, 20, end_tokens=frozenset({9, 3})))
        assert (await running.result()).tokens == (7, 8)
        assert engine.held((*prompt, 7, 8, 1)) == 4
    assert script.streams[-1].body["prompt"] == [97, 98]
    assert script.streams[-1].body["stop_token_ids"] == [3, 9]
    assert script.streams[-1].body["return_token_ids"] is True


# --- what they cost ----------------------------------------------------------------------------------


def with_usage(cached: int | None, size: int) -> Answer:
    details = {} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}
    usage = {"choices": [], "usage": {"prompt_tokens": size, **details}}
    return sending(event("x", finish="stop"), f"data: {json.dumps(usage)}\n\n".encode(), END)


async def test_what_the_server_had_in_its_cache(script: Script, engine: RemoteEngine) -> None:
    script.answer = with_usage(3, 10)
    running = engine.submit(request(engine, "a_b_c_d"))
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


async def test_the_last_prompts_are_held(engine: RemoteEngine) -> None:
    for text in ("a_", "b_", "c_", "c_d", "d_", "e_"):
        await generate(engine, request(engine, text))
    held = {text: engine.held(engine.tokenize(text)) for text in ("a_", "b_", "c_d", "d_", "e_")}
    assert held == {"a_": 0, "b_": 2, "c_d": 3, "d_": 2, "e_": 2}


# --- cut anywhere ------------------------------------------------------------------------------------


async def test_a_stream_that_comes_byte_by_byte(script: Script, engine: RemoteEngine) -> None:
    stream = b": hello\r\n\r\n" + event("añ✓") + event("🙂\n").replace(b"\n", b"\r\n") + event("", finish="stop")

    script.answer = sending(*(stream[number : number + 1] for number in range(len(stream))))
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
        (b"data: x\n" * (LONGEST_EVENT // 6), "{url} sent a stream that is damaged:"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_damaged_answers(script: Script, engine: RemoteEngine, sent: bytes, sentence: str) -> None:
    script.answer, told = sending(sent), Told()
    assert (await failure(engine, told)).startswith(sentence.format(url=script.url))
    assert told == (["a"] if sent.startswith(event("a")) else [])
    assert await is_well(script, engine)


async def test_an_answer_of_a_megabyte_in_one_event(script: Script, engine: RemoteEngine) -> None:
    script.answer = sending(event("x" * 1_000_000, finish="stop"))
    assert len((await generate(engine, request(engine))).text) == 1_000_000


async def test_what_comes_behind_the_end_is_of_no_importance(script: Script, engine: RemoteEngine) -> None:
    def answer(wire: Wire) -> None:
        wire.begin()
        wire.chunk(event("x", finish="stop"))
        wire.drop()

    script.answer = answer
    assert (await generate(engine, request(engine))).text == "x"


async def test_a_stream_that_stays_open_behind_its_end(script: Script, engine: RemoteEngine) -> None:
    def answer(wire: Wire) -> None:
        wire.begin()
        wire.chunk(event("x", finish="stop") + END)
        wire.closed()

    script.answer = answer
    # Half of the time that the server may be silent.
    found = await asyncio.wait_for(generate(engine, request(engine)), 10.0)
    assert found.text == "x"


async def test_one_connection_is_used_again_and_again(
    script: Script, engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However busy this machine is.
    monkeypatch.setattr(server, "LINGER_SECONDS", 10.0)
    before = script.connections
    for _ in range(5):
        await generate(engine, request(engine))
    assert script.connections == before


async def test_an_answer_that_is_broken_off_for_somebody_else(script: Script, engine: RemoteEngine) -> None:
    script.answer = sending(event("x"), END)
    found = await generate(engine, request(engine))
    assert (found.text, found.stop) == ("x", Stop.TOKENS)
