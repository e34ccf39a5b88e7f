"""What is kept on disk comes back as it was, and within its limit."""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine import saved as module
from lsp_server.engine import statefile
from lsp_server.engine.saved import SavedStates
from tests.engine.saved_states import (
    FEW_TOKENS,
    INT32,
    KEY,
    OTHER_KEY,
    PLENTY,
    STATE,
    TOKENS,
    file_size,
    find,
    held,
    one_file,
    shared,
    used,
)

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


# --- the limit -------------------------------------------------------------------------------------------


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
