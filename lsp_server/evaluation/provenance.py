"""What has to be said of figures besides: which code, which machine, which model."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import cache
from pathlib import Path

import lsp_server

PACKAGE = Path(lsp_server.__file__).parent


def commit() -> str:
    """Return the commit of midfill's code, with a mark where files differ from it; empty outside a checkout."""
    return commit_of(PACKAGE) if (PACKAGE.parent / ".git").exists() else ""


def commit_of(folder: Path) -> str:
    """Return the commit of the work tree that a folder is in, with a mark where files differ; empty outside of one."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603  our own command
    except OSError:
        return ""
    return done.stdout.strip()


def version() -> str:
    """Return midfill's version, and its commit where there is one."""
    at = commit()
    return f"midfill {lsp_server.__version__}" + (f" at {at}" if at else "")


@cache
def code() -> str:
    """Return a digest of the code that answers depend on: after a change, they may be others.

    How they are counted and shown is no part of it, nor which holes there are.
    """
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if not name.startswith(("evaluation/", "terminal/")) or name.startswith("evaluation/ask/"):
            digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def processor() -> str:
    """Return the name of this machine's processor, as far as it is known."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def machine() -> str:
    """Return what machine this is, in words."""
    return f"{processor()}, {os.cpu_count()} processors, {platform.system()}"
