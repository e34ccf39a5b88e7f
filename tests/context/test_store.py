"""Digests on disk: what is written is read again, and whatever a disk does wrong costs nothing but time."""

from __future__ import annotations

import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context import store as module
from lsp_server.context.digest import ARRAYS, Digest, digest
from lsp_server.context.outline import outline
from lsp_server.context.store import BATCH, MOST_WORKSPACES, VERSION, Store, decode, encode
from tests.context.chosen import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOTS = [Path("/somewhere/shop")]
SAMPLES = [path for path in sorted(WORKSPACE.rglob("*.*")) if path.suffix in {".py", ".ts", ".go", ".java", ".rs"}]


def digested(text: str, name: str = "a.py") -> Digest:
    return digest(text, outline(text, name))


DIGEST = digested("class Order(Base):\n    def total(self): ...\n")


def assert_same(one: Digest | None, other: Digest) -> None:
    assert one is not None
    assert one.how is other.how
    for name, kind in ARRAYS.items():
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
        assert getattr(one, name).dtype == kind


def file_of(folder: Path) -> Path:
    [file] = folder.glob("*.sqlite")
    return file


def kept(folder: Path) -> Path:
    """Let a store keep a digest of `a.py`, and return the file."""
    with closing(Store(folder, ROOTS)) as store:
        store.put("a.py", 1, 2, DIGEST)
    return file_of(folder)


def works(folder: Path) -> bool:
    """Return whether a store in a folder keeps what is put into it."""
    with closing(Store(folder, ROOTS)) as store:
        store.put("new.py", 3, 4, DIGEST)
    with closing(Store(folder, ROOTS)) as store:
        return store.get("new.py", 3, 4) is not None


# --- what is written is read again -------------------------------------------------------------------


@given(
    st.text() | st.text("ab \n(){}:=.defclasstype", max_size=300),
    st.sampled_from(["a.py", "a.ts", "a.go", "A.java", "a.rs", "a.rb", "a.xyz"]),
)
def test_any_digest_is_decoded_as_it_was(text: str, name: str) -> None:
    made = digested(text.replace("\r", "\n"), name)
    assert_same(decode(made.how.value, encode(made)), made)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_digests_of_code_are_kept(path: Path, tmp_path: Path) -> None:
    made = digested(path.read_text(encoding="utf-8"), path.name)
    with closing(Store(tmp_path, ROOTS)) as store:
        store.put(str(path), 10, 20, made)
        store.flush()
        assert_same(store.get(str(path), 10, 20), made)
    with closing(Store(tmp_path, ROOTS)) as store:
        assert_same(store.get(str(path), 10, 20), made)


@pytest.mark.parametrize(
    ("path", "size", "modified"), [("a.py", 1, 3), ("a.py", 2, 2), ("b.py", 1, 2), ("A.py", 1, 2), ("", 1, 2)]
)
def test_a_digest_counts_for_the_same_file_only(path: str, size: int, modified: int, tmp_path: Path) -> None:
    kept(tmp_path)
    with closing(Store(tmp_path, ROOTS)) as store:
        assert_same(store.get("a.py", 1, 2), DIGEST)
        assert store.get(path, size, modified) is None


def test_a_file_that_changes_has_one_digest(tmp_path: Path) -> None:
    with closing(Store(tmp_path, ROOTS)) as store:
        store.put("a.py", 1, 2, DIGEST)
        store.flush()
        newer = digested("newer = 1\n")
        store.put("a.py", 1, 3, digested("new = 1\n"))
        store.put("a.py", 1, 4, newer)
        store.flush()
        assert [store.get("a.py", 1, time) for time in (2, 3)] == [None, None]
        assert_same(store.get("a.py", 1, 4), newer)


def test_names_that_are_no_text_and_times_before_all_time(tmp_path: Path) -> None:
    with closing(Store(tmp_path, ROOTS)) as store:
        for path in ("\udcff.py", "漢.py", "a'b\".py", "a\nb.py"):
            store.put(path, 2**40, -1, DIGEST)
        store.flush()
        assert_same(store.get("\udcff.py", 2**40, -1), DIGEST)
        store.drop_all_but(["\udcff.py"])
        assert_same(store.get("\udcff.py", 2**40, -1), DIGEST)
        assert store.get("漢.py", 2**40, -1) is None


