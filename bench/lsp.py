"""An editor for the benchmarks: a language client on the pipes of a real server process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from bench.figures import Key
from bench.problems import Unmeasurable
from bench.process import cpu_seconds
from bench.traces import applied

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bench.typist import Step

SERVE = (sys.executable, "-m", "lsp_server", "serve")
EXPLAIN = "midfill.explain"
# Where platformdirs looks for the user's folders on each system.
USER_FOLDERS = (
    *("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"),
)
# LSP 3.17, "Cancellation Support".
REQUEST_CANCELLED = -32800
# No answer takes as long, on the slowest machine that is worth measuring.
ANSWER_SECONDS = 600.0
EXIT_SECONDS = 60.0
# A server that has used less than this share of a core for this long has nothing left to do.
QUIET_SHARE = 0.1
QUIET_SECONDS = 1.5
LONGEST_WORK_SECONDS = 600.0

Report = dict[str, Any]
# What the server logs when its model is there.
LOADED = re.compile(r"The model is ")


class Editor(LanguageClient):
    """Open documents and what the server says of them; one window of an editor.

    ``texts`` are the open documents as the server knows them, ``reports`` the last one of each, both by
    path in the workspace. ``round_trips`` are the milliseconds of requests that need no model. ``has_loaded`` is set
    when the model that is measured answers: until then the embedded one does.
    """

    def __init__(self, workspace: Path, model: str) -> None:
        super().__init__("midfill-bench", "0")
        self.workspace = workspace
        self.texts: dict[str, str] = {}
        self.reports: dict[str, Report] = {}
        self.logs: list[str] = []
        self.loaded_at: float | None = None
        self.has_loaded = asyncio.Event()
        self.round_trips: list[float] = []
        self.errors = ""
        self._versions: dict[str, int] = {}
        self._asked: dict[str, int] = {}

        @self.feature(types.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        def log_message(params: types.LogMessageParams) -> None:
            self.logs.append(params.message)
            if LOADED.match(params.message) and model in params.message:
                self.loaded_at = time.perf_counter()
                self.has_loaded.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        def show_message(params: types.ShowMessageParams) -> None:
            # What the model is stands in the table already; only what is wrong is of interest.
            if params.type in (types.MessageType.Error, types.MessageType.Warning):
                print(params.message, file=sys.stderr)

        @self.feature("didChangeStatus")  # type: ignore[untyped-decorator]  # pygls leaves it untyped
        def did_change_status(_params: object) -> None:
            # The log says when the model is there.
            return

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._server is not None  # noqa: S101  there is none before editing() yields
        return self._server.pid

    def uri(self, file: str) -> str:
        """Return the URI of a file of the workspace."""
        return (self.workspace / file).as_uri()

    def open(self, file: str, text: str) -> None:
        """Send didOpen."""
        self.texts[file] = text
        item = types.TextDocumentItem(self.uri(file), "python", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, step: Step) -> None:
        """Send an edit as the range that it replaces; nothing where a step changes nothing."""
        if not step.delete and not step.insert:
            return
        before = self.texts[step.file]
        where = types.Range(position(before, step.offset), position(before, step.offset + step.delete))
        self.texts[step.file] = applied(before, step)
        version = self._versions[step.file] = self._versions.get(step.file, 1) + 1
        identifier = types.VersionedTextDocumentIdentifier(version, self.uri(step.file))
        edit = types.TextDocumentContentChangePartial(range=where, text=step.insert)
        self.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [edit]))

    async def type(self, step: Step) -> Key:
        """Make an edit, ask for a completion, and return what it cost.

        Raises:
            Unmeasurable: the server died or answered with an error.
        """
        started = time.perf_counter()
        self.change(step)
        number = self._asked[step.file] = self._asked.get(step.file, 0) + 1
        try:
            await self._request(self._ask(step.file, step.cursor))
        except JsonRpcException as error:
            if error.code != REQUEST_CANCELLED:
                raise Unmeasurable(f"The server answered a completion with an error: {error}.") from error
            return Key((time.perf_counter() - started) * 1000, cancelled=True)
        elapsed = (time.perf_counter() - started) * 1000
        report = self.reports[step.file] = await self.explain(step.file)
        # While somebody types on, the report may be of the next question already: it is not known then.
        return key_of(elapsed, report) if number == self._asked[step.file] else Key(elapsed)

    def _ask(self, file: str, cursor: int) -> Any:  # noqa: ANN401  pygls' own future
        params = types.InlineCompletionParams(
            context=types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
            text_document=types.TextDocumentIdentifier(self.uri(file)),
            position=position(self.texts[file], cursor),
        )
        return self.text_document_inline_completion_async(params)

    async def explain(self, file: str) -> Report:
        """Return the report of a document's last question.

        Raises:
            Unmeasurable: there is none, or the server died.
        """
        params = types.ExecuteCommandParams(EXPLAIN, [self.uri(file)])
        started = time.perf_counter()
        report = plain(await self._request(self.workspace_execute_command_async(params)))
        self.round_trips.append((time.perf_counter() - started) * 1000)
        if not isinstance(report, dict):
            raise Unmeasurable(f"{EXPLAIN} has no report of {file}, which was asked about just before.")
        return report

    async def _request(self, answer: Any) -> Any:  # noqa: ANN401  any JSON
        try:
            return await asyncio.wait_for(answer, ANSWER_SECONDS)
        except (RuntimeError, OSError) as error:
            last = (self.errors.strip().splitlines() or [str(error)])[-1]
            raise Unmeasurable(f"The server died: {last}") from error
        except asyncio.TimeoutError as error:
            raise Unmeasurable(f"The server did not answer within {ANSWER_SECONDS:.0f} seconds.") from error

    async def quiet(self) -> float:
        """Wait until the server has nothing left to do in the background, by the processor time that it takes.

        Returns:
            When it came to rest, on the clock of :func:`time.perf_counter`.

        Raises:
            Unmeasurable: it did not.
        """
        deadline = time.perf_counter() + LONGEST_WORK_SECONDS
        used, since = cpu_seconds(self.pid), time.perf_counter()
        while time.perf_counter() - since < QUIET_SECONDS:
            await asyncio.sleep(0.1)
            now = cpu_seconds(self.pid)
            if now - used > QUIET_SHARE * QUIET_SECONDS:
                used, since = now, time.perf_counter()
            if time.perf_counter() > deadline:
                raise Unmeasurable(f"The server was still busy after {LONGEST_WORK_SECONDS:.0f} seconds without a key.")
        return since

    async def keep_errors(self) -> None:
        """Read what the server writes to standard error, so that it never waits for a reader."""
        assert self._server is not None  # noqa: S101  called when it has started
        assert self._server.stderr is not None  # noqa: S101  pygls asks for a pipe
        async for line in self._server.stderr:
            self.errors = (self.errors + line.decode("utf-8", "replace"))[-10_000:]


def position(text: str, offset: int) -> types.Position:
    """Return a position as editors count by default: lines, and UTF-16 code units in them."""
    start = text.rfind("\n", 0, offset) + 1
    return types.Position(text.count("\n", 0, start), len(text[start:offset].encode("utf-16-le")) // 2)


def plain(value: Any) -> Any:  # noqa: ANN401  any JSON
    """Return JSON as dicts and lists; pygls makes named tuples of its objects."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def key_of(elapsed: float, report: Report) -> Key:
    """Return what a report says of the key that took ``elapsed`` milliseconds."""
    stages: Mapping[str, float] = report["milliseconds"]
    return Key(
        elapsed,
        evaluated=report["evaluatedTokens"],
        inside=sum(stages.get(stage, 0.0) for stage in ("queue", "prefill", "decode")),
        background=report.get("backgroundTokens", 0),
        generated=report["generatedTokens"],
        from_memory=report.get("source", "model") == "memory",
        reason=report["reason"],
    )


