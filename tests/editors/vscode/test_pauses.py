"""Pauses: where one holds, nothing is asked of the server, and the status bar says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.vscode.waiting import READY, until

if TYPE_CHECKING:
    from tests.editors.vscode.editor import Editor

CHANGE = "textDocument/didChange"
AREA = "def area(width, height):\n    ‸\n"


@pytest.mark.parametrize(
    ("kind", "title", "other_file", "other_language"),
    [
        ("file", "Pause for This File", READY, READY),
        ("language", "Pause for This Language", "midfill: paused for this language, scripted", READY),
        (
            "workspace",
            "Pause for This Workspace",
            "midfill: paused for this workspace, scripted",
            "midfill: paused for this workspace, scripted",
        ),
    ],
)
async def test_a_pause_holds_where_it_should_until_it_is_lifted(
    editor: Editor, kind: str, title: str, other_file: str, other_language: str
) -> None:
    editor.script("eturn width\n")
    await editor.open(f"{kind}_other.py", "‸")
    await editor.open(f"{kind}_other.txt", "‸")
    path = await editor.open(f"{kind}.py", AREA)
    await editor.run(f"midfill: {title}")
    await editor.wait_for_status(f"midfill: paused for this {kind}, scripted")
    await editor.screenshot(f"paused_{kind}")
    await editor.type("r")
    await until(lambda: any(c["textDocument"]["uri"] == path.as_uri() for c in editor.requests(CHANGE)), "the change")
    # Even one who asks for it is not heard.
    await editor.press("Control+Alt+t")
    for name, status in ((f"{kind}_other.py", other_file), (f"{kind}_other.txt", other_language)):
        await editor.show_file(name)
        await editor.wait_for_status(status)
    await editor.show_file(f"{kind}.py")
    await editor.wait_for_status(f"midfill: paused for this {kind}, scripted")
    assert await editor.ghost_text() == ""
    await editor.run("midfill: Resume")
    await editor.wait_for_status(READY)
    # By now an answer to what was typed would long have been asked for.
    assert [r for r in editor.requests() if r["textDocument"]["uri"] == path.as_uri()] == []
    editor.script("urn width\n")
    await editor.type("et")
    await editor.wait_for_ghost("urn width")