def test_much_is_written_before_the_end(tmp_path: Path) -> None:
    with closing(Store(tmp_path, ROOTS)) as store:
        for number in range(BATCH):
            store.put(f"{number}.py", 1, 2, DIGEST)
        with closing(Store(tmp_path, ROOTS)) as other:
            assert other.get("0.py", 1, 2) is not None


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    with closing(Store(tmp_path, ROOTS)) as store:
        for name in ("a.py", "b.py", "c.py"):
            store.put(name, 1, 2, DIGEST)
        store.drop_all_but(["b.py", "other.py"])
        assert [name for name in ("a.py", "b.py", "c.py") if store.get(name, 1, 2)] == ["b.py"]


def test_each_workspace_has_its_own(tmp_path: Path) -> None:
    kept(tmp_path)
    for roots in ([], [Path("/other")], [*ROOTS, Path("/other")]):
        with closing(Store(tmp_path, roots)) as store:
            assert store.get("a.py", 1, 2) is None
    with closing(Store(tmp_path, [Path("/b"), Path("/a")])) as one:
        one.put("x.py", 1, 2, DIGEST)
    with closing(Store(tmp_path, [Path("/a"), Path("/b")])) as other:
        assert other.get("x.py", 1, 2) is not None


def test_of_many_workspaces_those_used_last_are_kept(tmp_path: Path) -> None:
    others = [tmp_path / f"{number:02}.sqlite" for number in range(MOST_WORKSPACES + 5)]
    for age, file in enumerate(reversed(others)):
        for part in (file, file.with_name(f"{file.name}-wal")):
            part.touch()
            os.utime(part, (1_000_000 - age, 1_000_000 - age))
    Store(tmp_path, ROOTS).close()
    left = set(tmp_path.glob("*.sqlite"))
    assert left & set(others) == set(others[6:])
    assert len(left) == MOST_WORKSPACES
    assert sorted(tmp_path.glob("*-wal")) == [file.with_name(f"{file.name}-wal") for file in others[6:]]


def test_a_workspace_that_is_opened_often_is_not_the_oldest(tmp_path: Path) -> None:
    own = kept(tmp_path)
    os.utime(own, (1_000_000, 1_000_000))
    for number in range(MOST_WORKSPACES):
        other = tmp_path / f"{number:02}.sqlite"
        other.touch()
        os.utime(other, (2_000_000, 2_000_000))
    # It is read, and nothing has changed.
    with closing(Store(tmp_path, ROOTS)) as store:
        assert_same(store.get("a.py", 1, 2), DIGEST)
    Store(tmp_path, [Path("/other")]).close()
    assert own.exists()


# --- what a disk does wrong --------------------------------------------------------------------------


def test_bytes_that_are_no_digest() -> None:
    whole = zlib.decompress(encode(DIGEST))
    for content in (b"", whole[:10], whole[:-1], whole + b"\0", b"\xff" * len(whole)):
        with pytest.raises(ValueError, match=r"."):
            decode(DIGEST.how.value, zlib.compress(content))
    with pytest.raises(ValueError, match="nonsense"):
        decode("nonsense", encode(DIGEST))
    with pytest.raises(zlib.error):
        decode(DIGEST.how.value, encode(DIGEST)[:-5])


