"""A completions server that does what a test tells it to, down to the byte. Lives in threads of its own."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Answer = Callable[["Wire"], None]

LIMIT_SECONDS = 20.0
END = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path, its headers by their names in small letters, and the JSON of its body."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Wire:
    """The connection of one request."""

    asked: Asked
    connection: socket.socket
    is_open: bool = True

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        # Who has been cancelled reads no more.
        with contextlib.suppress(OSError):
            self.connection.sendall(data)

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        """Answer with JSON."""
        self.body(json.dumps(value).encode(), status, **headers)

    def body(self, content: bytes, status: int = 200, **headers: str) -> None:
        """Answer with these bytes."""
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(content)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join((*lines, "", "")).encode() + content)

    def begin(self) -> None:
        """Begin a stream of events."""
        self.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

    def chunk(self, data: bytes) -> None:
        """Send a part of the stream."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self) -> None:
        """End the stream as it should."""
        self.send(b"0\r\n\r\n")

    def pieces(self, *texts: str) -> None:
        """Send an event for each text."""
        for text in texts:
            self.chunk(event(text))

    def drop(self) -> None:
        """Close the connection."""
        self.is_open = False

    def closed(self) -> None:
        """Wait until the client closes the connection.

        Raises:
            TimeoutError: it does not.
        """
        self.connection.settimeout(LIMIT_SECONDS)
        with contextlib.suppress(ConnectionError):
            assert self.connection.recv(1) == b""
        self.is_open = False


def event(text: str, log: float | None = None, finish: str | None = None) -> bytes:
    """Return the event of a piece of text, in characters of more than a byte where there are some."""
    choice: dict[str, object] = {"text": text, "finish_reason": finish}
    if log is not None:
        choice["logprobs"] = {"token_logprobs": [log]}
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


def sending(*parts: bytes) -> Answer:
    """Return an answer that is a stream of these parts, and ends as a stream does."""

    def answer(wire: Wire) -> None:
        wire.begin()
        for part in filter(None, parts):
            wire.chunk(part)
        wire.end()

    return answer


def whole(text: str, *, log: float | None = None, finish: str = "stop") -> Answer:
    """Return an answer that writes a text a character at a time, and ends as it should."""
    return sending(*(event(character, log) for character in text), event("", finish=finish), END)


def not_found(wire: Wire) -> None:
    wire.json({"detail": "Not Found"}, 404)


def models(wire: Wire) -> None:
    wire.json({"data": [{"id": "coder", "max_model_len": 4096}]})


def one_token(wire: Wire) -> None:
    """Answer the request that finds out whether probabilities are told."""
    wire.json({"choices": [{"text": "b", "logprobs": {"token_logprobs": [-0.5]}, "finish_reason": "length"}]})


@dataclass
class Script:
    """What is answered at each path, and all that was asked. ``answer`` is the one to each request for a stream.

    ``dropped`` counts the streams whose client has gone before their end, where the answer waits for that.
    """

    answer: Answer = field(default_factory=lambda: whole("ok"))
    paths: dict[str, Answer] = field(default_factory=lambda: {"/v1/models": models})
    asked: list[Asked] = field(default_factory=list)
    dropped: int = 0
    connections: int = 0
    url: str = ""

    def play(self, wire: Wire) -> None:
        """Answer a request."""
        self.asked.append(wire.asked)
        path = wire.asked.path
        if path in self.paths:
            self.paths[path](wire)
        elif path == "/v1/completions":
            (self.answer if wire.asked.body.get("stream") else one_token)(wire)
        else:
            not_found(wire)

    @property
    def streams(self) -> list[Asked]:
        """The requests for a stream."""
        return [asked for asked in self.asked if asked.path == "/v1/completions" and asked.body.get("stream")]

    def hang(self, *texts: str) -> Answer:
        """Return an answer that writes something, or nothing at all, and then waits until the client goes."""

        def answer(wire: Wire) -> None:
            if texts:
                wire.begin()
                wire.pieces(*texts)
            wire.closed()
            self.dropped += 1

        return answer


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64


@contextlib.contextmanager
def scripted(script: Script | None = None, certificate: Path | None = None) -> Iterator[Script]:
    """Start a server on a free port of this machine, with TLS where there is a certificate, and end it."""
    played = script or Script()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            played.connections += 1
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                while (asked := _read(self.rfile)) is not None:
                    wire = Wire(asked, self.connection)
                    played.play(wire)
                    if not wire.is_open:
                        return

    with _Server(("127.0.0.1", 0), Handler) as server:
        played.url = f"http://127.0.0.1:{server.server_address[1]}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is made in the connection's thread, at the first read.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            played.url = played.url.replace("http:", "https:")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield played
        finally:
            server.shutdown()
            thread.join()


def _read(stream: Any) -> Asked | None:
    """Return the next request of a connection, ``None`` at its end."""
    lines = []
    while line := stream.readline().strip():
        lines.append(line.decode())
    if not lines:
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = stream.read(int(headers.get("content-length", 0)))
    return Asked(lines[0].split(" ")[1], headers, json.loads(body) if body else None)


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
