"""Which files of the workspace exist and may be read, and their text.

A file is listed where nothing speaks against it: it holds code in a language that midfill reads, it is no secret and
was not generated or installed (:mod:`~lsp_server.context.readable`), git does not ignore it and no ``.midfillignore``
does (:mod:`~lsp_server.context.levels`), the settings do not leave it out, and it is not too large. The folders of the
workspace themselves were opened on purpose and are not judged, only what is in them.

No link is followed, a Windows junction neither. What a link points to in the workspace is listed under its own name,
or is left out for a reason that a link must not undo; what lies outside was not opened. So no loop is possible.
"""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.context import levels, readable
from lsp_server.context.ignore import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.context.levels import Levels

log = logging.getLogger(__name__)

# Bytes. Of 17,000 files of the Python packages on one machine, 28 are larger, and a third of those were generated;
# what people write is smaller, and reading more would hold a request up.
LARGEST_FILE = 256 * 1024
# What has to be known of a directory before anything in it is judged.
_TELLING = (*levels.NAMES, *readable.MARKERS, *readable.VENDOR_MARKERS)
# IO_REPARSE_TAG_MOUNT_POINT of winnt.h, which the module `stat` has on Windows only.
_JUNCTION = 0xA0000003


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say: patterns in the syntax of gitignore, and the largest file in bytes.

    ``exclude`` counts in every folder of the workspace, and nothing brings back what it leaves out. ``secrets`` are
    names that are never read, besides those of :data:`~lsp_server.context.readable.SECRETS`.
    """

    exclude: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    largest_file: int = LARGEST_FILE


DEFAULT_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be read, before anybody has looked into it.

    ``root`` is the folder of the workspace that it belongs to. ``size`` is in bytes, ``modified`` in nanoseconds
    since the epoch.
    """

    path: Path
    root: Path
    size: int
    modified: int

    @property
    def name(self) -> str:
        """Its path below ``root`` with forward slashes."""
        return self.path.relative_to(self.root).as_posix()


class Workspace:
    """The files of some folders. A folder within another one takes its files from it; one that is missing has none.

    Nothing is kept but parsed ignore files, and those are read again when they change. Threads may share it.
    """

    def __init__(self, folders: Sequence[Path], rules: Rules = DEFAULT_RULES) -> None:
        # Paths are strings in here, for speed: with forward slashes, and a slash behind those of directories.
        self._roots = {root: Path(root) for root in map(levels.as_directory, folders)}
        self._borders = frozenset(os.path.normcase(root) for root in self._roots)
        self._largest_file = rules.largest_file
        self._exclude = parse(rules.exclude)
        self._never = readable.never(rules.secrets)
        self._ignore_files = levels.IgnoreFiles()

    def files(self) -> Iterator[Found]:
        """Yield the files that may be read: by folder, the files of a directory before those below it, each by name.

        Walks no further than it is asked to. What cannot be listed is passed over.
        """
        return (found for found in self.steps() if found)

    def steps(self) -> Iterator[Found | None]:
        """Yield the same files, and ``None`` after each directory: a caller can pause where there are no files too."""
        for root in self._roots:
            yield from self._walk(root)

    def find(self, path: Path) -> Found | None:
        """Return a file as the walk would, ``None`` where it would not: it is not there or may not be read."""
        target = levels.absolute(path)
        root = self._innermost(target)
        if not root:
            return None
        *parents, name = target[len(root) :].split("/")
        if not readable.language(name):
            return None
        directory, above = root, self._ignore_files.above(root)
        names = levels.present(directory, _TELLING)
        for parent in parents:
            above = self._ignore_files.enter(directory, above, names)
            if not self._may_enter(root, directory, parent, above) or not _is_directory(_status(directory + parent)):
                return None
            directory += f"{parent}/"
            names = levels.present(directory, _TELLING)
            if readable.is_installed(parent, names):
                return None
        above = self._ignore_files.enter(directory, above, names)
        if not self._may_be_read(root, directory, name, above):
            return None
        return self._found(root, directory + name, _status(directory + name))

    def _innermost(self, target: str) -> str:
        """Return the innermost folder that a path lies in; empty where there is none."""
        normal = os.path.normcase(target)
        around = (root for root in self._roots if normal.startswith(os.path.normcase(root)))
        return max(around, key=len, default="")

    def _walk(self, root: str) -> Iterator[Found | None]:
        # What is waiting stands in a list and not in calls, for a tree may be deeper than Python's stack.
        waiting = [("", root, self._ignore_files.above(root))]
        while waiting:
            own_name, directory, above = waiting.pop()
            entries = _entries(directory)
            names = {entry.name for entry in entries}
            if own_name and readable.is_installed(own_name, names):
                entries = []
            above = self._ignore_files.enter(directory, above, names)
            below = []
            for entry in entries:
                if not _is_file(entry):
                    if self._may_enter(root, directory, entry.name, above) and _is_directory(_status_of(entry)):
                        below.append((entry.name, f"{directory}{entry.name}/", above))
                elif self._may_be_read(root, directory, entry.name, above):
                    found = self._found(root, directory + entry.name, _status_of(entry))
                    if found:
                        yield found
            waiting += reversed(below)
            yield None

    def _may_enter(self, root: str, directory: str, name: str, above: Levels) -> bool:
        path = f"{directory}{name}/"
        return (
            readable.is_speakable(name)
            and os.path.normcase(path) not in self._borders
            and not self._is_left_out(root, path, f"{name}/", above)
        )

    def _may_be_read(self, root: str, directory: str, name: str, above: Levels) -> bool:
        return bool(readable.language(name)) and not self._is_left_out(root, directory + name, name, above)

    def _is_left_out(self, root: str, path: str, name: str, above: Levels) -> bool:
        below = path[len(root) :]
        return bool(
            self._never.verdict(below, name) or self._exclude.verdict(below, name) or above.leave_out(path, name)
        )

    def _found(self, root: str, path: str, status: os.stat_result | None) -> Found | None:
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size > self._largest_file:
            return None
        return Found(Path(path), self._roots[root], status.st_size, status.st_mtime_ns)


def read(found: Found) -> str | None:
    r"""Return the text of a file with ``\n`` for every line end and without a byte order mark.

    ``None`` where it is no readable code: gone or no plain file any more, binary, not UTF-8, generated, minified, or
    with a private key in it; and where it has grown since, beyond both its size then and :data:`LARGEST_FILE`.
    """
    return readable.text_of(found.path, max(found.size, LARGEST_FILE))


def _entries(directory: str) -> list[os.DirEntry[str]]:
    """Return what is in a directory, by name; nothing where it cannot be listed."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        log.debug("The directory %s cannot be listed: %s", directory, error)
        return []


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a plain file; asks the disk only where it told nothing with the listing."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:
        return False


def _status_of(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _is_directory(status: os.stat_result | None) -> bool:
    return bool(status and stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _JUNCTION)