@given(st.data())
def test_each_damaged_byte_is_found(data: st.DataObject) -> None:
    blob = bytearray(encode(DIGEST))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = decode(DIGEST.how.value, bytes(blob))
    except (ValueError, zlib.error):
        return
    # Some bits of zlib's head say nothing of the content.
    assert_same(found, DIGEST)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE files SET digest = x'00'",
        "UPDATE files SET digest = substr(digest, 1, 20)",
        "UPDATE files SET digest = NULL",
        "UPDATE files SET digest = 'text'",
        "UPDATE files SET digest = 17",
        "UPDATE files SET how = 'nonsense'",
        "UPDATE files SET how = NULL",
        "DELETE FROM files",
        "DROP TABLE files",
        "DROP TABLE files; CREATE TABLE files (path TEXT)",
    ],
)
def test_a_damaged_row_is_passed_over(change: str, tmp_path: Path) -> None:
    file = kept(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(change)
    with closing(Store(tmp_path, ROOTS)) as store:
        assert store.get("a.py", 1, 2) is None
        store.put("a.py", 1, 2, DIGEST)
        store.drop_all_but([])


def pages(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    yield b""
    yield b"no database at all" * 100
    yield content[: len(content) // 2]
    yield content[:100] + b"\xff" * (len(content) - 100)
    yield b"\0" * len(content)


@pytest.mark.parametrize("damage", range(5))
def test_a_damaged_file_is_made_anew(damage: int, tmp_path: Path) -> None:
    file = kept(tmp_path)
    file.write_bytes(list(pages(file))[damage])
    with closing(Store(tmp_path, ROOTS)) as store:
        assert store.get("a.py", 1, 2) is None
    assert works(tmp_path)


@pytest.mark.parametrize("version", [VERSION + 1, 999, -1])
def test_a_file_of_another_version_is_made_anew(version: int, tmp_path: Path) -> None:
    file = kept(tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    with closing(Store(tmp_path, ROOTS)) as store:
        assert store.get("a.py", 1, 2) is None
    assert works(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert not works(tmp_path / "file" / "folder")
    assert "not kept on disk" in caplog.text


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    file = kept(tmp_path)
    file.unlink()
    file.mkdir()
    (file / "in the way").touch()
    assert not works(tmp_path)


def test_nothing_is_kept_once_it_is_closed(tmp_path: Path) -> None:
    store = Store(tmp_path, ROOTS)
    store.close()
    store.put("a.py", 1, 2, DIGEST)
    store.drop_all_but([])
    store.flush()
    store.close()
    assert store.get("a.py", 1, 2) is None


def test_a_full_disk_costs_what_does_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(tmp_path)
    connect = module._connect

    def full(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(module, "_connect", full)
    large = digested("\n".join(f"def name{number}(): ..." for number in range(3000)))
    with closing(Store(tmp_path, ROOTS)) as store:
        store.put("large.py", 1, 2, large)
        store.flush()
        assert store.get("large.py", 1, 2) is None
        assert_same(store.get("a.py", 1, 2), DIGEST)
    monkeypatch.undo()
    assert works(tmp_path)


def test_what_another_server_writes_is_not_waited_for(tmp_path: Path) -> None:
    file = kept(tmp_path)
    with closing(Store(tmp_path, ROOTS)) as store, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert_same(store.get("a.py", 1, 2), DIGEST)
        store.put("b.py", 1, 2, DIGEST)
        store.flush()
        store.drop_all_but([])
        other.rollback()
        assert_same(store.get("a.py", 1, 2), DIGEST)
        store.put("c.py", 1, 2, DIGEST)
        store.flush()
        assert_same(store.get("c.py", 1, 2), DIGEST)


def test_a_file_into_which_another_server_writes_is_opened_or_left_alone(tmp_path: Path) -> None:
    file = kept(tmp_path)
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(Store(tmp_path, ROOTS)) as store:
            store.put("b.py", 1, 2, DIGEST)
        other.rollback()
    with closing(Store(tmp_path, ROOTS)) as store:
        assert_same(store.get("a.py", 1, 2), DIGEST)


def test_two_stores_see_each_other(tmp_path: Path) -> None:
    with closing(Store(tmp_path, ROOTS)) as one, closing(Store(tmp_path, ROOTS)) as other:
        one.put("a.py", 1, 2, DIGEST)
        one.flush()
        other.put("b.py", 1, 2, DIGEST)
        other.flush()
        assert_same(other.get("a.py", 1, 2), DIGEST)
        assert_same(one.get("b.py", 1, 2), DIGEST)


def test_decoded_arrays_can_be_put_together() -> None:
    found = decode(DIGEST.how.value, encode(DIGEST))
    assert np.concatenate([found.block_words, DIGEST.block_words]).dtype == np.uint32
