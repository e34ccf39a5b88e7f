"""The model of one client: the embedded one answers from the first second, the one that is wanted once it is there.

One that cannot be loaded leaves the old one in place.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol.types import MessageType

from lsp_server.client import Progress
from lsp_server.engine.worker import load
from lsp_server.errors import MidfillError, ModelNotFound
from lsp_server.models import catalogue
from lsp_server.options import load_options
from lsp_server.pipeline import Pipeline
from lsp_server.status import State, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pygls.lsp.server import LanguageServer

    from lsp_server.chunks import Context
    from lsp_server.config import Settings
    from lsp_server.engine.interface import LoadOptions
    from lsp_server.status import StatusLine

log = logging.getLogger(__name__)


class Keeper:
    """The model that is in use, and the one that is to be. Belongs to the event loop."""

    def __init__(
        self,
        server: LanguageServer,
        context: Context,
        status_line: StatusLine,
        tell: Callable[[MessageType, str], None],
    ) -> None:
        """``tell`` shows a sentence to the user."""
        self._server, self._context, self._status_line, self._tell = server, context, status_line, tell
        self._wanted: tuple[str, LoadOptions] | None = None
        self._missing: Path | None = None
        self._pipeline: asyncio.Task[Pipeline] | None = None
        self._name = ""
        self._changing = asyncio.Lock()
        self._is_closing = False

    @property
    def loaded(self) -> Pipeline | None:
        """The model that answers now, ``None`` while none does."""
        return _result(self._pipeline) if self._pipeline else None

    @property
    def is_started(self) -> bool:
        """Whether a model has been wanted yet."""
        return self._pipeline is not None

    async def pipeline(self) -> Pipeline:
        """Return the model that answers, once there is one.

        Raises:
            ModelError: not even the embedded one can be loaded.
        """
        assert self._pipeline is not None  # noqa: S101  somebody has wanted a model
        return await asyncio.shield(self._pipeline)

    def has_arrived(self) -> bool:
        """Return whether a model that was wanted and missing is there by now; true once."""
        if self._missing is None or not self._missing.exists():
            return False
        self._missing, self._wanted = None, None
        return True

    async def want(self, settings: Settings) -> None:
        """Have the model of the settings answer; what answers already does so until then."""
        # One model after the other, so that the last one that was wanted is the one that stays.
        async with self._changing:
            wanted = (settings.model, load_options(settings))
            if wanted == self._wanted or self._is_closing:
                return
            self._wanted = wanted
            await self._change(*wanted)

    async def _change(self, model: str, options: LoadOptions) -> None:
        self._missing = None
        try:
            is_first = self._pipeline is None
            if self._pipeline is None:
                self._pipeline = asyncio.ensure_future(self._load(catalogue.EMBEDDED_FILE, options))
                await self._take(self._pipeline)
            path = catalogue.find(model)
            if not is_first or path != catalogue.EMBEDDED_FILE:
                await self._take(asyncio.ensure_future(self._load(path, options)))
            if advice := catalogue.advice(path):
                self._tell(MessageType.Info, f"midfill: {advice}")
        except MidfillError as error:
            self._note_failure(model, error)

    async def _take(self, new: asyncio.Task[Pipeline]) -> None:
        """Wait for a model and put it in the place of the one in use."""
        loaded, old = await asyncio.shield(new), self._pipeline
        self._pipeline, self._name = new, catalogue.name_of(loaded.engine.info.path)
        self._status_line.set_model(Status(State.READY, self._name))
        if old is not None and old is not new:
            await asyncio.wait([old])
            if replaced := _result(old):
                replaced.rest()
            await asyncio.to_thread(_close, old)

    def _note_failure(self, model: str, error: MidfillError) -> None:
        if isinstance(error, ModelNotFound):
            self._missing = catalogue.place_of(model)
        sentence = str(error)
        if self._name:
            sentence = f"{sentence} Until then {self._name} answers."
        self._tell(MessageType.Error, f"midfill: {sentence}")
        self._status_line.set_model(Status(State.READY if self._name else State.ERROR, self._name, sentence))

    async def _load(self, path: Path, options: LoadOptions) -> Pipeline:
        loop, progress = asyncio.get_running_loop(), Progress(self._server)

        def show(share: float) -> None:
            progress.report(share)
            if not loading.done():
                self._status_line.set_model(Status(State.LOADING, self._name, percent=round(share * 100)))

        def report(share: float) -> None:
            loop.call_soon_threadsafe(show, share)

        self._status_line.set_model(Status(State.LOADING, self._name))
        loading = asyncio.ensure_future(asyncio.to_thread(_load_pipeline, path, options, report, self._context))
        await progress.begin(f"midfill: loading {path.name}")
        try:
            pipeline = await loading
        finally:
            progress.end()
        log.info("The model is %s (%s).", pipeline.engine.info.name, path)
        if note := pipeline.engine.info.note:
            self._tell(MessageType.Warning, f"midfill: {note}")
        return pipeline

    async def close(self) -> None:
        """Free the model when it is there and what runs has stopped; none is loaded afterwards."""
        self._is_closing = True
        async with self._changing:
            if self._pipeline is None:
                return
            await asyncio.wait([self._pipeline])
            if loaded := self.loaded:
                loaded.rest()
            await asyncio.to_thread(self.free)

    def free(self) -> None:
        """Free the model, if one is loaded; nothing is answered afterwards. Needs no event loop."""
        if self._pipeline is not None:
            _close(self._pipeline)


def _load_pipeline(
    path: Path, options: LoadOptions, on_progress: Callable[[float], None], context: Context
) -> Pipeline:
    engine = load(path, options, on_progress)
    try:
        return Pipeline(engine, context)
    except MidfillError:
        engine.close()
        raise


def _result(pipeline: asyncio.Task[Pipeline]) -> Pipeline | None:
    """Return what a task has loaded, ``None`` while it loads and when it has failed."""
    is_loaded = pipeline.done() and not pipeline.cancelled() and pipeline.exception() is None
    return pipeline.result() if is_loaded else None


def _close(pipeline: asyncio.Task[Pipeline]) -> None:
    if loaded := _result(pipeline):
        loaded.engine.close()
