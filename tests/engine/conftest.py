"""What tests of engines elsewhere share, and those of states on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.engine.remote import http
from lsp_server.engine.remote.options import RemoteOptions
from lsp_server.engine.saved import SavedStates
from tests.engine.remote_script import Script, scripted
from tests.engine.remote_servers import connected
from tests.engine.saved_states import KEY, PLENTY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.engine.remote.engine import RemoteEngine


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A server of completions without a tokenizer."""
    monkeypatch.setattr(http, "PAUSES", (0.0, 0.0))
    with scripted() as server:
        yield server


@pytest.fixture
def engine(script: Script) -> Iterator[RemoteEngine]:
    """An engine with that server."""
    with connected(RemoteOptions(script.url)) as remote:
        yield remote


@pytest.fixture
def states(tmp_path: Path) -> SavedStates:
    return SavedStates(tmp_path, KEY, PLENTY)
