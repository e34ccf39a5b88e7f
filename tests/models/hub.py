"""A Hugging Face Hub on this machine, as far as huggingface_hub asks it for a file.

    HEAD or GET /REPOSITORY/resolve/REVISION/FILE   302 to the file on another host, with the file's metadata
    GET /files/FILE, on that host                   the bytes, whole or from a place on

It does what its attributes say: breaks off, stalls, answers with errors, lies. A client may also take it for its proxy.
"""

from __future__ import annotations

import hashlib
import random
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMIT = "c0ffee" + "0" * 34
FILES = "/files/"


class Request(NamedTuple):
    """What a client has asked for; ``place`` is where the first byte stands that it wants."""

    method: str
    address: str
    place: int
    token: str
    agent: str


def content(size: int) -> bytes:
    """Return bytes that look like a model's: no two places alike."""
    return random.Random(size).randbytes(size)


@dataclass
class Hub:
    """What the hub has and how it behaves; tests change it while it runs.

    ``cuts`` are after how many bytes it breaks off one transfer after the other, when those are used up none.
    ``stall_at`` is how many bytes it sends before it waits for ``go_on``; ``stalls_at_once`` has it wait before its
    first answer. ``refusal`` is a status and the library's name of the error, for all metadata.
    """

    body: bytes
    checksum: str = ""
    announced: int = 0
    knows_ranges: bool = True
    says_lengths: bool = True
    is_hub: bool = True
    cuts: list[int] = field(default_factory=list)
    stall_at: int | None = None
    stalls_at_once: bool = False
    refusal: tuple[int, str] | None = None
    broken_files: int = 0
    requests: list[Request] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    files_at: str = ""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def places(self) -> list[int]:
        """From which byte on the file was asked for, one transfer after the other."""
        return [request.place for request in self.requests if FILES in request.address]


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run a hub and the other host that has its files."""
    # Two ports are two hosts for what may be told to whom.
    servers = [_Server(("127.0.0.1", 0), _Handler, hub) for _ in range(2)]
    hub.port = servers[0].server_port
    hub.files_at = f"http://127.0.0.1:{servers[1].server_port}"
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], hub: Hub) -> None:
        super().__init__(address, handler)
        self.hub = hub

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients hang up in these tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        hub = self.server.hub
        place = int((self.headers["range"] or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        token, agent = self.headers["authorization"] or "", self.headers["user-agent"] or ""
        hub.requests.append(Request(self.command, self.path, place, token, agent))
        if hub.stalls_at_once:
            hub.go_on.wait()
        if urlsplit(self.path).path.startswith(FILES):
            self._send_file(hub, place)
        else:
            self._send_on(hub)

    def _send_on(self, hub: Hub) -> None:
        if not hub.is_hub:
            self._head(200, {"Content-Length": "0"})
        elif hub.refusal:
            self._head(hub.refusal[0], {"X-Error-Code": hub.refusal[1], "Content-Length": "0"})
        else:
            size = hub.announced or len(hub.body)
            checksum = hub.checksum or hashlib.sha256(hub.body).hexdigest()
            metadata = {"X-Repo-Commit": COMMIT, "X-Linked-Etag": f'"{checksum}"', "X-Linked-Size": str(size)}
            location = f"{hub.files_at}{FILES}{self.path.rpartition('/')[2]}"
            self._head(302, {**metadata, "Location": location, "Content-Length": "0"})

    def _send_file(self, hub: Hub, place: int) -> None:
        if hub.broken_files:
            hub.broken_files -= 1
            self._head(503, {"Content-Length": "0"})
            return
        size = len(hub.body)
        place = place if hub.knows_ranges else 0
        if place >= size:
            self._head(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"})
            return
        headers = {"Content-Length": str(size - place)} if hub.says_lengths else {"Connection": "close"}
        if place:
            headers["Content-Range"] = f"bytes {place}-{size - 1}/{size}"
        self._head(206 if place else 200, headers)
        end = min(size, place + hub.cuts.pop(0)) if hub.cuts else size
        if hub.stall_at is not None:
            self._send(hub.body[place : min(end, hub.stall_at)])
            hub.go_on.wait()
            place = max(place, min(end, hub.stall_at))
        self._send(hub.body[place:end])
        if end < size or not hub.says_lengths:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, data: bytes) -> None:
        self.wfile.write(data)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
