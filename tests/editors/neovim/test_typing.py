"""What somebody sees and gets who types in Neovim. The keys are those of the plugin's defaults."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.editors.neovim.conftest import PATIENT
from tests.editors.neovim.editor import EMBEDDED, FAKE, SCRIPTED, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Fake, Script, Start
    from tests.editors.neovim.editor import Editor

HEAD = "def add(a, b):\n"


def begin(editor: Editor, path: Path, text: str) -> None:
    """Open a file and type where ``‸`` stands."""
    editor.open(path, text)
    editor.until_attached()
    editor.insert()


class Case(NamedTuple):
    """A document, what the model writes when ``typed`` has been typed, what is shown of it, and the file in the end."""

    text: str
    typed: str
    model: str
    shown: str
    written: str


CASES = [
    Case("‸\n", "ret", "urn a + b\n", "urn a + b", "return a + b\n"),
    Case(f"{HEAD}    ‸\n", "ret", "urn a + b\n", "urn a + b", f"{HEAD}    return a + b\n"),
    Case("print(‸)\n", "0, ", "1, 2)\n", "1, 2", "print(0, 1, 2)\n"),
    Case("s = '😀漢‸'\n", "x", "字')\n", "字", "s = '😀漢x字'\n"),
    Case(
        f"{HEAD}    ‸\n",
        "",
        "total = a + b\n    return total\n\n\ndef other():\n",
        "total = a + b\n    return total",
        f"{HEAD}    total = a + b\n    return total\n",
    ),
    Case(
        "def f():\r\n    ‸\r\n",
        "",
        "a = '😀'\n    return a\n\n\ndef g():\n",
        "a = '😀'\n    return a",
        "def f():\r\n    a = '😀'\r\n    return a\r\n",
    ),
    Case("def f():\r\n    ‸ + b\r\n", "return ", "'漢'\n", "'漢'", "def f():\r\n    return '漢' + b\r\n"),
]


def test_a_suggestion_is_shown_and_accepted(scripted: Editor, script: Script, tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        file = tmp_path / f"{number}.py"
        script("" if case.typed else case.model)
        begin(scripted, file, case.text)
        script(case.model)
        scripted.type(case.typed)
        scripted.until_ghost(case.shown)
        [ghost] = scripted.ghosts()
        row, col = scripted.mark
        assert (ghost.row, ghost.col) == (row - 1, col + len(case.typed.encode()))
        scripted.keys("<Tab>")
        scripted.until_text(case.written.replace("\r\n", "\n").removesuffix("\n"))
        scripted.keys("<Esc>:write<CR>")
        written = case.written.encode()
        scripted.until(lambda: file.read_bytes() == written, "the file on disk")  # noqa: B023  it is called at once
        assert scripted.ghosts() == []


def test_a_move_that_neovim_does_not_tell_of_is_asked_for_too(start: Start, fake: Fake, tmp_path: Path) -> None:
    fake.suggest("return a + b")
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record))
    editor.setup(cmd=FAKE, ghost_text="own")
    begin(editor, tmp_path / "a.py", "\nret‸\n")
    editor.until_ghost("urn a + b")
    # The start of insert mode may have taken one request or two.
    before = fake.asked()
    # In one go, so that the answer for the first line comes when the cursor is on the second again.
    editor.lua("""
        vim.api.nvim_win_set_cursor(0, { 1, 0 })
        vim.api.nvim_exec_autocmds("CursorMovedI", {})
        vim.o.eventignore = "CursorMovedI"
        vim.api.nvim_win_set_cursor(0, { 2, 3 })
    """)
    editor.until(lambda: fake.asked() >= before + 2, "a request for where the cursor is")
    places = [asked["position"] for asked in fake.heard("textDocument/inlineCompletion")[before:]]
    assert places == [{"line": 0, "character": 0}, {"line": 1, "character": 3}]
    editor.until_ghost("urn a + b")


@pytest.mark.parametrize(
    ("version", "ghost_text"), [("0.12", "native"), ("0.12", "own"), ("0.10", "own")], indirect=["version"]
)
def test_typing_along_does_not_flicker(scripted: Editor, script: Script, tmp_path: Path, ghost_text: str) -> None:
    scripted.setup(cmd=SCRIPTED, settings=PATIENT, ghost_text=ghost_text)
    script("total = a + b\n    return total\n\n\ndef other():\n")
    begin(scripted, tmp_path / "a.py", f"{HEAD}    ‸\n")
    shown = "total = a + b\n    return total"
    scripted.until_ghost(shown)
    scripted.frames()
    for typed in range(1, len(shown)):
        scripted.type(shown[typed - 1])
        script(shown[typed:] + "\n\n\ndef other():\n")
        if shown[typed - 1] == "\n":
            # Neovim indents the new line by itself: the suggestion's own spaces are there already.
            break
        assert scripted.ghost() == shown[typed:]
    whole = ["def add(a, b):", "    total = a + b", "    return total"]
    assert {tuple(frame[:3]) for frame in scripted.frames()} == {tuple(whole)}


def test_something_else_than_the_suggestion(scripted: Editor, script: Script, tmp_path: Path) -> None:
    script("return a + b\n")
    begin(scripted, tmp_path / "a.py", f"{HEAD}    ‸\n")
    scripted.until_ghost("return a + b")
    scripted.frames()
    script(" = a + b\n")
    scripted.type("total")
    scripted.until_ghost(" = a + b")
    for frame in scripted.frames():
        # What does not fit is gone with the key, not with the next answer.
        assert frame[1] == "    total = a + b" or "return" not in frame[1] or frame[1] == "    return a + b", frame[1]
        assert "treturn" not in frame[1]
    scripted.keys("<Tab>")
    scripted.until_text(f"{HEAD}    total = a + b")


def test_the_embedded_model_suggests(start: Start, tmp_path: Path) -> None:
    embedded = start()
    embedded.setup(cmd=EMBEDDED, settings={"confidence": 0, **PATIENT})
    text = "class A(B):\n    def __init__(self, name, value):\n        super().‸\n"
    begin(embedded, tmp_path / "a.py", text)
    embedded.until(embedded.ghost, "a suggestion")
    suggestion = embedded.ghost()
    embedded.keys("<Tab>")
    embedded.until_text(text.replace("‸", suggestion).removesuffix("\n"))
    assert embedded.status() == "tiny"


def stats(home: Path) -> dict[str, int]:
    """Return the sums of `midfill stats --json` in this home."""
    command = [*environment(home), sys.executable, "-m", "lsp_server", "stats", "--json"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return {name: answer["total"][name] for name in ("shown", "accepted", "acceptedInPart")}


def test_what_is_accepted_is_counted(scripted: Editor, script: Script, tmp_path: Path) -> None:
    script("return a + b\n")
    begin(scripted, tmp_path / "a.py", f"{HEAD}    ‸\n")
    scripted.until_ghost("return a + b")
    script("")
    scripted.keys("<Tab>")
    scripted.until_text(f"{HEAD}    return a + b")
    scripted.keys("<Esc>")
    script("first, second\n")
    scripted.keys("o")
    scripted.until_ghost("first, second")
    scripted.keys("<M-Right>")
    scripted.until_text(f"{HEAD}    return a + b\nfirst")
    scripted.close()
    assert stats(scripted.home) == {"shown": 2, "accepted": 1, "acceptedInPart": 1}
