"""What a filter says of system calls, told by a small interpreter of the kernel's filter language."""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.evaluation.sandbox.filters import (
    ALLOW,
    AND,
    FORBID,
    IGNORE,
    IS_EQUAL,
    KILL,
    LOAD,
    MACHINES,
    OWN,
    RETURN,
    UNKNOWN,
    for_compilers,
    for_programs,
)
from lsp_server.evaluation.sandbox.syscalls import GUARDED, HARMLESS, IGNORED, MAKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Linux' own numbers, where its headers are installed.
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
# Calls on x86-64 that reach beyond a process.
SOCKET, CONNECT, KILL_CALL, PTRACE, SETSID, SETPGID, CLONE3, IO_URING, OPENAT2 = (
    *(41, 42, 62, 101, 112, 109, 435, 425, 437),
)
O_CREAT, O_CLOEXEC, O_DIRECTORY, O_TMPFILE = 0o100, 0o2000000, 0o200000, 0o20200000
EVERY_CALL = {**HARMLESS, **IGNORED, **GUARDED, **MAKING}
THREAD_FLAGS, FORK_FLAGS = 0x3D0F00, 0x1200011


def verdict(code: bytes, number: int, arguments: tuple[int, ...] = (), machine: int = MACHINES["x86_64"][1]) -> int:
    """Return what a filter says of a call."""
    told = struct.pack("=IIQ6Q", number, machine, 0, *(*arguments, *[0] * 6)[:6])
    steps = list(struct.iter_unpack("=HBBI", code))
    accumulator = at = 0
    while True:
        operation, if_equal, if_not, value = steps[at]
        at += 1
        if operation == LOAD:
            accumulator = struct.unpack_from("=I", told, value)[0]
        elif operation == AND:
            accumulator &= value
        elif operation == IS_EQUAL:
            at += if_equal if accumulator == value else if_not
        else:
            assert operation == RETURN
            return int(value)


@pytest.mark.parametrize(
    ("call", "arguments", "program", "compiler"),
    [
        ("read", (0,), ALLOW, ALLOW),
        ("execve", (0,), ALLOW, ALLOW),
        ("openat", (0, 0, 0), ALLOW, ALLOW),
        ("openat", (0, 0, O_CLOEXEC | O_DIRECTORY), ALLOW, ALLOW),
        ("openat", (0, 0, 1), FORBID, ALLOW),
        ("openat", (0, 0, 2), FORBID, ALLOW),
        ("openat", (0, 0, O_CREAT), FORBID, ALLOW),
        ("openat", (0, 0, O_TMPFILE), FORBID, ALLOW),
        ("open", (0, 1), FORBID, ALLOW),
        ("clone", (THREAD_FLAGS,), ALLOW, ALLOW),
        ("clone", (FORK_FLAGS,), FORBID, ALLOW),
        ("vfork", (), UNKNOWN, ALLOW),
        ("unlink", (), UNKNOWN, ALLOW),
        ("fcntl", (0, 1030), ALLOW, ALLOW),
        ("fcntl", (0, 8), FORBID, FORBID),
        ("fcntl", (0, 10), FORBID, FORBID),
        ("ioctl", (0, 0x5401), ALLOW, ALLOW),
        ("ioctl", (0, 0x5412), FORBID, FORBID),
        ("socketpair", (1,), ALLOW, ALLOW),
        ("prlimit64", (0,), ALLOW, ALLOW),
        ("prlimit64", (1,), FORBID, FORBID),
        ("tgkill", (OWN,), ALLOW, ALLOW),
        ("tgkill", (1,), FORBID, FORBID),
        ("sched_setscheduler", (1,), IGNORE, IGNORE),
    ],
)
def test_calls_that_are_listed(call: str, arguments: tuple[int, ...], program: int, compiler: int) -> None:
    number = EVERY_CALL[call][0]
    assert number is not None
    assert verdict(for_programs("x86_64"), number, arguments) == program
    assert verdict(for_compilers("x86_64"), number, arguments) == compiler


@pytest.mark.parametrize("number", [SOCKET, CONNECT, KILL_CALL, PTRACE, SETSID, SETPGID, CLONE3, IO_URING, OPENAT2])
def test_calls_that_reach_beyond_a_process_do_not_exist(number: int) -> None:
    assert verdict(for_programs("x86_64"), number) == UNKNOWN
    assert verdict(for_compilers("x86_64"), number) == UNKNOWN


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(MACHINES)))
def test_what_is_not_listed_does_not_exist(number: int, machine: str) -> None:
    column, name = MACHINES[machine]
    listed = {pair[column] for table in (HARMLESS, IGNORED, GUARDED) for pair in table.values()}
    assert (verdict(for_programs(machine), number, machine=name) == UNKNOWN) is (number not in listed)


@given(st.integers(0, 2**32 - 1))
def test_calls_by_the_numbers_of_another_machine_end_a_program(machine: int) -> None:
    expected = ALLOW if machine == MACHINES["x86_64"][1] else KILL
    assert verdict(for_programs("x86_64"), 0, machine=machine) == expected


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_linux(machine: str) -> None:
    if not HEADERS[machine].is_file():
        pytest.skip("the headers of Linux are not installed")
    text = HEADERS[machine].read_text(encoding="utf-8")
    known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", text)}
    # On arm64 this is what the C library calls it.
    known |= {"newfstatat": known["fstatat"]} if "fstatat" in known else {}
    column = MACHINES[machine][0]
    ours = {name: pair[column] for name, pair in EVERY_CALL.items()}
    assert ours == {name: known.get(name) for name in ours}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("code", [for_programs, for_compilers])
def test_what_stands_for_the_process_is_nothing_else(machine: str, code: Callable[[str], bytes]) -> None:
    assert code(machine).count(OWN.to_bytes(4, sys.byteorder)) == 1
