"""The real server with a scripted engine: its model writes what stands in the file that SCRIPT names, at each request.

It takes SCRIPT_SECONDS for it, no time by default.

SCRIPT=FILE python -m tests.e2e.scripted_server serve
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server import cli, keeper
from tests.scripted import Played, ScriptedEngine

if TYPE_CHECKING:
    from lsp_server.engine.interface import Generation, GenerationRequest


class Slow(Played):
    """A request whose outcome takes its time."""

    async def result(self) -> Generation:
        """Return the outcome when the time is over."""
        await asyncio.sleep(float(os.environ.get("SCRIPT_SECONDS", "0")))
        return await super().result()


class FromFile(ScriptedEngine):
    """Reads its text anew for each request."""

    def submit(self, request: GenerationRequest) -> Slow:
        """Play what the file says."""
        with Path(os.environ["SCRIPT"]).open(encoding="utf-8", newline="") as file:
            self.text = file.read()
        played = super().submit(request)
        return Slow(self, request, played.meter)


def load(*_arguments: Any) -> FromFile:
    """Return the engine in place of a model."""
    return FromFile()


if __name__ == "__main__":
    keeper.load = load  # type: ignore[assignment, attr-defined]  # this is what the script is for
    cli.main()
