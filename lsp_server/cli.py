"""The command `midfill`."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import attrs
import typer
from platformdirs import user_cache_path
from rich.console import Console

from lsp_server import __version__, cli_eval, cli_models, config
from lsp_server.chunks import NoContext
from lsp_server.context.library import Library
from lsp_server.context.workspace import Rules
from lsp_server.core import LINE_END, Snapshot, plain
from lsp_server.engine.worker import load
from lsp_server.errors import InputError, MidfillError
from lsp_server.models import catalogue
from lsp_server.options import load_options
from lsp_server.pipeline import Pipeline
from lsp_server.terminal import suggestion, usage
from lsp_server.usage.counter import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.chunks import Context
    from lsp_server.core import Chunk
    from lsp_server.server import Server

LOOPBACK = "127.0.0.1"
# What marks the top of a workspace, on the way up from a file.
ROOT_MARKS = (".git", ".hg", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")
# Milliseconds; nobody types meanwhile, so the whole prompt is worth waiting for.
NO_HURRY = 60_000
# Seconds; the files near the one to be completed are read first.
INDEX_SECONDS = 3.0
ADDRESS = re.compile(r"(?:(?P<host>\[[^\]]+\]|[^:]*):)?(?P<port>\d{1,5})")

log = logging.getLogger("lsp_server")
app = typer.Typer(
    help="Inline code completion with a model on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file, counted from 1, as compilers print it; a column is a character."""

    file: Path
    line: int
    column: int


def parse_place(text: str) -> Place:
    r"""Read ``FILE:LINE:COLUMN``; the file's name may hold colons itself, as ``C:\a.py`` does.

    Raises:
        InputError: it has another form.
    """
    match = re.fullmatch(r"(.+):(\d+):(\d+)", text)
    if match is None:
        raise InputError(f"{text!r} is not of the form FILE:LINE:COLUMN: try `midfill complete src/app.py:12:5`.")
    return Place(Path(match[1]), int(match[2]), int(match[3]))


