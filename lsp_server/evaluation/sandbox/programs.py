"""A program in a folder of its own: compiled, and run as often as it is asked to."""

from __future__ import annotations

import platform
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.evaluation.sandbox import filters
from lsp_server.evaluation.sandbox.languages import LANGUAGES, file_name, start_name
from lsp_server.evaluation.sandbox.processes import MEBIBYTE, Cell, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lsp_server.evaluation.sandbox.processes import Ended, Limits

COMPILER_SECONDS = 60.0


class Program(NamedTuple):
    """A program in ``folder``; ``name`` is that of its file, without suffix, ``language`` one of ``LANGUAGES``."""

    language: str
    name: str
    folder: Path
    limits: Limits


def written(language: str, source: str, folder: Path, limits: Limits) -> Program:
    """Write a program to an empty folder."""
    name = file_name(language, source)
    # What a model wrote may hold half a surrogate pair, which no file can.
    (folder / (name + LANGUAGES[language].suffix)).write_bytes(source.encode(errors="replace"))
    return Program(language, name, folder, limits)


def is_compiled(program: Program) -> bool:
    """Return whether a program is there to be started, after compiling it where its language has a compiler."""
    words = LANGUAGES[program.language].compiler
    if not words:
        return True
    ended = _execute(program, words, filters.for_compilers, b"", COMPILER_SECONDS)
    return not ended.stopped and ended.status == 0


def started(program: Program, stdin: str, seconds: float) -> Ended:
    """Run a program once, and return how it ended."""
    program = program._replace(name=start_name(program.language, program.name, program.folder))
    words = LANGUAGES[program.language].command
    return _execute(program, words, filters.for_programs, stdin.encode(errors="replace"), seconds)


def _execute(
    program: Program, words: Sequence[str], code: Callable[[str], bytes], stdin: bytes, seconds: float
) -> Ended:
    language, limits = LANGUAGES[program.language], program.limits
    tool, *arguments = (
        word.format(name=program.name, file=program.name + language.suffix, megabytes=limits.memory // MEBIBYTE)
        for word in words
    )
    # The program's own file stands in its folder, all others are tools.
    path = str(program.folder / tool) if tool == program.name else shutil.which(tool) or tool
    limits = replace(limits, memory=limits.memory + language.reserved)
    return run([path, *arguments], stdin, Cell(str(program.folder), code(platform.machine()), limits, seconds))
