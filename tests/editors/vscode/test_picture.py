"""The picture for the READMEs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.editors.vscode.code_server import User
    from tests.editors.vscode.conftest import Start

LOOK = {
    "breadcrumbs.enabled": False,
    "editor.fontSize": 15,
    "editor.hideCursorInOverviewRuler": True,
    "editor.overviewRulerBorder": False,
    "editor.padding.top": 8,
    "editor.scrollbar.vertical": "hidden",
    # The scripted model's tokens are single characters.
    "midfill.maxTokens": 1000,
    "window.commandCenter": False,
    "workbench.activityBar.location": "hidden",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": False,
}
HEAD = '''"""Words, and how often they occur."""

from collections import Counter
from pathlib import Path


def most_common_words(path: Path, number: int = 10) -> list[tuple[str, int]]:
    """Return the words that occur most often in a file, with their counts."""
'''
SUGGESTION = """words = path.read_text(encoding="utf-8").lower().split()
    counts = Counter(word.strip(".,;:!?") for word in words)
    return counts.most_common(number)"""


async def test_a_window_as_the_readmes_show_it(user: User, start: Start) -> None:
    user.settings |= LOOK
    editor = await start()
    await editor.page.set_viewport_size({"width": 900, "height": 380})
    await editor.run("View: Close All Editors")
    await editor.run("View: Toggle Primary Side Bar Visibility")
    await editor.clear_notifications()
    editor.script(SUGGESTION + "\n")
    await editor.open("words.py", HEAD.rstrip("\n") + "‸\n")
    await editor.press("Enter")
    await editor.wait_for_ghost(SUGGESTION)
    await editor.screenshot("suggestion")
    assert await editor.notifications.count() == 0
