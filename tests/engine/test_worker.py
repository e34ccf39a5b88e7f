"""The engine with the embedded model: what it reuses, how it ends, how it is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.engine.interface import Generation, LoadOptions, Priority, Stop, generate
from lsp_server.engine.llama.loading import SEQUENCES
from lsp_server.engine.worker import Job, Worker, load
from lsp_server.errors import EngineError
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.engine.requests import CODE, check_memory, is_tie, request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECES = ("", "x", "return left", "\n", "def f(a):\n    pass\n", "é", "    ")


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Worker, Worker]]:
    """Two engines: one that keeps its cache, and one for comparison."""
    both = load(EMBEDDED_FILE, LoadOptions()), load(EMBEDDED_FILE, LoadOptions())
    yield both
    for worker in both:
        worker.close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    """An engine with nothing in its cache, whose memory is as its account says in the end."""
    worker = load(EMBEDDED_FILE, LoadOptions())
    yield worker
    check_memory(worker)
    worker.close()


async def test_the_same_prompt_costs_one_token(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    first = await generate(worker, request(tokens))
    again = await generate(worker, request(tokens))
    assert (first.reused, first.evaluated) == (0, len(tokens))
    assert (again.reused, again.evaluated) == (len(tokens) - 1, 1)
    assert first.tokens == again.tokens


async def test_typing_on_costs_what_was_typed(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    await generate(worker, request(tokens))
    longer = (*tokens, *worker.tokenize("def sub"))
    assert (await generate(worker, request(longer))).reused >= len(tokens)


async def test_a_reused_prefix_gives_the_text_of_a_fresh_one(worker: Worker) -> None:
    prompts = [worker.tokenize(CODE * 4 + tail) for tail in ("def mul(", "class A:\n", "def mul(left", "x")]
    for prompt in prompts:
        fresh = load(EMBEDDED_FILE, LoadOptions())
        expected = await generate(fresh, request(prompt))
        fresh.close()
        assert (await generate(worker, request(prompt))).text == expected.text


async def test_generated_tokens_are_reused_when_the_user_accepts_them(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 3)
    first = await generate(worker, request(tokens, 6))
    accepted = await generate(worker, request((*tokens, *first.tokens)))
    assert accepted.reused >= len(tokens) + len(first.tokens) - 1


@pytest.mark.parametrize(
    ("changes", "stop", "count"),
    [
        ({}, Stop.TOKENS, 8),
        ({"is_complete": lambda text: len(text) > 3}, Stop.RULE, None),
    ],
)
async def test_each_limit_ends_a_generation(
    tiny: Worker, changes: dict[str, Any], stop: Stop, count: int | None
) -> None:
    result = await generate(tiny, request(tiny.tokenize(CODE), **changes))
    assert result.stop is stop
    assert count is None or len(result.tokens) == count


async def test_an_end_token_ends_and_is_not_part_of_the_text(tiny: Worker) -> None:
    tokens = tiny.tokenize(CODE)
    free = await generate(tiny, request(tokens))
    ended = await generate(tiny, request(tokens, end_tokens=frozenset(free.tokens[2:])))
    assert ended.stop is Stop.END
    assert ended.tokens == free.tokens[: len(ended.tokens)]
    assert len(ended.tokens) <= 2


async def test_the_text_is_whole_characters(tiny: Worker) -> None:
    result = await generate(tiny, request(tiny.tokenize("# \U0001f600\U0001f600\U0001f600\n" * 8 + "# "), 16))
    result.text.encode("utf-8")
    assert not result.text.endswith("\N{REPLACEMENT CHARACTER}")


async def test_a_cancelled_generation_stops_and_loses_nothing(worker: Worker) -> None:
    tokens = worker.tokenize(CODE * 5)
    reached, go_on = threading.Event(), threading.Event()

    def pause(_text: str) -> bool:
        reached.set()
        go_on.wait(30)
        return False

    task = asyncio.create_task(generate(worker, request(tokens, 900, is_complete=pause)))
    await asyncio.to_thread(reached.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    after = await generate(worker, request(tokens))
    assert after.reused == len(tokens) - 1


async def test_a_cancelled_prefill_keeps_what_it_has_evaluated(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = worker.tokenize(CODE * 20)
    worker._slice = 16
    evaluate, slices = worker._llama.evaluate, []
    cancelled = threading.Event()

    def evaluate_and_cancel(part: tuple[int, ...], *where: int) -> bool:
        done = evaluate(part, *where)
        slices.append(len(part))
        if len(slices) == 2:
            task.get_loop().call_soon_threadsafe(task.cancel)
            cancelled.wait(30)
        return done

    monkeypatch.setattr(worker._llama, "evaluate", evaluate_and_cancel)
    task = asyncio.create_task(generate(worker, request(tokens)))
    with pytest.raises(asyncio.CancelledError):
        await task
    cancelled.set()
    after = await generate(worker, request(tokens))
    assert after.reused == 2 * 16


async def test_a_request_that_is_cancelled_while_it_waits_is_never_begun(worker: Worker) -> None:
    tokens = worker.tokenize(CODE)
    go_on = threading.Event()
    first = asyncio.create_task(generate(worker, request(tokens, is_complete=lambda _text: go_on.wait(30))))
    second = asyncio.create_task(generate(worker, request(tokens, is_complete=lambda _text: pytest.fail("begun"))))
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
        patched.setattr("lsp_server.engine.llama.model.llama_cpp.llama_decode", lambda *_: -1)
        with pytest.raises(EngineError, match="status -1"):
            await generate(worker, request(tokens))
    assert (await generate(worker, request(tokens))).evaluated == len(tokens)


async def test_a_prompt_that_does_not_fit_is_an_error_and_the_engine_goes_on(worker: Worker) -> None:
    tokens = worker.tokenize(CODE)
    too_long = tokens * (worker.info.context_length // len(tokens) + 1)
    with pytest.raises(EngineError):
        await generate(worker, request(too_long))
    assert (await generate(worker, request(tokens))).text


def test_the_urgent_goes_first_and_the_rest_goes_on_without_loss(worker: Worker) -> None:
    order: list[str] = []
    behind, urgent = worker.tokenize(CODE * 30), worker.tokenize("import os\n")
    worker._slice = 16

    async def all_three() -> tuple[Generation, ...]:
        slow = worker.submit(request(behind, 20, priority=Priority.BACKGROUND, on_text=lambda *_: order.append("b")))
        next_one = worker.submit(request(urgent * 4, 4, priority=Priority.NEXT, on_text=lambda *_: order.append("n")))
        waited = worker.submit(request(urgent, 4, on_text=lambda *_: order.append("w")))
        return tuple([await job.result() for job in (slow, next_one, waited)])

    slow, next_one, waited = asyncio.run(all_three())
    worker._cache.check_integrity()
    # The background job may have evaluated a slice before the others came, and has not written before they had.
    assert "".join(order) == "w" * 4 + "n" * 4 + "b" * 20
    assert worker.evaluated_tokens == slow.evaluated + next_one.evaluated + waited.evaluated
    assert (slow.reused, slow.evaluated) == (0, len(behind))
    fresh = load(EMBEDDED_FILE, LoadOptions())
    assert asyncio.run(generate(fresh, request(behind, 20))).tokens == slow.tokens
    fresh.close()


async def test_what_is_written_for_nobody_is_cut_short_for_the_urgent(worker: Worker) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def hold(text: str, _chances: tuple[float, ...]) -> None:
        if len(text) > 3 and not writing.is_set():
            writing.set()
            go_on.wait(30)

    slow = worker.submit(request(worker.tokenize(CODE * 4), 200, priority=Priority.NEXT, on_text=hold))
    await asyncio.to_thread(writing.wait, 30)
    urgent = worker.submit(request(worker.tokenize("import os\n"), 2))
    go_on.set()
    assert len((await urgent.result()).tokens) == 2
    worker._cache.check_integrity()
    assert len((await slow.result()).tokens) == 200


async def test_what_comes_too_late_for_a_job_is_in_vain(worker: Worker) -> None:
    job = worker.submit(request(worker.tokenize(CODE), 1))
    result = await job.result()
    # As it is for a moment behind the last step of the last job.
    worker._running = job
    job.let_wait(Priority.BACKGROUND)
    job.cancel()
    assert await job.result() == result


async def test_more_that_has_begun_than_the_cache_holds() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions(cells=2048))
    size = worker.info.context_length - 20
    assert 3 * size > worker._cache.capacity
    jobs = []
    for priority in (Priority.BACKGROUND, Priority.NEXT, Priority.WAITED_FOR):
        prompt = worker.tokenize(f"x{priority} = {priority}\n" * 2000)[:size]
        begun = threading.Event()
        jobs.append(worker.submit(request(prompt, 16, priority=priority, on_text=lambda *_, begun=begun: begun.set())))
        await asyncio.to_thread(begun.wait, 30)
    results = [await job.result() for job in jobs]
    worker._cache.check_integrity()
    worker.close()
    assert [len(result.tokens) for result in results] == [16] * 3


async def test_the_room_of_what_waits_is_not_given_away(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = load(EMBEDDED_FILE, LoadOptions(cells=2048))
    size = worker.info.context_length - 24

    def prompt(name: str, length: int) -> tuple[int, ...]:
        return worker.tokenize(f"{name} = {name}\n" * 2000)[:length]

    for name in ("first", "second"):
        await generate(worker, request(prompt(name, size), 0, head=size))
    worker._slice = 16
    evaluate, urgent = worker._llama.evaluate, request(prompt("now", 700), 16, head=700)
    asked: Future[Job] = Future()

    def evaluate_and_ask(part: tuple[int, ...], *where: int) -> bool:
        if not asked.done():
            asked.set_result(worker.submit(urgent))
        return evaluate(part, *where)

    monkeypatch.setattr(worker._llama, "evaluate", evaluate_and_ask)
    slow = worker.submit(request(prompt("behind", size), 0, head=size, priority=Priority.BACKGROUND))
    assert (await slow.result()).evaluated == size
    assert len((await asked.result().result()).tokens) == 16
    check_memory(worker)
    worker.close()


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 30), st.sampled_from(PIECES)), min_size=1, max_size=6))
@settings(max_examples=15)
def test_after_any_edits_the_text_is_that_of_a_fresh_context(
    pair: tuple[Worker, Worker], edits: list[tuple[int, int, str]]
) -> None:
    text = CODE * 4
    edited, fresh = pair
    for start, deleted, inserted in edits:
        text = text[:start] + inserted + text[start + deleted :]
        prompt = edited.tokenize("def main():\n" + text)
        with_cache = asyncio.run(generate(edited, request(prompt, 12, head=len(prompt) // 2)))
        edited._cache.check_integrity()
        for sequence in range(SEQUENCES):
            fresh._cache.forget(sequence)
        from_scratch = asyncio.run(generate(fresh, request(prompt, 12)))
        assert from_scratch.reused == 0
        assert with_cache.text == from_scratch.text or is_tie(fresh, prompt, with_cache.tokens, from_scratch.tokens)


@pytest.mark.parametrize("damage", [None, b"", b"midfkv", b"x" * 10_000])
async def test_the_next_start_is_warm_or_as_if_nothing_had_been(tmp_path: Path, damage: bytes | None) -> None:
    options = LoadOptions(folder=tmp_path, state_bytes=100_000_000)
    first = load(EMBEDDED_FILE, options)
    tokens = first.tokenize(CODE * 8)
    cold = await generate(first, request(tokens, head=len(tokens)))
    first.close()
    (state,) = (tmp_path / "states").iterdir()
    if damage is not None:
        state.write_bytes(damage)
    second = load(EMBEDDED_FILE, options)
    assert second.held(tokens) == (len(tokens) if damage is None else 0)
    warm = await generate(second, request(tokens))
    second._cache.check_integrity()
    second.close()
    assert warm.text == cold.text
    assert warm.evaluated == (1 if damage is None else len(tokens))


async def test_states_are_saved_when_nothing_else_is_to_do(tmp_path: Path) -> None:
    worker = load(EMBEDDED_FILE, LoadOptions(folder=tmp_path, state_bytes=100_000_000))
    tokens = worker.tokenize(CODE * 8)
    await generate(worker, request(tokens, head=len(tokens)))
    worker.save()
    # The thread saves as soon as it has nothing to do, which is between two requests that wait for each other.
    for _ in range(100):
        await generate(worker, request(tokens, 1))
        if is_saved := bool(list((tmp_path / "states").glob("*.kv"))):
            break
    worker.close()
    assert is_saved


async def test_closing_ends_what_runs_and_what_waits() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    tokens = worker.tokenize(CODE)
    running = asyncio.create_task(generate(worker, request(tokens, 900)))
    waiting = asyncio.create_task(generate(worker, request(tokens, 900)))
    await asyncio.sleep(0)
    await asyncio.to_thread(worker.close)
    results = await asyncio.gather(running, waiting, return_exceptions=True)
    for result in results:
        assert isinstance(result, asyncio.CancelledError)
    worker.close()


async def test_a_closed_engine_refuses_everything() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    tokens = worker.tokenize(CODE)
    worker.close()
    for refused in (lambda: worker.tokenize("new text"), lambda: worker.special("<|fim_prefix|>")):
        with pytest.raises(EngineError, match="closed"):
            refused()
    with pytest.raises(EngineError, match="closed"):
        await generate(worker, request(tokens))


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
