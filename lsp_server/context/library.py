"""The workspace as contexts are chosen from it: kept current in small steps, asked for a place in a document.

Knows the disk and the open documents. One thread owns it; `service.py` gives it a process of its own, so that no key waits
for it. Files have names here: the path below their workspace folder, behind the folder's name where there are several.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from cachetools import LRUCache

from lsp_server.context.digest import digest
from lsp_server.context.gather import gather
from lsp_server.context.imports import Resolver
from lsp_server.context.index import Index, is_test, language_key
from lsp_server.context.outline import Outline, outline
from lsp_server.context.rank import Relations, rank
from lsp_server.context.store import Store
from lsp_server.context.surroundings import survey
from lsp_server.context.workspace import DEFAULT_RULES, Found, Rules, Workspace, read
from lsp_server.core import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lsp_server.core import Chunk

log = logging.getLogger(__name__)

# Texts and outlines that are kept, of files that choices come back to.
REMEMBERED_TEXTS = 256
REMEMBERED_OUTLINES = 512
REMEMBERED_RELATIONS = 16
# An import of a whole package may lead to all of its files; the nearest come first.
MOST_FILES_OF_IMPORT = 40
# Bytes; no configuration that imports go by is larger.
LARGEST_CONFIGURATION = 1_000_000


class Progress(NamedTuple):
    """How many of the files that were found have been looked at. ``found`` grows until ``is_complete``."""

    done: int
    found: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file that has been looked at; one that is no readable code is not in the index, but need not be read again."""

    found: Found
    is_indexed: bool


@dataclass(frozen=True, slots=True)
class _Open:
    text: str
    shape: Outline


class _Root:
    """One workspace folder: what its files are called, and where imports lead among them."""

    def __init__(self, path: Path, prefix: str, library: Library) -> None:
        self.path, self.prefix = path, prefix
        self.resolver = Resolver(self._read, lambda name: library.outline_of(prefix + name))

    def _read(self, name: str) -> str | None:
        try:
            with (self.path / name).open("rb") as file:
                return file.read(LARGEST_CONFIGURATION).decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return None


