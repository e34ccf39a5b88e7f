"""Tests of downloads never leave this machine, and never wait between attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from huggingface_hub import close_session, constants

from lsp_server.models import download
from tests.models.hub import Hub, content, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 300_000
# What would lead requests elsewhere, or let them go with somebody's name.
OTHERS = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, user_folder: Path) -> Iterator[Hub]:
    """A hub that has one file, in place of the real one."""
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(download, "PAUSES", (0.0,) * len(download.PAUSES))
    # The library's client keeps the proxies of the time when it was made.
    close_session()
    with serving(Hub(content(SIZE))) as running:
        point_at(running.endpoint, monkeypatch)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(user_folder / "token"))
        yield running
    close_session()


def point_at(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what HF_ENDPOINT does, which the library has read long ago."""
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
