"""Settings and models over LSP: what counts, what is said of mistakes, and that a model can be changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from lsprotocol import types

from lsp_server.core import Reason
from lsp_server.models import catalogue
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.e2e.client import serving

if TYPE_CHECKING:
    from pathlib import Path

# Here the embedded model has something to say, by the default settings.
MAIN = "class A(B):\n    def __init__(self, name, value):\n        super().‸\n"


async def test_bad_settings_are_named_once_and_the_rest_counts(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, configuration={"maxTokens": 3, "colour": "red"}, options={"threads": -1}) as client:
        await client.complete_marked(uri, "x = [‸")
        assert (await client.explain(uri))["generatedTokens"] <= 3
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await client.complete(uri, 0, 5)
        warnings = [m.message for m in client.messages if m.type is types.MessageType.Warning]
    assert sorted(re.findall(r"`(\w+)`", " ".join(warnings))) == ["colour", "threads"]


async def test_settings_that_are_pushed_count_where_the_client_cannot_be_asked() -> None:
    async with serving(can_be_asked=False) as client:
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"midfill": {"enabled": False}}))
        assert await client.complete_marked("untitled:a", MAIN) == []
        assert (await client.explain("untitled:a"))["reason"] == Reason.SWITCHED_OFF.value


async def test_the_last_of_several_changes_of_the_model_stays(tmp_path: Path) -> None:
    others = [tmp_path / f"{name}.gguf" for name in "abc"]
    for other in others:
        other.write_bytes(EMBEDDED_FILE.read_bytes())
    async with serving(tmp_path, can_be_asked=False) as client:
        for other in others:
            settings = {"midfill": {"model": str(other)}}
            client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
        await client.wait_for(lambda: any(str(others[-1]) in m.message for m in client.logs))
        loaded = [m.message for m in client.logs if m.message.startswith("The model is")]
    assert str(others[-1]) in loaded[-1]


async def test_what_is_still_being_configured_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async with serving(tmp_path, can_be_asked=False) as client:
        await client.complete_marked((tmp_path / "main.py").as_uri(), MAIN)
        (started,) = psutil.Process(client.pid).children()
        for largest in (10, 20, 30):
            settings = {"midfill": {"largestFile": largest, "model": "nonesuch"}}
            client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    assert not started.is_running()


@pytest.mark.parametrize("configuration", [None, [], "text", {"model": None}])
async def test_an_odd_configuration_is_survived(tmp_path: Path, configuration: Any) -> None:
    async with serving(tmp_path, configuration=configuration) as client:
        assert await client.complete_marked((tmp_path / "main.py").as_uri(), MAIN)


async def test_where_a_model_is_not_there_the_embedded_one_answers_and_that_is_said_once(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, options={"model": "nonesuch"}) as client:
        assert await client.complete_marked(uri, MAIN) != []
        await client.complete(uri, 0, 0)
        assert (await client.explain(uri))["model"] == "midfill tiny"
        await client.wait_for(lambda: client.messages)
        (message,) = client.messages
    assert message.type is types.MessageType.Error
    assert "There is no model 'nonesuch'" in message.message
    assert "Until then tiny answers." in message.message


async def test_a_model_that_comes_is_changed_to_without_a_restart(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, options={"model": "0.5b"}) as client:
        await client.complete_marked(uri, MAIN)
        await client.wait_for(lambda: client.messages)
        assert "midfill models pull qwen2.5-coder-0.5b" in client.messages[0].message
        place = catalogue.path_of(catalogue.get("0.5b"))
        place.parent.mkdir(parents=True)
        place.write_bytes(EMBEDDED_FILE.read_bytes())
        await client.complete(uri, 2, 16)
        await client.wait_for(lambda: client.statuses[-1]["model"] == "qwen2.5-coder-0.5b")
        assert client.statuses[-1]["state"] == "ready"
        assert client.statuses[-1]["message"] == ""


async def test_a_change_of_the_model_takes_effect_and_a_bad_one_leaves_the_old(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    other = tmp_path / "other.gguf"
    other.write_bytes(EMBEDDED_FILE.read_bytes())
    async with serving(tmp_path, configuration={}) as client:
        await client.complete_marked(uri, MAIN)
        client.configuration = {"model": str(tmp_path / "bad.gguf")}
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await client.wait_for(lambda: any("bad.gguf" in m.message for m in client.messages))
        assert await client.complete(uri, 2, 16)
        client.configuration = {"model": str(other)}
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        await client.wait_for(lambda: any(str(other) in m.message for m in client.logs))
        assert await client.complete(uri, 2, 16)
        # A new engine has nothing in its cache.
        assert (await client.explain(uri))["reusedTokens"] == 0


async def test_switched_off(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, configuration={"enabled": False}) as client:
        assert await client.complete_marked(uri, MAIN) == []
        assert (await client.explain(uri))["reason"] == Reason.SWITCHED_OFF.value
