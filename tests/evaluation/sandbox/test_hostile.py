"""Hostile programs end as failed samples, and nothing else.

Each attack is bounded by itself, so that it harms no machine even where nothing confines it; those on files and on
processes are run unconfined too, to show that they would do harm.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, TypeVar

import psutil
import pytest

from lsp_server.evaluation.sandbox import filters
from lsp_server.evaluation.sandbox.processes import MEBIBYTE, Cell, Limits, run
from lsp_server.evaluation.sandbox.verdicts import Verdict, passes
from lsp_server.evaluation.task import Check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("programs")

T = TypeVar("T")
# Time enough for a busy machine, and too little for a test to wait for.
SECONDS, SHORT = 20.0, 1.0
SLEEP = [sys.executable, "-c", "input()"]
# Attacks on the files of a folder, in which `victim` is one.
ON_FILES = [
    "open(folder + '/new', 'w').write('harm')",
    "open(folder + '/victim', 'a').write('harm')",
    "open(folder + '/victim', 'r+').truncate(0)",
    "os.truncate(folder + '/victim', 0)",
    "os.open(folder + '/victim', os.O_RDONLY | os.O_TRUNC)",
    "os.unlink(folder + '/victim')",
    "os.rename(folder + '/victim', folder + '/new')",
    "os.symlink('/', folder + '/new')",
    "os.link(folder + '/victim', folder + '/new')",
    "os.mkdir(folder + '/new')",
    "os.mkfifo(folder + '/new')",
    "os.chmod(folder + '/victim', 0o777)",
    "os.utime(folder + '/victim', (0, 0))",
    "os.execv('/bin/rm', ['rm', folder + '/victim'])",
    "os.symlink(folder, 'link'); open('link/victim', 'w').write('harm')",
    "shutil.copy(__file__, folder)",
    "sqlite3.connect(folder + '/new').execute('create table harm (x)')",
    "if ctypes.CDLL(None).unlink((folder + '/victim').encode()): raise OSError",
    # A child that outlives its parent, in a session of its own.
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        open(folder + '/new', 'w').write('harm')",
    "subprocess.run(['touch', folder + '/new'], check=True)",
    "multiprocessing.get_context('fork').Process(target=open, args=(folder + '/new', 'w')).start()",
]
# Attacks on the process `pid`.
ON_PROCESSES = [
    "os.kill(pid, 9)",
    "os.killpg(os.getpgid(pid), 9)",
    "signal.pidfd_send_signal(os.pidfd_open(pid), 9)",
    "if ctypes.CDLL(None).syscall(234, pid, pid, 9): raise OSError",
    "resource.prlimit(pid, resource.RLIMIT_NOFILE, (5, 5))",
    "if ctypes.CDLL(None).setpriority(0, pid, 19): raise OSError",
    # Setting how a process is scheduled succeeds, and does nothing.
    "os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)); raise OSError",
    "if ctypes.CDLL(None).ptrace(16, pid, 0, 0): raise OSError",
    # A pipe that signals whoever owns it as soon as there is something to read.
    """one, other = os.pipe()
