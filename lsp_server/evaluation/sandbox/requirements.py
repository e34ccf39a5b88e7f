"""Whether this machine can confine a program, which is found out by trying."""

from __future__ import annotations

import platform
import sys
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lsp_server.errors import InputError
from lsp_server.evaluation.sandbox import filters
from lsp_server.evaluation.sandbox.processes import Limits
from lsp_server.evaluation.sandbox.programs import started, written

# What a program must not be able to do, with code that tries it and raises OSError or MemoryError where it fails.
FORBIDDEN = {
    "starting processes": "os.fork() or os._exit(0)",
    "writing files": "open('probe', 'w').close()",
    "opening sockets": "socket.socket().close()",
    "signalling other processes": "os.kill(os.getppid(), 0)",
    "taking more memory than they may": "bytearray({memory})",
}
REMEDY = "Run midfill on Linux, on x86-64 or arm64: a container, a virtual machine or WSL will do."
SECONDS = 20.0


def requirements() -> None:
    """Raise InputError where a program could do here what it must not."""
    lacking = _lacking()
    if lacking:
        raise InputError(f"Generated programs are not executed, since {lacking}. {REMEDY}")


@lru_cache(maxsize=1)
def _lacking() -> str:
    """Return what keeps programs from being confined here, "" for nothing."""
    if sys.platform != "linux" or platform.machine() not in filters.MACHINES:
        return f"nothing confines them on {platform.system()} ({platform.machine()})"
    limits = Limits()
    lines = ["import os, socket"]
    for name, attempt in FORBIDDEN.items():
        lines += ["try:", f"    {attempt.format(memory=limits.memory)}", f"    print({name!r})"]
        lines += ["except (OSError, MemoryError):", "    pass"]
    with TemporaryDirectory(prefix="midfill-") as folder:
        ended = started(written("python", "\n".join(lines), Path(folder), limits), "", SECONDS)
    possible = ended.printed.decode(errors="replace").splitlines()
    if possible:
        return f"nothing keeps them from {', '.join(possible)} on this machine"
    if ended.stopped or ended.status:
        reason = (ended.complaint.splitlines() or [f"status {ended.status}"])[-1]
        return f"even a harmless one fails when confined ({ended.stopped or reason})"
    return ""
