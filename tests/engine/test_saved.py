"""What is kept on disk comes back as it was, or not at all, whatever happens to the folder."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine import saved as module
from lsp_server.engine import statefile
from lsp_server.engine.saved import SavedState, SavedStates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DataObject

KEY = "tiny.gguf, llama.cpp 1, 2048"
OTHER_KEY = "other.gguf, llama.cpp 1, 2048"
PLENTY = 1_000_000
HEADER_BYTES = 56
TOKENS = (151664, 7, 0, 5)
STATE = b"keys and values"
INT32 = st.integers(-(2**31), 2**31 - 1)
FEW_TOKENS = st.lists(st.integers(0, 2), max_size=6).map(tuple)


def shared(left: Sequence[int], right: Sequence[int]) -> int:
    return max(length for length in range(len(left) + 1) if left[:length] == right[:length])


def used(path: Path, second: int) -> None:
    """Say that a file was used last at this second of 1970."""
    os.utime(path, (second, second))


def find(states: SavedStates, tokens: Sequence[int]) -> SavedState:
    """Return the file of these very tokens."""
    found = states.best(tokens, 0)
    assert found is not None
    assert found.tokens == tuple(tokens)
    return found


def held(states: SavedStates, rows: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Return those of the rows that have a file of their own."""
    found = [(row, states.best(row, 0)) for row in rows]
    return [row for row, saved in found if saved is not None and saved.tokens == tuple(row)]


def one_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.fixture
def states(tmp_path: Path) -> SavedStates:
    return SavedStates(tmp_path, KEY, PLENTY)


# --- what is written is found and read ---------------------------------------------------------------


