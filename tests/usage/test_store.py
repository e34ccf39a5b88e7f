"""Counts on disk: they add up, and whatever a disk does wrong costs counts and nothing else."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Source
from lsp_server.errors import InputError
from lsp_server.usage import latency
from lsp_server.usage import store as module
from lsp_server.usage.events import About, Event, Kind
from lsp_server.usage.store import DAYS_KEPT, LONGEST_NAME, VERSION, Row, Store, merged, row_of

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2025, 3, 14)
EVER = date.min
ROW = Row(TODAY, "python", "tiny", Kind.SHOWN, Source.MODEL, 50, 1, 30, 2)
ACCEPTED = replace(ROW, kind=Kind.ACCEPTED, latency=latency.NONE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the counts are to be; neither the file nor its folder is there."""
    return tmp_path / "state" / "usage.sqlite3"


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for a file that the test itself holds."""
    monkeypatch.setattr(module, "WAIT", 0.05)


def works(path: Path) -> bool:
    """Return whether a store adds a row, and reads it again."""
    return Store(path).add([ACCEPTED]) and ACCEPTED in Store(path).read(EVER)


def execute(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


# --- what is counted is read again --------------------------------------------------------------------


def test_rows_add_up(path: Path) -> None:
    store = Store(path)
    assert store.read(EVER) == []
    assert store.add([ROW, ACCEPTED, ROW])
    assert store.add([ROW])
    assert store.add([])
    assert store.read(EVER) == [ACCEPTED, replace(ROW, number=3, characters=90, lines=6)]


@pytest.mark.parametrize(
    "other",
    [
        replace(ROW, day=TODAY - timedelta(1)),
        replace(ROW, language="rust"),
        replace(ROW, model="Qwen2.5-Coder-1.5B"),
        replace(ROW, kind=Kind.THERE_120),
        replace(ROW, source=Source.MEMORY),
        replace(ROW, latency=51),
    ],
)
def test_rows_that_differ_stay_apart(path: Path, other: Row) -> None:
    assert Store(path).add([ROW, other])
    assert set(Store(path).read(EVER)) == {ROW, other}
    assert set(merged([ROW, other, other])) == {ROW, replace(other, number=2, characters=60, lines=4)}


def test_rows_are_read_from_a_day_on(path: Path) -> None:
    rows = [replace(ROW, day=TODAY - timedelta(ago)) for ago in range(5)]
    Store(path).add(rows)
    assert Store(path).read(TODAY - timedelta(2)) == [rows[2], rows[1], rows[0]]


def test_a_year_is_kept(path: Path) -> None:
    last = replace(ROW, day=TODAY - timedelta(DAYS_KEPT))
    Store(path).add([last, replace(ROW, day=TODAY - timedelta(DAYS_KEPT + 1))])
    Store(path).add([ROW])
    assert Store(path).read(EVER) == [last, ROW]
    Store(path).add([replace(ROW, day=TODAY + timedelta(1))])
    assert last not in Store(path).read(EVER)


def test_what_is_kept_of_events() -> None:
    about = About("python", "tiny", Source.MODEL, 100.0)
    shown = row_of(Event(Kind.SHOWN, 7, about, 12, 1), TODAY)
    assert shown == Row(TODAY, "python", "tiny", Kind.SHOWN, Source.MODEL, latency.class_of(100.0), 1, 12, 1)
    for kind, source in ((Kind.ACCEPTED, Source.MODEL), (Kind.SHOWN, Source.MEMORY)):
        event = Event(kind, 7, replace(about, source=source), 12, 1)
        assert row_of(event, TODAY).latency == latency.NONE


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C++ 20", "C++ 20"),
        ("a\nb\x1b[0m", "a?b?[0m"),
        ("\udcff\0", "??"),
        ("漢", "漢"),
        ("x" * 500, "x" * LONGEST_NAME),
    ],
)
def test_names_that_are_no_names(path: Path, name: str, kept: str) -> None:
    row = row_of(Event(Kind.SHOWN, 1, About(name, name, Source.MODEL, 1.0), 1, 1), TODAY)
    assert (row.language, row.model) == (kept, kept)
    assert Store(path).add([row])
    assert Store(path).read(EVER) == [row]


# --- several at once ----------------------------------------------------------------------------------


def test_servers_that_write_at_once_lose_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 30.0)
    done: list[bool] = []

    def write() -> None:
        store = Store(path)
        done.extend(store.add([ROW, ACCEPTED]) for _ in range(20))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 80
    assert [row.number for row in Store(path).read(EVER)] == [80, 80]


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    program = (
        "import sys; from datetime import date; from pathlib import Path; from lsp_server.core import Source;"
        "from lsp_server.usage import store; from lsp_server.usage.events import Kind; store.WAIT = 30.0;"
        "row = store.Row(date(2025, 3, 14), 'python', 'tiny', Kind.SHOWN, Source.MODEL, 50, 1, 30, 2);"
        "sys.exit(not all([store.Store(Path(sys.argv[1])).add([row]) for _ in range(10)]))"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert [row.number for row in Store(path).read(EVER)] == [20]


def test_a_file_that_is_held_is_left_alone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(path)
    store.add([ROW])
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not store.add([ROW])
        assert not store.add([ROW])
        with pytest.raises(InputError, match="locked"):
            store.read(EVER)
        other.rollback()
    assert len(caplog.records) == 1
    assert store.add([ROW])
    assert [row.number for row in store.read(EVER)] == [2]


def test_a_file_that_is_taken_away_is_begun_again(path: Path) -> None:
    store = Store(path)
    store.add([ROW])
    shutil.rmtree(path.parent)
    assert store.add([ACCEPTED])
    assert store.read(EVER) == [ACCEPTED]


# --- what a disk does wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        b"no database at all" * 100,
        b"\0" * 4096,
        b"SQLite format 3\0" + b"\xff" * 5000,
    ],
)
def test_a_damaged_file_is_set_aside(path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(InputError, match=r"usage\.sqlite3 cannot be read"):
        Store(path).read(EVER)
    assert works(path)
    assert path.with_name("usage.sqlite3.damaged").read_bytes() == damage
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_file_whose_pages_are_damaged_is_set_aside(path: Path) -> None:
    Store(path).add([ROW])
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    assert works(path)
    assert len(Store(path).read(EVER)) == 1


def test_what_another_server_has_begun_anew_is_not_set_aside(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    add = module._add
    other_is_first = [True]

    def late(where: Path, rows: list[Row]) -> None:
        try:
            add(where, rows)
        except sqlite3.DatabaseError:
            if other_is_first.pop():
                path.unlink()
                add(path, [replace(ROW, number=10)])
            raise

    monkeypatch.setattr(module, "_add", late)
    assert Store(path).add([ROW])
    assert [row.number for row in Store(path).read(EVER)] == [11]
    assert not path.with_name("usage.sqlite3.damaged").exists()


def test_an_empty_file_is_begun(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert Store(path).read(EVER) == []
    assert works(path)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE theirs (a TEXT); INSERT INTO theirs VALUES ('precious')",
        "CREATE TABLE counts (a TEXT)",
        f"PRAGMA user_version = {VERSION}",
        "PRAGMA application_id = 7",
    ],
)
def test_the_file_of_another_program_is_left_alone(path: Path, script: str, caplog: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    execute(path, script)
    before = path.read_bytes()
    store = Store(path)
    assert not store.add([ROW])
    assert not store.add([ROW])
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert len(caplog.records) == 1
    with pytest.raises(InputError, match="not a file of midfill's"):
        store.read(EVER)


@pytest.mark.parametrize("version", [VERSION + 1, 999, 0, -1])
def test_a_file_of_another_version_is_left_alone(path: Path, version: int) -> None:
    Store(path).add([ROW])
    execute(path, f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert not Store(path).add([ROW])
    assert path.read_bytes() == before
    with pytest.raises(InputError, match=f"has version {version}"):
        Store(path).read(EVER)


@pytest.mark.parametrize(
    "script",
    [
        "DROP TABLE counts",
        "DROP TABLE counts; CREATE TABLE counts (a TEXT)",
        "DROP TABLE counts; CREATE VIEW counts AS SELECT 1",
    ],
)
def test_a_table_that_is_not_ours_is_left_alone(path: Path, script: str) -> None:
    Store(path).add([ROW])
    execute(path, script)
    assert not Store(path).add([ROW])
    with pytest.raises(InputError, match="cannot be read"):
        Store(path).read(EVER)
    assert not path.with_name("usage.sqlite3.damaged").exists()


@pytest.mark.parametrize(
    "change",
    [
        "day = 0",
        "day = 99999999999",
        "day = 'Friday'",
        "language = x'07'",
        "model = x'ff'",
        "kind = 'eaten'",
        "source = 'thin air'",
        "latency = 1.5",
        "number = -1",
        "characters = 'many'",
    ],
)
def test_rows_that_no_store_has_written_are_passed_over(path: Path, change: str) -> None:
    Store(path).add([ROW, ACCEPTED])
    execute(path, f"PRAGMA ignore_check_constraints = 1; UPDATE counts SET {change} WHERE kind = 'accepted'")  # noqa: S608
    assert Store(path).read(EVER) == [ROW]


def test_a_folder_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    store = Store(tmp_path / "file" / "state" / "usage.sqlite3")
    assert not store.add([ROW])
    assert not store.add([ROW])
    assert len(caplog.records) == 1
    assert "are not counted in" in caplog.text


def test_a_folder_in_the_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True)
    assert not Store(path).add([ROW])
    with pytest.raises(InputError, match="cannot be read"):
        Store(path).read(EVER)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="who may write everywhere cannot see it")
def test_a_folder_that_may_not_be_written(path: Path) -> None:
    Store(path).add([ROW])
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert not Store(path).add([ROW])
        assert Store(path).read(EVER) == [ROW]
    finally:
        path.parent.chmod(0o700)


def test_a_file_that_may_not_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).add([ROW])

    def read_only(file: Path) -> sqlite3.Connection:
        return sqlite3.connect(f"{file.as_uri()}?mode=ro", isolation_level=None, uri=True)

    monkeypatch.setattr(module, "_opened", read_only)
    assert not Store(path).add([ROW])
    assert Store(path).read(EVER) == [ROW]


def test_a_full_disk_costs_what_does_not_fit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(path).add([ROW])
    opened = module._opened

    def full(file: Path) -> sqlite3.Connection:
        connection = opened(file)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(module, "_opened", full)
    assert not Store(path).add([replace(ROW, model=f"{number:080}") for number in range(500)])
    monkeypatch.undo()
    assert Store(path).read(EVER) == [ROW]
    assert works(path)
