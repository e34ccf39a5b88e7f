"""What the model is asked."""

from __future__ import annotations

import pytest

from bench.retrieval.answer import Model
from bench.shaping import asking, figures, healing
from lsp_server.engine.interface import Stop
from lsp_server.prompt.fim import QWEN25_CODER
from tests.bench.shaping.made import sample
from tests.scripted import SPECIAL, ScriptedEngine, spelled


def scripted(text: str, heals: int = 0) -> tuple[ScriptedEngine, Model]:
    engine = ScriptedEngine(text, heals=heals)
    return engine, Model(engine, QWEN25_CODER, frozenset(SPECIAL.values()))


async def test_the_model_is_asked_with_midfills_prompt_and_both_ways() -> None:
    engine, model = scripted("a, b)\nprint(x)\n" * 8)
    answer = await asking.ask(sample("x = 1\ny = call(‸)\n", "a, b"), model)
    assert engine.prompt(0) == engine.prompt(1)
    assert engine.prompt().startswith("<|repo_name|>shop\n<|file_sep|>shop/prices.py\n<|fim_prefix|>x = 1\n")
    assert engine.prompt().endswith("<|fim_middle|>y = call(")
    assert (len(answer.raw.tokens), answer.raw.stop) == (asking.MAX_TOKENS, Stop.TOKENS)
    assert (answer.stopped.text, answer.stopped.stop) == ("a, b)\n", Stop.RULE)


async def test_healing_is_compared_at_the_same_cursor() -> None:
    engine, model = scripted("nt(x)  \nmore", heals=3)
    found = await healing.ask(sample("    pri‸\n", "nt(x)"), model)
    healed, kept = engine.requests
    assert (spelled(healed.tokens)[-4:], healed.forced) == ("    ", b"pri")
    assert (spelled(kept.tokens)[-7:], kept.forced) == ("    pri", b"")
    assert (found.healed, found.kept, found.taken, found.where) == ("nt(x)", "nt(x)", "pri", "word")
    assert figures.healing([found], 0)["all"]["healed"] == 1


@pytest.mark.parametrize(
    ("marked", "text", "where"), [("    ‸\n", "x", "indentation"), ("x =‸\n", " y", "other"), ("a‸\n", "(b)", "other")]
)
def test_where_a_cursor_is(marked: str, text: str, where: str) -> None:
    assert healing.Healed(sample(marked, text), "", "", "").where == where
