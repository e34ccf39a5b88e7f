"""From a snapshot to a report: the prompt to the letter, the limits, the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.config import Settings
from lsp_server.core import Chunk, Reason, Report, Snapshot, dominant_line_break, place_of
from lsp_server.errors import EngineError, ModelUnsuitable
from lsp_server.pipeline import Pipeline
from lsp_server.prompt.budget import budget
from lsp_server.prompts import Prompts
from lsp_server.quiet import LARGEST_DOCUMENT
from tests.cursor import unmark
from tests.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lsp_server.engine.worker import Worker


def snapshot(marked: str, path: Path | None = None, root: Path | None = None) -> Snapshot:
    text, offset = unmark(marked)
    return Snapshot(path, root, text, offset)


async def complete(engine: ScriptedEngine, where: Snapshot, settings: Settings | None = None) -> Report:
    return await Pipeline(engine).complete(where, settings or Settings())


async def test_the_prompt_of_a_document_without_a_file() -> None:
    engine = ScriptedEngine("1")
    report = await complete(engine, snapshot("a = 0\nb = ‸\nc = 2\n"))
    assert engine.prompt() == "<|fim_prefix|>a = 0\n<|fim_suffix|>\nc = 2\n<|fim_middle|>b = "
    assert report.suggestion == "1"
    assert report.chunks == ()


class Given:
    """A context that gives what it is told to, and keeps what it was asked."""

    def __init__(self, *chunks: Chunk) -> None:
        self.chunks = chunks
        self.asked: list[tuple[Path, str, str, int, tuple[Chunk, ...]]] = []

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        self.asked.append((path, before, after, budget, tuple(kept)))
        return self.chunks


NAMES = Chunk("src/names.py", "NAME = 'x'", "a signature", 0.5)
ZOO = Chunk("src/zoo.py", "ZOO = 1", "a signature", 0.25)


async def test_the_prompt_of_a_document_in_a_workspace(tmp_path: Path) -> None:
    root = tmp_path / "app"
    engine, context = ScriptedEngine("names.NAME"), Given(NAMES, ZOO)
    where = snapshot("import names\n\nprint(‸)\n", root / "src" / "main.py", root)
    report = await Pipeline(engine, context).complete(where, Settings())
    assert engine.prompt() == (
        "<|repo_name|>app\n"
        "<|file_sep|>src/names.py\nNAME = 'x'\n"
        "<|file_sep|>src/zoo.py\nZOO = 1\n"
        "<|file_sep|>src/main.py\n"
        "<|fim_prefix|>import names\n\n<|fim_suffix|>)\n<|fim_middle|>print("
    )
    assert [(c["path"], c["tokens"], c["score"]) for c in report.chunks] == [
        ("src/names.py", 10, 0.5),
        ("src/zoo.py", 7, 0.25),
    ]
    ((path, before, after, budget, kept),) = context.asked
    assert (path, before, after, kept) == (where.path, "import names\n\nprint(", ")\n", ())
    assert budget > 0
    assert report.prompt_tokens == report.reused_tokens + report.evaluated_tokens == len(engine.requests[0].tokens)


async def test_the_model_sees_plain_line_breaks_and_the_document_gets_its_own() -> None:
    engine = ScriptedEngine("x = 1\n    return x")
    report = await complete(engine, snapshot("\ufeffdef f():\r\n    ‸\r\nf()\r\n"))
    assert engine.prompt() == "<|fim_prefix|>def f():\n<|fim_suffix|>\nf()\n<|fim_middle|>    "
    assert report.suggestion == "x = 1\r\n    return x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", "\n"), ("a", "\n"), ("a\n", "\n"), ("a\r\n", "\r\n"), ("a\r\nb\n", "\n"), ("a\r\nb\r\nc\n", "\r\n")],
)
def test_the_line_break_of_most_lines(text: str, expected: str) -> None:
    assert dominant_line_break(text) == expected


@pytest.mark.parametrize(
    ("where", "settings", "reason"),
    [
        (snapshot("a‸"), Settings(enabled=False), Reason.SWITCHED_OFF),
        (snapshot("a‸" + " " * LARGEST_DOCUMENT), Settings(), Reason.TOO_LARGE),
        (snapshot("a‸"), Settings(), Reason.EMPTY),
    ],
)
async def test_each_silence_has_its_reason(where: Snapshot, settings: Settings, reason: Reason) -> None:
    report = await complete(ScriptedEngine(""), where, settings)
    assert (report.suggestion, report.reason) == (None, reason)
    assert str(report.to_json()["reason"]).startswith(reason.value)


async def test_what_is_switched_off_or_too_large_does_not_reach_the_engine() -> None:
    engine = ScriptedEngine("x")
    await complete(engine, snapshot("a‸"), Settings(enabled=False))
    await complete(engine, snapshot("a‸" + " " * LARGEST_DOCUMENT))
    assert engine.requests == []


async def test_a_failing_engine_is_a_reason() -> None:
    report = await complete(ScriptedEngine(error=EngineError("no room")), snapshot("a‸"))
    assert report.reason is Reason.ENGINE_FAILED
    assert report.to_json()["reason"] == f"{Reason.ENGINE_FAILED.value}: no room"


def test_a_model_without_the_tokens_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScriptedEngine, "special", lambda *_: None)
    with pytest.raises(ModelUnsuitable, match="set `model` to a base model of one of these: qwen"):
        Pipeline(ScriptedEngine())


@pytest.mark.parametrize("context_length", [128, 1024, 4096])
@pytest.mark.parametrize("prompt_tokens", [128, 2048])
async def test_the_prompt_leaves_room_for_the_suggestion(
    tmp_path: Path, context_length: int, prompt_tokens: int
) -> None:
    for number in range(4):
        (tmp_path / f"file{number}.py").write_text("value = 1\n" * 500)
    engine = ScriptedEngine("x", context_length)
    long = "def f(x):\n    return x\n" * 2000
    await complete(
        engine, snapshot(f"{long}y = ‸\n{long}", tmp_path / "a.py", tmp_path), Settings(prompt_tokens=prompt_tokens)
    )
    (request,) = engine.requests
    assert len(request.tokens) + request.max_tokens <= context_length
    assert len(request.tokens) <= prompt_tokens
    assert engine.prompt().endswith("<|fim_middle|>y = ")


async def test_a_path_longer_than_the_prompt_is_left_out(tmp_path: Path) -> None:
    engine = ScriptedEngine("x", 512)
    path = tmp_path.joinpath(*["folder" * 30] * 10, "a.py")
    await complete(engine, snapshot("a = 1\nb = ‸\n", path, tmp_path))
    assert engine.prompt() == "<|fim_prefix|>a = 1\n<|fim_suffix|>\n<|fim_middle|>b = "


@given(st.text(alphabet="ab \n\r\t é😀<|fim_>", max_size=200), st.data())
def test_any_text_makes_a_prompt_that_fits(tiny: Worker, text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    pipeline = Pipeline(tiny)
    where = Snapshot(None, None, text, offset)
    sizes = budget(Settings(), tiny.speed.prefill, tiny.speed.decode, tiny.info.context_length)
    prompt = Prompts(tiny, pipeline.form).choose(where, place_of(where), sizes)
    assert len(prompt.tokens) + sizes.generation <= tiny.info.context_length
    assert sum(token in pipeline.end_tokens for token in prompt.tokens) == 3


async def test_the_embedded_model_answers_at_the_end_of_a_long_file(tiny: Worker, tmp_path: Path) -> None:
    body = "".join(f"def function_{n}(value):\n    return value + {n}\n\n\n" for n in range(700))
    where = snapshot(f"{body}def function_700(value):\n    return ‸\n", tmp_path / "a.py", tmp_path)
    first = await Pipeline(tiny).complete(where, Settings())
    again = await Pipeline(tiny).complete(where, Settings())
    assert first.suggestion
    assert first.prompt_tokens > 500
    assert (again.suggestion, again.evaluated_tokens) == (first.suggestion, 1)
