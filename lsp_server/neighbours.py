"""What the editor says of files and folders, handed on to the process that knows the workspace.

The context of the pipeline, as the server has it: it knows LSP's messages and `context/process.py`, and no prompt.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types
from platformdirs import user_cache_path

from lsp_server.client import Progress
from lsp_server.context.process import LibraryProcess, Workplace
from lsp_server.context.readable import LANGUAGES
from lsp_server.context.workspace import Rules
from lsp_server.documents import file_path

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from pygls.lsp.server import LanguageServer

    from lsp_server.config import Settings
    from lsp_server.context.library import Progress as Indexed
    from lsp_server.core import Chunk
    from lsp_server.documents import Documents

log = logging.getLogger(__name__)

# Fewer files are indexed before a progress could be read.
FILES_WORTH_A_PROGRESS = 300
# Documents outside of all folders whose directories are indexed.
MOST_LOOSE_FOLDERS = 4
# What decides which files are read; when one changes, any other may come or go.
RULES_FILES = (".gitignore", ".midfillignore")
# What imports are resolved by.
CONFIGURATION_FILES = ("package.json", "tsconfig*.json", "jsconfig.json", "go.mod", "Cargo.toml", "composer.json")
WATCHER_ID = "midfill-files"


class Neighbours:
    """The other files of the workspace, kept current from the editor's messages. Belongs to the event loop."""

    def __init__(self, server: LanguageServer, documents: Documents) -> None:
        self._server = server
        self._documents = documents
        self._process = LibraryProcess(self._on_progress)
        self._settings: Settings | None = None
        self._has_stopped = False
        self._loose: tuple[Path, ...] = ()
        self._progress: Progress | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def configure(self, settings: Settings) -> None:
        """Index the folders that the editor has open, by the settings; or none, where they say so."""
        if self._has_stopped:
            return
        self._settings = settings
        if settings.index == "off" or settings.context_tokens == 0:
            await self._process.stop()
            return
        folders = self._folders()
        if not folders:
            return
        rules = Rules(settings.exclude, settings.secrets, settings.largest_file * 1024)
        cache = user_cache_path("midfill", appauthor=False) / "index" if settings.index == "disk" else None
        await self._process.start(Workplace(folders, rules, cache))

    def _folders(self) -> tuple[Path, ...]:
        opened = (file_path(folder.uri) for folder in self._server.workspace.folders.values())
        return tuple(sorted({folder for folder in opened if folder is not None})) or self._loose

    async def watch(self) -> None:
        """Ask the editor to tell of files that change, where it can."""
        workspace = self._server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if not watching or not watching.dynamic_registration:
            return
        suffixes = ",".join(suffix.lstrip(".") for row in LANGUAGES.values() for suffix in row)
        names = ",".join((*RULES_FILES, *CONFIGURATION_FILES))
        patterns = (f"**/*.{{{suffixes}}}", f"**/{{{names}}}")
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(p) for p in patterns])
        registration = types.Registration(WATCHER_ID, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        try:
            await self._server.client_register_capability_async(types.RegistrationParams([registration]))
        except Exception as error:  # noqa: BLE001  what the editor does not watch, the process finds by looking again
            log.info("The editor does not watch files: %s", repr(error))

    async def stop(self) -> None:
        """Index nothing any more, whatever is configured afterwards."""
        self._has_stopped = True
        await self._process.stop()

    # --- what the editor tells ------------------------------------------------------------------------

    def opened(self, uri: str) -> None:
        """Take an opened document's text for the file's; one outside of all folders brings its directory along."""
        document, path = self._documents.get(uri), file_path(uri)
        if document is None or path is None:
            return
        if self._is_worth_telling(document.text):
            self._process.open(path, document.text)
        if not self._folders() or self._loose:
            self._note_loose(path.parent)

    def changed(self, uri: str) -> None:
        """Take a document's new text."""
        document, path = self._documents.get(uri), file_path(uri)
        if document is not None and path is not None and self._is_worth_telling(document.text):
            self._process.change(path, document.text)

    def _is_worth_telling(self, text: str) -> bool:
        """Return whether a document may be a source for others; a larger one would be sent in vain at each change."""
        return self._settings is None or len(text) <= self._settings.largest_file * 1024

    def closed(self, uri: str) -> None:
        """Go back to what is on disk."""
        if (path := file_path(uri)) is not None:
            self._process.close(path)

    def told(self, uris: Iterable[str]) -> None:
        """Look again at files that have changed on disk."""
        paths = [path for path in map(file_path, uris) if path is not None]
        if any(path.name in RULES_FILES for path in paths):
            self._process.scan()
        self._process.touch(paths)

    def _note_loose(self, folder: Path) -> None:
        # A home directory holds everything that somebody has.
        is_too_large = Path.home().is_relative_to(folder)
        if is_too_large or folder in self._loose or len(self._loose) == MOST_LOOSE_FOLDERS:
            return
        self._loose = (*self._loose, folder)
        if self._settings:
            self._do(self.configure(self._settings))

    # --- choosing -------------------------------------------------------------------------------------

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return pieces of other files for a cursor; see `chunks.Context`."""
        return await self._process.choose(path, before, after, budget, kept)

    def _on_progress(self, indexed: Indexed) -> None:
        if self._progress is not None:
            self._progress.report(indexed.done / max(1, indexed.found))
            if indexed.is_complete:
                self._progress.end()
                self._progress = None
        elif not indexed.is_complete and indexed.found - indexed.done > FILES_WORTH_A_PROGRESS:
            self._progress = Progress(self._server)
            self._do(self._progress.begin("midfill: reading the workspace"))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
