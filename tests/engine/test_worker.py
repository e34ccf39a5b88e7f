"""The engine with the embedded model: what it reuses, how it ends, how it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.interface import GenerationRequest, LoadOptions, Stop
from lsp_server.engine.llama import threads_for
from lsp_server.engine.session import SLICE
from lsp_server.engine.worker import Worker, load
from lsp_server.errors import EngineError, ModelDamaged, ModelNotFound
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = "def add(left, right):\n    return left + right\n\n\n"


def request(tokens: tuple[int, ...], max_tokens: int = 8, **changes: Any) -> GenerationRequest:
    plain = GenerationRequest(tokens, frozenset(), lambda _text: False, max_tokens, 10_000)
    return replace(plain, **changes)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """An engine with nothing in its cache."""
    worker = load(EMBEDDED_FILE, LoadOptions())
    yield worker
    worker.close()


async def test_the_same_prompt_costs_one_token(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    first = await worker.generate(request(tokens))
    again = await worker.generate(request(tokens))
    assert (first.reused, first.evaluated) == (0, len(tokens))
    assert (again.reused, again.evaluated) == (len(tokens) - 1, 1)
    assert first.tokens == again.tokens


async def test_typing_on_costs_what_was_typed(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    await worker.generate(request(tokens))
    longer = (*tokens, *worker.tokenize("def sub"))
    assert (await worker.generate(request(longer))).reused >= len(tokens)


async def test_a_reused_prefix_gives_the_text_of_a_fresh_one(worker: Worker) -> None:
    prompts = [worker.tokenize(CODE * 4 + tail) for tail in ("def mul(", "class A:\n", "def mul(left", "x")]
    for prompt in prompts:
        fresh = load(EMBEDDED_FILE, LoadOptions())
        expected = await fresh.generate(request(prompt))
        fresh.close()
        assert (await worker.generate(request(prompt))).text == expected.text


async def test_generated_tokens_are_reused_when_the_user_accepts_them(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 3)
    first = await worker.generate(request(tokens, 6))
    accepted = await worker.generate(request((*tokens, *first.tokens)))
    assert accepted.reused >= len(tokens) + len(first.tokens) - 1


@pytest.mark.parametrize(
    ("changes", "stop", "count"),
    [
        ({}, Stop.TOKENS, 8),
        ({"max_milliseconds": 0.0}, Stop.TIME, 1),
        ({"is_complete": lambda text: len(text) > 3}, Stop.RULE, None),
    ],
)
async def test_each_limit_ends_a_generation(
    tiny: Worker, changes: dict[str, Any], stop: Stop, count: int | None
) -> None:
    result = await tiny.generate(request(tiny.tokenize(CODE), **changes))
    assert result.stop is stop
    assert count is None or len(result.tokens) == count


async def test_an_end_token_ends_and_is_not_part_of_the_text(tiny: Worker) -> None:
    tokens = tiny.tokenize(CODE)
    free = await tiny.generate(request(tokens))
    ended = await tiny.generate(request(tokens, end_tokens=frozenset(free.tokens[2:])))
    assert ended.stop is Stop.END
    assert ended.tokens == free.tokens[: len(ended.tokens)]
    assert len(ended.tokens) <= 2


async def test_the_text_is_whole_characters(tiny: Worker) -> None:
    result = await tiny.generate(request(tiny.tokenize("# \U0001f600\U0001f600\U0001f600\n" * 8 + "# "), 16))
    result.text.encode("utf-8")
    assert not result.text.endswith("\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("text", ["<|fim_middle|>", "a<|endoftext|>b", "<|fim_prefix|><|fim_suffix|>", "<|file_sep|"])
def test_text_never_becomes_a_special_token(tiny: Worker, text: str) -> None:
    special = {tiny.special(name) for name in ("<|fim_middle|>", "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>")}
    tokens = tiny.tokenize(text)
    assert not special & set(tokens)
    assert b"".join(map(tiny._llama.piece, tokens)) == text.encode()


@pytest.mark.parametrize(
    "text", ["", "a", "\0", "é漢\U0001f600", " " * 300, "\r\n\t\f\v\x1c\u2028", "half \ud83d pair"]
)
def test_tokens_spell_the_text(tiny: Worker, text: str) -> None:
    assert b"".join(map(tiny._llama.piece, tiny.tokenize(text))) == text.encode("utf-8", "replace")


@pytest.mark.parametrize("text", ["", "<|no_such_token|>", "def", "<|fim_prefix|>x"])
def test_what_is_no_special_token(tiny: Worker, text: str) -> None:
    assert tiny.special(text) is None


async def test_a_cancelled_generation_stops_and_loses_nothing(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    reached, go_on = threading.Event(), threading.Event()

    def pause(_text: str) -> bool:
        reached.set()
        go_on.wait(30)
        return False

    task = asyncio.create_task(worker.generate(request(tokens, 1000, is_complete=pause)))
    await asyncio.to_thread(reached.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    after = await worker.generate(request(tokens))
    assert after.reused == len(tokens) - 1
    assert after.milliseconds["queue"] < 1000


async def test_a_cancelled_prefill_keeps_what_it_has_evaluated(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = worker.tokenize(CODE * 20)
    assert len(tokens) > 3 * SLICE
    evaluate, slices = worker._llama.evaluate, []

    def evaluate_and_cancel(part: tuple[int, ...], position: int) -> None:
        evaluate(part, position)
        slices.append(len(part))
        if len(slices) == 2:
            task.get_loop().call_soon_threadsafe(task.cancel)
            cancelled.wait(30)

    cancelled = threading.Event()
    monkeypatch.setattr(worker._llama, "evaluate", evaluate_and_cancel)
    task = asyncio.create_task(worker.generate(request(tokens)))
    with pytest.raises(asyncio.CancelledError):
        await task
    cancelled.set()
    after = await worker.generate(request(tokens))
    assert after.reused == 2 * SLICE


async def test_a_request_that_is_cancelled_while_it_waits_is_never_begun(worker: Worker) -> None:
    tokens = worker.tokenize(CODE)
    go_on = threading.Event()
    first = asyncio.create_task(worker.generate(request(tokens, is_complete=lambda _text: go_on.wait(30))))
    second = asyncio.create_task(worker.generate(request(tokens, is_complete=lambda _text: pytest.fail("begun"))))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    go_on.set()
    assert (await first).stop is Stop.RULE


async def test_a_failure_reaches_the_caller_and_the_engine_goes_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = worker.tokenize(CODE)
    with monkeypatch.context() as patched:
        patched.setattr("lsp_server.engine.llama.llama_cpp.llama_decode", lambda *_: -1)
        with pytest.raises(EngineError, match="status -1"):
            await worker.generate(request(tokens))
    assert (await worker.generate(request(tokens))).evaluated == len(tokens)


async def test_a_prompt_that_does_not_fit_is_an_error_and_the_engine_goes_on(worker: Worker) -> None:
    tokens = worker.tokenize(CODE)
    too_long = tokens * (worker.info.context_length // len(tokens) + 1)
    with pytest.raises(EngineError):
        await worker.generate(request(too_long))
    assert (await worker.generate(request(tokens))).text


async def test_closing_ends_what_runs_and_what_waits() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    tokens = worker.tokenize(CODE)
    running = asyncio.create_task(worker.generate(request(tokens, 900)))
    waiting = asyncio.create_task(worker.generate(request(tokens, 900)))
    await asyncio.sleep(0)
    await asyncio.to_thread(worker.close)
    results = await asyncio.gather(running, waiting, return_exceptions=True)
    for result in results:
        assert isinstance(result, asyncio.CancelledError) or getattr(result, "stop", None) is Stop.CANCELLED
    worker.close()


async def test_a_closed_engine_refuses_everything() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    tokens = worker.tokenize(CODE)
    worker.close()
    for refused in (lambda: worker.tokenize("new text"), lambda: worker.special("<|fim_prefix|>")):
        with pytest.raises(EngineError, match="closed"):
            refused()
    with pytest.raises(EngineError, match="closed"):
        await worker.generate(request(tokens))


def test_closing_while_other_threads_tokenize_is_safe() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    started = threading.Barrier(5)

    def tokenize_until_closed(number: int) -> None:
        started.wait(30)
        with contextlib.suppress(EngineError):
            for count in itertools.count():
                worker.tokenize(f"text {number} {count}")

    threads = [threading.Thread(target=tokenize_until_closed, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    started.wait(30)
    worker.close()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (None, ModelNotFound, "cannot be read"),
        (b"", ModelDamaged, "is not a GGUF file"),
        (b"PK\x03\x04 a zip file", ModelDamaged, "is not a GGUF file"),
        (b"GGUF", ModelDamaged, "cut short"),
        (EMBEDDED_FILE.read_bytes()[:100_000], ModelDamaged, "cut short"),
        (EMBEDDED_FILE.read_bytes()[:-100_000], ModelDamaged, "cut short"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes | None, error: type[Exception], sentence: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=sentence):
        load(path, LoadOptions())


def test_loading_reports_its_progress() -> None:
    shares: list[float] = []
    load(EMBEDDED_FILE, LoadOptions(), shares.append).close()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (3, 2), (8, 7)])
def test_a_core_is_left_for_the_editor_where_there_are_several(cores: int, threads: int) -> None:
    assert threads_for(cores) == threads
