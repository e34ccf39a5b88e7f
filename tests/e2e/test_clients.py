"""What clients are told of the server's state, and what they may ask it and tell it besides completions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.e2e.client import serving
from tests.e2e.typist import Typist

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.e2e.client import Client

SCRIPTED = (sys.executable, "-m", "tests.e2e.scripted_server", "serve")
CODE = "def add(a, b):\n    ‸\n"
SUGGESTION = "return a + b"


def states(client: Client) -> list[str]:
    """Return the states that the client was told, in their order, without repetitions by per cent."""
    told = [status["state"] for status in client.statuses]
    return [state for number, state in enumerate(told) if number == 0 or told[number - 1] != state]


async def ready(client: Client) -> None:
    await client.wait_for(lambda: client.statuses and client.statuses[-1]["state"] == "ready")


async def run(client: Client, command: str, *arguments: Any) -> Any:
    return await client.run(f"midfill.{command}", *arguments)


def write(script: Path, text: str) -> None:
    script.write_text(text, encoding="utf-8")


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "script.txt"
    path.write_text(SUGGESTION, encoding="utf-8")
    monkeypatch.setenv("SCRIPT", str(path))
    return path


# --- the state ---------------------------------------------------------------------------------------------


async def test_loading_with_per_cent_and_then_ready(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        await ready(client)
        assert states(client) == ["loading", "ready"]
        percents = [status["percent"] for status in client.statuses if status["percent"] is not None]
        assert percents == sorted(percents)
        assert percents[-1] == 100
        assert client.statuses[0] == {**LOADING, "model": ""}
        assert client.statuses[-1] == {**READY, "model": "tiny"}
        assert await run(client, "status") == client.statuses[-1]


NOTHING = {"message": "", "percent": None}
LOADING = {**NOTHING, "kind": "Normal", "busy": True, "state": "loading"}
READY = {**NOTHING, "kind": "Normal", "busy": False, "state": "ready"}


async def test_where_a_model_is_not_there_the_embedded_one_is_ready_with_a_warning(tmp_path: Path) -> None:
    async with serving(tmp_path, can_be_asked=False, options={"model": "nonesuch"}) as client:
        await client.wait_for(lambda: client.statuses and client.statuses[-1]["kind"] == "Warning")
        assert (client.statuses[-1]["state"], client.statuses[-1]["model"]) == ("ready", "tiny")
        assert "nonesuch" in client.statuses[-1]["message"]
        configure(client, {"model": "tiny"})
        await client.wait_for(lambda: client.statuses[-1] == {**READY, "model": "tiny"})


async def test_a_model_that_cannot_be_loaded_leaves_the_old_one_with_a_warning(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(EMBEDDED_FILE.read_bytes()[:1000])
    async with serving(tmp_path, can_be_asked=False) as client:
        await ready(client)
        configure(client, {"model": str(broken)})
        await client.wait_for(lambda: client.statuses[-1]["kind"] == "Warning")
        assert client.statuses[-1]["state"] == "ready"
        assert client.statuses[-1]["model"] == "tiny"
        assert "broken.gguf" in client.statuses[-1]["message"]


async def test_paused_where_the_settings_switch_everything_off(tmp_path: Path) -> None:
    async with serving(tmp_path, can_be_asked=False) as client:
        await ready(client)
        configure(client, {"enabled": False})
        await client.wait_for(lambda: client.statuses[-1]["state"] == "paused")
        assert client.statuses[-1]["kind"] == "Inactive"
        configure(client, {"enabled": True})
        await ready(client)


def configure(client: Client, settings: Mapping[str, object]) -> None:
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"midfill": settings}))


@pytest.mark.parametrize(
    ("settings", "state", "message"),
    [
        ({}, "ready", ""),
        ({"disabledLanguages": ["python"]}, "paused", "the settings switch this language off: python"),
        ({"disabledFiles": ["*.py"]}, "paused", "the settings switch this file off: a.py"),
        ({"disabledLanguages": ["go"]}, "ready", ""),
    ],
)
async def test_the_state_of_one_document(tmp_path: Path, settings: Any, state: str, message: str) -> None:
    uri = (tmp_path / "a.py").as_uri()
    async with serving(tmp_path, configuration=settings) as client:
        await ready(client)
        client.open(uri, "")
        status = await run(client, "status", uri)
        assert (status["state"], status["message"]) == (state, message)
        assert (await run(client, "status", "file:///never/opened.py"))["state"] == "ready"
        assert client.statuses[-1]["state"] == "ready"


async def test_the_state_behind_a_change_of_the_settings_is_that_of_the_new_ones(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        await ready(client)
        client.open("untitled:a", "")
        for disabled, state in ((["python"], "paused"), ([], "ready")) * 3:
            client.configuration = {"disabledLanguages": disabled}
            client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            assert (await run(client, "status", "untitled:a"))["state"] == state


@pytest.mark.usefixtures("script")
async def test_thinking_shows_only_where_one_has_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds, expected in (("0", []), ("0.5", ["thinking", "ready"])):
        monkeypatch.setenv("SCRIPT_SECONDS", seconds)
        async with serving(tmp_path, command=SCRIPTED) as client:
            await ready(client)
            before = len(client.statuses)
            assert await client.complete_marked("untitled:a", CODE)
            assert [status["state"] for status in client.statuses[before:]] == expected


# --- what clients ask --------------------------------------------------------------------------------------


async def test_the_models_to_choose_from(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        tiny, *others = await run(client, "models")
    assert not any(model["isThere"] or model["isChosen"] for model in others)
    assert [model["name"] for model in others if model["licenceNote"]] == ["qwen2.5-coder-3b"]
    assert tiny["isThere"] is True
    assert tiny["name"] == "tiny"
    assert tiny["path"] == str(EMBEDDED_FILE)
    assert tiny["isChosen"] is True
    assert 0 < tiny["megabytes"] <= 16


async def test_the_explanation_as_text(script: Path) -> None:
    write(script, f"{SUGGESTION})")
    async with serving(command=SCRIPTED) as client:
        assert "Nothing has been asked" in await run(client, "explainText", "untitled:a")
        await client.complete_marked("untitled:a", CODE)
        text = await run(client, "explainText", "untitled:a")
        for part in (f"Suggested:\n  {SUGGESTION}\n", f"  {SUGGESTION})\n", "SYNTAX", "scripted:"):
            assert part in text
        assert "\x1b" not in text
        configure(client, {})
        await client.complete_marked("untitled:b", "middle‸word\n")
        assert "No suggestion: the cursor is in the middle of a word." in await run(client, "explainText", "untitled:b")


@pytest.mark.parametrize("arguments", [[], [1], ["untitled:a", "untitled:b"]])
@pytest.mark.parametrize("command", ["explain", "explainText"])
async def test_a_document_has_to_be_named(command: str, arguments: list[Any]) -> None:
    async with serving() as client:
        with pytest.raises(Exception, match="takes one argument"):
            await run(client, command, *arguments)


# --- what clients tell -------------------------------------------------------------------------------------


async def counts(client: Client) -> tuple[int, int, int]:
    """Return how many suggestions were shown, accepted, accepted in part."""
    total = (await run(client, "stats"))["total"]
    return total["shown"], total["accepted"], total["acceptedInPart"]


def item_of(item: types.InlineCompletionItem, *, text: str | None = None) -> dict[str, Any]:
    assert item.command is not None
    command = {"title": item.command.title, "command": item.command.command, "arguments": item.command.arguments}
    return {"insertText": item.insert_text if text is None else text, "command": command}


@pytest.mark.usefixtures("script")
async def test_a_client_that_says_what_it_shows_has_only_that_counted() -> None:
    async with serving(command=SCRIPTED) as client:
        (first,) = await client.complete_marked("untitled:a", CODE)
        assert await counts(client) == (1, 0, 0)
        client.protocol.notify("textDocument/didShowCompletion", {"item": item_of(first)})
        assert await counts(client) == (1, 0, 0)
        (second,) = await client.complete_marked("untitled:b", CODE)
        assert await counts(client) == (1, 0, 0)
        client.protocol.notify("textDocument/didShowCompletion", {"item": item_of(second)})
        assert await counts(client) == (2, 0, 0)


@pytest.mark.usefixtures("script")
async def test_an_accept_of_what_was_not_said_to_be_shown_counts_as_both() -> None:
    async with serving(command=SCRIPTED) as client:
        (first,) = await client.complete_marked("untitled:a", CODE)
        client.protocol.notify("textDocument/didShowCompletion", {"item": item_of(first)})
        typist = Typist(client, "untitled:b", CODE)
        assert await typist.look() == SUGGESTION
        typist.insert(SUGGESTION)
        assert await counts(client) == (2, 1, 0)


@pytest.mark.parametrize("is_text_sent", [True, False])
async def test_a_part_too_short_to_be_recognised_counts_when_it_is_said(script: Path, is_text_sent: bool) -> None:
    write(script, "(a, b)")
    async with serving(command=SCRIPTED) as client:
        typist = Typist(client, "untitled:a", "add‸\n")
        (item,) = await typist.items()
        client.protocol.notify("textDocument/didShowCompletion", {"item": item_of(item)})
        typist.insert("(")
        sent = item_of(item) if is_text_sent else {"command": item_of(item)["command"]}
        client.protocol.notify("textDocument/didPartiallyAcceptCompletion", {"item": sent, "acceptedLength": 1})
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier("untitled:a")))
        assert await counts(client) == (1, 0, 1)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"item": {}},
        {"item": {"command": {"title": "", "command": "midfill.accepted", "arguments": [99]}}, "acceptedLength": -1},
        {"item": {"command": {"title": "", "command": "midfill.accepted", "arguments": ["x"]}}, "acceptedLength": 1},
        {"item": {"command": {"title": "", "command": "midfill.accepted"}}, "acceptedLength": 10**9},
        [],
        None,
    ],
)
@pytest.mark.usefixtures("script")
async def test_what_makes_no_sense_is_passed_over(params: Any) -> None:
    async with serving(command=SCRIPTED) as client:
        for method in ("didShowCompletion", "didPartiallyAcceptCompletion"):
            client.protocol.notify(f"textDocument/{method}", params)
        assert await client.complete_marked("untitled:a", CODE)


async def test_a_notebook_s_cells_know_each_other_and_are_counted(script: Path, tmp_path: Path) -> None:
    write(script, "ius ** 2")
    uri = f"vscode-notebook-cell:{(tmp_path / 'nb.ipynb').as_posix()}#"
    async with serving(tmp_path, command=SCRIPTED) as client:
        client.open(f"{uri}a", "radius = 3\n")
        typist = Typist(client, f"{uri}b", "area = rad‸")
        (item,) = await typist.items()
        assert item.insert_text == "ius ** 2"
        assert item.range == types.Range(types.Position(0, 10), types.Position(0, 10))
        typist.insert("ius ** 2")
        assert await counts(client) == (1, 1, 0)
