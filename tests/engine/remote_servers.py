"""Real servers with the embedded model, each in a process of its own, on one thread."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.remote.engine import connect
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.engine.remote.engine import RemoteEngine
    from lsp_server.engine.remote.options import RemoteOptions

CONTEXT = 1024
START_SECONDS, EXIT_SECONDS = 60.0, 10.0
# What llama_cpp.server imports.
EXTRA = ("fastapi", "uvicorn", "pydantic_settings", "sse_starlette", "starlette_context")
# How llama_cpp.server says what it evaluates of a prompt: all, the rest behind what it has, or nothing.
REST = re.compile(r"prefix-match hit, remaining (\d+) prompt tokens to eval")
WHOLE = "full prompt already cached"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at ``url``, and the file that its log goes to."""

    url: str
    log: Path

    def said(self) -> str:
        """Return what the server has logged so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def connected(options: RemoteOptions) -> Iterator[RemoteEngine]:
    """Connect to a server, and close the engine in the end."""
    engine = connect(options)
    try:
        yield engine
    finally:
        engine.close()


@contextlib.contextmanager
def llama_server(folder: Path, *arguments: str) -> Iterator[Running]:
    """Start llama.cpp's server; the test is skipped where there is none."""
    binary = os.environ.get("LLAMA_SERVER") or shutil.which("llama-server")
    if not binary:
        pytest.skip("There is no llama-server: name its binary in LLAMA_SERVER.")
    command = [binary, "--model", str(EMBEDDED_FILE), "--threads", "1", "--threads-batch", "1"]
    with _serving([*command, "--ctx-size", str(CONTEXT), *arguments], "/health", folder) as server:
        yield server


@contextlib.contextmanager
def llama_cpp_server(folder: Path, *arguments: str) -> Iterator[Running]:
    """Start llama-cpp-python's server; the test is skipped where it lacks something."""
    if missing := [module for module in EXTRA if importlib.util.find_spec(module) is None]:
        pytest.skip(f"llama_cpp.server needs {', '.join(missing)}: pip install 'midfill[bench]'.")
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(EMBEDDED_FILE), "--n_ctx", str(CONTEXT)]
    command += ["--n_threads", "1", "--n_threads_batch", "1", *arguments]
    with _serving(command, "/v1/models", folder) as server:
        yield server


@contextlib.contextmanager
def _serving(command: list[str], ready: str, folder: Path) -> Iterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Running(f"http://127.0.0.1:{port}", folder / f"{port}.log")
    with (
        server.log.open("wb") as log,
        subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=log) as process,
    ):
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(server.url + ready):
                assert process.poll() is None, server.said()[-500:]
                assert time.monotonic() < deadline, server.said()[-500:]
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def ask(server: Running, path: str, body: object = None, key: str = "") -> Any:
    """Return what a server answers, asked by other means than those under test."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(server.url + path, data, headers)  # noqa: S310  a server of our own
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  as above
        return json.load(answer)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):  # noqa: S310  a server of our own
            return True
    except urllib.error.HTTPError as error:
        # llama-server says 503 while it loads; whoever wants a key is ready.
        return error.code == HTTPStatus.UNAUTHORIZED
    except OSError:
        return False
