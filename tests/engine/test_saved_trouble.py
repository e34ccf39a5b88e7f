"""What is damaged or cannot be kept costs what was kept and nothing else, whatever happens to the folder."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.engine import saved as module
from lsp_server.engine import statefile
from lsp_server.engine.saved import SavedState, SavedStates
from tests.engine.saved_states import (
    HEADER_BYTES,
    INT32,
    KEY,
    PLENTY,
    STATE,
    TOKENS,
    file_size,
    find,
    held,
    one_file,
    used,
)

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject


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
