"""What the tests of downloads share: a model that they pull, and what is on the disk before and after."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from lsp_server.models import catalogue, partial
from lsp_server.models.download import pull
from lsp_server.models.errors import DownloadCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lsp_server.models.progress import Progress
    from tests.models.hub import Hub

ENTRY = catalogue.get("1.5b")
IN_A_PROCESS = """
import sys
from lsp_server.errors import ModelError
from lsp_server.models import catalogue
from lsp_server.models.download import pull
try:
    pull(catalogue.get("1.5b"), lambda progress: print(progress.done, flush=True), lambda: False)
except ModelError as error:
    print(type(error).__name__, error)
"""


def get(
    on_progress: Callable[[Progress], None] = lambda _: None, should_stop: Callable[[], bool] = lambda: False
) -> Path:
    return pull(ENTRY, on_progress, should_stop)


def parts() -> list[Path]:
    """Return what interrupted downloads have left; the model's own name is never theirs."""
    assert not catalogue.path_of(ENTRY).exists()
    return partial.files(catalogue.folder(), ENTRY.name)


@contextmanager
def in_a_process(**environment: str) -> Iterator[IO[str]]:
    """Download in a process of its own, killed at the end; its output says how far it is, and then what went wrong."""
    with subprocess.Popen(
        [sys.executable, "-c", IN_A_PROCESS], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout
        finally:
            process.kill()


def interrupt(hub: Hub, place: int) -> None:
    """Leave the start of a download on the disk."""
    hub.stall_at = place
    with pytest.raises(DownloadCancelled):
        get(should_stop=lambda: has_arrived(place))
    hub.stall_at = None
    assert [part.stat().st_size for part in parts()] == [place]


def has_arrived(size: int) -> bool:
    return [part.stat().st_size for part in partial.files(catalogue.folder(), ENTRY.name)] == [size]


def checksum_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
