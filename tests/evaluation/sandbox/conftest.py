"""What the tests of the sandbox share. They run real programs, on Linux alone as midfill does."""

from __future__ import annotations

import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    linux = pytest.mark.skipif(sys.platform != "linux", reason="programs are executed on Linux alone")
    for item in items:
        if "programs" in getattr(item, "fixturenames", ()):
            item.add_marker(linux)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder in which programs get theirs; nothing may be left in it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.iterdir())
