"""The product as the server runs it, and what is different where one part is left out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from lsp_server.config import Settings
from lsp_server.context.workspace import DEFAULT_RULES
from lsp_server.core import Chunk, Snapshot
from lsp_server.errors import EngineError
from lsp_server.evaluation.ask.arms import ABLATIONS, ARMS, CONTEXT_ABLATIONS, Means
from lsp_server.evaluation.ask.asked import Drawing
from lsp_server.evaluation.ask.product import NO_HURRY, settled
from lsp_server.evaluation.ask.sources import Repository
from lsp_server.pipeline import Pipeline
from tests.evaluation.ask.questions import LIMITS, ask, task
from tests.scripted import ScriptedEngine

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.worker import Worker

MODULE = "def add(a, b):\n    return a‸\n\n\nprint(add(1, 2))\n"
WORDY = ScriptedEngine(" + b\n\n\nprint(add(1, 2))\n")
OTHER = "class Basket:\n    def grand_total(self) -> int:\n        return 1\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "basket.py").write_text(OTHER)
    (folder / "main.py").write_text("from basket import Basket\n\nbasket = Basket()\nbasket.grand_total()\nmark = 1\n")
    return Repository(folder, DEFAULT_RULES)


AT_TOTAL = "from basket import Basket\n\nbasket = Basket()\nbasket.‸\nmark = 1\n"


def test_the_product_answers_as_the_server_does(tiny: Worker) -> None:
    at = task(MODULE)
    settings = settled(Settings(confidence=0), tiny)
    snapshot = Snapshot(None, None, at.before + at.after, len(at.before), language="python")
    report = asyncio.run(Pipeline(tiny).complete(snapshot, settings))
    means = Means(tiny, settings, LIMITS, Drawing())
    asked = asyncio.run(ARMS["product"](means).ask(at, 0))
    assert (asked.text, asked.raw) == (report.suggestion or "", report.raw)
    assert asked.raw


def test_the_sizes_are_those_of_the_server_on_this_machine() -> None:
    engine = ScriptedEngine(context_length=2048)
    settings = settled(Settings(latency_ms=500, enabled=False, disabled_languages=("python",)), engine)
    sizes = Pipeline(engine)._budget(Settings(latency_ms=500))
    assert (settings.prompt_tokens, settings.max_tokens) == (sizes.prompt, sizes.generation)
    assert (settings.latency_ms, settings.enabled, settings.disabled_languages) == (NO_HURRY, True, ())


def test_each_question_is_a_document_of_its_own() -> None:
    engine = ScriptedEngine("b")
    means = Means(engine, settled(Settings(), engine), LIMITS, Drawing())
    asker = ARMS["product"](means)

    async def twice() -> None:
        for _ in range(2):
            await asker.ask(task("a = ‸\n"), 0)

    asyncio.run(twice())
    assert len(engine.requests) == 2, "the second is not answered from memory"


def test_a_failing_model_ends_the_evaluation() -> None:
    with pytest.raises(EngineError, match="out of order"):
        ask("product", task("a = ‸\n"), ScriptedEngine(error=EngineError("out of order")))


def test_why_nothing_is_shown() -> None:
    unsure = ask("product", task("a = ‸\n"), ScriptedEngine("b", chances=(0.01,)))
    assert (unsure.text, unsure.raw, unsure.reason) == ("", "b", "the model is not sure enough")


def test_what_came_with_a_hole_stands_in_the_prompt() -> None:
    engine = ScriptedEngine("b")
    of = task("a = ‸\n", "main.py", (Chunk("x.py", "X = 1", "given"),))
    ask("product", of, engine)
    assert "<|file_sep|>x.py\nX = 1\n<|file_sep|>main.py\n" in engine.prompt()
    ask("without other files", of, engine)
    assert "X = 1" not in engine.prompt()
    assert "<|file_sep|>main.py\n" in engine.prompt()


def test_the_repository_is_read_without_the_text_of_the_hole(repository: Repository) -> None:
    engine = ScriptedEngine("grand_total()")
    ask("product", task(AT_TOTAL, "main.py"), engine, repository=repository)
    assert "def grand_total" in engine.prompt()
    assert "basket.grand_total" not in engine.prompt()
    ask("without other files", task(AT_TOTAL, "main.py"), engine, repository=repository)
    assert "grand_total" not in engine.prompt()


def test_a_file_is_whole_again_where_the_next_hole_is_in_another(repository: Repository) -> None:
    engine = ScriptedEngine("x")
    ask("product", task(AT_TOTAL, "main.py"), engine, repository=repository)
    ask("without uses", task("basket.mark‸\n", "new.py"), engine, repository=repository)
    names = repository.library._index.numbers
    assert "main.py" in names
    lines = repository.library._texts.lines_of("main.py")
    assert lines is not None
    assert "basket.grand_total()" in lines


@pytest.mark.parametrize(
    ("arm", "text", "in_prompt"),
    [
        ("product", " + b", "<|fim_suffix|>\n\n\nprint(add(1, 2))\n"),
        # The rules still know what follows.
        ("without suffix", " + b", "<|fim_suffix|><|fim_middle|>"),
        ("without shaping", WORDY.text, "<|fim_suffix|>\n\n\nprint(add(1, 2))\n"),
        ("without silence", " + b", "<|fim_suffix|>\n\n\nprint(add(1, 2))\n"),
    ],
)
def test_one_part_is_left_out(arm: str, text: str, in_prompt: str) -> None:
    asked = ask(arm, task(MODULE), WORDY)
    assert asked.text == text
    assert in_prompt in WORDY.prompt()


def test_without_silence_what_is_unsure_is_shown() -> None:
    engine = ScriptedEngine("b", chances=(0.01,))
    assert ask("without silence", task("a = ‸\n"), engine).text == "b"


def test_without_healing_the_last_token_stays() -> None:
    engine = ScriptedEngine("b", heals=2)
    ask("product", task("abcd‸\n"), engine)
    assert (engine.prompt()[-2:], engine.requests[-1].forced) == ("ab", b"cd")
    ask("without healing", task("abcd‸\n"), engine)
    assert (engine.prompt()[-4:], engine.requests[-1].forced) == ("abcd", b"")


def test_every_arm_asks(repository: Repository) -> None:
    for arm in ("product", "bare", *ABLATIONS, *CONTEXT_ABLATIONS):
        engine = ScriptedEngine("grand_total()\n")
        asked = ask(arm, task(AT_TOTAL, "main.py"), engine, repository=repository)
        assert asked.text.strip() == "grand_total()", arm
        assert asked.evaluated > 0 < asked.milliseconds


def test_controls_need_no_model() -> None:
    engine = ScriptedEngine(error=EngineError("asked"))
    of = task("a = ‸\n", truth="b")
    assert [ask(arm, of, engine).text for arm in ("truth", "nothing")] == ["b", ""]
    assert not engine.requests


def test_texts_of_the_product_are_drawn_too() -> None:
    engine = ScriptedEngine("b")
    ask("without shaping", task("a = ‸\n"), engine, drawing=Drawing(0.5))
    sampling = engine.requests[-1].sampling
    assert sampling is not None
    assert sampling.temperature == 0.5
