"""What is shown, where, and what becomes of it by keys; each file is compared byte by byte after it has been saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.editors.vscode.editor import Editor

HEAD = "def area(width, height):\n    "
BLOCK = "f width < 0:\n        raise ValueError\n    return width * height\n"


async def test_one_line_is_shown_at_the_cursor_and_accepted_by_tab(editor: Editor) -> None:
    editor.script("eturn width * height\n")
    path = await editor.open("one_line.py", HEAD + "‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width * height")
    assert await editor.lines() == ["def area(width, height):", "    return width * height", ""]
    cursor = await editor.page.locator(".editor-instance .cursor").bounding_box()
    ghost = await editor.page.locator(".ghost-text-decoration").first.bounding_box()
    assert cursor is not None
    assert ghost is not None
    assert abs(cursor["x"] - ghost["x"]) < 2
    assert abs(cursor["y"] - ghost["y"]) < cursor["height"] / 2
    await editor.screenshot("one_line")
    await editor.press("Tab")
    await editor.wait_for_cursor(2, 26)
    await editor.save()
    assert path.read_bytes() == b"def area(width, height):\n    return width * height\n"


async def test_several_lines_are_shown_and_accepted_by_tab(editor: Editor) -> None:
    editor.script("size = width * height\n    if size < 0:\n        raise ValueError\n")
    path = await editor.open("block.py", "def area(width, height):‸\n")
    await editor.press("Enter")
    await editor.wait_for_ghost("size = width * height\n    if size < 0:\n        raise ValueError")
    await editor.screenshot("several_lines")
    await editor.press("Tab")
    await editor.wait_for_cursor(4, 25)
    await editor.save()
    assert path.read_bytes() == (
        b"def area(width, height):\n    size = width * height\n    if size < 0:\n        raise ValueError\n"
    )


async def test_typing_along_never_changes_what_the_line_will_be(editor: Editor) -> None:
    editor.script("eturn width * height\n")
    await editor.open("along.py", HEAD + "‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width * height")
    # At each frame: what is typed and the ghost text together. It is long enough that some is left at the end.
    seen = await editor.page.evaluate_handle("midfillPage.record(() => midfillPage.lines()[1])")
    for character in "eturn width * he":
        await editor.type(character)
        await editor.page.evaluate(
            "new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
        )
    await editor.wait_for_ghost("ight")
    assert await seen.json_value() == ["    return width * height"]


async def test_typing_otherwise_asks_anew(editor: Editor) -> None:
    editor.script("eturn width\n")
    path = await editor.open("otherwise.py", HEAD + "‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")
    editor.script("se ValueError\n")
    await editor.type("ai")
    await editor.wait_for_ghost("se ValueError")
    await editor.press("Tab")
    await editor.save()
    assert path.read_bytes() == b"def area(width, height):\n    raise ValueError\n"


async def test_a_word_is_accepted_and_then_the_rest(editor: Editor) -> None:
    editor.script("eturn width * height\n")
    path = await editor.open("word.py", HEAD + "‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width * height")
    await editor.press("Control+ArrowRight")
    await editor.wait_for_ghost(" width * height")
    await editor.save()
    assert path.read_bytes() == b"def area(width, height):\n    return\n"
    await editor.press("Tab")
    await editor.save()
    assert path.read_bytes() == b"def area(width, height):\n    return width * height\n"


async def test_a_line_is_accepted_and_the_next_ones_stay(editor: Editor) -> None:
    editor.script("if width < 0:\n        raise ValueError\n")
    path = await editor.open("line.py", "def area(width, height):‸\n")
    await editor.press("Enter")
    await editor.wait_for_ghost("if width < 0:\n        raise ValueError")
    await editor.press("Control+Alt+l")
    await editor.save()
    assert path.read_bytes().rstrip() == b"def area(width, height):\n    if width < 0:"
    # Where a suggestion begins with an indentation, VS Code's Tab writes that first.
    await editor.press("Tab")
    await editor.wait_for_ghost("raise ValueError")
    await editor.press("Tab")
    await editor.save()
    assert path.read_bytes() == b"def area(width, height):\n    if width < 0:\n        raise ValueError\n"


async def test_escape_hides_it(editor: Editor) -> None:
    editor.script("eturn width\n")
    path = await editor.open("escape.py", HEAD + "‸\n")
    await editor.type("r")
    await editor.wait_for_ghost("eturn width")
    await editor.press("Escape")
    await editor.wait_for_ghost("")
    await editor.press("Tab")
    await editor.save()
    assert b"eturn" not in path.read_bytes()


async def test_it_comes_when_it_is_asked_for(editor: Editor) -> None:
    editor.script("return width\n")
    await editor.open("invoked.py", HEAD + "‸\n")
    assert await editor.ghost_text() == ""
    await editor.press("Control+Alt+t")
    await editor.wait_for_ghost("return width")


@pytest.mark.parametrize(
    ("name", "marked", "typed", "script", "ghost", "expected"),
    [
        (
            "crlf.py",
            "def f(a):\r\n    ‸\r\n\r\n\r\nx = 1\r\n",
            "r",
            "eturn a\n",
            "eturn a",
            "def f(a):\r\n    return a\r\n\r\n\r\nx = 1\r\n",
        ),
        (
            "crlf_block.py",
            "def f(a):‸\r\n",
            "\n",
            "b = a\n    return b\n",
            "b = a\n    return b",
            "def f(a):\r\n    b = a\r\n    return b\r\n",
        ),
        ("emoji.py", 'name = 1\nprint("😀👩‍👧", na‸)\n', "m", "e)", "e", 'name = 1\nprint("😀👩‍👧", name)\n'),
        ("emoji_inside.py", 's = "😀‸"\n', "é", "漢🎉", "漢🎉", 's = "😀é漢🎉"\n'),
        ("umlaut.ts", 'const größe = ["ä𝒳", ‸];\n', "1", ", 2];\n", ", 2", 'const größe = ["ä𝒳", 1, 2];\n'),
    ],
)
async def test_documents_keep_their_line_ends_and_their_characters(  # noqa: PLR0913, PLR0917  the columns of the table
    editor: Editor, name: str, marked: str, typed: str, script: str, ghost: str, expected: str
) -> None:
    editor.script(script)
    path = await editor.open(name, marked)
    await editor.press("Enter") if typed == "\n" else await editor.type(typed)
    await editor.wait_for_ghost(ghost)
    await editor.press("Tab")
    await editor.wait_for_ghost("")
    await editor.save()
    assert path.read_bytes() == expected.encode()


async def test_a_document_without_a_file_gets_suggestions(editor: Editor) -> None:
    editor.script("reader,\nhow are you?\n")
    await editor.run("File: New Untitled Text File")
    await editor.wait_for_cursor(1, 1)
    await editor.type("Dear ")
    # VS Code does not ask by itself about keys that come before a new document is all set up.
    await editor.ask()
    await editor.wait_for_ghost("reader,")
    assert editor.requests()[-1]["textDocument"]["uri"].startswith("untitled:")
