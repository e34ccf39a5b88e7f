"""Models downloaded by a client's command, from a hub on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from lsp_server.models import catalogue
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.e2e.client import serving
from tests.models import hub as hubs
from tests.models.hub import Hub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.client import Client

SMALL = "qwen2.5-coder-0.5b"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub whose every file is the embedded model."""
    with hubs.serving(Hub(EMBEDDED_FILE.read_bytes())) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        yield running


def states(client: Client) -> list[str]:
    return [status["state"] for status in client.statuses]


async def ready(client: Client) -> None:
    await client.wait_for(lambda: client.statuses and client.statuses[-1]["state"] == "ready")


@pytest.mark.usefixtures("hub")
async def test_a_model_is_downloaded_shown_and_changed_to() -> None:
    async with serving(can_be_asked=False) as client:
        await ready(client)
        place = str(catalogue.path_of(catalogue.get("0.5b")))
        assert await client.run("midfill.pull", "0.5b") == place
        await client.wait_for(lambda: client.statuses[-1]["state"] == "ready")
        assert "downloading" in states(client)
        settings = {"midfill": {"model": SMALL}}
        client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
        await client.wait_for(lambda: client.statuses[-1]["model"] == SMALL)
        assert client.messages == client.messages[:1]


async def test_the_progress_has_per_cent_bytes_and_an_end(hub: Hub) -> None:
    hub.stall_at = 1_000_000
    async with serving() as client:
        await ready(client)
        pulling = client.protocol.send_request_async("workspace/executeCommand", command("midfill.pull", "0.5b"))
        half = round(100 * hub.stall_at / len(hub.body))
        await client.wait_for(lambda: any(report_of(r, "percentage") == half for r in client.reports))
        (begin,) = (r for r in client.reports if "downloading" in (report_of(r, "title") or ""))
        assert report_of(begin, "cancellable") is True
        assert any("1 of 3 MB" in (report_of(r, "message") or "") for r in client.reports)
        await client.wait_for(lambda: client.statuses[-1]["percent"] == int(100 * hub.stall_at / len(hub.body)))
        assert client.statuses[-1]["model"] == "tiny"
        hub.go_on.set()
        assert await pulling
        await client.wait_for(lambda: report_of(client.reports[-1], "kind") == "end")


async def test_a_download_can_be_stopped_and_gone_on_with(hub: Hub) -> None:
    hub.stall_at = 1_000_000
    async with serving() as client:
        await ready(client)
        pulling = client.protocol.send_request_async("workspace/executeCommand", command("midfill.pull", "0.5b"))
        await client.wait_for(lambda: (client.statuses[-1]["percent"] or 0) > 0)
        await client.run("midfill.stopPull", "0.5b")
        assert await pulling is None
        await client.wait_for(lambda: client.statuses[-1]["state"] == "ready")
        assert [m for m in client.messages if m.type is types.MessageType.Error] == []
        hub.stall_at = None
        assert await client.run("midfill.pull", SMALL)
    assert hub.places == [0, 1_000_000]


async def test_what_goes_wrong_is_said_and_the_server_goes_on(hub: Hub) -> None:
    hub.refusal = (404, "EntryNotFound")
    async with serving() as client:
        await ready(client)
        assert await client.run("midfill.pull", "0.5b") is None
        await client.wait_for(lambda: any(m.type is types.MessageType.Error for m in client.messages))
        await client.wait_for(lambda: client.statuses[-1]["state"] == "ready")
        with pytest.raises(Exception, match="knows no model"):
            await client.run("midfill.pull", "gpt-9")


async def test_a_server_that_leaves_stops_its_downloads(hub: Hub) -> None:
    hub.stall_at = 1_000_000
    async with serving() as client:
        await ready(client)
        client.protocol.send_request_async("workspace/executeCommand", command("midfill.pull", "0.5b"))
        await client.wait_for(lambda: (client.statuses[-1]["percent"] or 0) > 0)
    assert not catalogue.path_of(catalogue.get("0.5b")).exists()


def command(name: str, *arguments: Any) -> types.ExecuteCommandParams:
    return types.ExecuteCommandParams(name, list(arguments))


def report_of(report: Any, member: str) -> Any:
    """Return a member of what a progress says, whatever form pygls has given it."""
    return report.get(member) if isinstance(report, dict) else getattr(report, member, None)
