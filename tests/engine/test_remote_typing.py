"""What a key costs a server, with the real pipeline and the forward typing trace of the benchmarks.

`pytest --log-cli-level=INFO` shows the figures.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.traces import applied, load
from lsp_server import pipeline
from lsp_server.config import Settings
from lsp_server.core import Snapshot
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.pipeline import Pipeline
from tests.engine.remote_script import Script, models, scripted, whole
from tests.engine.remote_servers import CONTEXT, REST, WHOLE, ask, connected, llama_cpp_server, llama_server
from tests.engine.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from lsp_server.engine.remote.engine import RemoteEngine
    from tests.engine.remote_script import Wire
    from tests.engine.remote_servers import Running

log = logging.getLogger(__name__)

TRACE = Path(__file__).parents[2] / "bench" / "traces" / "forward.json"
SETTINGS = Settings(ahead="never")
# The promise of issue and README, on the mean over all keys.
MOST_TOKENS_A_KEY = 3.0
# Tokens; the prompt that answers while the full one is being read has some fifty.
FULL_PROMPT = 300


@dataclass(frozen=True, slots=True)
class Typed:
    """A trace that was typed: what the engine counted for all keys but the first, and where the log was before them."""

    keys: int
    evaluated: int
    logged: int
    prompt: int


async def typed(engine: RemoteEngine, server: Running, is_at_rest: Callable[[], bool]) -> Typed:
    """Type the trace, each key when the answer to the one before is there and the server has nothing left to do.

    Behind the first key its whole prompt is made ready, so that what is measured is typing and not the start.
    """
    trace = load(TRACE)
    pipeline, texts = Pipeline(engine), dict(trace.files)
    evaluated = logged = prompt = keys = 0
    for step in trace.steps:
        text = texts[step.file] = applied(texts[step.file], step)
        if not step.ask:
            continue
        snapshot = Snapshot(Path(trace.repository, step.file), Path(trace.repository), text, step.cursor)
        report = await pipeline.complete(snapshot, SETTINGS)
        if not keys:
            await until(lambda: pipeline._preparing is not None)
            assert pipeline._preparing is not None
            await pipeline._preparing[1].result()
            evaluated, logged = engine.evaluated_tokens, len(server.said())
        await until(is_at_rest)
        keys, prompt = keys + 1, max(prompt, report.prompt_tokens)
    pipeline.rest()
    return Typed(keys - 1, engine.evaluated_tokens - evaluated, logged, prompt)


async def test_a_key_costs_llama_server_few_tokens(tmp_path: Path) -> None:
    with llama_server(tmp_path) as server, connected(RemoteOptions(server.url)) as engine:
        # The slot of a closed request is free one token later; the next request gets another until then, and its cache.
        found = await typed(engine, server, lambda: not any(slot["is_processing"] for slot in ask(server, "/slots")))
    log.info("llama-server: %.2f tokens a key", found.evaluated / found.keys)
    assert found.prompt > FULL_PROMPT
    assert found.evaluated / found.keys <= MOST_TOKENS_A_KEY


async def test_a_key_costs_llama_cpp_server_few_tokens(tmp_path: Path) -> None:
    with (
        llama_cpp_server(tmp_path) as server,
        connected(RemoteOptions(server.url, context_length=CONTEXT)) as engine,
    ):
        found = await typed(engine, server, lambda: True)
        said = server.said()[found.logged :]
    # It tells what it has evaluated in its log alone, and where that is a whole prompt, in no words.
    asked, hits = said.count("POST /v1/completions"), [int(tokens) for tokens in REST.findall(said)]
    assert len(hits) + said.count(WHOLE) == asked > 0
    assert found.prompt > FULL_PROMPT
    log.info("llama_cpp.server: %.2f tokens a key", sum(hits) / found.keys)
    assert sum(hits) / found.keys <= MOST_TOKENS_A_KEY


async def test_few_texts_are_tokenized_for_the_first_key_of_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "PAUSE_SECONDS", 60.0)

    def tokenize(wire: Wire) -> None:
        text = wire.asked.body.get("prompt", wire.asked.body.get("content", ""))
        is_special = text.startswith("<|") and text.endswith("|>")
        ids = [1_000_000 + len(text)] if is_special else [ord(character) for character in text[::3]]
        wire.json({"tokens": ids, "max_model_len": 4096, "count": len(ids)})

    script = Script(whole("1"), paths={"/v1/models": models, "/tokenize": tokenize})
    code = "".join(f"value_{number} = other_{number} + {number}\n" for number in range(300))
    with scripted(script), connected(RemoteOptions(script.url)) as engine:
        completer = Pipeline(engine)
        asked = len(script.asked)
        place = Snapshot(None, None, code + "x = \n" + code, len(code) + 4)
        assert (await completer.complete(place, Settings())).suggestion == "1"
        completer.rest()
        texts = [one.body for one in script.asked[asked:] if one.path == "/tokenize"]
    assert len(texts) <= 8
