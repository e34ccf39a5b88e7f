"""Which ignore files count in a directory: git's, and midfill's own.

Of git's, the nearest one that says anything of a path decides: the ``.gitignore`` files from its directory up to the
repository's top, then ``info/exclude`` and the user's ``git/ignore`` (gitignore(5), without ``core.excludesFile``).
A ``.midfillignore`` has the same syntax and stands at the same places; what one of them says counts more than git's.

In this module paths have forward slashes, and a directory's ends with one.
"""

from __future__ import annotations

import logging
import os
import posixpath
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.ignore import Patterns, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

log = logging.getLogger(__name__)

GIT = ".git"
GIT_FILE = ".gitignore"
OWN_FILE = ".midfillignore"
# What has to be known of a directory to enter it.
NAMES = (GIT, GIT_FILE, OWN_FILE)
# Bytes; git's own largest is 100 MiB, but nobody writes a hundredth of that.
LARGEST_FILE = 1024 * 1024


class Level(NamedTuple):
    """The patterns of one file; the paths that they judge begin at the character ``start`` of a whole path."""

    start: int
    patterns: Patterns


class Levels(NamedTuple):
    """The ignore files that count in a directory, the strongest first."""

    git: tuple[Level, ...] = ()
    own: tuple[Level, ...] = ()

    def leave_out(self, path: str, name: str) -> bool:
        """Return whether a path, of which ``name`` is the last part, is left out. Directories above are not judged."""
        for level in (*self.own, *self.git):
            verdict = level.patterns.verdict(path[level.start :], name)
            if verdict is not None:
                return verdict
        return False


class IgnoreFiles:
    """Reads ignore files, and each one again only when it has changed. Threads may share it."""

    def __init__(self) -> None:
        self._parsed: dict[str, tuple[tuple[int, int, int], Patterns]] = {}
        self._users_file = _users_file()

    def above(self, folder: str) -> Levels:
        """Return what counts in a directory from above it, up to the repository's top; nothing without a repository."""
        directories = _up_to_the_top(folder)
        levels = Levels()
        for directory in reversed(directories[1:]):
            levels = self.enter(directory, levels, present(directory, NAMES))
        return levels

    def enter(self, directory: str, levels: Levels, names: Collection[str]) -> Levels:
        """Return what counts in a directory, from what counts in the one above. ``names`` are the names in it.

        Where a repository begins, the git rules from above end.
        """
        git, own = levels
        if GIT in names:
            outside = (_exclude_file(directory), self._users_file)
            git = tuple(level for file in outside for level in self._level(file, directory, os.stat))
        # git follows no .gitignore that is a link (since 2.32), for it could lead anywhere.
        if GIT_FILE in names:
            git = (*self._level(directory + GIT_FILE, directory, os.lstat), *git)
        if OWN_FILE in names:
            own = (*self._level(directory + OWN_FILE, directory, os.lstat), *own)
        return Levels(git, own)

    def _level(self, file: str, directory: str, look: Callable[[str], os.stat_result]) -> tuple[Level, ...]:
        try:
            patterns = self._patterns(file, look(file))
        except FileNotFoundError:
            return ()
        except OSError as error:
            log.debug("The ignore file %s cannot be read: %s", file, error)
            return ()
        return (Level(len(directory), patterns),) if patterns.groups else ()

    def _patterns(self, file: str, status: os.stat_result) -> Patterns:
        # To open a pipe could take for ever.
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
            return Patterns()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._parsed.get(file)
        if known and known[0] == stamp:
            return known[1]
        patterns = parse(_lines(Path(file)))
        self._parsed[file] = (stamp, patterns)
        return patterns


def present(directory: str, names: Collection[str]) -> frozenset[str]:
    """Return those of the names that are there in a directory; none where it cannot be read."""
    return frozenset(name for name in names if os.path.lexists(directory + name))


def absolute(path: Path) -> str:
    """Return the path of a file in the form of this module, from the root of the disk. Follows no links."""
    return posixpath.normpath(path.absolute().as_posix())


def as_directory(path: Path) -> str:
    """Return the path of a directory in the form of this module, from the root of the disk. Follows no links."""
    return absolute(path).rstrip("/") + "/"


def _up_to_the_top(folder: str) -> list[str]:
    """Return a directory and those above it up to the repository's top; nothing where there is no repository."""
    directories = []
    for path in (Path(folder), *Path(folder).parents):
        directories.append(as_directory(path))
        if os.path.lexists(directories[-1] + GIT):
            return directories
    return []


def _exclude_file(top: str) -> str:
    """Return where a repository has its ``info/exclude`` (gitrepository-layout(5)); empty where ``.git`` is nonsense.

    In a worktree and in a submodule ``.git`` is a file that names the directory, and what worktrees share lies in the
    directory that a file ``commondir`` in there names.
    """
    try:
        if not stat.S_ISREG(Path(top, GIT).stat().st_mode):
            return f"{top}{GIT}/info/exclude"
        directory = Path(top, _first_line(Path(top, GIT)).removeprefix("gitdir:").strip())
        return str(Path(directory, _first_line(directory / "commondir"), "info", "exclude"))
    except OSError:
        return ""


def _users_file() -> str:
    """Return where a user has rules for all repositories; empty where it is not known who the user is."""
    try:
        return str(Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "git", "ignore"))
    except RuntimeError:
        return ""


def _first_line(file: Path) -> str:
    """Return the first line of a small file; empty where there is no such file."""
    return _lines(file)[0].replace("\0", "") if file.is_file() else ""


def _lines(file: Path) -> list[str]:
    """Return the lines of a file as git reads them. Bytes that are no UTF-8 are kept, as in names of files."""
    with file.open("rb") as stream:
        text = stream.read(LARGEST_FILE).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]
