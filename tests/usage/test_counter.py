"""The counting of a server: what it tells comes to the disk, and it is never harmed."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Snapshot, Source
from lsp_server.usage import store as store_module
from lsp_server.usage.counter import BATCH_SECONDS, LARGEST_DOCUMENT, Usage
from lsp_server.usage.events import About, Kind
from lsp_server.usage.store import Store
from lsp_server.usage.watch import Watch
from tests.cursor import unmark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOCUMENT = "file:///a.py"
ABOUT = About("python", "tiny", Source.MODEL, 120.0)
TODAY = date(2025, 3, 14)


class Timer:
    """A timer of the loop below."""

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.is_cancelled = at, call, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Loop:
    """A clock and its timers."""

    def __init__(self) -> None:
        self.now = 50.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + seconds, call))
        return self.timers[-1]

    def waiting(self) -> list[Timer]:
        return [timer for timer in self.timers if not timer.is_cancelled]

    def run(self, seconds: float) -> None:
        """Let time go by, and the timers ring."""
        end = self.now + seconds
        while due := [timer for timer in self.waiting() if timer.at <= end]:
            timer = min(due, key=lambda timer: timer.at)
            self.timers.remove(timer)
            self.now = max(self.now, timer.at)
            timer.call()
        self.now = end


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the counts are to be."""
    return tmp_path / "usage.sqlite3"


@pytest.fixture
def loop() -> Loop:
    """A clock that the test moves."""
    return Loop()


@pytest.fixture
def usage(path: Path, loop: Loop) -> Usage:
    """A counting whose clock the test moves."""
    return counting(path, loop)


def counting(path: Path | None, loop: Loop) -> Usage:
    return Usage(path, clock=loop.time, today=lambda: TODAY, later=loop.later)


def show(usage: Usage, marked: str, text: str, current: str | None = None) -> int | None:
    before, offset = unmark(marked)
    snapshot = Snapshot(None, None, before, offset, DOCUMENT)
    return usage.shown(snapshot, before if current is None else current, text, ABOUT)


def unwritten(usage: Usage) -> list[int]:
    """Wait for the batch that is being written, and return the numbers of the rows that could not be."""
    assert usage._writing is not None
    return [row.number for row in usage._writing.result(30)]


def kept(path: Path) -> dict[Kind, int]:
    return {row.kind: row.number for row in Store(path).read(date.min)}


def test_from_the_answer_to_the_disk(usage: Usage, path: Path, loop: Loop) -> None:
    assert show(usage, "re‸\n", "turn x") == 1
    usage.changed(DOCUMENT, "return x\n")
    loop.run(200)
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.ACCEPTED: 1, Kind.THERE_30: 1, Kind.THERE_120: 1}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_documents_as_editors_have_them(path: Path, loop: Loop, line_end: str, start: str) -> None:
    usage = counting(path, loop)

    def text(plain: str) -> str:
        return start + plain.replace("\n", line_end)

    show(usage, text("if a:‸\nc\n"), text("\n    b()\n    d()").removeprefix(start))
    usage.changed(DOCUMENT, text("if a:\n    \nc\n"))
    usage.changed(DOCUMENT, text("if a:\n    b()\n    d()\nc\n"))
    loop.run(200)
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.ACCEPTED: 1, Kind.THERE_30: 1, Kind.THERE_120: 1}


def test_the_spelling_of_a_uri(usage: Usage, path: Path, loop: Loop) -> None:
    for uri in ("file:///c%3A/a%20b.py", "file:///c:/a b.py"):
        usage.shown(Snapshot(None, None, "re", 2, uri), "re", "turn x", ABOUT)
        usage.changed("file:///c:/a%20b.py", "return")
        usage.closed("file:///c%3A/a%20b.py")
    assert not loop.waiting() or all(timer.call == usage.write for timer in loop.waiting())
    usage.close()
    assert kept(path) == {Kind.SHOWN: 2, Kind.IN_PART: 2}


def test_an_answer_that_comes_too_late_was_not_shown(usage: Usage, path: Path) -> None:
    assert show(usage, "re‸\n", "turn x", current="ret\n") is None
    usage.close()
    assert not path.exists()


def test_a_document_of_many_megabytes_is_left_out(usage: Usage, path: Path) -> None:
    assert show(usage, "x" * LARGEST_DOCUMENT + "y‸", "turn x") is None
    assert show(usage, "x" * LARGEST_DOCUMENT + "‸", "turn x") is not None
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1}


def test_the_command(usage: Usage, path: Path) -> None:
    number = show(usage, "f(a‸\n", ")")
    assert number is not None
    usage.changed(DOCUMENT, "f(a)\n")
    usage.accepted(number)
    usage.accepted(17)
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.ACCEPTED: 1}


def test_a_batch_is_written_after_a_while(usage: Usage, path: Path, loop: Loop) -> None:
    show(usage, "re‸\n", "turn x")
    loop.run(BATCH_SECONDS - 1)
    assert not path.exists()
    assert usage._writer is None
    loop.run(1)
    assert unwritten(usage) == []
    assert kept(path) == {Kind.SHOWN: 1}
    usage.closed(DOCUMENT)
    show(usage, "re‸\n", "turn x")
    usage.close()
    assert kept(path) == {Kind.SHOWN: 2}


