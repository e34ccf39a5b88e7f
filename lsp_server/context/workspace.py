"""Which files of the workspace may be read, and their text.

For now it knows the files beside a document: those of its directory and of its language that no
``.gitignore`` of the directories above leaves out. Never read are hidden files (where secrets lie),
files whose names speak of secrets, links, files over a size, and what is not UTF-8 text.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import islice
from pathlib import Path

from pathspec import GitIgnoreSpec

# Larger ones are generated or data; reading them would hold a request up.
LARGEST_FILE = 256 * 1024
# Names of files that are likely to hold secrets. Files without a suffix, as keys often are, are no siblings either.
SECRET = re.compile(r"secret|credential|passw|\.(pem|key|p12|pfx|crt|cer|kdbx)$", re.IGNORECASE)
# A directory may hold ten thousand files; a prompt has room for a few.
MOST_SIBLINGS = 200


def siblings(document: Path, root: Path) -> list[Path]:
    """Return the readable files in the directory of ``document`` with its suffix, by name; without itself.

    Empty where the directory cannot be listed. ``root`` is the workspace's folder: the ``.gitignore``
    files between it and the directory count.
    """
    if not document.suffix:
        return []
    try:
        with os.scandir(document.parent) as entries:
            names = sorted(e.name for e in entries if _may_be_read(e) and Path(e.name).suffix == document.suffix)
    except OSError:
        return []
    rules = _rules_for(document.parent, root)
    paths = (document.parent / name for name in names if name != document.name)
    return list(islice((path for path in paths if not _is_left_out(path, rules)), MOST_SIBLINGS))


def _may_be_read(entry: os.DirEntry[str]) -> bool:
    try:
        return (
            not entry.name.startswith(".")
            and not SECRET.search(entry.name)
            and entry.is_file(follow_symlinks=False)
            and 0 < entry.stat(follow_symlinks=False).st_size <= LARGEST_FILE
        )
    except OSError:
        return False


def _rules_for(directory: Path, root: Path) -> list[tuple[Path, GitIgnoreSpec]]:
    """Return the directories from ``directory`` up to ``root`` that have a ``.gitignore``, with its rules.

    Empty where ``directory`` is not in ``root``.
    """
    if not directory.is_relative_to(root):
        return []
    depth = len(directory.parts) - len(root.parts)
    rules = ((folder, _ignore_rules(folder / ".gitignore")) for folder in [directory, *directory.parents][: depth + 1])
    return [(folder, spec) for folder, spec in rules if spec is not None]


def _is_left_out(path: Path, rules: list[tuple[Path, GitIgnoreSpec]]) -> bool:
    """Return whether the nearest ``.gitignore`` that says anything of a file leaves it out, as git decides."""
    verdicts = (spec.check_file(path.relative_to(folder).as_posix()).include for folder, spec in rules)
    return next((verdict for verdict in verdicts if verdict is not None), False)


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
