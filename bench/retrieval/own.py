"""midfill's own way to choose, through the same code that the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.retrieval.strategy import Chooser


def prepare(files: Mapping[str, str], root: Path) -> Chooser:
    """Index the files of a workspace.

    ``files`` are the texts of all code files by path, ``root`` is the folder that holds them on disk, with the other
    files of the commit. A chooser that implements :class:`~bench.retrieval.strategy.Opening` too is told of each
    document before it is asked.
    """
    raise NotImplementedError
