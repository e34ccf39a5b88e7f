"""What all tests share: no test reads this user's settings, and the embedded model is loaded once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from lsp_server.engine.interface import LoadOptions
from lsp_server.engine.worker import Worker, load
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# How long an example takes says nothing on a busy machine; what CI finds must be found again.
settings.register_profile("midfill", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("midfill")

# Where platformdirs looks for the user's folders on each system.
USER_FOLDERS = (
    *("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"),
)


@pytest.fixture(autouse=True)
def user_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test, and each process that it starts, a user without settings and models."""
    folder = tmp_path_factory.mktemp("user")
    for name in USER_FOLDERS:
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny() -> Iterator[Worker]:
    """The embedded model, loaded."""
    worker = load(EMBEDDED_FILE, LoadOptions())
    yield worker
    worker.close()