@contextlib.asynccontextmanager
async def editing(workspace: Path, user: Path, settings: Mapping[str, object]) -> AsyncIterator[Editor]:
    """Start a server for a workspace's folder, and end it by the book.

    ``user`` takes the place of all the user's folders: the server sees none of this user's settings and
    models, and keeps there what it keeps between runs. ``settings`` go into initializationOptions.

    Raises:
        Unmeasurable: the server does not start, or does not end.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIDFILL_")}
    environment |= dict.fromkeys(USER_FOLDERS, str(user))
    editor = Editor(workspace, Path(str(settings.get("model", ""))).name)
    await editor.start_io(*SERVE, env=environment)
    errors = asyncio.ensure_future(editor.keep_errors())
    params = types.InitializeParams(
        capabilities=types.ClientCapabilities(),
        workspace_folders=[types.WorkspaceFolder(workspace.as_uri(), workspace.name)],
        initialization_options=dict(settings),
    )
    try:
        await editor._request(editor.initialize_async(params))  # noqa: SLF001  this module's own
        editor.initialized(types.InitializedParams())
        yield editor
        await editor._request(editor.shutdown_async(None))  # noqa: SLF001  as above
        editor.exit(None)
        await asyncio.wait_for(_server(editor).wait(), EXIT_SECONDS)
    except asyncio.TimeoutError as error:
        raise Unmeasurable(f"The server did not exit within {EXIT_SECONDS:.0f} seconds.") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            _server(editor).kill()
        await editor.stop()  # type: ignore[no-untyped-call]  # pygls leaves it untyped
        await errors


def _server(editor: Editor) -> asyncio.subprocess.Process:
    return cast("asyncio.subprocess.Process", editor._server)  # noqa: SLF001  pygls has no public name for it
