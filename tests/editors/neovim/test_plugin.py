"""The plugin as something that is installed: loaded by any means, quick at startup, documented, and checked."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import statistics
import subprocess
from typing import TYPE_CHECKING

import pytest

from lsp_server import __version__
from tests.editors.neovim.editor import EMBEDDED, FAKE, PLUGIN, SCRIPTED, binary, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Fake, Script, Start
    from tests.editors.neovim.editor import Editor

STARTUP_MILLISECONDS = 2.0
RUNS = 7


def startup_milliseconds(version: str, folder: Path, number: int) -> float:
    """Return how long Neovim takes to load the plugin's only file that is loaded at startup."""
    file = folder / f"startup{number}"
    options = ["--headless", "--clean", "--cmd", f"set runtimepath^={PLUGIN}", "--startuptime", str(file), "+qall!"]
    subprocess.run([*environment(folder / "home"), str(binary(version)), *options], check=True, timeout=60)
    [line] = [line for line in file.read_text().splitlines() if "plugin/midfill.lua" in line]
    return float(line.split()[1])


def test_startup(version: str, tmp_path: Path) -> None:
    times = [startup_milliseconds(version, tmp_path, number) for number in range(RUNS)]
    assert statistics.median(times) <= STARTUP_MILLISECONDS, times


def test_setup_is_quick_as_well(start: Start) -> None:
    # Neovim's LSP client is not loaded before a file is there that needs it.
    editor = start()
    milliseconds, has_lsp = editor.lua("""
        local begin = vim.uv.hrtime()
        require("midfill").setup()
        return { (vim.uv.hrtime() - begin) / 1e6, package.loaded["vim.lsp"] ~= nil }
    """)
    assert milliseconds <= 5 * STARTUP_MILLISECONDS
    assert not has_lsp


def test_without_a_plugin_manager(start: Start, fake: Fake, tmp_path: Path) -> None:
    package = tmp_path / "site" / "pack" / "any" / "opt" / "midfill"
    shutil.copytree(PLUGIN, package)
    editor = start(
        *("-c", f"set runtimepath-={PLUGIN}", "-c", f"set packpath^={tmp_path / 'site'}"),
        SCRIPT=str(fake.script),
        RECORD=str(fake.record),
    )
    editor.nvim.command("unlet g:loaded_midfill | delcommand Midfill | packadd midfill")
    assert editor.lua("return vim.fn.exists(':Midfill')") == 2
    assert editor.lua("return debug.getinfo(require('midfill').setup).source") == f"@{package}/lua/midfill/init.lua"
    editor.setup(cmd=FAKE)
    editor.open(tmp_path / "a.py")
    editor.until_attached()


@pytest.mark.parametrize("version", ["0.12"], indirect=True)
def test_with_nothing_but_neovim_s_own_commands(start: Start, script: Script, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "midfill"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(SCRIPTED[:-1])} "$@"\n')
    program.chmod(0o755)
    editor = start(SCRIPT=str(tmp_path / "script.txt"), PATH=f"{program.parent}:{os.environ['PATH']}")
    editor.lua("""
        vim.lsp.enable("midfill")
        vim.lsp.inline_completion.enable()
        vim.keymap.set("i", "<Tab>", function()
          return vim.lsp.inline_completion.get() and "" or "<Tab>"
        end, { expr = true })
    """)
    script("a = '😀'\n    return a\n\n\ndef g():\n")
    editor.open(tmp_path / "a.py", "def f():\r\n    ‸\r\n")
    editor.until_attached()
    editor.insert()
    editor.until_ghost("a = '😀'\n    return a")
    editor.keys("<Tab>")
    editor.until_text("def f():\n    a = '😀'\n    return a")
    editor.keys("<Esc>:write<CR>")
    written = "def f():\r\n    a = '😀'\r\n    return a\r\n".encode()
    editor.until(lambda: (tmp_path / "a.py").read_bytes() == written, "the file on disk")


def health(editor: Editor) -> str:
    """Return what `:checkhealth midfill` says."""
    editor.nvim.command("checkhealth midfill")
    editor.until(lambda: "Conflicts" in editor.text(), "the report")
    return editor.text()