def read(place: Place) -> Snapshot:
    """Return a file with the cursor at a place.

    Raises:
        InputError: there is no such file or no such place in it, or it is not UTF-8 text.
    """
    try:
        # Line ends are kept: the suggestion takes the file's own.
        text = place.file.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{place.file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{place.file} is not UTF-8 text: convert it, or choose another file.") from error
    lines = LINE_END.split(text)
    if not 1 <= place.line <= len(lines):
        raise InputError(f"{place.file} has no line {place.line}: its last is {len(lines)}.")
    # A byte order mark is no character of the line that one sees.
    mark = len(lines[0]) - len(lines[0].removeprefix("\ufeff")) if place.line == 1 else 0
    length = len(lines[place.line - 1]) - mark
    if not 1 <= place.column <= length + 1:
        raise InputError(
            f"Line {place.line} of {place.file} has no column {place.column}: its end is column {length + 1}."
        )
    ends = [match.end() for match in LINE_END.finditer(text)]
    offset = [0, *ends][place.line - 1] + mark + place.column - 1
    path = place.file.absolute()
    return Snapshot(path, workspace_root(path), text, offset)


def workspace_root(path: Path) -> Path:
    """Return the nearest folder above a file that looks like the top of a project, or its directory."""
    for folder in path.parents:
        if any((folder / mark).exists() for mark in ROOT_MARKS):
            return folder
    return path.parent


def parse_address(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` or ``PORT``; the loopback address where no host is named.

    Raises:
        InputError: it has another form, or there is no such port.
    """
    match = ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535:  # noqa: PLR2004  ports have 16 bits
        raise InputError(f"{text!r} is not of the form HOST:PORT: try `midfill serve --tcp {LOOPBACK}:9257`.")
    return (match["host"] or LOOPBACK).strip("[]"), int(match["port"])


app.add_typer(cli_models.app, name="models")
app.add_typer(cli_eval.app, name="eval")


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Inline code completion with a model on your own machine."""
    if version:
        print(f"midfill {__version__}")  # noqa: T201  for programs: without rich's wrapping
        raise typer.Exit


@app.command()
def serve(
    tcp: Annotated[
        str, typer.Option("--tcp", metavar="HOST:PORT", help="Listen there for one client instead of using stdio.")
    ] = "",
    stdio: Annotated[bool, typer.Option("--stdio", help="Speak over stdin and stdout; the default.")] = False,
) -> None:
    """Run the language server."""
    from lsp_server import handlers  # noqa: PLC0415  pygls is not needed by the other commands

    if tcp and stdio:
        raise InputError("`--tcp` and `--stdio` exclude each other: name one.")
    _log_to_stderr(config.load([]).settings.log_level)
    running = handlers.create()
    try:
        if tcp:
            _run_tcp(running, *parse_address(tcp))
        else:
            _run_stdio(running)
    finally:
        running.free()
    # By LSP, leaving without a shutdown is an error.
    raise typer.Exit(0 if running.protocol.has_shut_down else 1)


def _run_tcp(running: Server, host: str, port: int) -> None:
    # This logger says where the server listens, which one has to know where the port is 0.
    logging.getLogger("pygls.server").setLevel(logging.INFO)
    try:
        running.start_tcp(host, port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise InputError(f"The address {host}:{port} cannot be used ({reason}): choose another.") from error


def _run_stdio(running: Server) -> None:
    # The editor gets the whole log by LSP; many show all that comes on stderr as an error.
    log.handlers[0].setLevel(logging.WARNING)
    # Standard output belongs to the protocol: whatever else writes there, C libraries too, goes to stderr.
    protocol_output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    running.start_io(sys.stdin.buffer, protocol_output)


@app.command()
def complete(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE:COLUMN", help="Where the cursor is, counted from 1.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, as `midfill.explain` gives.")] = False,
    with_reasons: Annotated[
        bool, typer.Option("--explain", help="Show the prompt's parts, the raw text, and each rule that changed it.")
    ] = False,
) -> None:
    """Complete one place of a file and show the suggestion as an editor would."""
    snapshot = read(parse_place(place))
    settings, warnings = config.load([])
    _log_to_stderr(settings.log_level)
    for warning in warnings:
        log.warning(warning)
    path = catalogue.find(settings.model)
    started = time.perf_counter()
    worker = load(path, load_options(settings))
    loaded = (time.perf_counter() - started) * 1000
    try:
        completed = Pipeline(worker, _context(snapshot, settings)).complete(
            snapshot, attrs.evolve(settings, latency_ms=NO_HURRY)
        )
        report = asyncio.run(completed)
    finally:
        worker.close()
    if as_json:
        print(json.dumps(report.to_json()))  # noqa: T201  for programs: without rich's wrapping
        return
    console = Console()
    suggestion.show(console, snapshot, report)
    if with_reasons:
        suggestion.explain(console, report)
    suggestion.show_costs(console, replace(report, milliseconds={"load": loaded, **report.milliseconds}))
    for sentence in (catalogue.advice(path), worker.info.note):
        if sentence:
            console.print(sentence, style="yellow", highlight=False)


def _context(snapshot: Snapshot, settings: config.Settings) -> Context:
    """Return what chooses pieces of the other files of a workspace; of a large one, those that can be read in time."""
    if settings.index == "off" or snapshot.path is None or snapshot.root is None:
        return NoContext()
    rules = Rules(settings.exclude, settings.secrets, settings.largest_file * 1024)
    cache = user_cache_path("midfill", appauthor=False) / "index" if settings.index == "disk" else None
    library = Library([snapshot.root], rules, cache)
    library.visit(snapshot.path)
    library.open(snapshot.path, plain(snapshot.text))
    library.work(INDEX_SECONDS)
    library.shut()
    return _AtHand(library)


@dataclass(frozen=True, slots=True)
class _AtHand:
    """A library in this process, for one question."""

    library: Library

    async def choose(
        self, path: Path, before: str, after: str, budget: int, kept: Sequence[Chunk]
    ) -> tuple[Chunk, ...]:
        """Return the library's choice."""
        return self.library.choose(path, before, after, budget, tuple(kept))


@app.command()
def stats(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what became of the suggestions on this machine: shown, accepted, kept, and how long they took."""
    figures = counted(config.usage_file())
    if as_json:
        print(json.dumps(usage.to_json(figures)))  # noqa: T201  for programs: without rich's wrapping
        return
    usage.draw(Console(), figures)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Examine this machine and installation, and say which model suits it."""
    from lsp_server.doctor.examine import examine  # noqa: PLC0415  the other commands need nothing of it
    from lsp_server.doctor.findings import to_json  # noqa: PLC0415  as above
    from lsp_server.engine.llama.loading import system_info  # noqa: PLC0415  as above
    from lsp_server.terminal import doctor as diagnosis  # noqa: PLC0415  as above

    with Console(stderr=True).status("") as status:
        found = examine(config.load([]), Path.cwd(), system_info(), on_step=status.update)
    if as_json:
        print(json.dumps(to_json(found)))  # noqa: T201  for programs: without rich's wrapping
        return
    diagnosis.draw(Console(), found)


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(level.upper())
    # pygls logs whole messages, code and all, on several levels: that is for debugging only.
    pygls_log = logging.getLogger("pygls")
    pygls_log.addHandler(handler)
    pygls_log.setLevel(logging.DEBUG if level == "debug" else logging.CRITICAL)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line, by default this process's own.

    What the user can mend is said in one sentence and exits with 1.
    """
    # A console that cannot show a character of the code shows something in its place.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(arguments)
        sys.stdout.flush()
    except MidfillError as error:
        _fail(str(error))
    except OSError as error:
        # The commands say themselves what they cannot read: what is left is output that cannot be written.
        # Python would try again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(f"The output cannot be written: {error.strerror or error}.")


def _fail(sentence: str) -> NoReturn:
    print(f"midfill: {sentence}", file=sys.stderr)  # noqa: T201  the sentence is all there is to say
    sys.exit(1)
