"""A package `midfill` of a few lines: what pip installs quickly, and what then runs a server of the tests."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAIN = """import os, sys
def main():
    command = {command!r}
    os.execv(command[0], command + sys.argv[1:])
"""


def write_wheel(folder: Path, command: Sequence[str]) -> Path:
    """Write a wheel without dependencies; its script `midfill` runs a command, with the arguments behind it."""
    info = "midfill-0.1.0.dist-info"
    files = {
        "midfill_of_the_tests.py": MAIN.format(command=list(command)),
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: midfill\nVersion: 0.1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nmidfill = midfill_of_the_tests:main\n",
    }
    # Hashes may be left out of the record.
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    path = folder / "midfill-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return path
