"""How programs of each language are compiled and started, as ExecEval does it, with which SAFIM is scored.

Source: gonglinyuan/safim@6081d2e, exec_utils.py (the compilers), ntunlp/ExecEval@ac8193c, execution_engine/config.yaml
(their options). Three differ here: Python is the one that runs midfill, and not PyPy; C++ is not linked statically;
C# is compiled by Mono's own compiler.
"""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lsp_server.evaluation.sandbox.processes import WITNESS_FD

if TYPE_CHECKING:
    from pathlib import Path

GIBIBYTE = 1 << 30
# What names the file of a Java program, and what a compiled class with a main method has in its table of names.
PUBLIC_CLASS = re.compile(r"^[ \t]*public\s+(?:(?:final|abstract|strictfp)\s+)*class\s+(\w{1,100})\b", re.MULTILINE)
MAIN_METHOD = (b"\x00\x04main", b"([Ljava/lang/String;)V")
# No files beside the program's own, and few threads.
JAVA_OPTIONS = ("-XX:-UsePerfData", "-XX:+UseSerialGC", "-XX:ReservedCodeCacheSize=64m", "-Xss64m", "-Xmx{megabytes}m")


@dataclass(frozen=True, slots=True)
class Language:
    """How a language's programs are executed.

    ``compiler`` (empty: none) and ``command`` are command lines; in them ``{name}`` is the program's name, ``{file}``
    that with ``suffix``, and ``{megabytes}`` the memory that it may have. ``reserved`` bytes of address space are taken
    by the machine that runs it, beside that. ``witness`` is code that, behind a program's last line, writes ``{token}``
    to ``WITNESS_FD``; where it is empty, nobody can tell whether a program came to its end. One that ran out of memory
    says one of ``exhausted``.
    """

    suffix: str
    compiler: tuple[str, ...]
    command: tuple[str, ...]
    reserved: int = 0
    witness: str = ""
    exhausted: tuple[str, ...] = ()


LANGUAGES = MappingProxyType(
    {
        "python": Language(
            suffix=".py",
            compiler=(),
            command=(sys.executable, "-I", "-B", "-X", "utf8", "{file}"),
            witness=f"\n__import__('os').write({WITNESS_FD}, b'{{token}}')\n",
            exhausted=("MemoryError",),
        ),
        "cpp": Language(
            suffix=".cpp",
            compiler=(
                *("g++", "-std=c++17", "-O2", "-w", "-DONLINE_JUDGE", "-include", "limits.h", "-include", "math.h"),
                *("-o", "{name}", "{file}"),
            ),
            command=("{name}",),
            exhausted=("bad_alloc",),
        ),
        "csharp": Language(
            suffix=".cs",
            compiler=("mcs", "-nologo", "-optimize+", "-out:{name}.exe", "{file}"),
            command=("mono", "{name}.exe"),
            exhausted=("OutOfMemoryException",),
        ),
        "java": Language(
            suffix=".java",
            compiler=("javac", *(f"-J{option}" for option in JAVA_OPTIONS), "-proc:none", "-nowarn", "{file}"),
            command=("java", *JAVA_OPTIONS, "-DONLINE_JUDGE=true", "-cp", ".", "{name}"),
            reserved=3 * GIBIBYTE,
            exhausted=("OutOfMemoryError",),
        ),
    }
)


def runnable(language: str) -> str:
    """Return why programs of a language (LSP's identifier) are not executed on this machine, "" where they are."""
    found = LANGUAGES.get(language)
    if found is None:
        return f"programs in {language} are not executed"
    tools = [words[0] for words in (found.compiler, found.command) if words and words[0] != "{name}"]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return f"{missing[0]} is not installed" if missing else ""


def file_name(language: str, source: str) -> str:
    """Return the name for a program's file, without suffix: in Java, that of its public class."""
    public = PUBLIC_CLASS.search(source) if language == "java" else None
    return public[1] if public else "program"


def start_name(language: str, name: str, folder: Path) -> str:
    """Return what to start of the program in the file ``name``: in Java, a class with a main method; else ``name``."""
    if language != "java":
        return name
    begins = [file.stem for file in sorted(folder.glob("*.class")) if _has_main(file)]
    return name if name in begins or not begins else begins[0]


def _has_main(file: Path) -> bool:
    content = file.read_bytes()
    return "$" not in file.stem and all(part in content for part in MAIN_METHOD)
