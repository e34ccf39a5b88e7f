"""What the kernel lets a program do: filters of system calls, for seccomp.

A filter is a program of the kernel's classic BPF, that is told the number and the arguments of each call and returns
what becomes of it (the kernel's `Documentation/userspace-api/seccomp_filter.rst`). These let the listed calls pass;
all others fail as if the kernel were too old to have them, which libraries are prepared for: `clone3`, say, whose flags
no filter can see, gives way to `clone`, whose flags one can.
"""

from __future__ import annotations

import errno
import struct
import sys
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.evaluation.sandbox.syscalls import GUARDED, HARMLESS, IGNORED, MAKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsp_server.evaluation.sandbox.syscalls import Numbers

# Where numbers are in the pairs of `syscalls.py`, and the kernel's name of the machine (AUDIT_ARCH in `linux/audit.h`).
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


class Guard(NamedTuple):
    """An argument that a call must have: the bits of ``mask`` in its lower half are one of ``values``."""

    argument: int
    mask: int
    values: tuple[int, ...]


ALL = 0xFFFFFFFF
# Stands for the number of the process itself, which only `launcher.py` knows.
OWN = int.from_bytes(b"self", sys.byteorder)
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC and O_TMPFILE of open().
WRITING = 0o20001103
CLONE_THREAD = 0x10000
GUARDS = {
    "open": Guard(1, WRITING, (0,)),
    "openat": Guard(2, WRITING, (0,)),
    # Threads, and no processes.
    "clone": Guard(0, CLONE_THREAD, (CLONE_THREAD,)),
    # F_DUPFD to F_SETFL, F_DUPFD_CLOEXEC. F_SETOWN and F_SETSIG, left out, send any signal to any process.
    "fcntl": Guard(1, ALL, (0, 1, 2, 3, 4, 1030)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
    "ioctl": Guard(1, ALL, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    # Pairs of AF_UNIX, which only their makers hold.
    "socketpair": Guard(0, ALL, (1,)),
    # The limits of this process, and of no other.
    "prlimit64": Guard(0, ALL, (0,)),
    # Signals to its own threads: abort() sends one, and so do machines that collect garbage.
    "tgkill": Guard(0, ALL, (OWN,)),
}
# Compilers write files and start processes.
FREE_FOR_COMPILERS = {"open", "openat", "clone"}

# Instructions: load a word of what the filter is told, "and" it, compare it, return.
LOAD, AND, IS_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
# Offsets of what the filter is told (struct seccomp_data).
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
IGNORE, FORBID, UNKNOWN = ERROR, ERROR | errno.EPERM, ERROR | errno.ENOSYS


def for_programs(machine: str) -> bytes:
    """Return the filter for a program, on a machine of ``MACHINES``: it computes, reads and prints."""
    return _filter(machine, HARMLESS, GUARDS)


def for_compilers(machine: str) -> bytes:
    """Return the filter for a compiler: it writes files and starts processes too, but none that could get away."""
    guards = {name: guard for name, guard in GUARDS.items() if name not in FREE_FOR_COMPILERS}
    return _filter(machine, {**HARMLESS, **MAKING}, guards)


def _filter(machine: str, allowed: Numbers, guards: Mapping[str, Guard]) -> bytes:
    column, name = MACHINES[machine]
    verdicts = {call: [_step(RETURN, ALLOW)] for call in allowed}
    verdicts |= {call: [_step(RETURN, IGNORE)] for call in IGNORED}
    verdicts |= {call: _guarded(guards[call]) if call in guards else [_step(RETURN, ALLOW)] for call in GUARDED}
    numbers = {**allowed, **IGNORED, **GUARDED}
    code = [_step(LOAD, MACHINE), _step(IS_EQUAL, name, 1, 0), _step(RETURN, KILL), _step(LOAD, NUMBER)]
    for call, verdict in verdicts.items():
        number = numbers[call][column]
        if number is not None:
            code += [_step(IS_EQUAL, number, 0, len(verdict)), *verdict]
    return b"".join([*code, _step(RETURN, UNKNOWN)])


def _guarded(guard: Guard) -> list[bytes]:
    """Return the steps that say what becomes of a call with a guard."""
    # Arguments have 64 bits, the lower half first; of these here the kernel itself looks at no more than that half.
    code = [_step(LOAD, ARGUMENTS + 8 * guard.argument), _step(AND, guard.mask)]
    for value in guard.values:
        code += [_step(IS_EQUAL, value, 0, 1), _step(RETURN, ALLOW)]
    return [*code, _step(RETURN, FORBID)]


def _step(code: int, value: int, if_equal: int = 0, if_not: int = 0) -> bytes:
    """Return one instruction (struct sock_filter); the last two say how many instructions to leap."""
    return struct.pack("=HBBI", code, if_equal, if_not, value)
