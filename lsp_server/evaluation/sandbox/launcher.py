"""Turn this process into a program that is confined: limits, no privileges, a filter of its system calls.

Run as a script, `python -I -S launcher.py PARENT FROM:TO FILTER NAME=SOFT:HARD ... -- COMMAND ...`, on Linux alone. It
imports little, since it is started for every program. PARENT is the process that starts it, FROM a descriptor that the
program shall have as number TO, FILTER the bytes of `filters.py` as hexadecimal digits, NAME a limit of the module
`resource`, which may be lower already.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

# `linux/prctl.h`, `linux/seccomp.h` and `linux/capability.h`.
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522
SIGKILL = 9
INSTRUCTION_BYTES = 8
# What in the filter stands for the number of this process.
OWN = b"self"

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)


class FilterProgram(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def main() -> None:
    """Confine this process, and become the command."""
    parent, witness, code, *rest = sys.argv[1:]
    split = rest.index("--")
    limits, command = rest[:split], rest[split + 1 :]
    source, _, target = witness.partition(":")
    os.dup2(int(source), int(target))
    for limit in limits:
        name, _, values = limit.partition("=")
        soft, _, hard = values.partition(":")
        _limit(getattr(resource, name), int(soft), int(hard))
    _end_with(int(parent))
    _confine(bytes.fromhex(code).replace(OWN, os.getpid().to_bytes(4, sys.byteorder)))
    os.execv(command[0], command)  # noqa: S606  without a shell: the command is a list of arguments


def _limit(kind: int, soft: int, hard: int) -> None:
    most = resource.getrlimit(kind)[1]
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def _end_with(parent: int) -> None:
    """Have the kernel end this process with the thread that waits for it."""
    _check(LIBC.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        # It has ended already.
        sys.exit(1)


def _confine(code: bytes) -> None:
    # A program of the root user goes without root's privileges, and no program that it becomes has more.
    _check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _check(LIBC.capset(header, none))
    program = FilterProgram(len(code) // INSTRUCTION_BYTES, code)
    _check(LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0))


def _check(status: int) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
