"""Files of a commit out of a clone, through git; knows nothing of holes.

A clone of ``owner/name`` lies in a folder as ``owner+name``: bare, with a work tree, or either of them in a folder
``repo`` below. The work tree, where there is one, is not looked at.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# What midfill reads at most of a file (`lsp_server/context/workspace.py`); larger ones are generated or data.
LARGEST_FILE = 256 * 1024
# Larger files of any kind do not take part in a checkout: no import resolves to them, and no manifest is that large.
LARGEST_WRITTEN = 1024 * 1024
_REGULAR_FILES = (b"100644", b"100755", b"100664")
# Older changes are all equally old.
_COMMITS_OF_HISTORY = 1000


@dataclass(frozen=True, slots=True)
class Sources:
    r"""The files of one commit.

    ``files`` are the texts that may be shown, by path with forward slashes, with ``\n`` for line ends: code as
    `languages.py` knows it, UTF-8, at most ``LARGEST_FILE``, in the order of paths. ``root`` holds all files of the
    commit on disk, those too that are no code, byte for byte. ``history`` are the paths that each of the newest commits
    changed, the newest commit first; empty where the clone does not say.
    """

    name: str
    commit: str
    files: Mapping[str, str]
    root: Path
    history: Sequence[tuple[str, ...]]


def git_directory(folder: Path, name: str) -> Path | None:
    """Return the git directory of ``owner/name`` in a folder of clones; ``None`` where there is none."""
    clone = folder / name.replace("/", "+")
    candidates = (clone, clone / ".git", clone / "repo", clone / "repo" / ".git")
    return next((path for path in candidates if (path / "HEAD").is_file() and (path / "objects").is_dir()), None)


def full_commit(git: Path, commit: str) -> str:
    """Return the full name of a commit; empty where the clone does not have it."""
    done = _run(git, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
    return done.stdout.decode("ascii").strip() if done.returncode == 0 else ""


def checkout(git: Path, name: str, commit: str, root: Path) -> Sources:
    """Write the files of a commit below the empty folder ``root`` and return them.

    Links, submodules and files over ``LARGEST_WRITTEN`` are left out, as is what a partial clone does not have.

    Raises:
        Unmeasurable: git fails.
    """
    files: dict[str, str] = {}
    for path, content in _blobs(git, commit):
        target = root / path
        # A tree that git itself would refuse to check out could lead out of the folder.
        if not target.resolve().is_relative_to(root.resolve()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        text = decoded(content) if language_of(path) and len(content) <= LARGEST_FILE else None
        if text is not None:
            files[path] = text
    return Sources(name, commit, files, root, _history(git, commit))


def decoded(content: bytes) -> str | None:
    r"""Return the text of a file with ``\n`` for line ends; ``None`` for what is not UTF-8 text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.replace("\r\n", "\n").replace("\r", "\n")


def _blobs(git: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    listing = _run(git, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    if listing.returncode:
        raise Unmeasurable(f"git does not list {commit} of {git}: {listing.stderr.decode(errors='replace').strip()}")
    names: dict[str, str] = {}
    for entry in listing.stdout.split(b"\0"):
        head, _, path = entry.partition(b"\t")
        mode, _, rest = head.partition(b" ")
        if mode in _REGULAR_FILES:
            _, blob, size = rest.split()
            if size.isdigit() and int(size) <= LARGEST_WRITTEN:
                names[_path(path)] = blob.decode("ascii")
    order = "".join(f"{blob}\n" for blob in names.values()).encode("ascii")
    contents = _run(git, "cat-file", "--batch", given=order)
    if contents.returncode:
        raise Unmeasurable(f"git does not read {git}: {contents.stderr.decode(errors='replace').strip()}")
    for name, content in zip(names, _batch(contents.stdout), strict=True):
        if content is not None:
            yield name, content


def _batch(output: bytes) -> Iterator[bytes | None]:
    r"""Take apart what ``git cat-file --batch`` prints: ``NAME blob SIZE\n`` and the content with a line break."""
    start = 0
    while start < len(output):
        end = output.index(b"\n", start)
        head = output[start:end].split()
        # An object that is not there is a line `NAME missing` and nothing else.
        size = int(head[2]) if len(head) == 3 else -1
        yield output[end + 1 : end + 1 + size] if size >= 0 else None
        start = end + 2 + size


def _history(git: Path, commit: str) -> list[tuple[str, ...]]:
    command = ("log", f"-n{_COMMITS_OF_HISTORY}", "--format=%x01", "--name-only", "-z", "--no-renames", commit)
    names = (part.split(b"\0") for part in _run(git, *command).stdout.split(b"\x01")[1:])
    return [tuple(_path(name.strip(b"\n")) for name in found if name.strip(b"\n")) for found in names]


def _path(name: bytes) -> str:
    # As Python names files on disk.
    return name.decode("utf-8", "surrogateescape")


def _run(git: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["git", f"--git-dir={git}", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603  our own command
