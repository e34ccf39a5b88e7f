"""Whether the program of a check passes with a text in its place."""

from __future__ import annotations

import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lsp_server.errors import InputError
from lsp_server.evaluation.sandbox.languages import LANGUAGES, runnable
from lsp_server.evaluation.sandbox.outputs import is_accepted
from lsp_server.evaluation.sandbox.processes import Limits
from lsp_server.evaluation.sandbox.programs import is_compiled, started, written
from lsp_server.evaluation.sandbox.requirements import requirements

if TYPE_CHECKING:
    from lsp_server.evaluation.sandbox.processes import Ended
    from lsp_server.evaluation.task import Check

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a program passed, and in a word or two why not, "" where it did."""

    passed: bool
    what: str


def passes(check: Check, text: str, limits: Limits = LIMITS) -> Verdict:
    """Execute the program of a check with a text in its place, and return once nothing is left of it.

    A Python program without ``check.runs`` has to come to its last line, so one that exits before its tests fails; in
    other languages its exit status has to do. A compiler's time, a minute at most, is none of ``check.seconds``; that
    for starting is. Raises InputError where this machine cannot confine a program, or has no compiler for it.
    """
    requirements()
    reason = runnable(check.language)
    if reason:
        raise InputError(f"The program is not executed: {reason}.")
    with TemporaryDirectory(prefix="midfill-") as folder:
        what = _failure(check, text, Path(folder), limits)
    return Verdict(not what, what)


def _failure(check: Check, text: str, folder: Path, limits: Limits) -> str:
    """Return why a program does not pass, "" where it does."""
    language = LANGUAGES[check.language]
    token = "" if check.runs or not language.witness else secrets.token_hex(16)
    last_line = language.witness.format(token=token) if token else ""
    program = written(check.language, check.head + text + check.tail + last_line, folder, limits)
    if not is_compiled(program):
        return "could not be compiled"
    if not check.runs:
        ended = started(program, "", check.seconds)
        return _fault(ended, language.exhausted) or ("" if ended.witness == token.encode() else "ended too early")
    for run in check.runs:
        ended = started(program, run.stdin, check.seconds)
        fault = _fault(ended, language.exhausted)
        if fault:
            return fault
        if not is_accepted(ended.printed.decode(errors="replace"), run.stdout):
            return "other output"
    return ""


def _fault(ended: Ended, exhausted: tuple[str, ...]) -> str:
    """Return why a process did not end as it should, "" where it did."""
    if ended.stopped or ended.status == 0:
        return ended.stopped
    if any(words in ended.complaint for words in exhausted):
        return "memory"
    if ended.status > 0:
        return f"exit status {ended.status}"
    number = -ended.status
    return "timed out" if number == signal.SIGXCPU else (signal.strsignal(number) or f"signal {number}").lower()
