"""Suggestions from a server elsewhere, and from the local model when it is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from lsp_server import config
from lsp_server.errors import InputError
from lsp_server.options import server_options
from tests.e2e.client import serving
from tests.engine.remote_script import Script, free_port, scripted, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.client import Client

CODE = "def add(a, b):\n    ‸\n"
SUPER = "class A(B):\n    def __init__(self, name, value):\n        super().‸\n"
# The embedded model shall answer, however unsure it is.
SHOWS_ALL = {"confidence": 0, "latencyMs": 20_000}


@pytest.fixture
def script() -> Iterator[Script]:
    """A server that always writes the same."""
    with scripted(Script(whole("return a + b"))) as running:
        yield running


def warnings(client: Client) -> list[str]:
    return [m.message for m in client.messages if m.type in {types.MessageType.Warning, types.MessageType.Error}]


async def shown(client: Client, uri: str, marked: str) -> str:
    items = await client.complete_marked(uri, marked)
    return str(items[0].insert_text) if items else ""


async def model_is(client: Client, model: str) -> None:
    await client.wait_for(lambda: client.statuses and client.statuses[-1]["model"] == model)


async def test_a_server_on_this_machine_writes(script: Script) -> None:
    async with serving(configuration={"serverUrl": script.url}) as client:
        await model_is(client, "coder")
        assert await shown(client, "untitled:a", CODE) == "return a + b"
        assert script.streams
        assert warnings(client) == []


async def test_where_it_is_away_the_local_model_answers_and_that_is_said_once() -> None:
    configuration = {**SHOWS_ALL, "serverUrl": f"http://127.0.0.1:{free_port()}"}
    async with serving(configuration=configuration) as client:
        assert await shown(client, "untitled:a", SUPER)
        await client.wait_for(lambda: warnings(client))
        assert await shown(client, "untitled:b", SUPER)
        (warning,) = warnings(client)
        assert "the local model answers" in warning
        assert client.statuses[-1]["model"] == "tiny"


async def test_where_it_fails_amid_typing_the_same_request_is_answered_by_the_local_model(script: Script) -> None:
    async with serving(configuration={**SHOWS_ALL, "serverUrl": script.url}) as client:
        await model_is(client, "coder")
        script.answer = lambda wire: wire.drop()
        assert await shown(client, "untitled:a", SUPER)
        assert (await client.explain("untitled:a"))["model"] == "midfill tiny"
        assert len(warnings(client)) == 1


async def test_it_can_be_left_and_taken_up_again(script: Script) -> None:
    async with serving(configuration={"serverUrl": script.url}) as client:
        await model_is(client, "coder")
        for url, model in (("", "tiny"), (script.url, "coder"), ("", "tiny")):
            client.configuration = {"serverUrl": url}
            client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await model_is(client, model)


async def test_another_machine_counts_only_where_the_user_has_written_it() -> None:
    async with serving(configuration={"serverUrl": "https://example.com"}) as client:
        await client.wait_for(lambda: warnings(client))
        (warning,) = warnings(client)
    assert "names another machine" in warning
    assert str(config.user_file()) in warning


# --- settings --------------------------------------------------------------------------------------------------


def settings(**values: Any) -> config.Settings:
    return config.Settings(**values)


def test_no_server_unless_one_is_named() -> None:
    assert server_options(settings()) is None


def test_the_key_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDFILL_SERVER_KEY", "from the environment")
    assert config.from_environment().values == {}
    named = settings(server_url="http://localhost:1")
    options = server_options(named)
    assert options is not None
    assert options.key == "from the environment"
    assert "environment" not in repr(options)
    (tmp_path / "key").write_text("from a file\n")
    options = server_options(settings(server_url="http://localhost:1", server_key_file=str(tmp_path / "key")))
    assert options is not None
    assert options.key == "from a file"
    with pytest.raises(InputError, match="serverKeyFile"):
        server_options(settings(server_url="http://localhost:1", server_key_file=str(tmp_path / "none")))


@pytest.mark.parametrize(
    ("url", "is_used"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.2:8080/v1", True),
        ("http://[::1]:8080", True),
        ("https://example.com", False),
        ("http://192.168.1.2:8080", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("nonsense", False),
    ],
)
def test_an_editor_may_name_this_machine_alone(url: str, is_used: bool) -> None:
    for is_of_user, expected in ((True, True), (False, is_used)):
        loaded = config.merge([config.Source("here", {"serverUrl": url}, is_of_user=is_of_user)])
        assert (loaded.settings.server_url == url) is expected
        assert bool(loaded.warnings) is not expected
