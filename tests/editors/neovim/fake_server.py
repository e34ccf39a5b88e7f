"""A language server of a page, for what midfill's own cannot be made to do: several candidates, silence, answers late.

SCRIPT names a JSON file that is read at each request: `candidates`, what the document, or the cursor's line, could
become (those that begin with what stands there now are answered; one, or all where the user asks by a key);
`holds`, whether requests are not answered until they are cancelled. RECORD names a file that gets each message that
comes, as a line of JSON. ENCODING is the position encoding, utf-16 by default.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

INVOKED = 1
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
ENCODING = os.environ.get("ENCODING", "utf-16")

documents: dict[str, str] = {}
held: list[int] = []


def read() -> dict[str, Any] | None:
    """Read a message; ``None`` at the end."""
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def write(message: dict[str, Any]) -> None:
    """Write a message."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def before_cursor(params: dict[str, Any]) -> tuple[str, str]:
    """Return what stands before the cursor, and what of it on the cursor's line."""
    position = params["position"]
    lines = documents[params["textDocument"]["uri"]].split("\n")[: position["line"] + 1]
    codec, size = CODECS[ENCODING]
    lines[-1] = lines[-1].encode(codec)[: position["character"] * size].decode(codec)
    return "\n".join(lines), lines[-1]


def complete(params: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
    """Answer a request."""
    starts = before_cursor(params)
    texts = [
        text.removeprefix(start)
        for text in script.get("candidates", ())
        for start in dict.fromkeys(starts)
        if text.startswith(start)
    ]
    if params["context"]["triggerKind"] != INVOKED:
        texts = texts[:1]
    here = {"start": params["position"], "end": params["position"]}
    items = [
        {
            "insertText": text,
            "range": here,
            "command": {"title": "", "command": "midfill.accepted", "arguments": [number]},
        }
        for number, text in enumerate(filter(None, texts))
    ]
    return {"items": items}


def answer(method: str, params: dict[str, Any], number: int) -> None:
    """Answer a request, at once or never."""
    result: Any = None
    if method == "initialize":
        capabilities = {
            "positionEncoding": ENCODING,
            "textDocumentSync": 1,
            "inlineCompletionProvider": {},
            "executeCommandProvider": {"commands": ["midfill.accepted"]},
        }
        result = {"capabilities": capabilities}
    if method == "textDocument/inlineCompletion":
        script = json.loads(Path(os.environ["SCRIPT"]).read_text(encoding="utf-8"))
        if script.get("holds"):
            held.append(number)
            return
        result = complete(params, script)
    write({"id": number, "result": result})


def hear(method: str, params: dict[str, Any]) -> None:
    """Take a notification."""
    if method == "exit":
        sys.exit(0)
    if method in {"textDocument/didOpen", "textDocument/didChange"}:
        document = params["textDocument"]
        changes = params.get("contentChanges", [document])
        documents[document["uri"]] = changes[-1]["text"]
    if method == "$/cancelRequest" and params["id"] in held:
        held.remove(params["id"])
        write({"id": params["id"], "error": {"code": -32800, "message": "Cancelled."}})
    if method == "initialized":
        status = {"kind": "Normal", "busy": False, "message": "", "state": "ready", "model": "fake", "percent": None}
        write({"method": "didChangeStatus", "params": status})


def main() -> None:
    """Serve until the end of the input."""
    with Path(os.environ["RECORD"]).open("a", encoding="utf-8") as record:
        while message := read():
            record.write(json.dumps(message) + "\n")
            record.flush()
            if "method" not in message:
                continue
            if "id" in message:
                answer(message["method"], message.get("params") or {}, message["id"])
            else:
                hear(message["method"], message.get("params") or {})


if __name__ == "__main__":
    main()
