"""The parts of the remote engine that need no server: addresses, event streams, tokens without a tokenizer, speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine.interface import Meter, Speed
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.engine.remote.pace import GUESS, Pace
from lsp_server.engine.remote.sse import LONGEST_EVENT, Events
from lsp_server.engine.remote.tokens import SPECIAL_LOOKING, ServerTokenizer, TextTokenizer
from lsp_server.errors import EngineError
from lsp_server.prompt.fim import FORMATS

if TYPE_CHECKING:
    from lsp_server.engine.worker import Worker

# --- addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("http://localhost:8080", "http://localhost:8080"),
        (" https://host/ ", "https://host"),
        ("HTTPS://host/v1", "https://host"),
        ("https://host/v1/", "https://host"),
        ("https://host/team/v1?key=x#y", "https://host/team"),
        ("https://host/v12", "https://host/v12"),
        ("http://me:secret@host:1", "http://host:1"),
        ("http://me:a%40b@[::1]:1/", "http://[::1]:1"),
    ],
)
def test_addresses(base_url: str, address: str) -> None:
    assert RemoteOptions(base_url).address == address


@pytest.mark.parametrize(
    "base_url",
    ["", "localhost", "localhost:8080", "ftp://host", "http://", "http://host:port", "http://host:99999", "http://[::1",
     "http://:8080", "file:///etc/passwd", "http://me:secret@"],
)  # fmt: skip
def test_what_is_no_address(base_url: str) -> None:
    with pytest.raises(EngineError) as caught:
        _ = RemoteOptions(base_url).address
    assert str(caught.value) == "The server's address is none: write it as http://HOST:PORT or https://HOST."


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost", True), ("LOCALHOST:80", True), ("a.localhost", True), ("127.0.0.1", True), ("127.8.9.1:5", True),
        ("[::1]:8080", True), ("me:x@127.0.0.1", True),
        ("192.168.0.1", False), ("0.0.0.1", False), ("localhost.evil.org", False), ("127.0.0.1.evil.org", False),
        ("localhost@evil.org", False), ("[::]", False), ("host", False),
    ],
)  # fmt: skip
def test_what_is_on_this_machine(host: str, is_loopback: bool) -> None:
    assert RemoteOptions(f"http://{host}").is_loopback == is_loopback


# --- event streams -----------------------------------------------------------------------------------

LINE_ENDS = st.sampled_from(["\n", "\r\n"])
# No event's data holds a line end that JSON would write as one.
DATA = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)


@given(st.lists(DATA), LINE_ENDS, st.data())
def test_events_do_not_depend_on_where_a_stream_is_cut(events: list[str], end: str, data: st.DataObject) -> None:
    stream = "".join(f"id: 1{end}: ping{end}{end}data: {event}{end}{end}" for event in events).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    parser = Events()
    parts = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    assert [event for start, stop in parts for event in parser.feed(stream[start:stop])] == events


def test_what_is_no_event() -> None:
    assert list(Events().feed(b"\n\n: ping\n\nevent: x\n\ndata\n\nda")) == []


def test_an_event_of_several_lines() -> None:
    assert list(Events().feed(b"data: {\ndata:}\n\n")) == ["{\n}"]


def test_an_event_without_an_end() -> None:
    parser = Events()
    for _ in range(4):
        assert list(parser.feed(b"x" * (LONGEST_EVENT // 4))) == []
    with pytest.raises(ValueError, match="an event of more than"):
        list(parser.feed(b"x"))


# --- tokens ------------------------------------------------------------------------------------------


async def _exists(_text: str) -> bool:
    return True


@given(st.text(st.characters(exclude_categories=["Cs"])))
async def test_tokens_of_our_own_making_are_the_text(text: str) -> None:
    tokenizer = TextTokenizer(_exists)
    if not SPECIAL_LOOKING.search(text):
        assert tokenizer.prompt(await tokenizer.tokenize(text)) == text


SPECIALS = sorted({text for form in FORMATS for text in (*form.needed, *form.stop)})


@given(st.lists(st.sampled_from([*SPECIALS, "<", "|", ">", "<|", "|>", "fim_middle", "<|fim", "x", "\n"])))
async def test_text_never_becomes_a_special_token(pieces: list[str]) -> None:
    tokenizer = TextTokenizer(_exists)
    middle = await tokenizer.special("<|fim_middle|>")
    assert middle is not None
    tokens = await tokenizer.tokenize("".join(pieces))
    prompt = tokenizer.prompt((*tokens, middle, *tokens))
    assert isinstance(prompt, str)
    assert SPECIAL_LOOKING.findall(prompt) == ["<|fim_middle|>"]


@pytest.mark.parametrize("text", SPECIALS)
def test_all_special_tokens_of_the_formats_look_like_some(text: str) -> None:
    assert SPECIAL_LOOKING.fullmatch(text)


@pytest.mark.parametrize(
    "text", ["<div>", "</p>", "a<b>c", "List<String>", "x[0]", "[INFO]", "<T>", "#include <stdio.h>"]
)
def test_code_looks_like_code(text: str) -> None:
    assert not SPECIAL_LOOKING.search(text)


async def test_half_a_surrogate_pair_is_a_question_mark() -> None:
    tokenizer = TextTokenizer(_exists)
    assert tokenizer.prompt(await tokenizer.tokenize("a\ud800b")) == "a?b"


async def test_tokens_of_our_own_making_are_not_too_large(tiny: Worker) -> None:
    text = SOURCE
    own, real = len(await TextTokenizer(_exists).tokenize(text)), len(tiny.tokenize(text))
    assert 0.9 * real < own < 2 * real


async def test_a_server_is_not_given_a_special_token_as_text() -> None:
    asked: list[str] = []

    async def ask(text: str) -> list[int]:
        asked.append(text)
        return [7] if text == "<|fim_middle|>" else [ord(character) for character in text]

    tokenizer = ServerTokenizer(ask, ask)
    tokens = await tokenizer.tokenize("a<|fim_middle|><|no_token|>")
    assert "".join(map(chr, tokens)) == "a<|fim_middle|><|no_token|>"
    assert asked[-2:] == ["a<", "|fim_middle|><|no_token|>"]
    assert await tokenizer.tokenize("") == ()


SOURCE = '''
def _most_urgent(self) -> Job:
    """Return the job that goes first, `None` where there is none."""
    waiting = [job for job in self._jobs if not job.is_cancelled and job.priority <= Priority.NEXT]
    if len(waiting) >= 3 or self._closed["really"] != {"a": 1.25, "b": -3}:
        raise EngineError(f"Too many jobs: {len(waiting)}, which is more than {LIMIT:,}.")
    return min(waiting, key=lambda job: (job.priority, job.number))
'''


# --- speed -------------------------------------------------------------------------------------------


def test_the_first_measurement_takes_the_place_of_the_guess_and_then_it_only_grows() -> None:
    pace = Pace()
    assert pace.speed == GUESS
    pace.learn(Meter(evaluated=200, prefill=4000, decode=7000), 8)
    assert pace.speed == Speed(50.0, 1.0)
    pace.learn(Meter(evaluated=200, prefill=100, decode=14000), 8)
    assert pace.speed == Speed(2000.0, 1.0)
    pace.learn(Meter(evaluated=200, prefill=4000, decode=100), 11)
    assert pace.speed == Speed(2000.0, 100.0)


@pytest.mark.parametrize(
    ("meter", "tokens"),
    [(Meter(), 0), (Meter(evaluated=10, prefill=1), 3), (Meter(evaluated=200), 8), (Meter(decode=1), 7)],
)
def test_what_tells_nothing_of_the_speed(meter: Meter, tokens: int) -> None:
    pace = Pace()
    pace.learn(meter, tokens)
    assert pace.speed == GUESS
