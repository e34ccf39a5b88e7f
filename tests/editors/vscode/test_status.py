"""The item in the status bar, its menu, and the documents that tell more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.editors.places import ROOT
from tests.editors.vscode.code_server import EMBEDDED
from tests.editors.vscode.waiting import READY, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.editors.vscode.code_server import User
    from tests.editors.vscode.conftest import Start
    from tests.editors.vscode.editor import Editor


async def test_loading_is_shown_until_the_model_is_ready_which_has_several_candidates(user: User, start: Start) -> None:
    user.serve(sys.executable, str(Path(__file__).with_name("gated_server.py")), "serve")
    gate = user.folder / "gate"
    user.environment["GATE"] = str(gate)
    editor = await start(status="midfill: loading, 42 %")
    assert await editor.status_item.inner_text() == " midfill 42 %"
    await editor.screenshot("loading")
    gate.touch()
    await editor.wait_for_status(READY)
    statuses = await editor.statuses()
    assert statuses[0] == "midfill: starting"
    assert statuses[-1].startswith(READY)
    states = [re.split(r"[:,] ", status)[1] for status in statuses]
    assert list(dict.fromkeys(states)) == ["starting", "loading", "ready"]
    await editor.warm_up()
    editor.script("return width\nreturn height\nreturn 0\n")
    await editor.open("candidates.py", "def area(width, height):\n    ‸\n")
    await editor.press("Control+Alt+t")
    await editor.wait_for_ghost("return width")
    await editor.press("Alt+]")
    await editor.wait_for_ghost("return height")
    await editor.press("Alt+]")
    await editor.wait_for_ghost("return 0")
    await editor.press("Alt+[")
    await editor.wait_for_ghost("return height")


async def test_the_embedded_model_is_chosen_and_writes(user: User, start: Start) -> None:
    user.serve(*EMBEDDED)
    editor = await start()
    await editor.wait_for_status("midfill: ready, tiny")
    await editor.run("midfill: Choose Model")
    await expect(editor.picks.first).to_contain_text("tiny")
    await expect(editor.picks.nth(1)).to_contain_text("qwen2.5-coder-0.5b")
    await expect(editor.picks.nth(1)).to_contain_text("531 MB to download")
    await editor.screenshot("choose_model")
    await editor.pick("tiny")
    await until(lambda: configurations(editor)[-1] == {"model": "tiny"}, "the setting")
    await editor.open("numbers.py", "import os\n\n\nfor name in os.listdir(‸\n")
    await editor.type('"."')
    await until(editor.ghost_text, "any ghost text")


async def test_a_slow_model_is_seen_thinking_and_superseded_requests_are_cancelled(user: User, start: Start) -> None:
    user.environment["SCRIPT_SECONDS"] = "0.6"
    editor = await start()
    await editor.open("slow.py", "def area(width, height):\n    ‸\n")
    asked = len(editor.requests())
    editor.script("eturn width\n")
    await editor.type("r")
    await editor.wait_for_request("textDocument/inlineCompletion", asked + 1)
    editor.script("se ValueError\n")
    await editor.type("ai")
    await editor.wait_for_ghost("se ValueError")
    assert "midfill: thinking, scripted" in await editor.statuses()
    await editor.wait_for_status(READY)
    asked_ids = [m["id"] for m in editor.wire("client") if m.get("method") == "textDocument/inlineCompletion"]
    cancelled_ids = [params["id"] for params in editor.requests("$/cancelRequest")]
    assert asked_ids[asked] in cancelled_ids
    answers = {m["id"]: m for m in editor.wire("server") if "method" not in m}
    assert answers[asked_ids[asked]]["error"]["code"] == -32800
    assert set(asked_ids) <= set(answers)
    assert await editor.notifications.filter(has=editor.page.locator(".codicon-error")).count() == 0


async def test_the_menu_offers_what_can_be_done(editor: Editor) -> None:
    await editor.open("menu.py", "‸")
    await editor.status_item.click()
    await expect(editor.page.locator(".quick-input-title")).to_have_text("midfill")
    labels = [label.strip() for label in await editor.picks.locator(".label-name").all_inner_texts()]
    await editor.screenshot("menu")
    assert labels == [
        "Ready, scripted",
        "Pause for This File",
        "Pause for This Language",
        "Pause for This Workspace",
        "Choose Model",
        "Explain Last Suggestion",
        "Statistics",
        "Restart Server",
        "Show Log",
    ]
    await editor.press("Escape")


async def test_the_last_suggestion_is_explained_in_a_document(editor: Editor) -> None:
    editor.script("eturn width\n")
    await editor.open("explained.py", "def area(width, height):\n    ‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")
    await editor.run("midfill: Explain Last Suggestion")
    await expect(editor.page.locator(".tab.active")).to_contain_text("Last Suggestion")
    text = await until(lambda: text_of(editor), "the text of the explanation")
    await editor.screenshot("explanation")
    assert "eturn width" in text
    # Nobody can change it.
    await editor.type("x")
    assert await text_of(editor) == text


async def test_what_is_accepted_is_counted(editor: Editor) -> None:
    editor.script(", 2}\n")
    path = await editor.open("counted.lua", "local t = {‸}\n")
    await editor.type("1")
    await editor.wait_for_ghost(", 2")
    await editor.press("Tab")
    await editor.wait_for_ghost("")
    await editor.save()
    assert path.read_text() == "local t = {1, 2}\n"
    await editor.run("midfill: Statistics")
    await expect(editor.page.locator(".tab.active")).to_contain_text("Statistics")
    text = await until(lambda: text_of(editor), "the text of the statistics")
    await editor.screenshot("statistics")
    assert "lua" in text
    # The server writes them when it goes, at the latest.
    await editor.run("midfill: Restart Server")
    counts = await until(lambda: counts_of(editor.user, "lua"), "counts on the disk")
    await editor.wait_for_status(READY)
    assert (counts["shown"], counts["accepted"]) == (1, 1)


async def text_of(editor: Editor) -> str:
    """Return what the editor shows."""
    return "\n".join(await editor.lines()).strip()


def counts_of(user: User, language: str) -> dict[str, Any]:
    """Return what `midfill stats` says of a language to this user; nothing is true of an empty answer."""
    command = [sys.executable, "-m", "lsp_server", "stats", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=user.variables(), capture_output=True, text=True, check=True)
    counted = json.loads(done.stdout)["byLanguageAndModel"]
    return next((counts for counts in counted if counts["language"] == language), {})


@pytest_asyncio.fixture(loop_scope="session")
async def unset(editor: Editor) -> AsyncIterator[None]:
    """Take the settings of the test back."""
    yield
    editor.user.set_in_workspace()
    await until(lambda: configurations(editor)[-1] == {}, "no settings")
    await editor.wait_for_status(READY)


@pytest.mark.usefixtures("unset")
async def test_a_model_that_is_missing_is_told_and_the_old_one_goes_on(editor: Editor) -> None:
    editor.script("eturn width\n")
    await editor.open("goes_on.py", "def area(width, height):\n    ‸\n")
    editor.user.set_in_workspace(**{"midfill.model": "/nowhere/missing.gguf"})
    await expect(editor.notifications).to_contain_text("There is no model '/nowhere/missing.gguf'")
    await editor.screenshot("missing_model")
    await editor.wait_for_status(READY)
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")
    await editor.clear_notifications()


@pytest.mark.usefixtures("unset")
async def test_the_server_hears_what_is_set_and_nothing_else(editor: Editor) -> None:
    editor.user.set_in_workspace(**{"midfill.confidence": 0, "midfill.disabledLanguages": ["python"]})
    await until(lambda: configurations(editor)[-1] == {"confidence": 0, "disabledLanguages": ["python"]}, "settings")
    await editor.open("disabled.py", "‸")
    await editor.wait_for_status("midfill: paused, scripted")
    await editor.open("enabled.txt", "‸")
    await editor.wait_for_status(READY)


def configurations(editor: Editor) -> list[Any]:
    """Return the editor's answers to workspace/configuration."""
    asked = {m["id"] for m in editor.wire("server") if m.get("method") == "workspace/configuration"}
    return [m["result"][0] for m in editor.wire("client") if m.get("id") in asked and "result" in m]