def test_without_anything_to_count_no_timer_rings(usage: Usage, loop: Loop) -> None:
    usage.changed(DOCUMENT, "a\n")
    usage.closed(DOCUMENT)
    usage.accepted(1)
    assert not loop.timers
    show(usage, "re‸\n", "turn x")
    usage.changed(DOCUMENT, "res\n")
    loop.run(1000)
    assert not loop.timers
    usage.close()


def test_after_closing_nothing_happens(usage: Usage, path: Path, loop: Loop) -> None:
    show(usage, "re‸\n", "turn x")
    usage.changed(DOCUMENT, "return\n")
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.IN_PART: 1}
    assert not loop.waiting()
    usage.close()
    assert show(usage, "re‸\n", "turn x") is None
    usage.changed(DOCUMENT, "")
    usage.closed(DOCUMENT)
    usage.accepted(1)
    usage.due()
    usage.write()
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.IN_PART: 1}


def test_without_a_file_nothing_happens(loop: Loop) -> None:
    usage = counting(None, loop)
    assert show(usage, "re‸\n", "turn x") is None
    usage.changed(DOCUMENT, "return x\n")
    usage.accepted(1)
    usage.closed(DOCUMENT)
    usage.due()
    usage.write()
    usage.close()
    assert not loop.timers


# --- what goes wrong ----------------------------------------------------------------------------------


def test_what_could_not_be_written_is_written_later(
    usage: Usage, path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WAIT", 0.0)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        show(usage, "re‸\n", "turn x")
        loop.run(BATCH_SECONDS)
        assert unwritten(usage) == [1]
        other.rollback()
    usage.closed(DOCUMENT)
    show(usage, "re‸\n", "turn x")
    loop.run(BATCH_SECONDS)
    usage.close()
    assert kept(path) == {Kind.SHOWN: 2}


def test_a_disk_that_cannot_be_written_harms_nobody(tmp_path: Path, loop: Loop) -> None:
    (tmp_path / "file").touch()
    usage = counting(tmp_path / "file" / "usage.sqlite3", loop)
    for number in range(1, 11):
        assert show(usage, "re‸\n", "turn x") is not None
        usage.closed(DOCUMENT)
        loop.run(BATCH_SECONDS)
        assert unwritten(usage) == [number]
    usage.close()


def test_a_mistake_ends_the_counting_and_nothing_else(
    usage: Usage, path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    show(usage, "re‸\n", "turn x")

    def fail(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Watch, "changed", fail)
    usage.changed(DOCUMENT, "return x\n")
    usage.changed(DOCUMENT, "return y\n")
    assert show(usage, "re‸\n", "turn x") is None
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert not loop.waiting()
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1}


def test_a_mistake_while_writing_harms_nobody(
    usage: Usage, loop: Loop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(Store, "add", fail)
    for _ in range(2):
        show(usage, "re‸\n", "turn x")
        usage.closed(DOCUMENT)
        loop.run(BATCH_SECONDS)
        assert unwritten(usage) == []
    usage.close()
    assert {record.levelname for record in caplog.records} == {"ERROR"}


# --- with asyncio's own timers, and whatever is typed -------------------------------------------------


async def test_with_the_running_loop(path: Path) -> None:
    usage = Usage(path)
    show(usage, "re‸\n", "turn x")
    usage.changed(DOCUMENT, "return x\n")
    await asyncio.sleep(0)
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.ACCEPTED: 1}


def test_closing_when_the_loop_has_gone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def serve() -> Usage:
        usage = Usage(path)
        show(usage, "re‸\n", "turn x")
        usage.changed(DOCUMENT, "return\n")
        return usage

    usage = asyncio.run(serve())
    usage.close()
    assert kept(path) == {Kind.SHOWN: 1, Kind.IN_PART: 1}
    assert not caplog.records


SECRET = "hunter2"  # noqa: S105  what must not be found on the disk


@given(typed=st.lists(st.sampled_from([SECRET, "a", "(", "\n", SECRET[:3], SECRET[3:]]), max_size=12))
def test_no_text_comes_to_the_disk(tmp_path_factory: pytest.TempPathFactory, typed: list[str]) -> None:
    path, loop = tmp_path_factory.mktemp("state") / "usage.sqlite3", Loop()
    usage = counting(path, loop)
    text = f"{SECRET}\n"
    for more in typed:
        show(usage, f"{text}‸", f"{SECRET}{more}{SECRET}")
        text += more
        usage.changed(DOCUMENT, text)
        loop.run(7)
    loop.run(200)
    usage.close()
    assert bool(typed) is path.exists()
    for file in path.parent.iterdir():
        content = file.read_bytes().lower()
        assert SECRET.encode() not in content
        assert SECRET.encode("utf-16-le") not in content
        assert b"hunt" not in content
        assert b"a.py" not in content
    path.unlink(missing_ok=True)