def test_health(start: Start, tmp_path: Path) -> None:
    editor = start()
    editor.setup(cmd=EMBEDDED)
    editor.open(tmp_path / "a.py")
    editor.until_status("tiny")
    report = health(editor)
    assert "ERROR" not in report
    assert "WARNING" not in report
    for expected in (
        f"Neovim {editor.version}",
        f"version {__version__}, serves 1 buffers",
        "state ready, model tiny",
        "none found",
    ):
        assert expected in report


def test_health_where_something_is_wrong(start: Start) -> None:
    editor = start()
    editor.setup(cmd=["no-such-midfill"])
    editor.lua("vim.keymap.set('i', '<Tab>', 'x', { desc = 'another plugin' })")
    editor.lua("vim.g.loaded_copilot = 1")
    report = health(editor)
    for expected in (
        "`no-such-midfill` is not there",
        "pipx install midfill",
        "no server is running",
        "<Tab> (accept) is mapped by something else now: another plugin",
        "the plugin copilot is loaded as well",
    ):
        assert expected in report


@pytest.mark.parametrize("version", ["0.12"], indirect=True)
def test_help(start: Start, tmp_path: Path) -> None:
    shutil.copytree(PLUGIN / "doc", tmp_path / "doc")
    start().nvim.command(f"helptags {tmp_path / 'doc'}")
    tags = {line.split("\t")[0] for line in (tmp_path / "doc" / "tags").read_text().splitlines()}
    subcommands = ("status", "toggle", "pause", "resume", "explain", "model", "restart", "stats", "log")
    assert {"midfill", "midfill.txt", ":Midfill", "midfill.setup()", "midfill.status()"} <= tags
    assert {f":Midfill-{name}" for name in subcommands} <= tags
    text = (PLUGIN / "doc" / "midfill.txt").read_text()
    options = re.findall(r"^---@field (\w+)\?", (PLUGIN / "lua/midfill/config.lua").read_text(), re.MULTILINE)
    assert options
    assert [name for name in options if f"{name}" not in text] == []
    assert max(map(len, text.splitlines())) <= 78


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Midfill re", ["restart", "resume"]),
        ("Midfill toggle ", ["file", "language", "workspace"]),
        ("Midfill pause w", ["workspace"]),
        ("Midfill status ", []),
    ],
)
@pytest.mark.parametrize("version", ["0.12"], indirect=True)
def test_the_command_line_completes(start: Start, line: str, expected: list[str]) -> None:
    assert start().nvim.funcs.getcompletion(line, "cmdline") == expected


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"comand": ["midfill"]}, "setup() has no option `comand`; it is ignored."),
        ({"cmd": "midfill serve"}, '`cmd` has to be a list of strings such as { "midfill", "serve" }'),
        ({"cmd": []}, "`cmd` has to be a list of strings"),
        ({"keymaps": {"acept": "<Tab>"}}, "keymaps has no `acept`; it is ignored."),
        ({"keymaps": {"accept": 3}}, "`keymaps.accept` has to be a key or false; the default stays."),
        ({"filetypes": "python"}, "`filetypes` has to be a list of file types; the default stays."),
        ({"ghost_text": "both"}, '`ghost_text` has to be "auto", "native" or "own"; the default stays.'),
    ],
)
@pytest.mark.parametrize("version", ["0.10"], indirect=True)
def test_options_that_cannot_be_used(start: Start, options: dict[str, object], problem: str) -> None:
    editor = start()
    editor.setup(**options)
    [message] = editor.messages()
    assert problem in message


@pytest.mark.parametrize("version", ["0.12"], indirect=True)
def test_a_subcommand_that_is_none(start: Start) -> None:
    editor = start()
    editor.nvim.command("Midfill sleep")
    editor.nvim.command("Midfill toggle all")
    unknown, wrong = editor.messages()
    known = "explain, log, model, pause, restart, resume, stats, status, toggle"
    assert unknown == f"midfill: there is no `:Midfill sleep`, only {known}."
    assert wrong == "midfill: `all` is not one of file, language and workspace."
