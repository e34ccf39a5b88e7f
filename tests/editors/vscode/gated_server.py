"""The server with a scripted model that is 42 % loaded until the file that GATE names is there.

The script's lines are its candidates, each for one who asks for several.

SCRIPT=FILE GATE=FILE python gated_server.py serve
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server import cli, keeper
from tests.e2e.scripted_server import FromFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engine.interface import Generation, GenerationRequest


class Several(FromFile):
    """Writes each line of the script as a candidate."""

    def play(self, request: GenerationRequest) -> Generation:
        """Play as many lines as are wanted."""
        self.text, *others = self.text.splitlines() or [""]
        self.others = tuple(others)
        return super().play(request)


def load(_path: Path, _options: Any, on_progress: Callable[[float], None]) -> Several:
    """Return the engine when the gate is open."""
    on_progress(0.42)
    while not Path(os.environ["GATE"]).exists():
        time.sleep(0.02)
    return Several()


if __name__ == "__main__":
    keeper.load = load  # type: ignore[assignment, attr-defined]  # this is what the script is for
    cli.main()
