"""What the keys do. The server of a page answers here: it offers several candidates, and tells what it has heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editors.neovim.editor import FAKE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editors.neovim.conftest import Fake, Start
    from tests.editors.neovim.editor import Editor

ENDS = ("<Tab>", "<M-Right>", "<M-C-Right>")


def begin(editor: Editor, fake: Fake, *candidates: str, typed: str = "") -> None:
    """Type in an empty file until the first candidate is shown."""
    fake.suggest(*candidates)
    editor.insert()
    editor.type(typed)
    editor.until_ghost(candidates[0].removeprefix(typed))


def press(editor: Editor, *keys: str) -> None:
    """Press keys, each when the one before has changed the buffer."""
    for key in keys:
        tick = editor.tick()
        editor.keys(key)
        editor.until_changed(tick, f"what {key} does")


@pytest.mark.parametrize(
    ("keys", "written", "left"),
    [
        (["<Tab>"], "return a.b(1)\n    x = 2", ""),
        (["<M-Right>"], "return", " a.b(1)\n    x = 2"),
        (["<M-Right>", "<M-Right>", "<M-Right>"], "return a.", "b(1)\n    x = 2"),
        (["<M-C-Right>"], "return a.b(1)", "\n    x = 2"),
        (["<M-C-Right>", "<M-Right>"], "return a.b(1)\n    x", " = 2"),
        (["<M-C-Right>", "<M-C-Right>"], "return a.b(1)\n    x = 2", ""),
        (["<M-Right>", "<Tab>"], "return a.b(1)\n    x = 2", ""),
    ],
    ids=["all", "a word", "words", "a line", "a line and a word", "lines", "a word and the rest"],
)
def test_parts(faked: Editor, fake: Fake, keys: list[str], written: str, left: str) -> None:
    begin(faked, fake, "return a.b(1)\n    x = 2", typed="r")
    press(faked, *keys)
    faked.until_text(written)
    assert faked.ghost() == left
    method = "textDocument/didPartiallyAcceptCompletion" if left else "workspace/executeCommand"
    faked.until(lambda: fake.heard(method), "what is told to the server")


def test_what_is_left_after_a_word_does_not_flicker(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return first, second", typed="r")
    faked.frames()
    press(faked, "<M-Right>", "<M-Right>")
    faked.until_text("return first")
    faked.until_ghost(", second")
    faked.until(lambda: fake.asked() > 1, "the next request")
    faked.until_ghost(", second")
    assert {frame[0] for frame in faked.frames()} == {"return first, second"}


def test_accepting_all_does_not_flicker(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return first, second", typed="r")
    faked.frames()
    press(faked, "<Tab>")
    faked.until_text("return first, second")
    assert {frame[0] for frame in faked.frames()} == {"return first, second"}


def test_the_server_is_told(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return 😀, a", typed="r")
    shown = fake.heard("textDocument/didShowCompletion")[-1]["item"]
    # What is left may be another item in the next answer; there is none here.
    fake.suggest(holds=True)
    press(faked, "<M-Right>", "<M-Right>")
    faked.until_text("return 😀")
    faked.until(lambda: len(fake.heard("textDocument/didPartiallyAcceptCompletion")) == 2, "both parts")
    assert shown["insertText"] == "eturn 😀, a"
    assert shown["command"]["command"] == "midfill.accepted"
    lengths = [each["acceptedLength"] for each in fake.heard("textDocument/didPartiallyAcceptCompletion")]
    assert lengths == [len("eturn"), len("eturn ") + 2]
    assert fake.heard("workspace/executeCommand") == []
    press(faked, "<Tab>")
    faked.until(lambda: fake.heard("workspace/executeCommand"), "the command")
    [command] = fake.heard("workspace/executeCommand")
    assert command == {"command": "midfill.accepted", "arguments": [0]}


def test_candidates(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return one", "return two", "return three", typed="r")
    faked.keys("<M-]>")
    faked.until_ghost("eturn two (2/3)")
    assert fake.heard("textDocument/inlineCompletion")[-1]["context"]["triggerKind"] == 1
    faked.keys("<M-]>")
    faked.until_ghost("eturn three (3/3)")
    faked.keys("<M-]>")
    faked.until_ghost("eturn one (1/3)")
    faked.keys("<M-[>")
    faked.until_ghost("eturn three (3/3)")
    press(faked, "<Tab>")
    faked.until_text("return three")


def test_the_previous_candidate_is_the_last_one(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return one", "return two", "return three", typed="r")
    faked.keys("<M-[>")
    faked.until_ghost("eturn three (3/3)")


def test_next_asks_where_nothing_is_shown(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return one", "return two", typed="r")
    faked.keys("<C-]>")
    faked.until_ghost("")
    faked.keys("<M-]>")
    faked.until(faked.ghost, "a suggestion")


def test_dismiss(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return one", typed="r")
    faked.keys("<C-]>")
    faked.until_ghost("")
    asked = fake.asked()
    press(faked, "<Tab>")
    # With nothing on the screen the key is what it was.
    assert faked.lines() == ["r   "]
    faked.until(lambda: fake.asked() > asked, "the next request, with the next key")


def test_leaving_insert_mode_hides(faked: Editor, fake: Fake) -> None:
    begin(faked, fake, "return one", typed="r")
    faked.keys("<Esc>")
    faked.until_ghost("")
    assert faked.text() == "r"


@pytest.mark.parametrize("key", ENDS)
@pytest.mark.parametrize("suggestion", ["return one", "return one\n    two"])
def test_an_accept_is_one_step_of_undo(faked: Editor, fake: Fake, key: str, suggestion: str) -> None:
    begin(faked, fake, suggestion, typed="ret")
    press(faked, key)
    accepted = faked.text()
    faked.type("!")
    faked.keys("<Esc>")
    faked.until(lambda: faked.mode() == "n", "normal mode")
    steps = []
    for _ in range(3):
        press(faked, "u")
        steps.append(faked.text())
    assert steps == [accepted, "ret", ""]


def test_dot_repeats_what_was_typed_and_accepted(faked: Editor, fake: Fake, tmp_path: Path) -> None:
    faked.open(tmp_path / "b.py", "old\nold\n")
    faked.until_attached()
    fake.suggest("new_name")
    faked.keys("ciw")
    faked.until_ghost("new_name")
    faked.type("new")
    faked.until_ghost("_name")
    press(faked, "<Tab>")
    faked.keys("<Esc>j0.")
    faked.until_text("new_name\nnew_name")


def test_nothing_is_shown_while_a_macro_is_recorded_or_executed(faked: Editor, fake: Fake) -> None:
    fake.suggest("return one")
    faked.keys("qa")
    faked.until(lambda: faked.lua("return vim.fn.reg_recording()") == "a", "the recording")
    faked.keys("or<Tab>1<Esc>q")
    faked.until(lambda: faked.lua("return vim.fn.reg_recording()") == "", "the end of the recording")
    assert faked.lines() == ["", "r   1"]
    assert fake.asked() == 0
    faked.keys("@a")
    faked.until(lambda: len(faked.lines()) == 3, "what the macro writes")
    assert faked.lines() == ["", "r   1", "r   1"]
    assert fake.asked() == 0
    faked.keys("or")
    faked.until_ghost("eturn one")


def test_a_selection_in_the_popup_menu_hides_the_suggestion(faked: Editor, fake: Fake, tmp_path: Path) -> None:
    faked.open(tmp_path / "b.py", "‸\nreturned\n")
    faked.until_attached()
    faked.nvim.command("set completeopt=menuone,noselect")
    begin(faked, fake, "return one", typed="ret")
    faked.keys("<C-n>")
    faked.until(lambda: faked.lua("return vim.fn.pumvisible()") == 1, "the popup menu")
    faked.until_ghost("urn one")
    faked.keys("<Down>")
    faked.until(lambda: faked.lua("return vim.fn.complete_info({'selected'}).selected") == 0, "a selection")
    faked.until_ghost("")
    faked.keys("<C-y>")
    faked.until_text("returned\nreturned")


def test_a_snippet_has_its_key(faked: Editor, fake: Fake) -> None:
    if faked.version == "0.10":
        faked.lua("""
            vim.keymap.set("i", "<Tab>", function()
              return vim.snippet.active({ direction = 1 }) and "<Cmd>lua vim.snippet.jump(1)<CR>" or "<Tab>"
            end, { expr = true })
        """)
        faked.setup(cmd=FAKE)
    faked.insert()
    fake.suggest("f(a, b)  # done", "f(x, b)  # done")
    faked.lua('vim.snippet.expand("f(${1:a}, ${2:b})$0")')
    faked.until(lambda: faked.mode() == "s", "the first place of the snippet")
    faked.type("x")
    faked.keys("<Tab>")
    faked.until(lambda: faked.mode() == "s", "the second place of the snippet")
    assert faked.text() == "f(x, b)"


@pytest.mark.parametrize(
    ("mapping", "written"),
    [
        ("inoremap <Tab> mapped", "mapped"),
        ("inoremap <expr> <Tab> 'map' .. 'ped'", "mapped"),
        ("imap <Tab> <Plug>(other)|inoremap <Plug>(other) mapped", "mapped"),
        ("lua vim.keymap.set('i', '<Tab>', function() vim.api.nvim_put({ 'mapped' }, 'c', false, true) end)", "mapped"),
        ("lua vim.keymap.set('i', '<Tab>', function() return '<C-v>u00e4' end, { expr = true })", "ä"),
        ("silent! iunmap <Tab>", "    "),
    ],
    ids=["keys", "an expression", "another mapping", "a function", "a function's keys", "none"],
)
def test_a_key_does_what_it_did_where_nothing_is_shown(
    start: Start, fake: Fake, tmp_path: Path, mapping: str, written: str
) -> None:
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record))
    for command in mapping.split("|"):
        editor.nvim.command(command)
    editor.setup(cmd=FAKE)
    # A second call must not take its own mapping for somebody's.
    editor.setup(cmd=FAKE)
    editor.open(tmp_path / "a.py")
    editor.until_attached()
    editor.insert()
    press(editor, "<Tab>")
    editor.until_text(written)
    press(editor, "<Esc>S")
    fake.suggest("return one")
    editor.type("r")
    editor.until_ghost("eturn one")
    press(editor, "<Tab>")
    editor.until_text("return one")


def test_keys_that_are_switched_off(start: Start, fake: Fake, tmp_path: Path) -> None:
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record))
    editor.setup(cmd=FAKE, keymaps={"accept": "<C-l>", "dismiss": False})
    editor.open(tmp_path / "a.py")
    editor.until_attached()
    begin(editor, fake, "return one", typed="r")
    press(editor, "<C-l>")
    editor.until_text("return one")
    assert editor.lua("return vim.fn.maparg('<C-]>', 'i')") == ""


@pytest.mark.parametrize("version", ["0.10"], indirect=True)
def test_a_request_that_a_key_supersedes_is_cancelled(faked: Editor, fake: Fake) -> None:
    fake.suggest("return one", holds=True)
    faked.insert()
    faked.type("re")
    faked.until(lambda: fake.asked() >= 3, "a request for each place")
    faked.until(lambda: len(fake.heard("$/cancelRequest")) == fake.asked() - 1, "a cancel for each but the last")
    fake.suggest("return one")
    faked.type("t")
    faked.until_ghost("urn one")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_in_each_encoding(start: Start, fake: Fake, tmp_path: Path, encoding: str) -> None:
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record), ENCODING=encoding)
    editor.setup(cmd=FAKE)
    editor.open(tmp_path / "a.py", "# 😀漢é‸ after\n")
    editor.until_attached()
    fake.suggest("# 😀漢éx='😀'")
    editor.insert()
    editor.type("x")
    editor.until_ghost("='😀'")
    [ghost] = editor.ghosts()
    assert ghost.col == len("# 😀漢éx".encode())
    assert editor.screen().lines()[0] == "# 😀漢éx='😀' after"
    press(editor, "<Tab>")
    editor.until_text("# 😀漢éx='😀' after")


@pytest.mark.parametrize("version", ["0.10"], indirect=True)
def test_tabs_are_as_wide_as_in_the_buffer(faked: Editor, fake: Fake, tmp_path: Path) -> None:
    faked.open(tmp_path / "a.go", "‸\n")
    faked.until_attached()
    faked.nvim.command("set tabstop=4")
    fake.suggest("if x {\n\ty\t= 1\n}")
    faked.insert()
    faked.until(faked.ghost, "a suggestion")
    assert faked.screen().lines()[:3] == ["if x {", "    y   = 1", "}"]
    press(faked, "<Tab>")
    faked.until_text("if x {\n\ty\t= 1\n}")
