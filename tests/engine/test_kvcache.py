"""The cache's account against a memory that computes everything anew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lsp_server.engine.kvcache import WORTH_KEEPING, KVCache, NoRoom, common_prefix

CAPACITY, SEQUENCES = 120, 4
TOKENS = st.lists(st.integers(0, 2), max_size=12)
# Prompts that share starts of all lengths, as those of one document do.
PROMPTS = st.builds(
    lambda start, cut, tail: [*range(100, 100 + start)][: start - cut] + tail,
    st.integers(1, 60),
    st.integers(0, 30),
    st.lists(st.integers(0, 3), min_size=1, max_size=20),
)


@given(TOKENS, TOKENS)
def test_the_common_prefix_is_the_longest(left: list[int], right: list[int]) -> None:
    length = common_prefix(left, right)
    assert left[:length] == right[:length]
    assert length == min(len(left), len(right)) or left[length] != right[length]


class Buffer:
    """What llama.cpp does: a row of values for each sequence, where a value depends on all tokens before it."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = [[] for _ in range(SEQUENCES)]

    def trim(self, sequence: int, length: int) -> None:
        del self.rows[sequence][length:]

    def copy(self, source: int, target: int, length: int) -> None:
        assert not self.rows[target], "only an empty sequence is copied to"
        self.rows[target] = self.rows[source][:length]

    def evaluate(self, sequence: int, tokens: list[int]) -> None:
        row = self.rows[sequence]
        for token in tokens:
            row.append(hash((row[-1] if row else 0, token)))


def from_scratch(tokens: list[int]) -> list[int]:
    buffer = Buffer()
    buffer.evaluate(0, tokens)
    return buffer.rows[0]


