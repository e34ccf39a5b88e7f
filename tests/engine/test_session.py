"""Generations of the embedded model that begin before the cursor, and several at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import CHANCES, LoadOptions, Priority, Stop, generate
from lsp_server.engine.llama.loading import SEQUENCES
from lsp_server.engine.worker import Job, Worker, load
from lsp_server.errors import EngineError
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.engine.requests import CODE, check_memory, is_tie, request

if TYPE_CHECKING:
    from collections.abc import Iterator

# Cut inside of words, behind them, inside of blanks, inside of characters of several bytes.
CUT = (
    "def add(left, right):\n    retu",
    "def add(left, right):\n    return",
    "def add(left, right):\n    return left + ri",
    "class Reader:\n    def __in",
    "class Reader:\n  ",
    "import os\nimport sy",
    "# \u6f22\u5b57 \U0001f600\nx = '\u6f22",
    "values = [1, 2, 3]\nfor va",
    "def f(x):\n    if x is No",
)
PROMPT = CODE * 3 + "def sub(left, right):\n"


@pytest.fixture(scope="module")
def kept() -> Iterator[Worker]:
    """An engine whose cache is empty at the start of the module's tests."""
    worker = load(EMBEDDED_FILE, LoadOptions())
    yield worker
    worker.close()


@pytest.fixture
def worker(kept: Worker) -> Iterator[Worker]:
    """An engine whose memory is as its account says, and in nobody's use, before and after a test."""
    check_memory(kept)
    yield kept
    check_memory(kept)


def spelled(worker: Worker, tokens: tuple[int, ...]) -> bytes:
    return b"".join(worker._llama.piece(token) for token in tokens)


# --- healing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CUT)
async def test_what_is_generated_begins_with_what_was_typed(worker: Worker, text: str) -> None:
    tokens = worker.tokenize(CODE + text)
    healing = worker.heal(tokens)
    assert spelled(worker, tokens[: healing.kept]) + healing.forced == (CODE + text).encode()
    result = await generate(worker, request(tokens[: healing.kept], 12, forced=healing.forced))
    written = spelled(worker, result.tokens)
    assert written.startswith(healing.forced)
    assert written[len(healing.forced) :].decode("utf-8", "ignore") == result.text


async def test_every_cut_of_a_text_heals(worker: Worker) -> None:
    for end in range(len(CODE) - 30, len(CODE)):
        tokens = worker.tokenize(CODE[:end])
        healing = worker.heal(tokens)
        result = await generate(worker, request(tokens[: healing.kept], 6, forced=healing.forced))
        assert spelled(worker, result.tokens).startswith(healing.forced)


async def test_any_bytes_may_be_forced(worker: Worker) -> None:
    forced = "\x00\r\n\U0001f600 zqxj\u6f22".encode()
    result = await generate(worker, request(worker.tokenize(CODE), 40, forced=forced))
    assert spelled(worker, result.tokens) == forced + result.text.encode()


async def test_a_word_that_the_model_knows_is_completed(worker: Worker) -> None:
    whole = await generate(worker, request(worker.tokenize(PROMPT), 4))
    assert whole.text.startswith("    return ")
    tokens = worker.tokenize(PROMPT + "    retu")
    healing = worker.heal(tokens)
    healed = await generate(worker, request(tokens[: healing.kept], 4, forced=healing.forced))
    assert healed.text.startswith("rn ")


async def test_a_key_within_a_word_costs_two_tokens_at_the_most(worker: Worker) -> None:
    start = CODE * 4 + "def multiply(self):\n    "
    head = len(worker.tokenize(CODE * 4))
    costs = []
    for end in range(len("return self.request") + 1):
        tokens = worker.tokenize(start + "return self.request"[:end])
        healing = worker.heal(tokens)
        wanted = request(tokens[: healing.kept], 8, forced=healing.forced, head=head)
        costs.append((await generate(worker, wanted)).evaluated)
    assert max(costs[1:]) <= 2


