"""Start somebody else's HTTP server, talk JSON to it, and end it."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any

from bench.problems import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOST = "127.0.0.1"
START_SECONDS = 300.0
ANSWER_SECONDS = 600.0
EXIT_SECONDS = 30.0


class Connection:
    """JSON over HTTP to a server on this machine, on one connection."""

    def __init__(self, name: str, port: int) -> None:
        self._name = name
        self._http = http.client.HTTPConnection(HOST, port, timeout=ANSWER_SECONDS)

    def is_ready(self, path: str) -> bool:
        """Return whether the server answers at ``path``; llama-server says 503 while it loads."""
        try:
            self._http.request("GET", path)
            answer = self._http.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._http.close()
            return False
        return answer.status == http.client.OK

    def post(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401  any JSON
        """Return the answer to a request.

        Raises:
            Unmeasurable: there was none, or an error.
        """
        try:
            self._http.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = self._http.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unmeasurable(f"{self._name} did not answer: {error!r}.") from error
        if answer.status != http.client.OK:
            raise Unmeasurable(f"{self._name} answered {answer.status}: {content[:300].decode('utf-8', 'replace')}")
        return json.loads(content)


@contextlib.contextmanager
def serving(name: str, command: list[str], ready: str) -> Iterator[Connection]:
    """Start an HTTP server on a free port, wait until ``ready`` answers, and end it.

    Raises:
        Unmeasurable: it does not start; with the last line that it wrote.
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen([*command, "--host", HOST, "--port", str(port)], stdout=log, stderr=log)  # noqa: S603  what the user named
        except OSError as error:
            raise Unmeasurable(f"{name} cannot be started: {error}.") from error
        try:
            connection = Connection(name, port)
            deadline = time.monotonic() + START_SECONDS
            while not connection.is_ready(ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    last = (log.read().decode("utf-8", "replace").strip().splitlines() or ["it said nothing"])[-1]
                    raise Unmeasurable(f"{name} did not start: {last}")
                time.sleep(0.1)
            yield connection
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(EXIT_SECONDS)
            process.kill()
            process.wait()
