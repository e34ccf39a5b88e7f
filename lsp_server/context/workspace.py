"""Which files of the workspace may be read, and their text.

For now it knows the files beside a document: those of its directory and of its language that no
``.gitignore`` of the directories above leaves out. Never read are hidden files (where secrets lie),
links, files over a size, and what is not UTF-8 text.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec

# Larger ones are generated or data; reading them would hold a request up.
LARGEST_FILE = 256 * 1024
# A directory may hold ten thousand files; a prompt has room for a few.
MOST_SIBLINGS = 200


def siblings(document: Path, root: Path) -> list[Path]:
    """Return the readable files in the directory of ``document`` with its suffix, by name; without itself.

    Empty where the directory cannot be listed. ``root`` is the workspace's folder: the ``.gitignore``
    files between it and the directory count.
    """
    try:
        with os.scandir(document.parent) as entries:
            names = sorted(e.name for e in entries if _may_be_read(e) and Path(e.name).suffix == document.suffix)
    except OSError:
        return []
    paths = [document.parent / name for name in names if name != document.name]
    return [path for path in paths if not is_ignored(path, root)][:MOST_SIBLINGS]


def _may_be_read(entry: os.DirEntry[str]) -> bool:
    try:
        return (
            not entry.name.startswith(".")
            and entry.is_file(follow_symlinks=False)
            and 0 < entry.stat(follow_symlinks=False).st_size <= LARGEST_FILE
        )
    except OSError:
        return False


def is_ignored(path: Path, root: Path) -> bool:
    """Return whether a ``.gitignore`` from ``root`` down to the file's directory leaves the file out.

    The nearest file with a rule for it decides, as in git. A file outside ``root`` is not ignored.
    """
    if not path.is_relative_to(root):
        return False
    for directory in path.parents:
        spec = _ignore_rules(directory / ".gitignore")
        verdict = spec.check_file(path.relative_to(directory).as_posix()).include if spec else None
        if verdict is not None:
            return verdict
        if directory == root:
            break
    return False


def _ignore_rules(file: Path) -> GitIgnoreSpec | None:
    try:
        return _parsed_rules(file, file.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=256)
def _parsed_rules(file: Path, _modified: int) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(file.read_text(encoding="utf-8", errors="replace").splitlines())


def read_text(path: Path) -> str | None:
    """Return a file's text with plain line breaks; ``None`` where it is not readable UTF-8 text."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in text else text
