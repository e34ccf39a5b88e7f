"""The library's process, a real one: what it is told, what it answers, and what happens when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from lsp_server.context import process as process_module
from lsp_server.context.process import LibraryProcess, Workplace
from lsp_server.context.workspace import Rules
from tests.context.tree import write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from lsp_server.context.library import Progress
    from lsp_server.core import Chunk

CODE = {
    "money.py": "class Money:\n    def rounded_to_cents(self):\n        return self\n",
    "main.py": "from money import Money\n\n\ndef pay(money: Money):\n    money.\n",
    ".env": "TOKEN = 'rounded_to_cents'\n",
}
BEFORE = "from money import Money\n\n\ndef pay(money: Money):\n    money."


class Heard:
    """What a process has said of its progress."""

    def __init__(self) -> None:
        self.all: list[Progress] = []

    def __call__(self, progress: Progress) -> None:
        self.all.append(progress)


@contextlib.asynccontextmanager
async def running(folder: Path, heard: Heard | None = None) -> AsyncIterator[LibraryProcess]:
    process = LibraryProcess(heard or Heard())
    await process.start(Workplace((folder,), Rules(), None))
    try:
        yield process
    finally:
        await process.stop()


async def choose(process: LibraryProcess, folder: Path, kept: tuple[Chunk, ...] = ()) -> tuple[Chunk, ...]:
    return await asyncio.wait_for(process.choose(folder / "main.py", BEFORE, "\n", 500, kept), 30)


def pid_of(process: LibraryProcess) -> int:
    assert process._process is not None
    return process._process.pid


async def test_the_first_choice_waits_for_the_index(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    heard = Heard()
    async with running(tmp_path, heard) as process:
        (chunk,) = await choose(process, tmp_path)
    assert chunk.path == "money.py"
    assert "def rounded_to_cents(self):" in chunk.text
    assert heard.all[-1] == (2, 2, True)


async def test_unsaved_text_counts_before_the_disk_and_within_200_ms(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    async with running(tmp_path) as process:
        await choose(process, tmp_path)
        process.open(tmp_path / "money.py", CODE["money.py"])
        process.change(tmp_path / "money.py", CODE["money.py"].replace("rounded_to_cents", "rounded_to_marks"))
        started = time.perf_counter()
        (chunk,) = await choose(process, tmp_path)
        seconds = time.perf_counter() - started
        assert "rounded_to_marks" in chunk.text
        assert seconds < 0.2
        process.close(tmp_path / "money.py")
        (chunk,) = await choose(process, tmp_path)
        assert "rounded_to_cents" in chunk.text


async def test_a_file_that_changed_on_disk_is_seen_when_it_is_told_of(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    async with running(tmp_path) as process:
        await choose(process, tmp_path)
        (tmp_path / "money.py").write_text("class Money:\n    def in_words(self): ...\n")
        process.touch([tmp_path / "money.py"])
        texts = []
        for _ in range(50):
            texts = [chunk.text for chunk in await choose(process, tmp_path)]
            if any("in_words" in text for text in texts):
                return
    pytest.fail(f"never seen: {texts}")


async def test_a_process_that_ends_is_started_again_with_what_is_open(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    async with running(tmp_path) as process:
        process.open(tmp_path / "money.py", CODE["money.py"].replace("rounded_to_cents", "rounded_to_marks"))
        await choose(process, tmp_path)
        first = pid_of(process)
        psutil.Process(first).kill()
        chunks: tuple[Chunk, ...] = ()
        for _ in range(1000):
            chunks = await choose(process, tmp_path)
            if chunks:
                break
            # The loop hears of the end of the process.
            await asyncio.sleep(0)
        assert "rounded_to_marks" in chunks[0].text
        assert pid_of(process) != first


async def test_one_that_ends_each_time_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "COMMAND", ("-c", "pass"))
    process = LibraryProcess(Heard())
    await process.start(Workplace((tmp_path,), Rules(), None))
    while process._starts < process_module.MOST_STARTS or process._process is not None:
        assert await choose(process, tmp_path) == ()
        await asyncio.sleep(0)
    assert await choose(process, tmp_path) == ()
    await process.stop()


async def test_other_folders_take_the_place_of_those_before(tmp_path: Path) -> None:
    write(tmp_path / "one", CODE)
    write(tmp_path / "two", {"main.py": CODE["main.py"]})
    async with running(tmp_path / "one") as process:
        assert await choose(process, tmp_path / "one")
        await process.start(Workplace((tmp_path / "two",), Rules(), None))
        assert await choose(process, tmp_path / "two") == ()


async def test_one_that_was_stopped_can_be_started_again(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    workplace = Workplace((tmp_path,), Rules(), None)
    async with running(tmp_path) as process:
        process.change(tmp_path / "money.py", CODE["money.py"])
        await process.stop()
        assert await choose(process, tmp_path) == ()
        await process.start(workplace)
        process.change(tmp_path / "money.py", CODE["money.py"].replace("rounded_to_cents", "rounded_to_marks"))
        (chunk,) = await choose(process, tmp_path)
    assert "rounded_to_marks" in chunk.text


async def test_starts_and_stops_at_once_take_turns(tmp_path: Path) -> None:
    write(tmp_path / "one", CODE)
    write(tmp_path / "two", CODE)
    one, two = (Workplace((tmp_path / name,), Rules(), None) for name in ("one", "two"))
    async with running(tmp_path / "one") as process:
        first = psutil.Process(pid_of(process))
        for turns in ((process.stop(), process.start(one)), (process.start(two), process.stop(), process.start(one))):
            await asyncio.wait_for(asyncio.gather(*turns), 30)
            assert await choose(process, tmp_path / "one")
        last = psutil.Process(pid_of(process))
        assert [child for child in psutil.Process().children() if child in (first, last)] == [last]


async def test_line_ends_of_any_system_are_one(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    async with running(tmp_path) as process:
        process.open(tmp_path / "money.py", CODE["money.py"].replace("\n", "\r\n"))
        (chunk,) = await choose(process, tmp_path)
    assert "\r" not in chunk.text


async def test_a_document_of_megabytes_is_asked_for_as_soon(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    async with running(tmp_path) as process:
        asked = process.choose(tmp_path / "main.py", "x = 1\n" * 1_000_000 + BEFORE, "\n" * 1_000_000, 500, ())
        (chunk,) = await asyncio.wait_for(asked, 30)
    assert chunk.path == "money.py"


async def test_nothing_is_told_before_the_start_and_after_the_end(tmp_path: Path) -> None:
    process = LibraryProcess(Heard())
    process.open(tmp_path / "main.py", "")
    process.close(tmp_path / "main.py")
    assert await choose(process, tmp_path) == ()
    await process.stop()


async def test_it_ends_when_the_server_has_gone(tmp_path: Path) -> None:
    write(tmp_path, CODE)
    process = LibraryProcess(Heard())
    await process.start(Workplace((tmp_path,), Rules(), None))
    await choose(process, tmp_path)
    child = psutil.Process(pid_of(process))
    assert process._process is not None
    assert process._process.stdin is not None
    process._process.stdin.close()
    assert await asyncio.wait_for(process._process.wait(), 30) == 0
    assert not child.is_running()
    await process.stop()


async def test_it_steps_back_behind_others(tmp_path: Path) -> None:
    async with running(tmp_path) as process:
        await choose(process, tmp_path)
        assert psutil.Process(pid_of(process)).nice() != psutil.Process().nice()
