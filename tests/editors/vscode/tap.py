"""Stands between an editor and a language server and keeps what they say, each message as a line of JSON.

python tap.py FILE COMMAND...

A line is ``{"at": seconds, "from": "client" or "server", "message": ...}``; the first of each run has instead of a
message ``{"from": "tap", "pid": ...}`` with the server's process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def bodies(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the bodies of a stream's messages until it ends."""
    length = 0
    for line in stream:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif not line.strip():
            yield stream.read(length)


def main(file: Path, command: list[str]) -> int:
    """Run a server until it ends; return its exit status."""
    lock = threading.Lock()

    def keep(sender: str, **what: Any) -> None:
        with lock, file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps({"at": time.time(), "from": sender, **what}) + "\n")

    def pump(sender: str, source: IO[bytes], target: IO[bytes]) -> None:
        for body in bodies(source):
            keep(sender, message=json.loads(body))
            target.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            target.flush()
        target.close()

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        keep("tap", pid=server.pid)
        client = threading.Thread(target=pump, args=("client", sys.stdin.buffer, server.stdin), daemon=True)
        client.start()
        pump("server", server.stdout, sys.stdout.buffer)
        return server.wait()


if __name__ == "__main__":
    # The thread that reads standard input may still wait for it: nothing is left to be closed in order.
    os._exit(main(Path(sys.argv[1]), sys.argv[2:]) & 0xFF)