class Machine(RuleBasedStateMachine):
    """Prompts come, are evaluated in part or whole, generate, are released, fail."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = Buffer()
        self.cache = KVCache(self.buffer, CAPACITY, SEQUENCES)
        self.open: dict[int, list[int]] = {}

    @rule(prompt=PROMPTS, head=st.floats(0, 1), room=st.integers(0, 10))
    def acquire(self, prompt: list[int], head: float, room: int) -> None:
        best = max(common_prefix(self.cache.tokens(n), tuple(prompt)) for n in range(SEQUENCES))
        before = [self.cache.tokens(n) for n in range(SEQUENCES)]
        try:
            sequence = self.cache.acquire(prompt, int(head * len(prompt)), room)
        except NoRoom:
            assert self.open, "without a pinned sequence there is always room"
            assert before == [self.cache.tokens(n) for n in range(SEQUENCES)]
            return
        assert sequence not in self.open
        assert self.cache.length(sequence) == min(best, len(prompt) - 1)
        assert self.cache.free >= len(prompt) - self.cache.length(sequence) + room
        self.open[sequence] = [*prompt, *[-2] * room]

    @precondition(lambda self: self.open)
    @rule(data=st.data(), room=st.integers(0, 20))
    def fork(self, data: st.DataObject, room: int) -> None:
        source = data.draw(st.sampled_from(sorted(self.open)))
        before = [self.cache.tokens(n) for n in range(SEQUENCES)]
        try:
            sequence = self.cache.fork(source, room)
        except NoRoom:
            assert before == [self.cache.tokens(n) for n in range(SEQUENCES)]
            return
        assert sequence not in self.open
        assert self.cache.tokens(sequence) == before[source]
        self.open[sequence] = [*before[source], *[-3] * room]

    @precondition(lambda self: self.open)
    @rule(data=st.data(), share=st.floats(0, 1))
    def evaluate_some(self, data: st.DataObject, share: float) -> None:
        sequence = data.draw(st.sampled_from(sorted(self.open)))
        rest = self.open[sequence][self.cache.length(sequence) :]
        # There is room for all of it, whatever else has been evaluated since.
        part = rest[: int(share * len(rest)) + 1]
        self.buffer.evaluate(sequence, part)
        self.cache.append(sequence, part)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        sequence = data.draw(st.sampled_from(sorted(self.open)))
        del self.open[sequence]
        self.cache.release(sequence)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        sequence = data.draw(st.sampled_from(sorted(self.open)))
        self.buffer.rows[sequence].append(-1)
        self.cache.forget(sequence)
        assert self.cache.length(sequence) == 0
        self.cache.release(sequence)
        del self.open[sequence]

    @rule(tokens=st.lists(st.integers(0, 3), min_size=1, max_size=40))
    def restore(self, tokens: list[int]) -> None:
        try:
            sequence = self.cache.acquire_empty(len(tokens))
        except NoRoom:
            return
        self.buffer.evaluate(sequence, tokens)
        self.cache.restore(sequence, tokens)
        self.cache.release(sequence)
        assert self.cache.held(tokens) == len(tokens)

    @invariant()
    def memory_is_as_the_account_says(self) -> None:
        self.cache.check_integrity()
        for sequence in range(SEQUENCES):
            assert self.buffer.rows[sequence] == from_scratch(list(self.cache.tokens(sequence)))

    @invariant()
    def what_is_pinned_stays(self) -> None:
        for sequence, prompt in self.open.items():
            assert self.cache.tokens(sequence) == tuple(prompt[: self.cache.length(sequence)])


TestAnyOrderOfEvents = Machine.TestCase


def evaluated(cache: KVCache, prompt: list[int], head: int = 0) -> int:
    sequence = cache.acquire(prompt, head, 0)
    cache.append(sequence, prompt[cache.length(sequence) :])
    cache.release(sequence)
    cache.check_integrity()
    return sequence


def test_typing_on_and_back_stays_in_one_sequence() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    head = list(range(50))
    sequences = {evaluated(cache, [*head, *middle], 50) for middle in ([1], [1, 2], [1, 3], [1], [4])}
    assert len(sequences) == 1
    assert cache.free == CAPACITY - 51


def test_another_anchor_shares_the_front_and_the_old_one_is_kept() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    front = list(range(40))
    one, other = [*front, *[1] * WORTH_KEEPING], [*front, *[2] * WORTH_KEEPING]
    assert evaluated(cache, one, len(one)) != evaluated(cache, other, len(other))
    assert cache.held(one) == len(one)
    assert cache.held(other) == len(other)
    assert cache.free == CAPACITY - 40 - 2 * WORTH_KEEPING


def test_the_least_recently_used_goes_first() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    prompts = [[number] * 40 for number in range(4)]
    for prompt in prompts[:3]:
        evaluated(cache, prompt, 40)
    evaluated(cache, prompts[0], 40)
    evaluated(cache, prompts[3], 40)
    assert [cache.held(prompt) for prompt in prompts] == [40, 0, 40, 40]


def test_a_prompt_larger_than_the_buffer_is_refused() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    with pytest.raises(NoRoom):
        cache.acquire(list(range(CAPACITY)), 0, 1)
    evaluated(cache, list(range(CAPACITY)))


def test_the_heads_are_the_last_used_first() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    first, second = evaluated(cache, [1] * 30, 20), evaluated(cache, [2] * 30, 25)
    evaluated(cache, [3] * 10)
    assert cache.heads() == [(second, 25), (first, 20)]


def test_what_one_was_promised_no_other_gets() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    evaluated(cache, [1] * 60, 60)
    slow = [2] * 80
    sequence = cache.acquire(slow, 0, 10)
    cache.append(sequence, slow[:10])
    # Between two slices of a long prompt another comes, with as much as is left and then with more.
    evaluated(cache, [3] * 30)
    with pytest.raises(NoRoom):
        cache.acquire([4] * 31, 0, 0)
    cache.append(sequence, slow[10:])
    cache.append(sequence, [5] * 10)
    cache.check_integrity()


def test_a_fork_shares_its_cells_and_gives_its_own_back() -> None:
    cache = KVCache(Buffer(), CAPACITY, SEQUENCES)
    sequence = cache.acquire([1] * 50, 50, 10)
    cache.append(sequence, [1] * 50)
    for _ in range(5):
        forks = [cache.fork(sequence, 10) for _ in range(2)]
        for fork in forks:
            cache.append(fork, [7] * 10)
        assert cache.free == CAPACITY - 50 - 20
        for fork in forks:
            cache.forget(fork)
            cache.release(fork)
        cache.check_integrity()
        assert cache.free == CAPACITY - 50


def test_a_fork_needs_a_sequence_and_cells() -> None:
    cache = KVCache(Buffer(), CAPACITY, 2)
    sequence = cache.acquire([1] * 50, 0, 10)
    with pytest.raises(NoRoom):
        cache.fork(sequence, CAPACITY - 59)
    cache.fork(sequence, CAPACITY - 60)
    with pytest.raises(NoRoom):
        cache.fork(sequence, 0)