async def test_end_tokens_and_rules_wait_for_what_is_forced(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    texts: list[str] = []

    def is_complete(text: str) -> bool:
        texts.append(text)
        return True

    forced = b"zq zq zq"
    free = await generate(worker, request(tokens, 8, forced=forced))
    healed = [token for token in free.tokens if token not in worker.tokenize("zq")]
    limits = {"forced": forced, "is_complete": is_complete, "end_tokens": frozenset(healed[:1])}
    result = await generate(worker, request(tokens, 20, **limits))
    assert spelled(worker, result.tokens).startswith(forced)
    assert all(texts)


async def test_the_limit_may_come_before_what_is_forced(worker: Worker) -> None:
    result = await generate(worker, request(worker.tokenize(CODE), 2, forced=b"zq zq zq zq zq"))
    assert (result.text, len(result.tokens), result.stop) == ("", 2, Stop.TOKENS)
    assert (result.chances, result.score) == ((), 0.0)


# --- chances -----------------------------------------------------------------------------------------


async def test_the_chances_are_told_with_the_text(worker: Worker) -> None:
    told: list[tuple[str, tuple[float, ...]]] = []
    wanted = request(worker.tokenize(PROMPT), 12, on_text=lambda *what: told.append(what))
    result = await generate(worker, wanted)
    assert told[-1] == (result.text, result.chances)
    assert [len(chances) for _text, chances in told] == [min(count, CHANCES) for count in range(1, 13)]
    assert all(0 < chance <= 1 for chance in result.chances)
    assert result.score < 0


async def test_a_generation_that_ends_at_once_has_no_chances(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    first = (await generate(worker, request(tokens, 1))).tokens
    result = await generate(worker, request(tokens, 8, end_tokens=frozenset(first)))
    assert (result.text, result.chances, result.stop) == ("", (), Stop.END)


# --- candidates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", CUT)
async def test_each_candidate_is_what_its_first_token_leads_to(worker: Worker, text: str) -> None:
    tokens = worker.tokenize(CODE + text)
    healing = worker.heal(tokens)
    prompt = tokens[: healing.kept]
    greedy = await generate(worker, request(prompt, 10, forced=healing.forced))
    several = await generate(worker, request(prompt, 10, forced=healing.forced, candidates=3))
    assert several.text == greedy.text or is_tie(worker, prompt, several.tokens, greedy.tokens)
    for other in several.others:
        # All that makes up the forced bytes was the same for all, but for the token that completes them.
        ends = (end for end in range(1, 11) if len(spelled(worker, other.tokens[:end])) >= len(healing.forced))
        begun = other.tokens[: next(ends)]
        alone = await generate(worker, request((*prompt, *begun), 10 - len(begun)))
        expected = (*begun, *alone.tokens)
        assert other.tokens == expected or is_tie(worker, prompt, other.tokens, expected)
        assert spelled(worker, other.tokens).startswith(healing.forced + other.text.encode())


async def test_candidates_differ_and_the_most_likely_is_first(worker: Worker) -> None:
    told: list[str] = []
    tokens = worker.tokenize(PROMPT)
    wanted = request(tokens, 6, candidates=3, on_text=lambda text, _chances: told.append(text))
    result = await generate(worker, wanted)
    assert len({result.text, *(other.text for other in result.others)}) == 3
    assert len({result.tokens[0], *(other.tokens[0] for other in result.others)}) == 3
    chances = [result.chances[0], *(other.chances[0] for other in result.others)]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1
    # Only the first is told of.
    assert len(told) == 6
    assert told[-1] == result.text


async def test_each_candidate_ends_by_itself(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    free = await generate(worker, request(tokens, 6, candidates=3))
    rival = spelled(worker, free.others[0].tokens[:1]).decode()
    result = await generate(worker, request(tokens, 6, candidates=3, is_complete=lambda text: text == rival))
    assert [result.stop, *(other.stop for other in result.others)] == [Stop.TOKENS, Stop.RULE, Stop.TOKENS]
    assert len(result.others[0].tokens) == 1


async def test_where_the_model_would_be_silent_there_are_others(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    free = await generate(worker, request(tokens, 6, candidates=2))
    result = await generate(worker, request(tokens, 6, candidates=2, end_tokens=frozenset(free.tokens[:1])))
    assert (result.text, result.stop, result.chances) == ("", Stop.END, ())
    assert [other.tokens[0] for other in result.others] == [free.others[0].tokens[0]]


async def test_candidates_leave_nothing_but_the_first_in_the_cache(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    first = await generate(worker, request(tokens, 8))
    free = worker._cache.free
    several = await generate(worker, request(tokens, 8, candidates=3))
    assert worker._cache.free == free
    assert worker.held((*tokens, *several.tokens)) == len(tokens) + len(several.tokens) - 1
    assert several.tokens == first.tokens or is_tie(worker, tokens, several.tokens, first.tokens)


async def test_no_token_is_generated_beside_a_prompt_that_is_only_evaluated(worker: Worker) -> None:
    result = await generate(worker, request(worker.tokenize(PROMPT), 0, candidates=3, forced=b"x"))
    assert (result.tokens, result.others, result.stop) == ((), (), Stop.TOKENS)


@pytest.mark.parametrize(("sequences", "others"), [(1, 0), (2, 1), (3, 2)])
async def test_without_free_sequences_there_are_fewer(worker: Worker, sequences: int, others: int) -> None:
    taken = [worker._cache.acquire_empty(0) for _ in range(SEQUENCES - sequences)]
    result = await generate(worker, request(worker.tokenize(PROMPT), 6, candidates=3))
    for sequence in taken:
        worker._cache.release(sequence)
    assert len(result.others) == others
    assert len(result.tokens) == 6


async def test_without_free_cells_there_are_fewer(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)
    taken = worker._cache.acquire_empty(worker._cache.capacity - len(tokens) - 6 - 6)
    result = await generate(worker, request(tokens, 6, candidates=3))
    worker._cache.release(taken)
    assert len(result.others) == 1


async def test_a_cancellation_amid_candidates_loses_the_others_only(worker: Worker) -> None:
    tokens = worker.tokenize(PROMPT)

    def cancel(text: str, _chances: tuple[float, ...]) -> None:
        if len(text) > 10:
            job.cancel()

    job = worker.submit(request(tokens, 60, candidates=3, on_text=cancel))
    with pytest.raises(asyncio.CancelledError):
        await job.result()
    check_memory(worker)
    assert worker.held(tokens) == len(tokens)
    assert (await generate(worker, request(tokens, 6, candidates=3))).evaluated == 1


async def test_a_failure_amid_candidates_empties_their_sequences(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = worker.tokenize(PROMPT)

    def fail(text: str, _chances: tuple[float, ...]) -> None:
        if len(text) > 10:
            monkeypatch.setattr("lsp_server.engine.llama.model.llama_cpp.llama_decode", lambda *_: -1)

    with pytest.raises(EngineError, match="status -1"):
        await generate(worker, request(tokens, 60, candidates=3, on_text=fail))
    monkeypatch.undo()
    check_memory(worker)
    assert len((await generate(worker, request(tokens, 6, candidates=3))).others) == 2


async def test_the_urgent_comes_between_the_tokens_of_candidates(worker: Worker) -> None:
    tokens, urgent = worker.tokenize(PROMPT), worker.tokenize("import os\nimport ")
    alone = await generate(worker, request(tokens, 12, candidates=3))
    jobs: list[Job] = []

    def ask(text: str, _chances: tuple[float, ...]) -> None:
        if len(text) > 10 and not jobs:
            jobs.append(worker.submit(request(urgent, 4, candidates=2)))

    slow = worker.submit(request(tokens, 12, candidates=3, priority=Priority.NEXT, on_text=ask))
    result = await slow.result()
    assert jobs[0].future.done()
    assert len((await jobs[0].result()).others) == 1
    before, after = [[each.tokens, *(o.tokens for o in each.others)] for each in (alone, result)]
    for one, other in zip(before, after, strict=True):
        assert one == other or is_tie(worker, tokens, one, other)


async def test_closing_amid_candidates_ends_them() -> None:
    worker = load(EMBEDDED_FILE, LoadOptions())
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    wanted = request(
        worker.tokenize(PROMPT), 900, candidates=3, on_text=lambda *_: loop.call_soon_threadsafe(begun.set)
    )
    job = worker.submit(wanted)
    await begun.wait()
    await asyncio.to_thread(worker.close)
    with pytest.raises(asyncio.CancelledError):
        await job.result()
    worker._cache.check_integrity()
