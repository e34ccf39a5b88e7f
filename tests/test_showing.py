"""What is on the screen stays: through the pipeline, with an engine that says what it is told to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lsp_server import pipeline
from lsp_server.config import Settings
from lsp_server.core import Reason, Report, Snapshot, Source, Trigger
from lsp_server.pipeline import Pipeline
from tests.cursor import unmark
from tests.scripted import ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Editor:
    """Asks for completions of one document."""

    def __init__(self, engine: ScriptedEngine) -> None:
        self.engine, self.pipeline = engine, Pipeline(engine)
        self.settings = Settings()
        self.language = "python"

    async def look(self, marked: str) -> Report:
        text, offset = unmark(marked)
        where = Snapshot(None, None, text, offset, "untitled:a", self.language)
        return await self.pipeline.complete(where, self.settings)

    async def invoke(self, marked: str) -> Report:
        text, offset = unmark(marked)
        where = Snapshot(None, None, text, offset, "untitled:a", self.language, Trigger.INVOKED)
        return await self.pipeline.complete(where, self.settings)


@pytest.fixture
async def editor(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Editor]:
    # Nothing is done ahead.
    monkeypatch.setattr(pipeline, "PAUSE_SECONDS", 3600)
    editor = Editor(ScriptedEngine())
    yield editor
    editor.pipeline.rest()


@pytest.mark.parametrize(
    ("language", "text", "keys"),
    [
        # What the editor closes while one types along is not closed twice, and comes back when it is deleted.
        (
            "python",
            "(a, b)",
            [("f‸\n", "(a, b)"), ("f(‸)\n", "a, b"), ("f(a, ‸)\n", "b"), ("f(‸)\n", "a, b"), ("f‸\n", "(a, b)")],
        ),
        ("python", "['a', b]", [("x = ‸\n", "['a', b]"), ("x = [‸]\n", "'a', b"), ("x = ['‸']\n", "a")]),
        (
            "typescript",
            "\n  g();\n  h();\n}",
            [
                ("f() {‸\n", "\n  g();\n  h();\n}"),
                ("f() {\n  ‸\n}\n", "g();\n  h();"),
                ("f() {\n  g();\n  ‸\n}\n", "h();"),
            ],
        ),
        # A block stays a block while one types its first line.
        (
            "python",
            "x = 1\n    y = 2",
            [("def f():\n    ‸\n", "x = 1\n    y = 2"), ("def f():\n    x =‸\n", " 1\n    y = 2")],
        ),
        # A rule that has cut the whole text does not cut the rest anew.
        (
            "python",
            "    x = 1\n        y = 2",
            [("def f():\n    ‸\n", "x = 1\n    y = 2"), ("def f():\n    x = 1\n    ‸\n", "y = 2")],
        ),
    ],
)
async def test_what_is_left_while_one_types_along(
    editor: Editor, language: str, text: str, keys: list[tuple[str, str | None]]
) -> None:
    editor.engine.text, editor.language = text, language
    for number, (marked, left) in enumerate(keys):
        report = await editor.look(marked)
        assert report.suggestion == left
        if number and left is not None:
            assert report.source is Source.MEMORY


async def test_other_settings_make_other_texts_of_what_was_written(editor: Editor) -> None:
    editor.engine.text = "x = 1\n    y = 2"
    assert (await editor.look("def f():\n    ‸\n")).suggestion == "x = 1\n    y = 2"
    editor.settings = Settings(multiline="never")
    assert (await editor.look("def f():\n    ‸\n")).suggestion == "x = 1"
    editor.settings = Settings(multiline="never", multiline_by_language={"python": "auto"})
    assert (await editor.look("def f():\n    ‸\n")).suggestion == "x = 1\n    y = 2"


@pytest.mark.parametrize(
    ("chances", "confidence", "is_shown"),
    [
        ((0.9, 0.8), 50, True),
        ((0.4, 0.4), 50, False),
        ((0.4, 0.4), 30, True),
        ((0.4, 0.4), 0, True),
        # One token far below the others is a name more often than a mistake; one that is next to impossible is not.
        ((0.9, 0.9, 0.9, 0.1), 30, True),
        ((0.99, 0.99, 0.99, 0.001), 10, False),
    ],
)
async def test_doubt_keeps_silent(editor: Editor, chances: tuple[float, ...], confidence: int, is_shown: bool) -> None:
    editor.engine.text, editor.engine.chances = "long", chances
    editor.settings = Settings(confidence=confidence)
    report = await editor.look("a = ‸\n")
    assert (report.suggestion is not None) == is_shown
    assert report.reason is (None if is_shown else Reason.UNSURE)
    assert report.raw == "long"
    assert (await editor.invoke("a = ‸\n")).suggestion == "long"


async def test_several_are_different_once_they_are_shaped(editor: Editor) -> None:
    editor.engine.text, editor.engine.others = "a)", ("b", "a")
    report = await editor.invoke("f(‸)\n")
    assert (report.suggestion, report.alternatives) == ("a", ("b",))
    assert editor.engine.requests[-1].candidates == 3
    # Typing alone asks for one, and does not tell of others.
    assert (await editor.look("f(‸)\n")).alternatives == ()
    assert (await editor.look("f(b‸)\n")).source is Source.MODEL


async def test_what_is_on_the_screen_comes_first(editor: Editor) -> None:
    editor.engine.text = "first"
    assert (await editor.look("a = ‸\n")).suggestion == "first"
    editor.engine.text, editor.engine.others = "second", ("third", "fourth")
    report = await editor.invoke("a = ‸\n")
    assert (report.suggestion, report.alternatives) == ("first", ("second", "third"))


async def test_a_report_names_the_rules_that_changed_the_text(editor: Editor) -> None:
    editor.engine.text = "x)  \nnext"
    report = await editor.look("f(‸)\n")
    assert report.suggestion == "x"
    assert [(step.rule, step.text) for step in report.steps] == [
        ("ONE_LINE", "x)  "),
        ("TRAILING_SPACE", "x)"),
        ("REPEATED_END", "x"),
    ]
    told = replace(report).to_json()
    assert told["raw"] == "x)  \n"
    assert told["rules"] == [{"rule": step.rule, "what": step.what, "text": step.text} for step in report.steps]
