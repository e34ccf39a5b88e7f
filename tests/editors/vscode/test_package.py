"""The extension as it is installed: how large it is, what is in it, how soon it is there."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.vscode.editor import Editor


def test_it_is_small_and_holds_what_it_needs(vsix: Path) -> None:
    assert vsix.stat().st_size <= 1_000_000
    names = set(zipfile.ZipFile(vsix).namelist())
    assert {"extension/package.json", "extension/readme.md", "extension/dist/extension.js"} <= names
    assert not [name for name in names if re.search(r"/(node_modules|src|test|scripts)/|\.(ts|map|tsbuildinfo)$", name)]


def test_it_is_installed_by_the_editor_itself(extensions: Path) -> None:
    assert [folder.name for folder in extensions.glob("midfill.midfill-*")] != []


async def test_it_activates_quickly(editor: Editor) -> None:
    activated = re.search(r"Activated in (\d+) ms\.", editor.log())
    assert activated is not None
    assert int(activated[1]) <= 200