fcntl.fcntl(one, fcntl.F_SETOWN, pid)
fcntl.fcntl(one, 10, 9)
fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
os.write(other, b'harm')""",
]
# No signal that can be caught ends this.
STUBBORN = """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: pass
"""
# Somebody who runs a program that takes its time.
RUNNER = """
from lsp_server.evaluation.sandbox.requirements import requirements
from lsp_server.evaluation.sandbox.verdicts import passes
from lsp_server.evaluation.task import Check
requirements()
print("ready", flush=True)
passes(Check("python", "import time; time.sleep(60)", "", seconds=60.0), "")
"""
IMPORTS = "import ctypes, fcntl, multiprocessing, os, resource, shutil, signal, socket, sqlite3, subprocess\n"


def attacked(code: str, seconds: float = SECONDS, limits: Limits | None = None) -> Verdict:
    """Return what comes of a program that attacks and would pass otherwise."""
    return passes(Check("python", IMPORTS, "\n", seconds=seconds), code, limits or Limits())


def unconfined(code: str) -> None:
    subprocess.run([sys.executable, "-c", f"__file__ = {__file__!r}\n{IMPORTS}{code}"], check=False, timeout=SECONDS)


def wait_until(ask: Callable[[], T]) -> T:
    """Ask until the answer is a true one, and return it."""
    end = time.monotonic() + SECONDS
    while not (answer := ask()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a file that programs must leave alone."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "victim").write_text("unharmed", encoding="utf-8")
    return folder


def contents(folder: Path) -> list[tuple[object, ...]]:
    """Return all that is said of the files of a folder."""
    found = [(file.name, file.lstat()) for file in sorted(folder.iterdir())]
    return [
        (name, said.st_ino, said.st_mode, said.st_size, said.st_mtime_ns, said.st_ctime_ns, said.st_nlink)
        for name, said in found
    ]


@pytest.mark.parametrize("attack", ON_FILES)
def test_files_are_out_of_reach(attack: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, before = f"folder = {str(folder)!r}\n{attack}\n", contents(folder)
    assert attacked(code).what == "exit status 1"
    assert contents(folder) == before
    # What follows shows that this could have been otherwise.
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    unconfined(code)
    # A child that nobody waits for may still be at it.
    wait_until(lambda: contents(folder) != before)


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that ends when it is told to."""
    with subprocess.Popen(SLEEP, stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


def state(pid: int) -> tuple[object, ...]:
    """Return all of a process that others could change."""
    process = psutil.Process(pid)
    status = process.status()
    is_alive = status != psutil.STATUS_ZOMBIE
    limits = process.rlimit(psutil.RLIMIT_NOFILE) if is_alive else None
    is_stopped = status in {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
    return is_alive, is_stopped, limits, process.nice(), os.sched_getscheduler(pid)


@pytest.mark.parametrize("attack", ON_PROCESSES)
def test_other_processes_are_out_of_reach(attack: str, victim: subprocess.Popen[bytes]) -> None:
    code, before = f"pid = {victim.pid}\n{attack}\n", state(victim.pid)
    assert attacked(code).what == "exit status 1"
    assert state(victim.pid) == before
    # What follows shows that this could have been otherwise.
    unconfined(code)
    wait_until(lambda: state(victim.pid) != before)


def test_whoever_runs_a_program_is_out_of_its_reach() -> None:
    assert attacked("os.kill(os.getppid(), 0)\n").what == "exit status 1"
    assert attacked("os.killpg(0, 9)\n").what == "exit status 1"


@pytest.mark.parametrize(
    "attack", ["socket.create_connection(address)", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(address)"]
)
def test_there_is_no_network(attack: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"address = {server.getsockname()!r}\n{attack}\n"
        assert attacked(code).what == "exit status 1"
        server.setblocking(False)  # noqa: FBT003  this is how it is called
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_fork_bomb_does_not_even_start() -> None:
    # Unconfined, it would end with 64 processes.
    assert attacked("for _ in range(6):\n    os.fork()\n").what == "exit status 1"
    forks = (
        "count = 0\nfor _ in range(6):\n    try: os.fork(); count += 1\n    except OSError: pass\nassert count == 0\n"
    )
    assert attacked(forks) == Verdict(passed=True, what="")


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("while True: pass\n", "timed out"),
        ("import time; time.sleep(60)\n", "timed out"),
        (STUBBORN, "timed out"),
        ("os.closerange(3, 64)\nwhile True: pass\n", "timed out"),
        ("while True: os.write(9, b'x' * 4096)\n", "timed out"),
    ],
)
def test_what_does_not_end_is_ended(code: str, what: str) -> None:
    start = time.monotonic()
    assert attacked(code, SHORT).what == what
    assert time.monotonic() - start < SECONDS


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("kept = bytearray(100 << 20)\n", ""),
        ("[0] * (10 * 1024**3 // 8)\n", "memory"),
        ("kept = [bytearray(1 << 20) for _ in range(500)]\n", "memory"),
        ("import mmap; kept = [mmap.mmap(-1, 1 << 20) for _ in range(500)]\n", "exit status 1"),
    ],
)
def test_memory_is_limited(code: str, what: str) -> None:
    assert attacked(code, limits=Limits(memory=256 * MEBIBYTE)).what == what


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("while True: print('x' * 65536)\n", "too much output"),
        ("while True:\n    try: print('x' * 65536)\n    except OSError: break\n", "too much output"),
        ("while True: os.write(2, b'x' * 65536)\n", "too much output"),
        ("os.lseek(1, 1 << 40, 0); os.write(1, b'x')\n", "exit status 1"),
    ],
)
def test_output_is_limited(code: str, what: str) -> None:
    assert attacked(code, limits=Limits(printed=MEBIBYTE)).what == what