class Library:
    """The files of some workspace folders; :meth:`work` brings it up to date."""

    def __init__(self, folders: Sequence[Path], rules: Rules = DEFAULT_RULES, cache: Path | None = None) -> None:
        """Begin with nothing read. ``cache`` is the folder where indexes are kept between runs, ``None`` for none."""
        self._workspace = Workspace(folders, rules)
        self._store = Store(cache, folders) if cache else None
        several = len(folders) > 1
        self._roots = {
            folder: _Root(folder, f"{folder.name or number}/" if several else "", self)
            for number, folder in enumerate(folders)
        }
        self._index = Index()
        self._entries: dict[str, _Entry] = {}
        self._open: dict[str, _Open] = {}
        self._texts: LRUCache[str, list[str]] = LRUCache(REMEMBERED_TEXTS)
        self._outlines: LRUCache[str, Outline | None] = LRUCache(REMEMBERED_OUTLINES)
        self._relations: LRUCache[object, Relations] = LRUCache(REMEMBERED_RELATIONS)
        # What is to be done, the most urgent first: files that have changed, the walk, files that it found.
        self._changed: deque[Path] = deque()
        self._walk: Iterator[Found | None] | None = None
        self._walked: list[Found] = []
        self._queue: deque[Found] = deque()
        self._to_tidy = False
        self.scan()

    # --- keeping current ------------------------------------------------------------------------------

    def scan(self) -> None:
        """Look through the folders again, as soon as there is time, for files that are new, changed or gone."""
        self._walk, self._walked = self._workspace.steps(), []

    def touch(self, path: Path) -> None:
        """Look at a file before all others: it may have changed."""
        self._changed.append(path)

    def open(self, path: Path, text: str) -> None:
        """Take a document's text, with plain line ends, for what is on disk; also when it changes."""
        name = self._name_of(path)
        if name is None:
            return
        known = self._open.get(name)
        if known and known.text == text:
            return
        shape = outline(text, path.name)
        self._open[name] = _Open(text, shape)
        self._forget_text(name)
        # A document that may not be read on disk, or is not there yet, is no source for others.
        if name in self._entries or self._workspace.find(path):
            self._index.put(name, digest(text, shape))
            self._resolver_add(name)

    def close(self, path: Path) -> None:
        """Go back to what is on disk; a document that is not open is no error."""
        name = self._name_of(path)
        if name is not None and self._open.pop(name, None):
            self._forget_text(name)
            self._entries.pop(name, None)
            self.touch(path)

    def work(self, seconds: float) -> bool:
        """Bring the index up to date for about so long; return whether there is more to do."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if not self._step():
                return False
        return True

    @property
    def progress(self) -> Progress:
        """How far the index is."""
        found = len(self._entries) + len(self._queue)
        return Progress(len(self._entries), found, self._walk is None and not self._queue)

    def shut(self) -> None:
        """Write what is to be kept."""
        if self._store:
            self._store.close()

    def _step(self) -> bool:
        if self._changed:
            self._look_again(self._changed.popleft())
        elif self._walk is not None:
            self._walk_on(self._walk)
        elif self._queue:
            self._take_in(self._queue.popleft())
        elif self._to_tidy:
            self._tidy()
        else:
            return False
        return True

    def _look_again(self, path: Path) -> None:
        name = self._name_of(path)
        found = self._workspace.find(path)
        if found is not None:
            self._take_in(found)
        elif name in self._entries:
            self._drop(name)
        elif name is not None:
            self._root_of(name).resolver.forget(self._below(name))

    def _walk_on(self, walk: Iterator[Found | None]) -> None:
        try:
            found = next(walk)
        except StopIteration:
            self._walk = None
            self._compare()
            return
        if found is not None:
            self._walked.append(found)

    def _compare(self) -> None:
        """Queue what is new or has changed, and drop what is gone."""
        names = {self._name(found): found for found in self._walked}
        self._walked = []
        for name in [name for name in self._entries if name not in names]:
            self._drop(name)
        for name, found in names.items():
            entry = self._entries.get(name)
            if entry is None or (entry.found.size, entry.found.modified) != (found.size, found.modified):
                self._queue.append(found)
                self._resolver_add(name)
        self._to_tidy = True

    def _take_in(self, found: Found) -> None:
        """Bring one file up to date."""
        name = self._name(found)
        entry = self._entries.get(name)
        if entry and (entry.found.size, entry.found.modified) == (found.size, found.modified):
            return
        self._resolver_add(name)
        if name in self._open:
            # What is open counts before what is on disk.
            self._entries[name] = _Entry(found, is_indexed=True)
            self._index.put(name, digest(self._open[name].text, self._open[name].shape))
            return
        self._forget_text(name)
        path = str(found.path)
        known = self._store.get(path, found.size, found.modified) if self._store else None
        if known is None and (text := read(found)) is not None:
            known = digest(text, outline(text, found.path.name))
            if self._store:
                self._store.put(path, found.size, found.modified, known)
        self._entries[name] = _Entry(found, is_indexed=known is not None)
        if known is not None:
            self._index.put(name, known)
        else:
            self._index.drop(name)

    def _drop(self, name: str) -> None:
        self._entries.pop(name, None)
        self._index.drop(name)
        self._forget_text(name)
        self._root_of(name).resolver.remove(self._below(name))
        self._relations.clear()

    def _tidy(self) -> None:
        self._to_tidy = False
        if self._store:
            self._store.flush()
            self._store.drop_all_but(str(entry.found.path) for entry in self._entries.values())
        if self._index.is_worn:
            self._renew()

    def _renew(self) -> None:
        """Build the index anew, without the rows of files that have changed since."""
        self._index = Index()
        self._relations.clear()
        entries, self._entries = self._entries, {}
        for entry in entries.values():
            self._take_in(entry.found)

    # --- names ----------------------------------------------------------------------------------------

    def _name_of(self, path: Path) -> str | None:
        roots = [root for folder, root in self._roots.items() if path.is_relative_to(folder)]
        root = max(roots, key=lambda root: len(root.path.parts), default=None)
        return root.prefix + path.relative_to(root.path).as_posix() if root else None

    def _name(self, found: Found) -> str:
        return self._roots[found.root].prefix + found.name

    def _root_of(self, name: str) -> _Root:
        return next(root for root in self._roots.values() if name.startswith(root.prefix))

    def _below(self, name: str) -> str:
        return name[len(self._root_of(name).prefix) :]

    def _resolver_add(self, name: str) -> None:
        self._root_of(name).resolver.add(self._below(name))
        self._relations.clear()

    # --- texts ----------------------------------------------------------------------------------------

    def _forget_text(self, name: str) -> None:
        self._texts.pop(name, None)
        self._outlines.pop(name, None)

    def lines_of(self, name: str) -> list[str] | None:
        """Return the lines of an indexed file, without their ends; ``None`` where they are not as the index has them."""
        if opened := self._open.get(name):
            return opened.text.split("\n")
        entry = self._entries.get(name)
        if entry is None:
            return None
        try:
            modified = os.stat(entry.found.path).st_mtime_ns
        except OSError:
            modified = -1
        if modified != entry.found.modified:
            self.touch(entry.found.path)
            return None
        if name not in self._texts:
            text = read(entry.found)
            if text is None:
                return None
            self._texts[name] = text.split("\n")
        return self._texts[name]

    def outline_of(self, name: str) -> Outline | None:
        """Return the outline of an indexed file, ``None`` for any other."""
        if opened := self._open.get(name):
            return opened.shape
        if name not in self._outlines:
            lines = self.lines_of(name)
            self._outlines[name] = None if lines is None else outline("\n".join(lines), name.rpartition("/")[2])
        return self._outlines[name]

    # --- choosing -------------------------------------------------------------------------------------

    def choose(
        self, path: Path, before: str, after: str, budget: int, kept: tuple[Chunk, ...] = ()
    ) -> tuple[Chunk, ...]:
        """Return chunks of somewhat over ``budget`` tokens together for a cursor, in the order of the prompt.

        ``before`` and ``after`` are the document's text around it, with plain line ends. ``kept`` is the choice before this
        one: it is returned itself unless another is worth its evaluation, and begins the new one as far as it is still
        of use. Empty where nothing of the workspace helps.
        """
        name = self._name_of(path)
        if name is None:
            return ()
        prefix = self._root_of(name).prefix
        around = survey(Place(before, after))
        relations = self._related(name, path.name, before, after)
        ranking = rank(self._index, around, relations)
        old = [replace(chunk, path=prefix + chunk.path) for chunk in kept]
        old = [chunk for chunk in old if self._is_current(chunk)]
        chosen = gather(self._index, ranking, relations, budget, self.lines_of, old)
        return tuple(replace(chunk, path=chunk.path.removeprefix(prefix)) for chunk in chosen)

    def asked(self, path: Path, before: str, after: str) -> tuple[Index, Relations]:
        """Return what a choice for a document in the workspace is made from."""
        name = self._name_of(path)
        assert name is not None  # noqa: S101  the caller says so
        return self._index, self._related(name, path.name, before, after)

    def _is_current(self, chunk: Chunk) -> bool:
        lines = self.lines_of(chunk.path)
        return lines is not None and set(chunk.text.split("\n")) - {""} <= set(lines)

    def _related(self, name: str, base: str, before: str, after: str) -> Relations:
        opened = self._open.get(name)
        shape = opened.shape if opened else outline(before + after, base)
        key = (name, shape.imports, shape.package, len(self._index.files))
        if key not in self._relations:
            self._relations[key] = self._relate(name, shape)
        return self._relations[key]

    def _relate(self, name: str, shape: Outline) -> Relations:
        root = self._root_of(name)
        below = self._below(name)
        imported = [file for one in root.resolver.resolve(below, shape) for file in one.files[:MOST_FILES_OF_IMPORT]]
        return Relations(
            own=self._index.numbers.get(name, -1),
            is_test=is_test(name),
            language=language_key(name),
            imported=self._marked(root, imported),
            package=self._marked(root, root.resolver.same_package(below, shape)),
            companions=self._marked(root, root.resolver.companions(below)),
        )

    def _marked(self, root: _Root, files: Iterable[str]) -> NDArray[np.float64]:
        marks = np.zeros(len(self._index.files))
        numbers = (self._index.numbers.get(root.prefix + file) for file in files)
        marks[[number for number in numbers if number is not None]] = 1.0
        return marks
