"""Clients that do not behave: the server answers each request once and ends with the right status."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.client import SERVE

if TYPE_CHECKING:
    from collections.abc import Iterator

INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None}}
INITIALIZED = {"jsonrpc": "2.0", "method": "initialized", "params": {}}
SHUTDOWN = {"jsonrpc": "2.0", "id": 99, "method": "shutdown"}
EXIT = {"jsonrpc": "2.0", "method": "exit"}
OPEN = {
    "jsonrpc": "2.0",
    "method": "textDocument/didOpen",
    "params": {"textDocument": {"uri": "untitled:a", "languageId": "python", "version": 1, "text": "x = 1\n" * 200}},
}
COMPLETE = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "textDocument/inlineCompletion",
    "params": {
        "textDocument": {"uri": "untitled:a"},
        "position": {"line": 150, "character": 0},
        "context": {"triggerKind": 1},
    },
}


def packet(message: object) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Raw:
    """A server process and the bytes that go to it."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(SERVE, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def send(self, *messages: object) -> None:
        """Write all messages in one go."""
        self.stdin.write(b"".join(map(packet, messages)))
        self.stdin.flush()

    def reply(self, number: object) -> dict[str, Any]:
        """Return the answer to a request; what else the server says is passed over."""
        while True:
            length = 0
            while (header := self.stdout.readline()) != b"\r\n":
                assert header, "the server has gone"
                name, _, value = header.partition(b":")
                length = int(value) if name == b"Content-Length" else length
            message: dict[str, Any] = json.loads(self.stdout.read(length))
            if "method" not in message and message.get("id") == number:
                return message

    def end(self) -> int:
        """Close the pipes and return the status."""
        self.stdin.close()
        self.stdout.close()
        return self.process.wait(30)


@pytest.fixture
def raw() -> Iterator[Raw]:
    """A server that has been sent nothing."""
    server = Raw()
    yield server
    server.process.kill()
    server.process.wait()
    server.stdin.close()
    server.stdout.close()


def test_a_request_before_initialize_is_refused(raw: Raw) -> None:
    raw.send(COMPLETE)
    assert raw.reply(2)["error"]["code"] == -32002
    raw.send(INITIALIZE)
    assert "capabilities" in raw.reply(1)["result"]


def test_a_second_initialize_is_refused(raw: Raw) -> None:
    raw.send(INITIALIZE)
    raw.reply(1)
    raw.send({**INITIALIZE, "id": 5})
    assert raw.reply(5)["error"]["code"] == -32600


def test_a_request_after_shutdown_is_refused_and_exit_is_clean(raw: Raw) -> None:
    raw.send(INITIALIZE, INITIALIZED, SHUTDOWN)
    assert raw.reply(99)["result"] is None
    raw.send(COMPLETE)
    assert raw.reply(2)["error"]["code"] == -32600
    raw.send(EXIT)
    assert raw.process.wait(30) == 0


def test_exit_without_shutdown_has_status_1(raw: Raw) -> None:
    raw.send(INITIALIZE, EXIT)
    assert raw.process.wait(30) == 1


def test_a_request_without_initialized_is_answered(raw: Raw) -> None:
    raw.send(INITIALIZE, OPEN, COMPLETE)
    assert "items" in raw.reply(2)["result"]


@pytest.mark.parametrize(
    ("message", "number", "code"),
    [
        (b"{not json", None, -32700),
        (b"\xff\xfe", None, -32700),
        ({**COMPLETE, "params": {"textDocument": 7}}, 2, -32602),
        ({**COMPLETE, "params": {}}, 2, -32602),
        ({"jsonrpc": "2.0", "id": 3, "method": "no/such/method"}, 3, -32601),
        ({"jsonrpc": "2.0", "id": 4, "method": "workspace/executeCommand", "params": {"command": "rm"}}, 4, -32602),
    ],
)
def test_what_is_malformed_gets_the_error_of_its_kind_and_the_server_lives(
    raw: Raw, message: object, number: int | None, code: int
) -> None:
    raw.send(INITIALIZE, INITIALIZED, message)
    assert raw.reply(number)["error"]["code"] == code
    raw.send(OPEN, {**COMPLETE, "id": 77})
    assert "items" in raw.reply(77)["result"]


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": None}},
        {"jsonrpc": "2.0", "method": "$/unknown", "params": {}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "none"}},
        {"jsonrpc": "1.0", "method": "x"},
        [],
        7,
        {},
        {"jsonrpc": "2.0", "id": "never-sent", "result": None},
    ],
)
def test_what_needs_no_answer_is_survived(raw: Raw, message: object) -> None:
    raw.send(INITIALIZE, INITIALIZED, message, OPEN, COMPLETE)
    assert "items" in raw.reply(2)["result"]


def test_the_text_is_that_of_the_moment_when_the_request_was_sent(raw: Raw) -> None:
    change = {
        "jsonrpc": "2.0",
        "method": "textDocument/didChange",
        "params": {"textDocument": {"uri": "untitled:a", "version": 2}, "contentChanges": [{"text": ""}]},
    }
    explain = {
        "jsonrpc": "2.0",
        "id": 3,
        "method": "workspace/executeCommand",
        "params": {"command": "midfill.explain", "arguments": ["untitled:a"]},
    }
    raw.send(INITIALIZE, INITIALIZED, OPEN, COMPLETE, change)
    raw.reply(2)
    raw.send(explain)
    assert raw.reply(3)["result"]["promptTokens"] > 200


def test_a_burst_of_requests_for_a_document_is_cancelled_but_for_the_last(raw: Raw) -> None:
    # The model is not loaded yet, so none can be answered before the last has come.
    raw.send(INITIALIZE, INITIALIZED, OPEN, *({**COMPLETE, "id": number} for number in range(100, 150)))
    replies = [raw.reply(number) for number in range(100, 150)]
    # One or the other may be done before the next is read.
    assert sum(reply.get("error", {}).get("code") == -32800 for reply in replies) >= 40
    assert "items" in replies[-1]["result"]


@pytest.mark.parametrize("messages", [(), (INITIALIZE,), (INITIALIZE, INITIALIZED, OPEN, COMPLETE)])
def test_a_client_that_vanishes_leaves_no_server_behind(raw: Raw, messages: tuple[object, ...]) -> None:
    raw.send(*messages)
    assert raw.end() == 1


def test_a_client_that_vanishes_in_the_middle_of_a_message_leaves_no_server_behind(raw: Raw) -> None:
    raw.send(INITIALIZE)
    raw.reply(1)
    raw.stdin.write(b"Content-Length: 1000\r\n\r\n{")
    raw.stdin.flush()
    assert raw.end() == 1
