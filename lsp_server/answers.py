"""Requests for inline completions: one answer each, what it was is remembered, and what becomes of it is counted."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache
from lsprotocol import types

from lsp_server.config import usage_file
from lsp_server.core import Reason, Report
from lsp_server.documents import position_at
from lsp_server.errors import MidfillError
from lsp_server.reading import language_at
from lsp_server.usage.counter import Usage, counted
from lsp_server.usage.events import About

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pygls.lsp.server import LanguageServer

    from lsp_server.config import Settings
    from lsp_server.copilot import Item
    from lsp_server.core import Snapshot
    from lsp_server.documents import Documents
    from lsp_server.usage.figures import Figures

log = logging.getLogger(__name__)

ACCEPTED = "midfill.accepted"
# Documents whose last request `midfill.explain` remembers.
REMEMBERED_REPORTS = 256
# Items that a client may still have on its screen.
REMEMBERED_OFFERS = 64
# What a trace leaves out: it is code, and stands in `midfill.explain`.
_CODE = {"suggestion": None, "alternatives": None, "raw": None, "rules": None}


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the first item of an answer inserts; its first ``replaced`` characters stand in the document already."""

    text: str
    replaced: int


class Answers:
    """The answers of one server: the request under way in each document, and the last report of each."""

    def __init__(self, server: LanguageServer, documents: Documents) -> None:
        self._server = server
        self._documents = documents
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._reports: LRUCache[str, Report] = LRUCache(REMEMBERED_REPORTS)
        self._usage = Usage(None)
        self._is_counting = False
        self._offers: LRUCache[int, _Offer] = LRUCache(REMEMBERED_OFFERS)

    def configure(self, settings: Settings) -> None:
        """Count, or do not, by the settings."""
        if settings.count_usage == self._is_counting:
            return
        self._usage.close()
        self._is_counting = settings.count_usage
        self._usage = Usage(usage_file() if self._is_counting else None)

    async def answer(
        self,
        params: types.InlineCompletionParams,
        snapshot: Snapshot | None,
        complete: Callable[[Snapshot], Awaitable[Report]],
        model: str,
    ) -> types.InlineCompletionList:
        """Complete a document; a request of the same document that still runs is cancelled."""
        uri = params.text_document.uri
        if previous := self._running.get(uri):
            previous.cancel()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine runs in a task
        self._running[uri] = task
        report = Report(model)
        try:
            report = await _report(snapshot, complete, report)
        except asyncio.CancelledError:
            report = report.without_suggestion(Reason.SUPERSEDED)
            raise
        finally:
            if self._running.get(uri) is task:
                del self._running[uri]
                self._reports[uri] = report
        self._trace(uri, report)
        if snapshot is None:
            return types.InlineCompletionList([])
        return types.InlineCompletionList(self._items(params, snapshot, report))

    def _items(
        self, params: types.InlineCompletionParams, snapshot: Snapshot, report: Report
    ) -> list[types.InlineCompletionItem]:
        """Return what the editor inserts, the best first; each begins with what its popup has selected."""
        if report.suggestion is None:
            return []
        snapshot = snapshot.alone
        cursor = position_at(snapshot.text, snapshot.offset, self._documents.encoding)
        selected = params.context.selected_completion_info
        where, start = (selected.range, selected.text) if selected else (types.Range(cursor, cursor), "")
        number = self._count(snapshot, report)
        command = None if number is None else types.Command("midfill", ACCEPTED, arguments=[number])
        if number is not None:
            replaced = len(snapshot.popup.replaced) if snapshot.popup else 0
            self._offers[number] = _Offer(start + report.suggestion, replaced)
        return [
            types.InlineCompletionItem(insert_text=start + text, range=where, command=command)
            for text in (report.suggestion, *report.alternatives)
        ]

    # --- what becomes of them ------------------------------------------------------------------------

    def _count(self, snapshot: Snapshot, report: Report) -> int | None:
        """Count a suggestion as shown; return its number, ``None`` where it is not counted."""
        document = self._documents.get(snapshot.uri)
        text, popup, offered = report.suggestion or "", snapshot.popup, 0
        if document is None or (popup is not None and not popup.text.startswith(popup.replaced)):
            return None
        if popup is not None:
            text = popup.text[len(popup.replaced) :] + text
            offered = len(popup.text) - len(popup.replaced)
            offset = snapshot.offset - len(popup.text) + len(popup.replaced)
            snapshot = replace(snapshot, text=popup.original, offset=offset, popup=None)
        language = snapshot.language or language_at(snapshot.path, "").id
        about = About(language, report.model, report.source, report.milliseconds.get("total", 0.0))
        return self._usage.shown(snapshot, document.text, text, about, offered=offered)

    def changed(self, uri: str, text: str) -> None:
        """Look what a single change of a document, which has this text now, has made of a suggestion."""
        if (document := self._documents.get(uri)) is not None:
            self._usage.changed(document.uri, text)

    def shown(self, item: Item) -> None:
        """Note that the client says an item is on the screen."""
        if (known := self._offer(item)) is not None:
            number, offer = known
            self._usage.seen(number, item.insert_text[offer.replaced :])

    def accepted_in_part(self, item: Item, length: int) -> None:
        """Note that the client says the first ``length`` UTF-16 units of an item's text were accepted all in all."""
        if (known := self._offer(item)) is not None:
            number, offer = known
            taken = (item.insert_text or offer.text).encode("utf-16-le", "surrogatepass")[: 2 * max(0, length)]
            self._usage.accepted_in_part(number, taken.decode("utf-16-le", "surrogatepass")[offer.replaced :])

    def _offer(self, item: Item) -> tuple[int, _Offer] | None:
        """Return an item's number and what was offered under it, ``None`` where it is not known any more."""
        number = item.command.arguments[0] if item.command.arguments else None
        if not isinstance(number, int) or (offer := self._offers.get(number)) is None:
            return None
        return number, offer

    def closed(self, uri: str) -> None:
        """Forget a document that has been closed."""
        self._usage.closed(uri)

    def accepted(self, number: int) -> None:
        """Note that the client has run an item's command."""
        self._usage.accepted(number)

    def close(self) -> None:
        """Write the counts. Needs no event loop."""
        self._usage.close()

    # --- what is said of them ------------------------------------------------------------------------

    def report(self, uri: str) -> Report | None:
        """Return what the last request of a document came to, ``None`` where there was none."""
        return self._reports.get(uri)

    async def counts(self) -> Figures:
        """Return what became of the suggestions on this machine so far."""
        await self._usage.written()
        return await asyncio.to_thread(counted, usage_file())

    def _trace(self, uri: str, report: Report) -> None:
        trace = self._server.protocol.trace
        if trace == types.TraceValue.Off:
            return
        outcome = "a suggestion" if report.suggestion else report.reason.value if report.reason else ""
        message = f"{uri}: {outcome}, {report.milliseconds.get('total', 0):.0f} ms"
        verbose = json.dumps({**report.to_json(), **_CODE}) if trace == types.TraceValue.Verbose else None
        self._server.log_trace(types.LogTraceParams(message, verbose))


async def _report(
    snapshot: Snapshot | None, complete: Callable[[Snapshot], Awaitable[Report]], nothing: Report
) -> Report:
    if snapshot is None:
        return nothing.without_suggestion(Reason.NOT_OPEN)
    try:
        return await complete(snapshot)
    except MidfillError as error:
        return nothing.without_suggestion(Reason.NO_MODEL, str(error))
    except Exception:
        # The editor gets an empty answer and the log the traceback: a server that answers with
        # errors is one that editors switch off.
        log.exception("A completion failed.")
        return nothing.without_suggestion(Reason.FAILED)
