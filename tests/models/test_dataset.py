"""Files of data sets, from a hub on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.models import hub as client
from lsp_server.models.errors import NoNetwork, NoSuchModelFile
from tests.models.conftest import point_at
from tests.models.hub import COMMIT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.models.hub import Hub

REPOSITORY, FILE = "somebody/holes", "data/test.jsonl"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits 23 seconds in all before it gives up."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_a_file_is_downloaded_once(hub: Hub, tmp_path: Path) -> None:
    path = client.dataset(REPOSITORY, FILE, COMMIT, tmp_path)
    assert path.read_bytes() == hub.body
    assert path.name == "test.jsonl"
    assert hub.requests[0].address == f"/datasets/{REPOSITORY}/resolve/{COMMIT}/{FILE}"
    asked = len(hub.requests)
    assert client.dataset(REPOSITORY, FILE, COMMIT, tmp_path) == path
    assert len(hub.requests) == asked, "a commit never changes"


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        (404, "EntryNotFound", NoSuchModelFile),
        (401, "RepoNotFound", NoSuchModelFile),
        (403, "GatedRepo", NoSuchModelFile),
        (500, "", NoNetwork),
    ],
)
def test_a_hub_that_does_not_give_it(
    hub: Hub, tmp_path: Path, status: int, error: str, raised: type[Exception]
) -> None:
    hub.refusal = (status, error)
    with pytest.raises(raised, match=r"holes|HTTP 500"):
        client.dataset(REPOSITORY, FILE, COMMIT, tmp_path)


@pytest.mark.usefixtures("hub")
def test_no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    point_at("http://127.0.0.1:1", monkeypatch)
    with pytest.raises(NoNetwork, match="cannot be reached"):
        client.dataset(REPOSITORY, FILE, COMMIT, tmp_path)
