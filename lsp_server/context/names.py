"""The files of one workspace folder by name, and paths below its root. Knows no language and reads nothing.

A name is the path of a file below the root, with forward slashes; ``""`` is the root itself as a directory.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def directory_of(name: str) -> str:
    """Return the directory that holds a file or a directory; the root's own is the root."""
    return name.rpartition("/")[0]


def base_of(name: str) -> str:
    """Return the last part of a name: ``x.py`` of ``a/x.py``."""
    return name.rpartition("/")[2]


def stem_of(name: str) -> str:
    """Return the last part of a name without its suffix: ``x.test`` of ``a/x.test.ts``."""
    base = base_of(name)
    return base.rpartition(".")[0] or base


def suffix_of(name: str) -> str:
    """Return the end of a name from its last dot on; empty for none."""
    stem, dot, suffix = base_of(name).rpartition(".")
    return dot + suffix if stem else ""


def below(directory: str, path: str) -> str:
    """Return the name of ``path`` in a directory; neither holds dots that lead up."""
    return f"{directory}/{path}" if directory and path else directory or path


def join(directory: str, path: str) -> str | None:
    """Return where ``path`` leads from a directory, ``..`` followed; ``None`` where it leaves the folder."""
    joined = posixpath.normpath(posixpath.join(directory, path))
    if joined.startswith(("../", "/")) or joined == "..":
        return None
    return "" if joined == "." else joined


def upward(directory: str) -> Iterator[str]:
    """Yield a directory and those above it, the root last."""
    while directory:
        yield directory
        directory = directory_of(directory)
    yield ""


def nearest(names: Iterable[str], importer: str) -> list[str]:
    """Return names in the order of how near they stand to a file: most shared directories, fewest of their own."""
    found = list(names)
    if len(found) > 1:
        found.sort(key=lambda name: (-_shared(name, importer), name.count("/"), name))
    return found


def _shared(left: str, right: str) -> int:
    """Return how many leading directories two names share."""
    shared = 0
    for one, other in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if one != other:
            break
        shared += 1
    return shared


class Names:
    """Which files there are. Adding and removing take a time that grows with the depth of a name only."""

    def __init__(self) -> None:
        self._all: set[str] = set()
        # What a directory holds: files as they are called, directories with a slash behind.
        self._entries: dict[str, set[str]] = {}
        self._files: dict[str, list[str]] = {}
        self._directories: dict[str, list[str]] = {}

    def __contains__(self, name: object) -> bool:
        """Return whether there is a file of this name."""
        return name in self._all

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self._all)

    def add(self, name: str) -> None:
        """Take a file in; one that is there already stays as it is."""
        directory, _, base = name.rpartition("/")
        if not base or name in self._all:
            return
        self._all.add(name)
        self._files.setdefault(base, []).append(name)
        entry = base
        while directory not in self._entries:
            self._entries[directory] = {entry}
            if not directory:
                return
            self._directories.setdefault(base_of(directory), []).append(directory)
            entry = f"{base_of(directory)}/"
            directory = directory_of(directory)
        self._entries[directory].add(entry)

    def remove(self, name: str) -> None:
        """Forget a file, and the directories that held nothing else; nothing happens where there is none."""
        directory, _, entry = name.rpartition("/")
        if name not in self._all:
            return
        self._all.remove(name)
        _take_out(self._files, entry, name)
        self._entries[directory].discard(entry)
        while not self._entries[directory]:
            del self._entries[directory]
            if not directory:
                return
            _take_out(self._directories, base_of(directory), directory)
            entry = f"{base_of(directory)}/"
            directory = directory_of(directory)
            self._entries[directory].discard(entry)

    def has_directory(self, directory: str) -> bool:
        """Return whether files lie in a directory or below."""
        return directory in self._entries

    def called(self, base: str) -> Sequence[str]:
        """Return all files with this last part of the name, in the order in which they were added."""
        return self._files.get(base, ())

    def directories_called(self, base: str) -> Sequence[str]:
        """Return all directories with this last part of the name, those too that hold directories only."""
        return self._directories.get(base, ())

    def ending(self, tail: str) -> list[str]:
        """Return the files whose path is ``tail`` or ends with it, whole parts compared."""
        head, _, base = tail.rpartition("/")
        files = self.called(base)
        # Where thousands of files are called alike, their directories tell them apart.
        if head and len(self.directories_called(base_of(head))) < len(files):
            return [name for place in self.directories_ending(head) if (name := f"{place}/{base}") in self]
        return _with_tail(files, tail)

    def directories_ending(self, tail: str) -> list[str]:
        """Return the directories whose path is ``tail`` or ends with it, whole parts compared."""
        return _with_tail(self.directories_called(base_of(tail)), tail)

    def files_in(self, directory: str, suffixes: tuple[str, ...]) -> list[str]:
        """Return the files that lie directly in a directory and end in one of these ways, by name."""
        entries = self._entries.get(directory, ())
        return [below(directory, entry) for entry in sorted(entries) if entry.endswith(suffixes)]


def _with_tail(names: Sequence[str], tail: str) -> list[str]:
    if "/" not in tail:
        return list(names)
    behind_slash = f"/{tail}"
    return [name for name in names if name == tail or name.endswith(behind_slash)]


def _take_out(table: dict[str, list[str]], key: str, name: str) -> None:
    table[key].remove(name)
    if not table[key]:
        del table[key]
