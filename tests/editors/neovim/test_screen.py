"""What is on a real terminal: Neovim in tmux, its captures kept as pictures (`places.PICTURES`)."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.editors.neovim.editor import LIMIT_SECONDS, LOOK_SECONDS, PLUGIN, SCRIPTED, binary, environment
from tests.editors.places import PICTURES, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.editors.neovim.conftest import Script

COLUMNS, ROWS = 72, 12
# The colours of Neovim's own dark theme where a cell has none.
THEME = TerminalTheme((20, 22, 27), (224, 226, 234), [(20, 22, 27)] * 8)

DOCUMENT = '''\
def mean(values: list[float]) -> float:
    """Return the arithmetic mean; 0.0 for no values."""
    if not values:
        return 0.0

'''
SUGGESTION = "total = sum(values)\n    return total / len(values)\n"
SHOWN = [
    "  1 def mean(values: list[float]) -> float:",
    '  2     """Return the arithmetic mean; 0.0 for no values."""',
    "  3     if not values:",
    "  4         return 0.0",
    "  5     total = sum(values)",
    "        return total / len(values)",
]
ACCEPTED = [*SHOWN[:5], "  6     return total / len(values)"]
INIT = """
vim.g.loaded_python3_provider = 0
vim.opt.runtimepath:prepend("{plugin}")
vim.o.number, vim.o.termguicolors, vim.o.swapfile, vim.o.ruler = true, true, false, false
vim.o.statusline = " %f %m%=%{{v:lua.require'midfill'.status()}} "
vim.o.laststatus = 2
vim.notify = function() end
require("midfill").setup({{ cmd = {{ {command} }} }})
vim.api.nvim_create_autocmd("User", {{ pattern = "MidfillStatus", command = "redrawstatus" }})
"""


@dataclass
class Terminal:
    """A tmux server of its own."""

    socket: Path

    def tmux(self, *arguments: str) -> str:
        """Run a command of tmux."""
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, timeout=30, encoding="utf-8").stdout

    def keys(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self.tmux("send-keys", *keys)

    def lines(self) -> list[str]:
        """Return the screen."""
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")]

    def until(self, expected: list[str]) -> None:
        """Wait until the screen begins with these lines."""
        end = time.monotonic() + LIMIT_SECONDS
        while self.lines()[: len(expected)] != expected:
            assert time.monotonic() < end, "\n".join(self.lines())
            time.sleep(LOOK_SECONDS)

    def until_line(self, row: int, part: str) -> None:
        """Wait until a line of the screen contains something."""
        end = time.monotonic() + LIMIT_SECONDS
        while part not in self.lines()[row]:
            assert time.monotonic() < end, "\n".join(self.lines())
            time.sleep(LOOK_SECONDS)

    def keep(self, name: str) -> None:
        """Keep the screen as text and as a picture."""
        folder = PICTURES / "neovim"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text("\n".join(self.lines()), encoding="utf-8")
        console = Console(width=COLUMNS, record=True, file=io.StringIO())
        console.print(Text.from_ansi(self.tmux("capture-pane", "-p", "-e").rstrip("\n")))
        svg = console.export_svg(title="Neovim", theme=THEME)
        # A picture that fetches fonts from somewhere is none of an offline tool: the viewer's own will do.
        (folder / f"{name}.svg").write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


@pytest.fixture
def terminal(version: str, script: Script, tmp_path: Path) -> Iterator[Terminal]:
    """Neovim in a terminal, at the end of a document, with the scripted model and its suggestion to come."""
    if shutil.which("tmux") is None:
        missing("tmux is not there: run tests/editors/install_neovim.sh")
    script(SUGGESTION)
    command = ", ".join(f"[[{part}]]" for part in SCRIPTED)
    (tmp_path / "init.lua").write_text(INIT.format(plugin=PLUGIN, command=command))
    (tmp_path / "mean.py").write_text(DOCUMENT)
    neovim = [*environment(tmp_path / "home", SCRIPT=str(tmp_path / "script.txt")), "COLORTERM=truecolor"]
    neovim += [str(binary(version)), "--clean", "-u", str(tmp_path / "init.lua"), "+5", "mean.py"]
    terminal = Terminal(tmp_path / "tmux")
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    terminal.tmux("new-session", "-d", *size, "-c", str(tmp_path), *neovim)
    yield terminal
    terminal.tmux("kill-server")


def test_a_suggestion_on_the_screen(terminal: Terminal, version: str) -> None:
    terminal.until_line(ROWS - 2, "scripted")
    terminal.keys("A", "Space", "Space", "Space", "Space")
    terminal.until(SHOWN)
    terminal.keep("suggestion" if version == "0.12" else f"suggestion-{version}")
    terminal.keys("Tab")
    terminal.until(ACCEPTED)
    terminal.keep("accepted" if version == "0.12" else f"accepted-{version}")
