"""What the server knows of other files, as `midfill.explain` tells it: the workspace through a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from lsprotocol import types

from tests.context.tree import write
from tests.e2e.client import Client, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONEY = "class Money:\n    def rounded_to_cents(self):\n        return self\n"
MAIN = "from money import Money\n\n\ndef pay(money: Money):\n    money."
# Asking is all that happens here: what is prepared in pauses would take the place of what is asked next.
SETTINGS = {"maxTokens": 1, "ahead": "never"}
MANY_TIMES = 300


async def chunks_when(client: Client, uri: str, found: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Ask in ever new documents until the pieces of other files in a prompt are as wanted."""
    chunks: list[dict[str, Any]] = []
    for number in range(MANY_TIMES):
        # A new document each time: a choice for one stays as long as it is of use.
        document = uri.replace("main.py", f"main{number}.py")
        client.open(document, MAIN)
        await client.complete(document, 4, 10)
        chunks = (await client.explain(document))["chunks"]
        if found(chunks):
            return chunks
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(document)))
    pytest.fail(f"never found; the last were {chunks}")


def paths(chunks: list[dict[str, Any]]) -> list[str]:
    return [chunk["path"] for chunk in chunks]


async def test_the_class_of_a_variable_is_in_the_prompt_with_reason_and_score(tmp_path: Path) -> None:
    write(tmp_path, {"shop/money.py": MONEY, "shop/trains.py": "class Train:\n    wheels = 8\n"})
    async with serving(tmp_path, configuration=SETTINGS) as client:
        chunks = await chunks_when(client, (tmp_path / "shop" / "main.py").as_uri(), bool)
    assert paths(chunks)[-1] == "shop/money.py"
    assert "imported" in chunks[-1]["reason"]
    assert chunks[-1]["score"] > 0


async def test_what_may_not_be_read_is_in_no_prompt(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "money.py": MONEY,
            "secrets.py": MONEY,
            "hidden.py": MONEY,
            "left_out.py": MONEY,
            "money_pb2.py": MONEY,
            ".gitignore": "hidden.py\n",
        },
    )
    async with serving(tmp_path, configuration={**SETTINGS, "exclude": ["left_*"]}) as client:
        chunks = await chunks_when(client, (tmp_path / "main.py").as_uri(), bool)
    assert paths(chunks) == ["money.py"]


async def test_a_file_that_the_editor_tells_of_is_known(tmp_path: Path) -> None:
    write(tmp_path, {"trains.py": "class Train:\n    wheels = 8\n"})
    async with serving(tmp_path, configuration=SETTINGS) as client:
        await chunks_when(client, (tmp_path / "main.py").as_uri(), lambda chunks: paths(chunks) == ["trains.py"])
        write(tmp_path, {"money.py": MONEY})
        event = types.FileEvent((tmp_path / "money.py").as_uri(), types.FileChangeType.Created)
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await chunks_when(client, (tmp_path / "main.py").as_uri(), lambda chunks: "money.py" in paths(chunks))


async def test_a_document_outside_of_all_folders_knows_its_directory(tmp_path: Path) -> None:
    write(tmp_path / "loose", {"money.py": MONEY})
    async with serving(None, configuration=SETTINGS) as client:
        chunks = await chunks_when(client, (tmp_path / "loose" / "main.py").as_uri(), bool)
    assert paths(chunks) == ["money.py"]


@pytest.mark.parametrize("settings", [{"index": "off"}, {"contextTokens": 0}])
async def test_without_an_index_there_is_no_process_for_it(tmp_path: Path, settings: dict[str, Any]) -> None:
    write(tmp_path, {"money.py": MONEY})
    async with serving(tmp_path, configuration={**SETTINGS, **settings}) as client:
        client.open((tmp_path / "main.py").as_uri(), MAIN)
        await client.complete((tmp_path / "main.py").as_uri(), 4, 10)
        assert client._server is not None
        assert psutil.Process(client._server.pid).children() == []
        assert (await client.explain((tmp_path / "main.py").as_uri()))["chunks"] == []


async def test_the_server_outlives_the_index(tmp_path: Path) -> None:
    write(tmp_path, {"money.py": MONEY})
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, configuration=SETTINGS) as client:
        await chunks_when(client, uri, bool)
        assert client._server is not None
        (child,) = psutil.Process(client._server.pid).children()
        child.kill()
        assert paths(await chunks_when(client, uri, bool)) == ["money.py"]


async def test_the_index_on_disk_holds_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "app", {"money.py": MONEY})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    async with serving(tmp_path / "app", configuration=SETTINGS) as client:
        await chunks_when(client, (tmp_path / "app" / "main.py").as_uri(), bool)
    databases = list((tmp_path / "cache").rglob("*.sqlite"))
    assert databases
    assert not any(b"rounded_to_cents" in file.read_bytes() for file in databases)
    # The last choices are code, as the states of their prompts are.
    (choices, *_) = (tmp_path / "cache").rglob("choices/*.json")
    assert json.loads(choices.read_text())[0]["path"] == "money.py"