@given(st.lists(INT32, min_size=1, max_size=50).map(tuple), st.binary(max_size=200))
def test_what_is_written_comes_back(tokens: tuple[int, ...], state: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert SavedStates(Path(folder), KEY, PLENTY).write(tokens, state)
        later = SavedStates(Path(folder), KEY, PLENTY)
        saved = later.best(tokens, len(tokens) - 1)
        assert saved is not None
        assert (saved.tokens, saved.size) == (tokens, len(state))
        assert later.read(saved) == state


@pytest.mark.parametrize(
    "state",
    [
        STATE,
        bytearray(STATE),
        memoryview(STATE),
        memoryview((ctypes.c_uint8 * len(STATE)).from_buffer_copy(STATE)),
        memoryview((ctypes.c_uint32 * 3)(1, 2, 3)),
        b"",
    ],
    ids=["bytes", "bytearray", "memoryview", "ctypes", "wider items", "empty"],
)
def test_a_state_may_be_any_bytes(states: SavedStates, state: bytes | bytearray | memoryview) -> None:
    assert states.write(TOKENS, state)
    assert states.read(find(states, TOKENS)) == bytes(state)


def test_a_key_may_name_a_path_that_is_no_text(tmp_path: Path) -> None:
    states = SavedStates(tmp_path, "/models/caf\udce9.gguf", PLENTY)
    assert states.write(TOKENS, STATE)
    assert states.read(find(states, TOKENS)) == STATE


@given(st.lists(FEW_TOKENS, max_size=6), FEW_TOKENS, st.integers(-1, 6))
def test_the_longest_prefix_is_found_by_the_definition(
    rows: list[tuple[int, ...]], wanted: tuple[int, ...], more_than: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        states = SavedStates(Path(folder), KEY, PLENTY)
        for row in rows:
            assert states.write(row, bytes(row))
        most = max((shared(row, wanted) for row in rows), default=-1)
        found = states.best(wanted, more_than)
        assert (found is not None) == (most > more_than)
        if found is not None:
            assert shared(found.tokens, wanted) == most
            assert states.read(found) == bytes(found.tokens)


@pytest.mark.parametrize(
    ("wanted", "more_than", "found"),
    [
        ((1, 2, 3, 4), 0, (1, 2, 3, 9)),
        ((1, 2, 3, 4), 2, (1, 2, 3, 9)),
        ((1, 2, 3, 4), 3, None),
        ((1, 2, 8, 8), 1, (1, 2, 8)),
        ((1, 2, 8), 2, (1, 2, 8)),
        ((1, 2, 8), 3, None),
        ((1,), 0, (1, 2, 8)),
        ((5,), 0, None),
        ((), 0, None),
    ],
)
def test_what_is_found_shares_more_than_was_asked_for(
    states: SavedStates, wanted: tuple[int, ...], more_than: int, found: tuple[int, ...] | None
) -> None:
    for second, row in enumerate([(1, 2, 3, 9), (1, 2, 8), (4,)]):
        states.write(row, STATE)
        used(find(states, row).path, second)
    best = states.best(wanted, more_than)
    assert (best.tokens if best else None) == found


def test_the_newest_of_several_is_found(states: SavedStates) -> None:
    rows = [(1, 2, last) for last in range(5)]
    for row in rows:
        states.write(row, STATE)
    paths = [find(states, row).path for row in rows]
    for newest, row in enumerate(rows):
        for index, path in enumerate(paths):
            used(path, 100 + (index == newest))
        best = states.best((1, 2), 0)
        assert best is not None
        assert best.tokens == row


def test_unchanged_files_are_read_once(states: SavedStates, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(1, 1), (2, 2), (3, 3)]
    for row in rows:
        states.write(row, STATE)
    find(states, rows[0])
    opened = []
    read_header = statefile.read_header

    def count(file: BinaryIO) -> statefile.Header:
        opened.append(file.name)
        return read_header(file)

    monkeypatch.setattr(module, "read_header", count)
    assert held(states, rows) == rows
    assert not opened
    used(find(states, rows[1]).path, 1)
    assert held(states, rows) == rows
    assert len(opened) == 1


def test_reading_counts_as_use(states: SavedStates) -> None:
    states.write(TOKENS, STATE)
    saved = find(states, TOKENS)
    used(saved.path, 1)
    assert states.read(saved) == STATE
    assert saved.path.stat().st_mtime > 1


# --- files of others -----------------------------------------------------------------------------------


def test_another_key_is_passed_over_in_silence(
    tmp_path: Path, states: SavedStates, caplog: pytest.LogCaptureFixture
) -> None:
    other = SavedStates(tmp_path, OTHER_KEY, PLENTY)
    assert other.write(TOKENS, b"of another model")
    assert states.best(TOKENS, 0) is None
    assert states.write(TOKENS, STATE)
    assert states.read(find(states, TOKENS)) == STATE
    assert other.read(find(other, TOKENS)) == b"of another model"
    assert not caplog.records


def test_another_version_of_the_format_is_another_key(
    tmp_path: Path, states: SavedStates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    states.write(TOKENS, STATE)
    monkeypatch.setattr(module, "MAGIC", b"midfkv\x00\x02")
    assert SavedStates(tmp_path, KEY, PLENTY).best(TOKENS, 0) is None
    assert one_file(tmp_path).exists()
    assert not caplog.records


def test_another_key_under_a_wrong_name_is_left_alone(
    tmp_path: Path, states: SavedStates, caplog: pytest.LogCaptureFixture
) -> None:
    states.write(TOKENS, STATE)
    path = one_file(tmp_path)
    SavedStates(tmp_path / "elsewhere", OTHER_KEY, PLENTY).write(TOKENS, b"of another model")
    mistaken = find(states, TOKENS)
    one_file(tmp_path / "elsewhere").replace(path)
    assert states.best(TOKENS, 0) is None
    assert states.best(TOKENS, 0) is None
    assert states.read(mistaken) is None
    assert path.exists()
    assert len(caplog.records) == 1


def test_another_sequence_under_a_wrong_name_is_not_handed_on(tmp_path: Path, states: SavedStates) -> None:
    states.write(TOKENS, STATE)
    saved = find(states, TOKENS)
    SavedStates(tmp_path / "elsewhere", KEY, PLENTY).write((1, 2, 3), b"of other tokens")
    one_file(tmp_path / "elsewhere").replace(saved.path)
    assert states.read(saved) is None


def test_what_is_not_a_state_is_never_touched(tmp_path: Path) -> None:
    names = ["notes.txt", "mine.kv", "0123456789abcdef.kv", "0123456789abcdef-0123456789abcdef.kv.bak", "x.tmp"]
    for name in names:
        (tmp_path / name).write_bytes(bytes(PLENTY))
        used(tmp_path / name, 1)
    states = SavedStates(tmp_path, KEY, 100)
    assert states.write(TOKENS, STATE)
    assert {path.name for path in tmp_path.iterdir()} > set(names)
    assert states.read(find(states, TOKENS)) == STATE


# --- damage ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [*range(HEADER_BYTES + 4 * len(TOKENS) + len(STATE)), -1])
def test_a_file_of_a_wrong_length_is_removed(
    tmp_path: Path, states: SavedStates, caplog: pytest.LogCaptureFixture, length: int
) -> None:
    states.write(TOKENS, STATE)
    path, before = one_file(tmp_path), find(states, TOKENS)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\0" if length < 0 else whole[:length])
    assert states.best(TOKENS, 0) is None
    assert states.best(TOKENS, 0) is None
    assert states.read(before) is None
    assert not path.exists()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@given(st.data(), st.lists(INT32, min_size=1, max_size=5), st.binary(min_size=1, max_size=20))
def test_any_flipped_byte_is_found(data: DataObject, tokens: list[int], state: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        states = SavedStates(Path(folder), KEY, PLENTY)
        states.write(tokens, state)
        before = find(states, tokens)
        content = bytearray(before.path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1), "position")] ^= data.draw(st.integers(1, 255), "flip")
        before.path.write_bytes(content)
        # One that has seen the file before, and one that has not.
        if data.draw(st.booleans(), "known"):
            assert states.read(before) is None
        else:
            later = SavedStates(Path(folder), KEY, PLENTY)
            found = later.best(tokens, 0)
            assert found is None or (found == before and later.read(found) is None)
        assert not before.path.exists()


@given(st.binary(max_size=120))
def test_any_content_is_survived(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        states = SavedStates(Path(folder), KEY, PLENTY)
        states.write(TOKENS, STATE)
        saved = find(states, TOKENS)
        saved.path.write_bytes(statefile.MAGIC + content)
        assert states.best(TOKENS, 0) is None
        assert states.read(saved) is None


def test_a_damaged_state_is_reported_once_and_written_anew(
    tmp_path: Path, states: SavedStates, caplog: pytest.LogCaptureFixture
) -> None:
    states.write(TOKENS, STATE)
    path = one_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert states.read(find(states, TOKENS)) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "damaged" in caplog.text
    assert states.write(TOKENS, STATE)
    assert states.read(find(states, TOKENS)) == STATE


# --- the limit -------------------------------------------------------------------------------------------


def file_size(tokens: Sequence[int], state: bytes) -> int:
    return HEADER_BYTES + 4 * len(tokens) + len(state)


def test_those_used_longest_ago_go_first_whatever_their_key(tmp_path: Path) -> None:
    size = file_size((1,), STATE)
    states, other = (SavedStates(tmp_path, key, 3 * size) for key in (KEY, OTHER_KEY))
    states.write((1,), STATE)
    used(find(states, (1,)).path, 30)
    other.write((2,), STATE)
    used(find(other, (2,)).path, 10)
    states.write((3,), STATE)
    used(find(states, (3,)).path, 20)
    assert states.write((4,), STATE)
    assert (held(states, [(1,), (3,), (4,)]), held(other, [(2,)])) == ([(1,), (3,), (4,)], [])
    assert other.write((5,), STATE)
    assert (held(states, [(1,), (3,), (4,)]), held(other, [(5,)])) == ([(1,), (4,)], [(5,)])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == 3 * size


@pytest.mark.parametrize(("room", "is_kept"), [(-1, False), (0, True), (1, True)])
def test_a_file_up_to_the_limit_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, room: int, *, is_kept: bool
) -> None:
    states = SavedStates(tmp_path, KEY, file_size(TOKENS, STATE) + room)
    assert states.write(TOKENS, STATE) == is_kept
    assert (states.best(TOKENS, 0) is not None) == is_kept
    assert not caplog.records


def test_with_no_limit_at_all_not_even_a_folder_is_made(tmp_path: Path) -> None:
    assert not SavedStates(tmp_path / "kv", KEY, 0).write(TOKENS, STATE)
    assert not list(tmp_path.iterdir())


def test_what_has_just_been_written_stays_though_others_are_of_the_future(tmp_path: Path) -> None:
    states = SavedStates(tmp_path, KEY, file_size((1,), STATE))
    states.write((1,), STATE)
    used(one_file(tmp_path), 2**31 - 1)
    assert states.write((2,), STATE)
    assert held(states, [(1,), (2,)]) == [(2,)]


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([(1, 2), (1, 2, 3)], [(1, 2, 3)]),
        ([(1,), (1, 2), (1, 2, 3)], [(1, 2, 3)]),
        ([(1, 2, 3), (1, 2)], [(1, 2, 3)]),
        ([(1, 2), (1, 2)], [(1, 2)]),
        ([(1, 2), (1, 3)], [(1, 2), (1, 3)]),
        ([(1, 2), (1, 3), (1, 2, 3)], [(1, 3), (1, 2, 3)]),
        ([(), (1,)], [(1,)]),
    ],
)
def test_prefixes_of_what_is_kept_are_not(
    tmp_path: Path, states: SavedStates, rows: list[tuple[int, ...]], left: list[tuple[int, ...]]
) -> None:
    for row in rows:
        assert states.write(row, STATE)
    assert held(states, left) == left
    assert len(list(tmp_path.iterdir())) == len(left)


