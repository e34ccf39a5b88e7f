"""Suggestions over LSP with the embedded model: they do not flicker, follow the popup, and say why there are none."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from lsp_server.core import Reason
from tests.e2e.client import completion_params, serving
from tests.e2e.typist import Typist

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.client import Client

# The smallest confidence, so that what the embedded model writes is shown; and all of it.
SHOWS_ALL = {"confidence": 0, "latencyMs": 20_000}
CODE = """\
import os


class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return 3.14159 * self.radius ** 2


def list_files(folder):
    for name in os.listdir(‸
"""
OPEN = "def read(path):\n    with ‸\n"
SUPER = "class A(B):\n    def __init__(self, name, value):\n        super().‸\n"
BODY = "import os\n\n\ndef list_files(folder):\n    ‸\n"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with serving(tmp_path, configuration=SHOWS_ALL) as client:
        yield client


@pytest.fixture
async def shown(client: Client) -> tuple[Typist, str]:
    """A document in which several words are suggested."""
    for number, marked in enumerate((OPEN, SUPER, CODE)):
        typist = Typist(client, f"untitled:{number}", marked)
        text = await typist.look()
        if len(re.findall(r"\w+", text)) > 1:
            return typist, text
    pytest.fail("the embedded model writes nothing of several words at any of these places")


async def same_from_memory(typist: Typist, expected: str) -> None:
    assert await typist.look() == expected
    assert (await typist.why())["source"] == "memory"


async def test_typing_along_leaves_the_rest_as_it_was(shown: tuple[Typist, str]) -> None:
    typist, text = shown
    for typed in range(1, len(text)):
        typist.insert(text[typed - 1])
        if text[typed:].strip():
            await same_from_memory(typist, text[typed:])


@pytest.mark.parametrize("pieces", [r"\s*\S+", r"[^\n]*\n|[^\n]+"])
async def test_accepting_word_by_word_and_line_by_line_leaves_the_rest(shown: tuple[Typist, str], pieces: str) -> None:
    typist, text = shown
    left = text
    for piece in re.findall(pieces, text):
        typist.insert(piece)
        left = left[len(piece) :]
        if left.strip():
            await same_from_memory(typist, left)


async def test_deleting_and_undoing_bring_back_what_was_there(shown: tuple[Typist, str]) -> None:
    typist, text = shown
    typist.insert(text[:3])
    await same_from_memory(typist, text[3:])
    typist.delete()
    await same_from_memory(typist, text[2:])
    typist.insert("\N{SNOWMAN}")
    await typist.look()
    typist.delete()
    await same_from_memory(typist, text[2:])
    typist.insert(text[2:])
    await typist.look()
    typist.delete(len(text))
    await same_from_memory(typist, text)


async def test_a_key_heals_and_costs_one_token_or_two(client: Client) -> None:
    typist = Typist(client, "untitled:heals", CODE.replace("os.listdir(‸", "‸"))
    await typist.look()
    for key in "os.listdir(fol":
        typist.insert(key)
        await typist.look()
        told = await typist.why()
        assert told["source"] == "memory" or told["evaluatedTokens"] <= 2


async def test_who_asks_gets_different_ones_and_what_is_shown_stays_first(shown: tuple[Typist, str]) -> None:
    typist, text = shown
    first, *others = await typist.invoke()
    assert first == text
    assert 1 <= len(others) <= 2
    assert len({first, *others}) == 1 + len(others)
    assert await typist.invoke() == [first, *others]
    # Typing along one of the others keeps that one.
    split = next(i for i, (a, b) in enumerate(zip(first + "\0", others[0] + "\0", strict=False)) if a != b) + 1
    typist.insert(others[0][:split])
    if others[0][split:].strip():
        await same_from_memory(typist, others[0][split:])


async def test_what_the_popup_has_selected_is_extended(client: Client) -> None:
    typist = Typist(client, "untitled:popup", "def read(path):\n    with op‸\n")
    params = completion_params(typist.uri, 1, 11)
    word = types.Range(types.Position(1, 9), types.Position(1, 11))
    params.context.selected_completion_info = types.SelectedCompletionInfo(word, "open")
    items = await client.ask(params)
    told = await typist.why()
    assert items, told["reason"]
    assert all(item.range == word for item in items)
    assert all(str(item.insert_text).startswith("open") for item in items)
    assert all(len(str(item.insert_text)) > len("open") for item in items)


@pytest.mark.parametrize(
    ("settings", "uri", "marked", "reason"),
    [
        ({"disabledLanguages": ["python"]}, "untitled:a", "x = ‸", f"{Reason.LANGUAGE_OFF.value}: python"),
        ({"disabledFiles": ["docs/"]}, "docs/a.py", "x = ‸", f"{Reason.FILE_OFF.value}: docs/a.py"),
        ({"disabledFiles": ["*.py", "!b.py"]}, "a.py", "x = ‸", f"{Reason.FILE_OFF.value}: a.py"),
        ({"enabled": False}, "a.py", "x = ‸", Reason.SWITCHED_OFF.value),
        ({"confidence": 100}, "a.py", OPEN, Reason.UNSURE.value),
        ({}, "a.py", "pri‸nt\n", Reason.MIDDLE_OF_WORD.value),
        ({}, "a.py", "x = '" + "y" * 2000 + "‸'\n", Reason.LONG_LINE.value),
        ({}, "a_pb2.py", "x = ‸\n", Reason.GENERATED.value),
        ({}, "a.py", "# Code generated by a tool. DO NOT EDIT.\nx = ‸\n", Reason.GENERATED.value),
    ],
)
async def test_silence_has_a_reason(
    tmp_path: Path, settings: dict[str, Any], uri: str, marked: str, reason: str
) -> None:
    where = uri if uri.startswith("untitled:") else (tmp_path / uri).as_uri()
    async with serving(tmp_path, configuration={**SHOWS_ALL, **settings}) as client:
        typist = Typist(client, where, marked)
        assert await typist.look() == ""
        assert (await typist.why())["reason"] == reason


async def test_who_asks_gets_an_answer_where_nothing_pops_up_by_itself(tmp_path: Path) -> None:
    async with serving(tmp_path, configuration={**SHOWS_ALL, "confidence": 100}) as client:
        typist = Typist(client, "untitled:a", CODE)
        assert await typist.look() == ""
        assert await typist.invoke()


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
async def test_the_documents_line_ends_and_tabs(client: Client, line_end: str) -> None:
    marked = "def f(a):\n\tif a:\n\t\treturn 1\n\n\ndef g(folder):\n\tfor name in folder:\n\t\t‸\n".replace(
        "\n", line_end
    )
    text = await Typist(client, "untitled:tabs", marked).look()
    lines = text.split(line_end)
    assert "\n" not in "".join(lines) or line_end == "\n"
    assert not any(line.startswith(" ") for line in lines[1:])


async def test_one_language_may_have_one_line_only(tmp_path: Path) -> None:
    settings = {**SHOWS_ALL, "multilineByLanguage": {"python": "never"}}
    async with serving(tmp_path, configuration=settings) as client:
        typist = Typist(client, "untitled:a", BODY)
        assert "\n" not in (await typist.look()).strip()


def stats(*flags: str) -> str:
    command = [sys.executable, "-m", "lsp_server", "stats", *flags]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout


def counts_in(folder: Path) -> list[Path]:
    return list(folder.rglob("usage.sqlite3"))


async def test_accepts_are_counted_and_no_text_is_kept(tmp_path: Path, user_folder: Path) -> None:
    async with serving(tmp_path, configuration=SHOWS_ALL) as client:
        typist = Typist(client, "untitled:count", CODE)
        at = types.Position(12, 27)
        (item,) = await client.complete(typist.uri, at.line, at.character)
        typist.insert(str(item.insert_text))
        assert item.command is not None
        params = types.ExecuteCommandParams(item.command.command, item.command.arguments)
        await client.workspace_execute_command_async(params)
    told = json.loads(stats("--json"))
    assert (told["total"]["shown"], told["total"]["accepted"]) == (1, 1)
    assert [line["language"] for line in told["byLanguageAndModel"]] == ["python"]
    (file,) = counts_in(user_folder)
    assert b"list_files" not in file.read_bytes()
    assert "python" in stats()


async def test_nothing_is_counted_where_the_settings_say_so(tmp_path: Path, user_folder: Path) -> None:
    async with serving(tmp_path, configuration={**SHOWS_ALL, "countUsage": False}) as client:
        typist = Typist(client, "untitled:count", CODE)
        (item,) = await client.complete(typist.uri, 12, 27)
        assert item.command is None
        typist.insert(str(item.insert_text))
    assert counts_in(user_folder) == []
