"""The life of the server: how it is found or installed, what happens when it ends, and which documents it serves."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.async_api import expect

from tests.editors.vscode.code_server import SCRIPTED
from tests.editors.vscode.waiting import READY, until
from tests.editors.vscode.wheel import write_wheel

if TYPE_CHECKING:
    from tests.editors.vscode.code_server import User
    from tests.editors.vscode.conftest import Start
    from tests.editors.vscode.editor import Editor

AREA = "def area(width, height):\n    ‸\n"


async def test_a_server_that_is_killed_comes_back(editor: Editor) -> None:
    editor.script("eturn width * height\n")
    await editor.open("killed.py", AREA)
    await editor.type("r")
    await editor.wait_for_ghost("eturn width * height")
    starts = len(editor.server_pids())
    await editor.type("et")
    os.kill(editor.server_pids()[-1], signal.SIGKILL)
    await editor.type("urn ")
    await until(lambda: len(editor.server_pids()) > starts, "a new server")
    await editor.wait_for_status(READY)
    editor.script("idth\n")
    await editor.type("w")
    await editor.wait_for_ghost("idth")
    # The status bar has said it.
    assert await editor.notifications.count() == 0
    assert "midfill: error" in await editor.statuses()
    assert "ended by itself" in editor.log()


async def test_the_server_is_restarted_on_command(editor: Editor) -> None:
    await editor.open("restarted.py", AREA)
    before = editor.server_pids()
    await editor.run("midfill: Restart Server")
    await until(lambda: len(editor.server_pids()) > len(before), "a new server")
    await editor.wait_for_status(READY)
    assert not psutil.pid_exists(before[-1])
    editor.script("eturn width\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")


async def test_a_server_that_never_comes_up_is_told_of_once(user: User, start: Start) -> None:
    user.serve(sys.executable, "-c", "raise SystemExit('no such luck')")
    editor = await start(status="midfill: error")
    message = editor.notifications.filter(has_text="does not come up")
    await expect(message).to_have_count(1)
    await editor.screenshot("does_not_come_up")
    assert len(editor.server_pids()) == 3
    await message.get_by_role("button", name="Show Log").click()
    await expect(editor.page.locator(".part.panel")).to_contain_text("ended by itself")
    assert "no such luck" in editor.log()


async def test_a_server_that_is_missing_is_installed(user: User, start: Start) -> None:
    user.serve(*SCRIPTED[:-1])
    wheel = write_wheel(user.folder, user.settings.pop("midfill.serverCommand"))
    # Debian's own Python makes virtual environments only with one more package.
    user.environment["PATH"] = f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"
    user.environment["MIDFILL_PACKAGE"] = str(wheel)
    editor = await start(status="midfill: no server")
    message = editor.notifications.filter(has_text="midfill's language server is not on this machine yet.")
    await expect(message).to_have_count(1)
    await expect(message.get_by_role("button", name="Settings")).to_be_visible()
    await editor.screenshot("missing_server")
    await message.get_by_role("button", name="Install").click()
    progress = editor.notifications.filter(has_text="installing the language server")
    await expect(progress).to_be_visible()
    await editor.screenshot("installing")
    await until(editor.server_pids, "the server", seconds=90)
    await editor.wait_for_status(READY)
    await expect(progress).to_have_count(0)
    await editor.warm_up()
    editor.script("eturn width\n")
    await editor.open("installed.py", AREA)
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")


async def test_one_server_serves_all_folders_of_a_workspace(user: User, start: Start) -> None:
    names = ["first", "second"]
    folders = [user.workspace / name for name in names]
    for folder in folders:
        folder.mkdir()
        (folder / "helper.py").write_text(f"def area_of_{folder.name}(width):\n    return width * width\n")
    file = user.folder / "both.code-workspace"
    file.write_text(json.dumps({"folders": [{"path": str(folder)} for folder in folders]}))
    editor = await start(file)
    editor.script("idth\n")
    for folder in folders:
        use = f"area_of_{folder.name}"
        marked = f"from helper import {use}\n\n\ndef volume(width):\n    return {use}(‸)\n"
        await editor.open(f"use_{folder.name}.py", marked, folder=folder)
        await editor.type("w")
        await editor.wait_for_ghost("idth")
    assert len(editor.server_pids()) == 1
    assert [folder["name"] for folder in editor.requests("initialize")[0]["workspaceFolders"]] == names
    # What is imported lies in the file's own folder, whose files are named without it.
    await editor.run("midfill: Explain Last Suggestion")
    await expect(editor.page.locator(".tab.active")).to_contain_text("Last Suggestion")
    await until(editor.lines, "the explanation")
    assert any(re.match(r"\d+ +helper\.py ", line) for line in await editor.lines())
