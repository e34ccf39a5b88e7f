"""The workspace as contexts are chosen from it: kept current in small steps, asked for a place in a document.

One thread owns it; `service.py` gives it a process of its own, so that no key waits for it.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context import levels
from lsp_server.context.choices import Choices
from lsp_server.context.digest import digest
from lsp_server.context.edits import Edits
from lsp_server.context.gather import Request, gather
from lsp_server.context.index import Index, Renewal
from lsp_server.context.outline import How, Outline, outline
from lsp_server.context.parts import ALL
from lsp_server.context.rank import Relations, rank
from lsp_server.context.relate import Relatives, relate
from lsp_server.context.roots import Roots
from lsp_server.context.store import Store
from lsp_server.context.surroundings import survey
from lsp_server.context.texts import OpenDocument, Texts
from lsp_server.context.workspace import DEFAULT_RULES, Found, Rules, Workspace, read
from lsp_server.core import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.core import Chunk


class Progress(NamedTuple):
    """How many of the files that were found have been looked at. ``found`` grows until ``is_complete``."""

    done: int
    found: int
    is_complete: bool


class Library:
    """The files of some workspace folders; :meth:`work` brings it up to date."""

    def __init__(self, folders: Sequence[Path], rules: Rules = DEFAULT_RULES, cache: Path | None = None) -> None:
        """Begin with nothing read. ``cache`` is the folder where indexes are kept between runs, ``None`` for none.

        ``parts``, all of them, are what choices are made of from now on; whoever measures takes some away.
        """
        self.parts = ALL
        # One form for a folder, however it was given: its files are found below that.
        folders = [Path(levels.absolute(folder)) for folder in folders]
        self._workspace = Workspace(folders, rules)
        self._largest_file = rules.largest_file
        self._store = Store(cache, folders) if cache else None
        self._choices = Choices(cache / "choices") if cache else None
        self._texts = Texts(self.touch)
        self._roots = Roots(folders, self._texts.outline_of)
        self._relatives = Relatives(self._roots)
        self._index = Index()
        self._edits = Edits()
        # What is to be done, the most urgent first: files that have changed, the walk, files that it found.
        self._changed: deque[Path] = deque()
        self._walk: Iterator[Found | None] | None = None
        self._walked: list[Found] = []
        self._queue: deque[Found] = deque()
        self._to_tidy = False
        self._renewal: Renewal | None = None
        # Documents whose imports have not been followed yet.
        self._unrelated: list[str] = []
        self.scan()

    # --- keeping current ------------------------------------------------------------------------------

    def scan(self) -> None:
        """Look through the folders again, as soon as there is time, for files that are new, changed or gone."""
        self._walk, self._walked = self._workspace.steps(), []

    def touch(self, path: Path) -> None:
        """Look at a file before all others: it may have changed."""
        self._changed.append(path)

    def visit(self, path: Path) -> None:
        """Note that the user looks at a document."""
        name = self._roots.name_of(path)
        if name is not None:
            self._edits.visit(name)

    def change(self, path: Path, text: str) -> None:
        """Take an open document's new text, and note what the user has changed."""
        name = self._roots.name_of(path)
        if name in self._texts.opened:
            self._edits.change(name, self._texts.opened[name].text, text)
        self.open(path, text)

    def open(self, path: Path, text: str) -> None:
        """Take a document's text, with plain line ends, for what is on disk."""
        name = self._roots.name_of(path)
        if name is None:
            return
        known = self._texts.opened.get(name)
        if known and known.text == text:
            return
        shape = outline(text, path.name)
        self._texts.opened[name] = OpenDocument(text, shape)
        self._texts.forget(name)
        # A document that may not be read on disk, or is not there yet, is no source for others.
        if name in self._texts.entries or self._workspace.find(path):
            self._add_name(name)
            self._index.put(name, digest(text, shape))
        self._unrelated.append(name)

    def close(self, path: Path) -> None:
        """Go back to what is on disk; a document that is not open is no error."""
        name = self._roots.name_of(path)
        if name is not None and self._texts.opened.pop(name, None) is not None:
            self._texts.forget(name)
            self._texts.entries.pop(name, None)
            self._index.drop(name)
            self._look_again(path)

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
        found = len(self._texts.entries) + len(self._queue)
        return Progress(len(self._texts.entries), found, not (self._walk or self._queue or self._changed))

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
        elif self._renewal is not None or self._index.is_worn:
            self._renew()
        elif self._unrelated:
            self._follow_imports(self._unrelated.pop())
        else:
            return False
        return True

    def _follow_imports(self, name: str) -> None:
        """Follow the imports of an open document ahead of its first choice: files may have to be parsed for that."""
        if document := self._texts.opened.get(name):
            self._relatives.of(name, document.shape)

    def _look_again(self, path: Path) -> None:
        name = self._roots.name_of(path)
        found = self._workspace.find(path)
        if found is not None:
            self._take_in(found)
        elif name in self._texts.entries:
            self._drop(name)
        elif name is not None:
            self._roots.resolver(name).forget(self._roots.below(name))
            self._relatives.forget()

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
        names = {self._roots.name(found): found for found in self._walked}
        self._walked = []
        for name in [name for name in self._texts.entries if name not in names]:
            self._drop(name)
        for name, found in names.items():
            entry = self._texts.entries.get(name)
            if entry is None or (entry.size, entry.modified) != (found.size, found.modified):
                self._queue.append(found)
                self._add_name(name)
        # What the user looks at is wanted first, and what lies near it.
        visited = [*self._edits.recency(), *self._texts.opened]
        self._queue = deque(sorted(self._queue, key=lambda found: -_nearness(self._roots.name(found), visited)))
        self._to_tidy = True

    def _take_in(self, found: Found) -> None:
        """Bring one file up to date."""
        name = self._roots.name(found)
        entry = self._texts.entries.get(name)
        if entry and (entry.size, entry.modified) == (found.size, found.modified):
            return
        self._add_name(name)
        if name in self._texts.opened:
            # What is open counts before what is on disk.
            self._texts.entries[name] = found
            self._index.put(name, digest(self._texts.opened[name].text, self._texts.opened[name].shape))
            return
        self._texts.forget(name)
        path = str(found.path)
        known = self._store.get(path, found.size, found.modified) if self._store else None
        if known is None and (text := read(found)) is not None:
            known = digest(text, outline(text, found.path.name))
            if self._store:
                self._store.put(path, found.size, found.modified, known)
        self._texts.entries[name] = found
        if known is not None:
            self._index.put(name, known)
        else:
            self._index.drop(name)

    def _add_name(self, name: str) -> None:
        if name not in self._index.numbers:
            self._relatives.forget()
        self._roots.resolver(name).add(self._roots.below(name))

    def _drop(self, name: str) -> None:
        self._relatives.forget()
        self._texts.entries.pop(name, None)
        self._index.drop(name)
        self._texts.forget(name)
        self._roots.of(name).resolver.remove(self._roots.below(name))

    def _tidy(self) -> None:
        self._to_tidy = False
        if self._store:
            self._store.flush()
            self._store.drop_all_but(str(entry.path) for entry in self._texts.entries.values())

    def _renew(self) -> None:
        """Copy a file into an index without the rows of what is gone, or put that in force when all are there."""
        self._renewal = self._renewal or Renewal(self._index)
        if not self._renewal.step():
            self._index, self._renewal = self._renewal.index, None

    # --- choosing -------------------------------------------------------------------------------------

    def choose(
        self, path: Path, before: str, after: str, budget: int, kept: tuple[Chunk, ...] = ()
    ) -> tuple[Chunk, ...]:
        """Return chunks of somewhat over ``budget`` tokens together for a cursor, in the order of the prompt.

        ``before`` and ``after`` are the document's text around it, with plain line ends. ``kept`` is the choice before
        this one: it is returned itself unless another is worth its evaluation, and begins the new one as far as it is
        still of use. Empty where nothing of the workspace helps.
        """
        name = self._roots.name_of(path)
        if name is None:
            return ()
        prefix = self._roots.of(name).prefix
        around = survey(Place(before, after))
        relations = self._related(name, path.name, before, after)
        ranking = rank(self._index, around, relations, self.parts.weights)
        old = [replace(chunk, path=self._named(prefix, chunk.path)) for chunk in kept]
        old = [chunk for chunk in old if self._is_current(chunk)]
        request = Request(budget, tuple(old), self.parts.limits)
        chosen = gather(self._index, ranking, relations, request, self._texts.lines_of)
        chunks = tuple(replace(chunk, path=chunk.path.removeprefix(prefix)) for chunk in chosen)
        if self._choices and chunks != kept:
            self._choices.put(path, chunks)
        return chunks

    def recall(self, path: Path) -> tuple[Chunk, ...]:
        """Return the last choice for a document, of an earlier run, without what is no longer true; empty for none.

        It is there before the index is, and the KV state of its prompt is on disk.
        """
        name = self._roots.name_of(path)
        if name is None or self._choices is None:
            return ()
        prefix = self._roots.of(name).prefix
        return tuple(chunk for chunk in self._choices.get(path) if self._is_on_disk(prefix, chunk))

    def _named(self, prefix: str, shown: str) -> str:
        """Return the name of a file that a chunk calls by its path below the document's folder, or by its name."""
        return prefix + shown if self._is_there(prefix + shown) or not self._is_there(shown) else shown

    def _is_there(self, name: str) -> bool:
        return name in self._texts.entries or name in self._texts.opened

    def _is_on_disk(self, prefix: str, chunk: Chunk) -> bool:
        paths = (self._roots.path_of(prefix + chunk.path), self._roots.path_of(chunk.path))
        found = next((found for path in paths if path and (found := self._workspace.find(path))), None)
        text = read(found) if found else None
        return text is not None and set(chunk.text.split("\n")) - {""} <= set(text.split("\n"))

    def asked(self, path: Path, before: str, after: str) -> tuple[Index, Relations]:
        """Return what a choice for a document in the workspace is made from."""
        name = self._roots.name_of(path)
        assert name is not None  # noqa: S101  the caller says so
        return self._index, self._related(name, path.name, before, after)

    def _is_current(self, chunk: Chunk) -> bool:
        lines = self._texts.lines_of(chunk.path)
        return lines is not None and set(chunk.text.split("\n")) - {""} <= set(lines)

    def _related(self, name: str, base: str, before: str, after: str) -> Relations:
        document = self._texts.opened.get(name)
        text = before + after
        # A document that is not open is one too large to be a source; its imports are not worth a parse at each choice.
        is_large = len(text) > self._largest_file
        shape = document.shape if document else Outline(How.LINES) if is_large else outline(text, base)
        return relate(self._index, self._relatives.of(name, shape), self._edits, name)


def _nearness(name: str, visited: list[str]) -> int:
    """Return how many directories a file has in common with the nearest of some others."""
    parts = name.split("/")
    return max((_common(parts, other.split("/")) for other in visited), default=0)


def _common(parts: list[str], others: list[str]) -> int:
    shared = zip(parts[:-1], others[:-1], strict=False)
    return next((depth for depth, (one, other) in enumerate(shared) if one != other), min(len(parts), len(others)) - 1)
