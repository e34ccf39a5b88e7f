"""What somebody sees of VS Code in a page, and does there."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from tests.cursor import unmark
from tests.editors.places import PICTURES
from tests.editors.vscode.waiting import until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Locator, Page

    from tests.editors.vscode.code_server import User

_SCRIPTS = Path(__file__).with_name("page.js")


class Editor:
    """One window of VS Code."""

    def __init__(self, page: Page, user: User) -> None:
        self.page = page
        self.user = user

    # --- the window ----------------------------------------------------------------------------------

    @classmethod
    async def show(cls, page: Page, address: str, user: User, workspace: Path | None = None) -> Editor:
        """Open the user's folder, or another folder or workspace file, in a new page."""
        place = workspace or user.workspace
        kind = "workspace" if place.suffix == ".code-workspace" else "folder"
        await page.add_init_script(path=_SCRIPTS)
        await page.goto(f"http://{address}/?{kind}={urllib.parse.quote(str(place))}")
        editor = cls(page, user)
        await expect(page.locator(".monaco-workbench .statusbar")).to_be_visible()
        return editor

    async def warm_up(self) -> None:
        """Wait until VS Code asks for suggestions: a new window begins with that after a while, when it is idle."""
        await self.open("warm_up.txt", "‸")
        await self.ask()
        await self.press("Escape")

    async def ask(self) -> None:
        """Ask for a suggestion, as often as it takes until VS Code passes it on."""
        before = len(self.requests())

        async def is_asked() -> bool:
            await self.press("Control+Alt+t")
            return len(self.requests()) > before

        await until(is_asked, "a request")

    async def screenshot(self, name: str) -> None:
        """Keep a picture of the window."""
        folder = PICTURES / "vscode"
        folder.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="initial")

    # --- files ---------------------------------------------------------------------------------------

    async def open(self, name: str, marked: str, *, folder: Path | None = None) -> Path:
        """Write a file, open it, and put the cursor at its mark."""
        text, offset = unmark(marked)
        path = (folder or self.user.workspace) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        before = text[:offset].split("\n")
        column = len(before[-1].encode("utf-16-le")) // 2 + 1
        await self._pick("Control+p", f"{path}:{len(before)}:{column}", path.name)
        await self.wait_for_cursor(len(before), len(before[-1]) + 1)
        return path

    async def show_file(self, name: str) -> None:
        """Show a file of the workspace as it is."""
        await self._pick("Control+p", str(self.user.workspace / name), name)
        await expect(self.page.locator(".tab.active")).to_contain_text(name)

    async def wait_for_cursor(self, line: int, column: int) -> None:
        """Wait until the cursor is here, in characters from 1 as the status bar counts, and the editor has focus."""
        await expect(self.page.locator('[id="status.editor.selection"]')).to_have_text(f"Ln {line}, Col {column}")
        await expect(self.page.locator(".editor-instance .monaco-editor.focused")).to_be_visible()

    async def save(self) -> None:
        """Save the file that is shown."""
        await self.press("Control+s")
        await expect(self.page.locator(".tab.active.dirty")).to_have_count(0)

    async def lines(self) -> list[str]:
        """Return the lines that are shown in the editor, with the ghost text in them."""
        return list(await self.page.evaluate("midfillPage.lines()"))

    # --- keys and commands ---------------------------------------------------------------------------

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.page.keyboard.type(text)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def run(self, command: str) -> None:
        """Run a command of the palette by its title."""
        await self._pick("F1", f">{command}", command)

    async def _pick(self, key: str, text: str, label: str) -> None:
        await self.press(key)
        box = self.page.locator(".quick-input-widget input[type=text]")
        await box.fill(text)
        await self.pick(label)

    async def pick(self, label: str) -> None:
        """Take the entry with this label from the list that is open on top, by the keyboard."""
        exactly = re.compile(rf"^\s*{re.escape(label)}$")
        await expect(self.picks.locator(".label-name", has_text=exactly).first).to_be_visible()
        focused = self.page.locator(".quick-input-widget .monaco-list-row.focused .label-name", has_text=exactly)
        while await focused.count() == 0:
            await self.press("ArrowDown")
        await self.press("Enter")

    @property
    def picks(self) -> Locator:
        """The entries of the list that is open on top."""
        return self.page.locator(".quick-input-widget .quick-input-list .monaco-list-row")

    # --- what midfill shows --------------------------------------------------------------------------

    async def ghost_text(self) -> str:
        """Return the ghost text that is shown, its lines joined; empty where there is none."""
        return str(await self.page.evaluate("midfillPage.ghostText()"))

    async def wait_for_ghost(self, text: str) -> None:
        """Wait until this is the ghost text."""
        await until(lambda: self._ghost_is(text), f"the ghost text {text!r}")

    async def _ghost_is(self, text: str) -> bool:
        return await self.ghost_text() == text

    @property
    def status_item(self) -> Locator:
        """The item in the status bar."""
        return self.page.locator('[id="midfill.midfill.status"] a')

    async def status(self) -> str:
        """Return what the item in the status bar says to a screen reader."""
        return await self.status_item.get_attribute("aria-label") or ""

    async def wait_for_status(self, start: str) -> None:
        """Wait until the item's words begin with these."""
        await until(lambda: self._status_starts(start), f"the status {start!r}")

    async def _status_starts(self, start: str) -> bool:
        return await self.status_item.count() == 1 and (await self.status()).startswith(start)

    async def statuses(self) -> list[str]:
        """Return what the item has said since the window was opened, each once it changed."""
        return list(await self.page.evaluate("midfillPage.statuses"))

    @property
    def notifications(self) -> Locator:
        """The messages that have popped up and are still there."""
        return self.page.locator(".notification-toast-container .notification-list-item")

    async def clear_notifications(self) -> None:
        """Take the messages away."""
        await self.run("Notifications: Clear All Notifications")
        await expect(self.notifications).to_have_count(0)

    # --- what goes over the wire ---------------------------------------------------------------------

    def script(self, text: str) -> None:
        """Say what the scripted model writes from now on."""
        self.user.script.write_bytes(text.encode())

    def wire(self, sender: str = "") -> list[dict[str, Any]]:
        """Return the messages so far, of one side if it is named: client, server, or tap for the starts."""
        if not self.user.wire.exists():
            return []
        # The last line may be half written.
        lines = self.user.wire.read_text(encoding="utf-8").splitlines(keepends=True)
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        return [entry.get("message", entry) for entry in entries if sender in ("", entry["from"])]

    def requests(self, method: str = "textDocument/inlineCompletion") -> Sequence[dict[str, Any]]:
        """Return the parameters of what the editor has asked or told under this name."""
        return [message["params"] for message in self.wire("client") if message.get("method") == method]

    async def wait_for_request(self, method: str, number: int = 1) -> None:
        """Wait until the editor has asked or told so many times under this name."""
        await until(lambda: len(self.requests(method)) >= number, f"{number} of {method}")

    def log(self) -> str:
        """Return the extension's log."""
        logs = self.user.data.glob("logs/*/exthost*/midfill.midfill/midfill.log")
        return "".join(log.read_text(encoding="utf-8") for log in logs)

    def server_pids(self) -> list[int]:
        """Return the processes of the servers, in the order of their starts."""
        return [start["pid"] for start in self.wire("tap")]
