"""What the tests of the sandbox share."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder in which programs get theirs; nothing may be left in it. Programs run on Linux alone."""
    if sys.platform != "linux":
        pytest.skip("generated programs are executed on Linux alone")
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())
