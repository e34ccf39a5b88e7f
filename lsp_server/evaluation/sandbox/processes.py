"""One process within limits, from its start until nothing is left of it. Linux alone: see `programs.requirements`."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

MEBIBYTE = 1 << 20
# A script, and never imported: what it needs is there on Linux alone.
LAUNCHER = Path(__file__).with_name("launcher.py")
# The descriptor to which a program may write its witness.
WITNESS_FD = 9
# A process that nobody stops, since whoever waits for it hangs, ends after this many times its seconds of CPU time.
CPU_FACTOR = 4
# Between two looks at how many threads there are: the kernel's own limit counts all that a user runs, and none of the
# root user. A process can start a few thousand meanwhile, at worst.
LOOK_SECONDS = 0.05
# Bytes of which a witness is the first, and bytes of what is complained of that are kept, the last.
LONGEST_WITNESS = 64
LONGEST_COMPLAINT = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: bytes of address space, of stack, and that it may print; open files; threads.

    2 GiB of address space are what SAFIM's programs have (gonglinyuan/ExecEval@8f9eedb, resource_limit.py).
    """

    memory: int = 2048 * MEBIBYTE
    stack: int = 64 * MEBIBYTE
    printed: int = 16 * MEBIBYTE
    files: int = 64
    threads: int = 64


class Cell(NamedTuple):
    """Where a process lives: its folder, the filter of its system calls, its limits, and its seconds."""

    folder: str
    code: bytes
    limits: Limits
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    ``stopped`` says which limit ended it, "" where it ended by itself. ``status`` is its exit status, the negative
    number of a signal that ended it. ``witness`` is what it wrote to ``WITNESS_FD`` first, ``complaint`` the end of
    what it wrote to stderr.
    """

    stopped: str
    status: int
    printed: bytes
    witness: bytes
    complaint: str


def run(command: Sequence[str], stdin: bytes, cell: Cell) -> Ended:
    """Run a command; what it starts is gone when this returns. The first word of ``command`` is a path."""
    # What it reads and prints are files: they need no thread to fill or empty them, and their size has a limit.
    with (
        TemporaryFile() as given,
        TemporaryFile() as printed,
        TemporaryFile() as complaints,
        _pipe() as (reader, writer),
    ):
        given.write(stdin)
        given.seek(0)
        deadline = time.monotonic() + cell.seconds
        process = subprocess.Popen(  # noqa: S603  it runs what nobody trusts, and confined for that reason
            _launch(command, writer.fileno(), cell),
            stdin=given,
            stdout=printed,
            stderr=complaints,
            cwd=cell.folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "HOME": cell.folder, "TMPDIR": cell.folder},
            pass_fds=(writer.fileno(),),
            start_new_session=True,
        )
        writer.close()
        try:
            stopped, witness = _wait(process, reader, deadline, cell.limits.threads)
        finally:
            _end(process, reader)
        is_too_much = any(_size(file) >= cell.limits.printed for file in (printed, complaints))
        return Ended(
            stopped or ("too much output" if is_too_much else ""),
            process.returncode,
            _last(printed, cell.limits.printed),
            witness,
            _last(complaints, LONGEST_COMPLAINT).decode(errors="replace"),
        )


def _launch(command: Sequence[str], witness: int, cell: Cell) -> list[str]:
    limits = cell.limits
    cpu = int(cell.seconds * CPU_FACTOR) + 1
    # Beyond the soft limit of CPU time comes a signal that a process can ignore, beyond the hard one its end.
    bounds = {
        "RLIMIT_CPU": (cpu, cpu + 1),
        "RLIMIT_AS": (limits.memory, limits.memory),
        "RLIMIT_STACK": (limits.stack, limits.stack),
        "RLIMIT_FSIZE": (limits.printed, limits.printed),
        "RLIMIT_NOFILE": (limits.files, limits.files),
        "RLIMIT_CORE": (0, 0),
    }
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), f"{witness}:{WITNESS_FD}", cell.code.hex()),
        *(f"{name}={soft}:{hard}" for name, (soft, hard) in bounds.items()),
        *("--", *command),
    ]


def _wait(process: subprocess.Popen[bytes], reader: IO[bytes], deadline: float, threads: int) -> tuple[str, bytes]:
    """Wait until a process has ended or must be; return which limit it met, "" for none, and its witness.

    The pipe of the witness ends with the last process that holds it, which is told at once. A process that closes it
    by itself, or leaves it to another, is waited for all the same.
    """
    witness, is_open = b"", True
    with selectors.DefaultSelector() as selector:
        selector.register(reader, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            seconds = min(left, LOOK_SECONDS)
            # Asked first, so that what it wrote last is read below.
            has_ended = process.poll() is not None
            if is_open and selector.select(0 if has_ended else seconds):
                written = os.read(reader.fileno(), LONGEST_WITNESS)
                witness, is_open = (witness + written)[:LONGEST_WITNESS], bool(written)
            if has_ended:
                return "", witness
            if not is_open:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
            if _threads(process.pid) > threads:
                return "too many threads", witness
    return "timed out", witness


def _threads(pid: int) -> int:
    """Return how many threads a process has, 0 where it has ended."""
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return 0


def _end(process: subprocess.Popen[bytes], reader: IO[bytes]) -> None:
    """Kill a process with all that it started: nothing could leave its process group (`filters.py`)."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # What it started holds the pipe until it is gone.
    while reader.read(LONGEST_WITNESS):
        pass


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as out, os.fdopen(writer, "wb", buffering=0) as into:
        yield out, into


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _last(file: IO[bytes], count: int) -> bytes:
    """Return the last bytes of a file, ``count`` at most."""
    file.seek(max(_size(file) - count, 0))
    return file.read(count)
