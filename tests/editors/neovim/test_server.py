"""The server's life in Neovim: started, paused, asked, changed, killed, missing."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim.editor import EMBEDDED, FAKE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Fake, Script, Start
    from tests.editors.neovim.editor import Editor

SERVER = """
local parent = vim.fn.getpid()
return vim.api.nvim_get_proc_children(parent)
"""


def server_process(editor: Editor) -> int:
    """Return the process of the server."""
    [process] = editor.lua(SERVER)
    return int(process)


def test_a_server_that_is_killed_comes_back(scripted: Editor, script: Script, tmp_path: Path) -> None:
    script("urn a + b\n")
    scripted.open(tmp_path / "a.py", "def add(a, b):\n    ‸\n")
    scripted.until_attached()
    scripted.insert()
    scripted.type("re")
    killed = server_process(scripted)
    os.kill(killed, signal.SIGKILL)
    scripted.type("t")
    scripted.until(lambda: scripted.lua(SERVER) not in ([], [killed]), "another server")
    scripted.until_ghost("urn a + b")
    scripted.keys("<Tab>")
    scripted.until_text("def add(a, b):\n    return a + b")
    # The server says once that its model is a toy; that it was killed is nobody's business.
    assert len(scripted.messages()) == 1, scripted.messages()


def test_typing_goes_on_while_the_server_is_gone(faked: Editor, fake: Fake) -> None:
    fake.suggest("return one")
    faked.insert()
    faked.type("r")
    faked.until_ghost("eturn one")
    os.kill(server_process(faked), signal.SIGKILL)
    faked.until(lambda: faked.lua(SERVER) == [], "the end of the server")
    faked.type("et")
    faked.until_attached()
    faked.type("u")
    faked.until_ghost("rn one")


def test_a_server_that_never_comes_up_is_told_of_once(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.setup(cmd=["false"])
    editor.open(tmp_path / "a.py")
    editor.until(lambda: editor.lua("return require('midfill.restart').count()") >= 2, "a second start")
    [message] = editor.messages()
    assert message == ("midfill: the server cannot be started (exit code 1). :Midfill log says where to find out why.")


def test_a_missing_server_is_told_of_once(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.setup(cmd=["no-such-midfill", "serve"])
    for name in ("a.py", "b.py"):
        editor.open(tmp_path / name)
    editor.until(editor.messages, "a message")
    editor.nvim.command("edit a.lua")
    [message] = editor.messages()
    assert "no program `no-such-midfill`" in message
    assert "pipx install midfill" in message
    editor.insert()
    editor.type("x")
    assert editor.text() == "x"


def test_the_server_is_started_anew(faked: Editor) -> None:
    before = server_process(faked)
    faked.nvim.command("Midfill restart")
    faked.until(lambda: faked.lua(SERVER) not in ([], [before]), "another server")
    faked.until_attached()
    assert faked.messages() == []


@pytest.mark.parametrize(
    ("scope", "others"),
    [
        ("file", {"b.py": "fake", "b.lua": "fake"}),
        ("language", {"b.py": "paused", "b.lua": "fake"}),
        ("workspace", {"b.py": "paused", "b.lua": "paused"}),
    ],
)
def test_pause(faked: Editor, fake: Fake, tmp_path: Path, scope: str, others: dict[str, str]) -> None:
    fake.suggest("return one")
    faked.insert()
    faked.type("r")
    faked.until_ghost("eturn one")
    faked.nvim.command(f"Midfill pause {scope}")
    faked.until_ghost("")
    assert faked.status() == "paused"
    uri = (tmp_path / "a.py").as_uri()

    def asked() -> int:
        requests = fake.heard("textDocument/inlineCompletion")
        return sum(each["textDocument"]["uri"] == uri for each in requests)

    before = asked()
    faked.type("e")
    faked.nvim.command("Midfill status")
    assert faked.messages()[-1] == f"midfill: paused for this {scope}; `:Midfill resume` goes on."
    for name, status in others.items():
        faked.nvim.command(f"stopinsert | edit! {tmp_path / name}")
        faked.until_status(status)
    faked.nvim.command(f"edit! {tmp_path / 'a.py'}")
    assert asked() == before
    faked.nvim.command("Midfill resume")
    assert faked.status() == "fake"
    faked.insert()
    faked.type("r")
    faked.until_ghost("eturn one")


def test_toggle(faked: Editor) -> None:
    said = []
    for _ in range(2):
        faked.nvim.command("Midfill toggle")
        said.append((faked.status(), faked.messages()[-1]))
    assert said == [("paused", "midfill: paused for this file."), ("fake", "midfill: suggestions are on.")]


def test_two_folders_have_one_server(faked: Editor, fake: Fake, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / ".git").mkdir(parents=True)
        faked.open(tmp_path / name / "a.py")
        faked.until_attached()
    faked.open(tmp_path / "one" / "b.py")
    faked.until_attached()
    faked.until(lambda: len(fake.heard("workspace/didChangeWorkspaceFolders")) == 2, "two folders")
    added = [each["event"]["added"][0]["uri"] for each in fake.heard("workspace/didChangeWorkspaceFolders")]
    assert added == [(tmp_path / name).as_uri() for name in ("one", "two")]
    assert len(fake.heard("initialize")) == 1
    opened = {each["textDocument"]["uri"] for each in fake.heard("textDocument/didOpen")}
    assert (tmp_path / "two" / "a.py").as_uri() in opened


def test_files_without_suggestions(start: Start, fake: Fake, tmp_path: Path) -> None:
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record))
    editor.lua(
        """
        local options = ...
        options.filter = function(bufnr) return not vim.api.nvim_buf_get_name(bufnr):find("secret") end
        require("midfill").setup(options)
        """,
        {"cmd": FAKE, "filetypes": ["python"]},
    )
    for name in ("a.lua", "secret.py", "a.py"):
        editor.open(tmp_path / name)
    editor.until_attached()
    opened = [each["textDocument"]["uri"] for each in fake.heard("textDocument/didOpen")]
    assert opened == [(tmp_path / "a.py").as_uri()]


def test_the_state_of_the_real_server(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.setup(cmd=EMBEDDED)
    assert editor.status() == ""
    editor.open(tmp_path / "a.py")
    editor.until_status("tiny")
    # `User MidfillStatus` has come for each change.
    assert editor.lua("return statuses")[-1] == "tiny"
    editor.nvim.command("Midfill status")
    editor.until(lambda: "midfill: ready, model tiny" in editor.messages(), "the state")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"state": "loading", "model": "", "percent": 42}, "42 %"),
        ({"state": "downloading", "model": "tiny", "percent": 7}, "7 %"),
        ({"state": "loading", "model": "", "percent": None}, "…"),
        ({"state": "thinking", "model": "tiny"}, "tiny…"),
        ({"state": "ready", "model": "tiny"}, "tiny"),
        ({"state": "paused", "model": "tiny"}, "paused"),
        ({"state": "error", "model": ""}, "error"),
    ],
)
@pytest.mark.parametrize("version", ["0.12"], indirect=True)
def test_the_text_for_a_status_line(faked: Editor, params: dict[str, object], text: str) -> None:
    faked.lua(
        """
        local params, client = ..., vim.lsp.get_clients({ name = "midfill" })[1]
        require("midfill.status").handle(nil, params, { client_id = client.id })
        """,
        params,
    )
    assert faked.status() == text
    assert faked.lua("return statuses")[-1] == text


def test_settings_reach_the_server(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.setup(cmd=EMBEDDED, settings={"maxTokens": "many", "logLevel": "debug"})
    editor.open(tmp_path / "a.py")
    editor.until(lambda: len(editor.messages()) > 1, "the server's warning")
    warnings = [message for message in editor.messages() if "maxTokens" in message]
    assert warnings, editor.messages()
    assert warnings[0].startswith("midfill: the editor's settings: `maxTokens` cannot be 'many'")
    # The user's file counts where the editor says nothing: what is not set is not sent.
    assert not any("there is no setting" in message for message in editor.messages())


def test_explain_statistics_and_log(scripted: Editor, script: Script, tmp_path: Path) -> None:
    script("urn a\n")
    scripted.open(tmp_path / "a.py", "‸\n")
    scripted.until_attached()
    scripted.insert()
    scripted.type("ret")
    scripted.until_ghost("urn a")
    scripted.keys("<Esc>")
    windows = "return #vim.api.nvim_list_wins()"
    for command, expected in (("explain", "urn a"), ("stats", "shown"), ("log", "The model is scripted")):
        scripted.nvim.command(f"Midfill {command}")
        scripted.until(lambda: scripted.lua(windows) == 2, f"the window of {command}")
        assert expected in scripted.text(), command
        scripted.keys("q")
        scripted.until(lambda: scripted.lua(windows) == 1, "the window is closed")


def test_the_model_is_chosen(scripted: Editor, tmp_path: Path) -> None:
    scripted.open(tmp_path / "a.py")
    scripted.until_attached()
    scripted.lua(
        "vim.ui.select = function(items, options, done) _G.asked = options.format_item(items[1]); done(items[1]) end"
    )
    scripted.nvim.command("Midfill model")
    scripted.until(lambda: scripted.messages()[-1].startswith("midfill: the model is"), "the model")
    assert scripted.lua("return asked").startswith("* tiny")
    assert "model" in scripted.lua("return vim.lsp.get_clients({ name = 'midfill' })[1].settings.midfill")
