"""Positions and changes, against the definitions of LSP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.documents import Documents, apply_change, notebook_of, offset_at, position_at, units
from tests.cursor import unmark
from tests.e2e.client import completion_params

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.core import Snapshot

ENCODINGS = ("utf-8", "utf-16", "utf-32")
# All that ends a line in LSP, all that only looks like it in Python, and characters of one to four bytes.
TEXTS = st.text(alphabet="ab \t\n\r\f\v\x1c\x85\u2028é漢😀")


@pytest.mark.parametrize(
    ("marked", "line", "utf8", "utf16", "utf32"),
    [
        ("‸", 0, 0, 0, 0),
        ("abc‸", 0, 3, 3, 3),
        ("a\nb‸c", 1, 1, 1, 1),
        ("a\r\n‸b", 1, 0, 0, 0),
        ("a\rb‸", 1, 1, 1, 1),
        ("a\n\r\n‸", 2, 0, 0, 0),
        ("a\fb‸", 0, 3, 3, 3),
        ("a\u2028b‸", 0, 5, 3, 3),
        ("é‸", 0, 2, 1, 1),
        ("漢字‸", 0, 6, 2, 2),
        ("x = '😀‸'", 0, 9, 7, 6),
        ("\n👩‍👩‍👧‸", 1, 18, 8, 5),
    ],
)
def test_positions(marked: str, line: int, utf8: int, utf16: int, utf32: int) -> None:
    text, offset = unmark(marked)
    for encoding, character in zip(ENCODINGS, (utf8, utf16, utf32), strict=True):
        position = types.Position(line, character)
        assert position_at(text, offset, encoding) == position
        assert offset_at(text, position, encoding) == offset


@pytest.mark.parametrize(
    ("text", "position", "offset"),
    [
        ("ab\ncd", (0, 99), 2),
        ("ab\r\ncd", (0, 99), 2),
        ("ab\rcd", (0, 3), 2),
        ("ab\ncd", (9, 0), 5),
        ("", (3, 3), 0),
        ("ab\n", (1, 5), 3),
        ("\r", (0, 5), 0),
        ("a\r", (1, 0), 2),
        ("😀", (0, 1), 0),
        ("😀b", (0, 2), 1),
    ],
)
def test_positions_outside_mean_the_nearest_place(text: str, position: tuple[int, int], offset: int) -> None:
    assert offset_at(text, types.Position(*position), "utf-16") == offset


@given(TEXTS, st.data())
def test_every_offset_has_a_position_and_back(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":
        offset += 1  # there is no position between the two halves of a line end
    for encoding in ENCODINGS:
        assert offset_at(text, position_at(text, offset, encoding), encoding) == offset


@given(TEXTS, TEXTS, st.data())
def test_a_change_replaces_its_range(text: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if any(text[o - 1 : o + 1] == "\r\n" for o in (start, end)):
        return
    for encoding in ENCODINGS:
        span = types.Range(position_at(text, start, encoding), position_at(text, end, encoding))
        change = types.TextDocumentContentChangePartial(range=span, text=new)
        assert apply_change(text, change, encoding) == text[:start] + new + text[end:]


@given(TEXTS)
def test_units_are_what_the_encodings_say(text: str) -> None:
    assert units(text, "utf-8") == len(text.encode())
    assert units(text, "utf-16") == len(text.encode("utf-16-le")) // 2
    assert units(text, "utf-32") == len(text)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_positions_far_down_in_a_large_document(line_break: str) -> None:
    lines = [f"line {number}" for number in range(5000)]
    text = line_break.join(lines)
    for number in (0, 1, 455, 456, 2500, 4998, 4999):
        offset = offset_at(text, types.Position(number, 3), "utf-16")
        assert text[offset - 3 :].startswith(lines[number])
        assert position_at(text, offset, "utf-16") == types.Position(number, 3)
    assert offset_at(text, types.Position(5000, 0), "utf-16") == len(text)


def opened(uri: str, text: str) -> Documents:
    documents = Documents()
    documents.open(types.TextDocumentItem(uri, "python", 1, text))
    return documents


def test_changes_apply_in_their_order() -> None:
    documents = opened("file:///a.py", "one")
    changes: list[types.TextDocumentContentChangeEvent] = [
        types.TextDocumentContentChangeWholeDocument("two\n"),
        types.TextDocumentContentChangePartial(types.Range(types.Position(1, 0), types.Position(1, 0)), "three"),
    ]
    assert documents.change(types.VersionedTextDocumentIdentifier(7, "file:///a.py"), changes)
    document = documents.get("file:///a.py")
    assert document is not None
    assert (document.text, document.version) == ("two\nthree", 7)


def test_a_document_that_is_not_open_is_neither_changed_nor_read_from_disk(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("on disk")
    uri = (tmp_path / "a.py").as_uri()
    documents = Documents()
    assert not documents.change(types.VersionedTextDocumentIdentifier(2, uri), [])
    assert documents.snapshot(completion_params(uri, 0, 0), []) is None
    documents.close(uri)


@pytest.mark.parametrize(
    ("uri", "folders", "repository", "name"),
    [
        ("file:///code/app/src/a.py", ["file:///code/app"], "app", "src/a.py"),
        ("file:///code/app/src/a.py", ["file:///code", "file:///code/app"], "app", "src/a.py"),
        ("file:///code/app/src/a.py", [], "src", "a.py"),
        ("file:///code/app/src/a.py", ["file:///elsewhere"], "src", "a.py"),
        ("file:///code/a%20b/%C3%A9.py", ["file:///code/a%20b"], "a b", "é.py"),
        ("untitled:Untitled-1", ["file:///code"], "", ""),
    ],
)
def test_a_document_is_named_from_its_innermost_folder(
    uri: str, folders: list[str], repository: str, name: str
) -> None:
    snapshot = opened(uri, "").snapshot(completion_params(uri, 0, 0), folders)
    assert snapshot is not None
    assert (snapshot.repository, snapshot.name) == (repository, name)


def test_uris_that_differ_in_escapes_only_are_one_document() -> None:
    assert opened("file:///c%3A/a.py", "x").get("file:///c:/a.py") is not None


NOTEBOOK = "vscode-notebook-cell:{}#W{}s"


def in_notebook(path: Path, number: int, cells: list[tuple[str, str]], mark: tuple[int, int]) -> Snapshot:
    """Open cells, each a language and a text, and look at a position in one of them."""
    documents = Documents()
    for place, (language, text) in enumerate(cells):
        documents.open(types.TextDocumentItem(NOTEBOOK.format(path.as_posix(), place), language, 1, text))
    params = completion_params(NOTEBOOK.format(path.as_posix(), number), *mark)
    snapshot = documents.snapshot(params, [path.parent.as_uri()])
    assert snapshot is not None
    return snapshot


def test_a_cell_stands_amid_the_cells_of_its_language(tmp_path: Path) -> None:
    path = tmp_path / "work" / "nb.ipynb"
    cells = [("python", "import os"), ("markdown", "# Title"), ("python", "x = 1\nos."), ("python", "print(x)")]
    snapshot = in_notebook(path, 2, cells, (1, 3))
    assert snapshot.text == "import os\n\nx = 1\nos.\n\nprint(x)"
    assert snapshot.text[: snapshot.offset] == "import os\n\nx = 1\nos."
    assert snapshot.path == path
    assert snapshot.name == "nb.py"
    assert (snapshot.alone.text, snapshot.alone.offset, snapshot.alone.name) == ("x = 1\nos.", 9, "nb.ipynb")


def test_a_cell_alone(tmp_path: Path) -> None:
    snapshot = in_notebook(tmp_path / "nb.ipynb", 1, [("python", "x"), ("r", "y <- 1")], (0, 6))
    assert (snapshot.text, snapshot.offset, snapshot.name) == ("y <- 1", 6, "nb.ipynb")


@pytest.mark.parametrize(
    ("uri", "notebook"),
    [
        ("vscode-notebook-cell:/a/b.ipynb#W0s", "file:///a/b.ipynb"),
        ("vscode-notebook-cell:/a%20b.ipynb#W0s", "file:///a%20b.ipynb"),
        ("vscode-notebook-cell://ssh-remote%2Bhost/a/b.ipynb#W0s", "file:///a/b.ipynb"),
        ("vscode-notebook-cell:Untitled-1.ipynb#W0s", None),
        ("file:///a/b.ipynb", None),
        ("untitled:a", None),
        ("", None),
    ],
)
def test_the_notebook_of_a_cell(uri: str, notebook: str | None) -> None:
    assert notebook_of(uri) == notebook