@pytest.mark.parametrize(
    "code",
    [
        "kept = [open('/dev/null') for _ in range(100)]\n",
        "kept = [os.pipe() for _ in range(100)]\n",
        "open('huge', 'wb')\n",
        "os.memfd_create('huge')\n",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))\n",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n",
    ],
)
def test_other_limits(code: str) -> None:
    assert attacked(code).what == "exit status 1"


def test_threads_are_limited() -> None:
    code = "import threading, time\nthreading.stack_size(32768)\n"
    code += "for _ in range(300): threading.Thread(target=time.sleep, args=(60,)).start()\n"
    assert attacked(code).what == "too many threads"


def test_a_few_threads_are_fine() -> None:
    code = "from concurrent.futures import ThreadPoolExecutor as Pool\nassert sum(Pool(8).map(int, range(9))) == 36\n"
    assert attacked(code) == Verdict(passed=True, what="")


def test_a_program_knows_nothing_of_this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "known")
    monkeypatch.setenv("PYTHONSTARTUP", "known")
    assert attacked("assert set(os.environ) <= {'PATH', 'HOME', 'TMPDIR', 'LC_CTYPE'}\n").passed
    assert attacked("assert os.listdir() == ['program.py']\nassert os.environ['HOME'] == os.getcwd()\n").passed


def test_a_program_of_the_root_user_has_no_privileges() -> None:
    code = "said = dict(line.split(':\\t', 1) for line in open('/proc/self/status'))\n"
    code += "assert int(said['CapPrm'], 16) == int(said['CapEff'], 16) == 0\n"
    assert attacked(code).passed


def test_what_a_compiler_leaves_running_is_ended(programs: Path) -> None:
    code = "import os, time\nchild = os.fork()\nif child == 0:\n    time.sleep(60)\nprint(child)\n"
    filter_of_compilers = filters.for_compilers(platform.machine())
    ended = run([sys.executable, "-c", code], b"", Cell(str(programs), filter_of_compilers, Limits(), SECONDS))
    assert (ended.stopped, ended.status) == ("", 0)
    wait_until(lambda: has_ended(int(ended.printed)))


def test_a_program_ends_with_whoever_runs_it(programs: Path) -> None:
    command, environment = [sys.executable, "-c", RUNNER], {**os.environ, "TMPDIR": str(programs)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        try:
            assert runner.stdout.readline() == b"ready\n"
            program = wait_until(lambda: children(runner.pid, "program.py"))[0]
        finally:
            runner.kill()
        wait_until(lambda: has_ended(program))
    # Nobody was left to remove its folder.
    for left in programs.iterdir():
        shutil.rmtree(left)


def children(parent: int, word: str) -> list[int]:
    """Return those children of a process whose command ends with a word."""
    found = []
    for child in psutil.Process(parent).children():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            found += [child.pid] if child.cmdline()[-1:] == [word] else []
    return found


def has_ended(pid: int) -> bool:
    """Return whether a process is gone, but for what its parent may still want to know of it."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
