"""The last choice for each document, kept on disk: the next start shows the same pieces, whose tokens are kept as well.

One JSON file a document, in the user's cache folder. What it says is checked by who asks for it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

from lsp_server.core import Chunk

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

# Documents; those whose choice is oldest are forgotten.
MOST_CHOICES = 256


class Choices:
    """Choices by document; never raises what a disk does wrong."""

    def __init__(self, folder: Path) -> None:
        """``folder`` need not exist."""
        self._folder = folder

    def get(self, document: Path) -> tuple[Chunk, ...]:
        """Return the last choice for a document; empty where there is none."""
        try:
            values = json.loads(self._file(document).read_text(encoding="utf-8"))
            return tuple(Chunk(str(v["path"]), str(v["text"]), str(v["reason"]), float(v["score"])) for v in values)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.info("The last choice for a document cannot be read: %s", error)
            return ()

    def put(self, document: Path, chunks: tuple[Chunk, ...]) -> None:
        """Keep a choice."""
        file = self._file(document)
        part = file.with_suffix(f".{os.getpid()}.part")
        try:
            if not self._folder.is_dir():
                self._folder.mkdir(parents=True)
            part.write_text(json.dumps([asdict(chunk) for chunk in chunks]), encoding="utf-8")
            part.replace(file)
            files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for old in files[:-MOST_CHOICES]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.info("The choice for a document is not kept: %s", error)

    def _file(self, document: Path) -> Path:
        name = hashlib.sha256(str(document).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return self._folder / f"{name}.json"
