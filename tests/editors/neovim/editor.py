"""A real Neovim, driven through its API: keys go in, and what stands in the buffer and on the screen comes out.

Nothing here waits for a length of time: `until` looks again and again until a condition holds.
"""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pynvim  # type: ignore[import-untyped]

from tests.editors.neovim.screen import Screen
from tests.editors.places import EDITORS, ROOT, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PLUGIN = ROOT / "editors" / "neovim"
FAKE = (sys.executable, str(Path(__file__).with_name("fake_server.py")))
SCRIPTED = (sys.executable, "-m", "tests.e2e.scripted_server", "serve")
EMBEDDED = (sys.executable, "-m", "lsp_server", "serve")

# A busy machine may need this long to start a server and load a model.
LIMIT_SECONDS = 20.0
# Between two looks at a condition.
LOOK_SECONDS = 0.005

XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")

# The place and the text of each suggestion, shown by Neovim's own module or by the plugin; and what the plugin says.
PROBE = """
local names = { "midfill", "nvim.lsp.inline_completion" }

function _G.ghosts()
  local found = {}
  for _, name in ipairs(names) do
    local namespace = vim.api.nvim_create_namespace(name)
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
      local lines = { "" }
      for _, chunk in ipairs(mark[4].virt_text or {}) do
        lines[1] = lines[1] .. chunk[1]
      end
      for _, line in ipairs(mark[4].virt_lines or {}) do
        table.insert(lines, table.concat(vim.tbl_map(function(chunk) return chunk[1] end, line)))
      end
      table.insert(found, { mark[2], mark[3], table.concat(lines, "\\n") })
    end
  end
  return found
end

_G.messages, _G.statuses = {}, {}
vim.notify = function(message)
  table.insert(_G.messages, message)
end
vim.api.nvim_create_autocmd("User", {
  pattern = "MidfillStatus",
  callback = function()
    table.insert(_G.statuses, require("midfill").status())
  end,
})
"""


class Ghost(NamedTuple):
    """A suggestion on the screen: 0-based line and byte, and its text, lines separated by line breaks."""

    row: int
    col: int
    text: str


def binary(version: str) -> Path:
    """Return the path of a Neovim that the script beside this folder has installed."""
    path = EDITORS / f"neovim-{version}" / "bin" / "nvim"
    if not path.exists():
        missing(f"Neovim {version} is not there: run tests/editors/install_neovim.sh")
    return path


def environment(home: Path, **more: str) -> list[str]:
    """Return the command that runs another with a home of its own."""
    home.mkdir(parents=True, exist_ok=True)
    folders = {"HOME": home, **{name: home / name.lower() for name in XDG}}
    for folder in folders.values():
        folder.mkdir(exist_ok=True, mode=0o700)
    pairs = {**folders, "PYTHONPATH": ROOT, "NVIM_LOG_FILE": home / "nvim.log", "TERM": "xterm-256color", **more}
    return ["env", "-u", "NVIM", *(f"{name}={value}" for name, value in pairs.items())]


