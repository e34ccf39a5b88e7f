"""The real server with a scripted engine: its model writes what stands in the file that SCRIPT names, at each request.

SCRIPT=FILE python -m tests.e2e.scripted_server serve
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server import cli, server
from tests.scripted import Played, ScriptedEngine

if TYPE_CHECKING:
    from lsp_server.engine.interface import GenerationRequest


class FromFile(ScriptedEngine):
    """Reads its text anew for each request."""

    def submit(self, request: GenerationRequest) -> Played:
        """Play what the file says."""
        with Path(os.environ["SCRIPT"]).open(encoding="utf-8", newline="") as file:
            self.text = file.read()
        return super().submit(request)


def load(*_arguments: Any) -> FromFile:
    """Return the engine in place of a model."""
    return FromFile()


if __name__ == "__main__":
    server.load = load  # type: ignore[assignment, attr-defined]  # this is what the script is for
    cli.main()