@pytest.mark.parametrize("tokens", [TOKENS, TOKENS[:2]])
def test_writing_what_is_held_counts_as_use(tmp_path: Path, states: SavedStates, tokens: tuple[int, ...]) -> None:
    states.write(TOKENS, STATE)
    used(one_file(tmp_path), 1)
    assert states.write(tokens, b"is not looked at")
    assert one_file(tmp_path).stat().st_mtime > 1
    assert states.read(find(states, TOKENS)) == STATE


# --- the folder refuses, crashes, others at work -------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_reported_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kv").write_text("a file where the folder should be")
    states = SavedStates(tmp_path / "kv", KEY, PLENTY)
    assert states.best(TOKENS, 0) is None
    assert not states.write(TOKENS, STATE)
    assert not states.write((1,), STATE)
    assert states.best(TOKENS, 0) is None
    assert states.read(SavedState(tmp_path / "kv" / "x.kv", TOKENS, 1)) is None
    assert [record.levelname for record in caplog.records if "not kept" in record.message] == ["WARNING"]


def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, states: SavedStates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    states.write(TOKENS, STATE)

    def refuse(*_paths: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        assert not states.write((*TOKENS, 1), STATE)
        assert not states.write((*TOKENS, 2), STATE)
    assert len(caplog.records) == 1
    # The shorter one has not been given up for nothing.
    assert states.read(find(states, TOKENS)) == STATE
    assert len(list(tmp_path.iterdir())) == 1


CRASH = """
import os, pathlib, sys
from lsp_server.engine.saved import SavedStates
pathlib.Path.replace = lambda *_paths: os._exit(3)
SavedStates(pathlib.Path(sys.argv[1]), sys.argv[2], 1_000_000).write((1, 2, 3), b"keys and values")
"""


def test_a_crash_while_writing_leaves_nothing_that_is_read(tmp_path: Path, states: SavedStates) -> None:
    crashed = subprocess.run([sys.executable, "-c", CRASH, str(tmp_path), KEY], check=False)
    assert crashed.returncode == 3
    left = one_file(tmp_path)
    assert left.suffix == ".tmp"
    assert states.best((1, 2, 3), 0) is None
    # For all that is known, another process is still writing it.
    assert states.write((1, 2, 3), STATE)
    assert left.exists()
    used(left, 1)
    assert states.write((4, 5, 6), STATE)
    assert not left.exists()
    assert held(states, [(1, 2, 3), (4, 5, 6)]) == [(1, 2, 3), (4, 5, 6)]


def test_a_file_that_vanishes_before_it_is_read(states: SavedStates, caplog: pytest.LogCaptureFixture) -> None:
    states.write(TOKENS, STATE)
    saved = find(states, TOKENS)
    saved.path.unlink()
    assert states.read(saved) is None
    assert states.best(TOKENS, 0) is None
    assert not caplog.records


def test_a_file_that_vanishes_between_listing_and_opening(
    states: SavedStates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    states.write(TOKENS, STATE)
    path = find(states, TOKENS).path
    listed = module._files(path.parent, re.compile(".*"))
    path.unlink()
    monkeypatch.setattr(module, "_files", lambda *_arguments: listed)
    later = SavedStates(path.parent, KEY, 0)
    assert later.best(TOKENS, 0) is None
    later._evict("")
    assert not caplog.records


def test_a_file_that_vanishes_before_it_is_marked_is_written_anew(
    states: SavedStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    states.write(TOKENS, STATE)

    def vanish(path: Path) -> None:
        path.unlink()
        raise FileNotFoundError(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "utime", vanish)
        assert states.write(TOKENS, b"new state")
    assert states.read(find(states, TOKENS)) == b"new state"


def test_files_that_cannot_be_removed_stay_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As on Windows, where somebody reads them.
    states = SavedStates(tmp_path, KEY, 2 * file_size((1,), STATE))
    for second, row in enumerate([(1,), (2,)]):
        states.write(row, STATE)
        used(find(states, row).path, second)
    read_now, unlink = find(states, (1,)).path, Path.unlink

    def refuse(path: Path, *, missing_ok: bool) -> None:
        if path == read_now:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert states.write((3,), STATE)
        assert held(states, [(1,), (2,), (3,)]) == [(1,), (3,)]
        assert not caplog.records
        read_now.write_bytes(b"damaged")
        assert states.best((1,), 0) is None
        assert states.best((1,), 0) is None
        assert len(caplog.records) == 1
    assert states.best((1,), 0) is None
    assert not read_now.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_nobody_else_may_read_what_was_written(tmp_path: Path) -> None:
    SavedStates(tmp_path / "new" / "kv", KEY, PLENTY).write(TOKENS, STATE)
    folder = tmp_path / "new" / "kv"
    assert (folder.stat().st_mode & 0o777, one_file(folder).stat().st_mode & 0o777) == (0o700, 0o600)


def test_several_at_work_never_see_a_wrong_state(tmp_path: Path) -> None:
    rows = [(first, *range(length)) for first in range(4) for length in range(5)]

    def work(start: int) -> None:
        # As processes would, each with an index of its own; there is room for a third of the rows.
        states = SavedStates(tmp_path, KEY, 7 * file_size(rows[-1], bytes(400)))
        for step in range(60):
            row = rows[(start + 7 * step) % len(rows)]
            states.write(row, bytes(row) * 80)
            best = states.best(row, 0)
            if best is not None:
                assert states.read(best) in {None, bytes(best.tokens) * 80}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert all(path.suffix == ".kv" for path in tmp_path.iterdir())
