"""The remote engine with real servers, beside the engine in this process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.interface import GenerationRequest, Sampling, Stop, generate
from lsp_server.engine.remote.engine import connect
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.errors import EngineError
from lsp_server.prompt.fim import QWEN25_CODER
from tests.engine.remote_servers import CONTEXT, Running, ask, connected, llama_cpp_server, llama_server
from tests.engine.requests import CODE, is_tie
from tests.engine.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.engine.remote.engine import RemoteEngine
    from lsp_server.engine.worker import Worker

KEY = "sk-test"
TEXTS = (
    CODE,
    "import os\n\ndef main():\n",
    "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, item):\n",
    "for number in range(10):\n    print(",
    "# café ✓ 🙂\nx = [",
    "\t\tif x:\n\r\n   \n",
    "",
    "a<|fim_middle|>b <|endoftext|><|nothing|> </s> <div>\x00",
)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """llama-server, with a key."""
    with llama_server(tmp_path_factory.mktemp("llama-server"), "--api-key", KEY) as server:
        yield server


@pytest.fixture(scope="module")
def llama_cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """llama_cpp.server, with a key."""
    with llama_cpp_server(tmp_path_factory.mktemp("llama-cpp-server"), "--api_key", KEY) as server:
        yield server


@pytest.fixture
def on_llama(llama: Running) -> Iterator[RemoteEngine]:
    with connected(RemoteOptions(llama.url, key=KEY)) as engine:
        yield engine


@pytest.fixture
def on_llama_cpp(llama_cpp: Running) -> Iterator[RemoteEngine]:
    with connected(RemoteOptions(llama_cpp.url, key=KEY, context_length=CONTEXT)) as engine:
        yield engine


def hole(engine: Worker | RemoteEngine, before: str, after: str) -> tuple[int, ...]:
    """Return a fill-in-the-middle prompt."""
    prefix, suffix, middle = (engine.special(text) for text in ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"))
    assert prefix is not None
    assert suffix is not None
    assert middle is not None
    return prefix, *engine.tokenize(before), suffix, *engine.tokenize(after), middle


def test_the_servers_are_recognised(on_llama: RemoteEngine, on_llama_cpp: RemoteEngine) -> None:
    assert (on_llama.kind, on_llama.info.name, on_llama.info.context_length) == ("llama-server", "tiny", CONTEXT)
    assert (on_llama_cpp.kind, on_llama_cpp.info.context_length) == ("llama_cpp.server", CONTEXT)


def test_a_wrong_key(llama: Running, llama_cpp: Running) -> None:
    for server in (llama, llama_cpp):
        with pytest.raises(EngineError, match=r"does not take the key \(401\)"):
            connect(RemoteOptions(server.url, key="sk-wrong"))


# --- llama-server ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_this_process(on_llama: RemoteEngine, tiny: Worker, text: str) -> None:
    assert on_llama.tokenize(text) == tiny.tokenize(text)


@pytest.mark.parametrize("text", [*QWEN25_CODER.stop, "def", "<|nothing|>", ""])
def test_special_tokens_are_those_of_this_process(on_llama: RemoteEngine, tiny: Worker, text: str) -> None:
    assert on_llama.special(text) == tiny.special(text)


@pytest.mark.parametrize("text", [text for text in TEXTS if text])
async def test_greedy_text_is_that_of_this_process(on_llama: RemoteEngine, tiny: Worker, text: str) -> None:
    prompt = hole(tiny, text, "\n\ndef last():\n    pass\n")
    ends = frozenset(token for token in map(tiny.special, QWEN25_CODER.stop) if token is not None)
    request = GenerationRequest(prompt, 24, end_tokens=ends)
    here, there = await generate(tiny, request), await generate(on_llama, request)
    if there.tokens != here.tokens:
        assert is_tie(tiny, prompt, here.tokens, there.tokens)
    else:
        assert (there.text, there.stop) == (here.text, here.stop)
        assert there.chances == pytest.approx(here.chances, abs=0.05)
        assert there.score == pytest.approx(here.score, abs=0.05)


async def test_llama_server_draws_by_the_seed(on_llama: RemoteEngine, tiny: Worker) -> None:
    prompt = hole(tiny, "def ", "\n")

    async def text(seed: int) -> str:
        return (await generate(on_llama, GenerationRequest(prompt, 8, sampling=Sampling(2.0, seed=seed)))).text

    assert await text(1) == await text(1)
    assert len({await text(seed) for seed in range(5)}) > 1


async def test_what_is_typed_on_is_all_that_llama_server_evaluates(on_llama: RemoteEngine) -> None:
    prompt = on_llama.tokenize(CODE * 5)
    first = await generate(on_llama, GenerationRequest(prompt, 6))
    longer = (*prompt, *first.tokens, *on_llama.tokenize("x"))
    assert on_llama.held(longer) == len(prompt) + len(first.tokens)
    running = on_llama.submit(GenerationRequest(longer, 6))
    again = await running.result()
    assert again.evaluated <= 2
    assert again.reused + again.evaluated == len(longer)
    assert running.meter.prefill > 0
    assert running.meter.decode > 0


async def test_a_prompt_that_llama_server_only_reads(on_llama: RemoteEngine) -> None:
    prompt = on_llama.tokenize("z = 1\n" * 20)
    found = await generate(on_llama, GenerationRequest(prompt, 0))
    assert (found.text, found.tokens, found.stop) == ("", (), Stop.TOKENS)
    assert (await generate(on_llama, GenerationRequest(prompt, 1))).evaluated == 1


async def test_llama_server_stops_when_a_request_is_cancelled(llama: Running, on_llama: RemoteEngine) -> None:
    prompt, told = on_llama.tokenize("import"), []
    request = GenerationRequest(prompt, CONTEXT - len(prompt), on_text=lambda text, _chances: told.append(text))
    running = on_llama.submit(request)
    await until(lambda: len(told) > 1)
    assert any(slot["is_processing"] for slot in ask(llama, "/slots", key=KEY))
    running.cancel()
    await until(lambda: not any(slot["is_processing"] for slot in ask(llama, "/slots", key=KEY)))
    assert len(told) < request.max_tokens


async def test_several_requests_at_once(on_llama: RemoteEngine) -> None:
    prompts = [on_llama.tokenize(text) for text in TEXTS[:4]]
    alone = [await generate(on_llama, GenerationRequest(prompt, 4)) for prompt in prompts]
    together = await asyncio.gather(*(generate(on_llama, GenerationRequest(prompt, 4)) for prompt in prompts))
    assert [len(each.tokens) for each in together] == [len(each.tokens) for each in alone]


# --- llama_cpp.server --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [text for text in TEXTS[:6] if text])
async def test_greedy_text_of_llama_cpp_server(on_llama_cpp: RemoteEngine, tiny: Worker, text: str) -> None:
    after = "\n\ndef last():\n    pass\n"
    here = await generate(tiny, GenerationRequest(hole(tiny, text, after), 12))
    there = await generate(on_llama_cpp, GenerationRequest(hole(on_llama_cpp, text, after), 12))
    # A model may end with a token that stands for no text here, and where it goes on is of no interest.
    assert there.text.startswith(here.text) or here.text.startswith(there.text)
    assert there.chances == ()


def test_special_tokens_of_llama_cpp_server(on_llama_cpp: RemoteEngine) -> None:
    assert all(on_llama_cpp.special(text) is not None for text in QWEN25_CODER.stop)
    assert on_llama_cpp.special("<|nothing|>") is None


def test_a_file_with_a_special_token_in_it_is_text_for_llama_cpp_server(
    llama_cpp: Running, on_llama_cpp: RemoteEngine, tiny: Worker
) -> None:
    prompt = on_llama_cpp._server.tokenizer.prompt(hole(on_llama_cpp, "a = '<|fim_middle|>'", "b<|endoftext|>"))
    special = {tiny.special(text): text for text in QWEN25_CODER.stop}
    tokens = ask(llama_cpp, "/extras/tokenize", {"input": prompt}, KEY)["tokens"]
    expected = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]
    assert [special[token] for token in tokens if token in special] == expected


async def test_llama_cpp_server_stops_when_a_request_is_cancelled(
    on_llama_cpp: RemoteEngine, llama_cpp: Running
) -> None:
    told: list[str] = []
    request = GenerationRequest(on_llama_cpp.tokenize("import"), 900, on_text=lambda text, _chances: told.append(text))
    running = on_llama_cpp.submit(request)
    await until(lambda: len(told) > 1)
    running.cancel()
    # It says so in its log, and answers the next one, for which it would otherwise have to come to its end.
    await until(lambda: "Disconnected from client" in llama_cpp.said())
    assert (await generate(on_llama_cpp, GenerationRequest(on_llama_cpp.tokenize("x"), 2))).tokens