@dataclass
class Editor:
    """One Neovim."""

    nvim: pynvim.Nvim
    version: str
    home: Path
    display: Screen = field(default_factory=Screen)
    mark: tuple[int, int] = (1, 0)
    is_closed: bool = False

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua; return its result."""
        return self.nvim.exec_lua(code, *arguments)

    def setup(self, **options: object) -> None:
        """Set the plugin up with these options."""
        self.lua('require("midfill").setup(...)', options)

    def open(self, path: Path, text: str = "") -> None:
        """Open a file with this text; ``‸`` is where the cursor goes."""
        before, _, after = text.partition("‸")
        path.write_bytes((before + after).encode())
        self.nvim.command(f"edit! {path}")
        lines = before.replace("\r\n", "\n").split("\n")
        self.mark = (len(lines), len(lines[-1].encode()))

    def insert(self) -> None:
        """Go into insert mode where the mark was in the text that has been opened."""
        self.keys("i")
        self.until(lambda: self.mode() == "i", "insert mode")
        self.nvim.api.win_set_cursor(0, self.mark)

    def keys(self, keys: str) -> None:
        """Press keys, as if typed."""
        self.nvim.input(keys)

    def type(self, text: str) -> None:
        """Type text, each key when the one before has come into the buffer."""
        for character in text:
            tick = self.tick()
            self.keys("<lt>" if character == "<" else "<CR>" if character == "\n" else character)
            self.until_changed(tick, f"the key {character!r}")

    def tick(self) -> int:
        """Return a number that changes with the text."""
        return int(self.nvim.api.buf_get_changedtick(0))

    def mode(self) -> str:
        return str(self.nvim.api.get_mode()["mode"])

    def lines(self) -> list[str]:
        """Return the buffer's lines."""
        return list(self.nvim.current.buffer[:])

    def text(self) -> str:
        """Return the buffer's text, without the last line break."""
        return "\n".join(self.lines())

    def ghosts(self) -> list[Ghost]:
        """Return all suggestions on the screen."""
        return [Ghost(*found) for found in self.lua("return ghosts()")]

    def ghost(self) -> str:
        """Return the text of the one suggestion on the screen; "" where there is none."""
        found = self.ghosts()
        assert len(found) <= 1, found
        return found[0].text if found else ""

    def screen(self) -> Screen:
        """Return the screen as it is drawn now."""
        # Whatever has been drawn before this answer has been sent before it.
        self.nvim.command("redraw")
        pending = self.nvim._session._pending_messages
        while pending:
            _, name, arguments = self.nvim.next_message()
            if name == "redraw":
                self.display.apply(arguments)
        return self.display

    def frames(self) -> list[list[str]]:
        """Return the lines of the screen at each time that it was drawn since the last call."""
        screen = self.screen()
        frames, screen.frames = screen.frames, []
        return frames

    def messages(self) -> list[str]:
        """Return what the plugin has told the user."""
        return list(self.lua("return messages"))

    def status(self) -> str:
        return str(self.lua('return require("midfill").status()'))

    def until(self, condition: Callable[[], object], what: str, seconds: float = LIMIT_SECONDS) -> None:
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come; {self.describe()}")
            time.sleep(LOOK_SECONDS)

    def until_status(self, status: str) -> None:
        """Wait for a text for the status line."""
        self.until(lambda: self.status() == status, f"the status {status!r}")

    def until_changed(self, tick: int, what: str) -> None:
        """Wait until the text is another than at a tick."""
        self.until(lambda: self.tick() != tick, what)

    def until_ghost(self, text: str) -> None:
        """Wait for a suggestion on the screen."""
        self.until(lambda: self.ghost() == text, f"the suggestion {text!r}")

    def until_text(self, text: str) -> None:
        """Wait for the buffer's text."""
        self.until(lambda: self.text() == text, f"the text {text!r}")

    def until_attached(self) -> None:
        """Wait for a server that serves the buffer."""
        self.until(lambda: self.status() not in {"", "…"}, "a server")

    def describe(self) -> str:
        """Say how things stand, for a test that fails."""
        ghosts, messages = self.ghosts(), self.messages()
        log = self.lua('return require("midfill.log").text()')
        return f"mode {self.mode()}, text {self.text()!r}, {ghosts=}, {messages=}, status {self.status()!r}, {log=}"

    def close(self) -> None:
        """End Neovim; may be called again."""
        if self.is_closed:
            return
        self.is_closed = True
        with contextlib.suppress(OSError, EOFError):
            self.nvim.command("qall!")
        self.nvim.close()


def start(version: str, home: Path, arguments: Sequence[str] = (), **variables: str) -> Editor:
    """Start a Neovim with the plugin on its path and nothing of a user's."""
    argv = [*environment(home, **variables), str(binary(version)), "--embed", "--headless", "--clean"]
    # Neovim would look through all Pythons of the machine for its own module, which takes a second.
    argv += ["--cmd", "let g:loaded_python3_provider = 0"]
    argv += ["-c", f"set runtimepath^={PLUGIN}", "-c", "runtime plugin/midfill.lua", *arguments]
    nvim = pynvim.attach("child", argv=argv)
    editor = Editor(nvim, version, home)
    nvim.ui_attach(80, 24, rgb=True, ext_linegrid=True)
    editor.lua(PROBE)
    return editor
