"""The real server over stdio, driven by a real client library."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.core import Reason
from lsp_server.documents import apply_change, position_at
from tests.e2e.client import SERVE, Client, completion_params, initialize_params, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SHAPES = """\
class Circle:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return 3.14159 * self.radius ** 2
"""
MAIN = "from shapes import Circle\n\n\ndef main():\n    circle = Cir‸\n"
CANCELLED = -32800


async def test_suggests_and_explains(tmp_path: Path) -> None:
    (tmp_path / "shapes.py").write_text(SHAPES)
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path) as client:
        (item,) = await client.complete_marked(uri, MAIN)
        told = await client.explain(uri)
        with_chunks = await explained_with_chunks(client, uri)
    assert isinstance(item.insert_text, str)
    assert item.insert_text.strip()
    assert item.range == types.Range(types.Position(4, 16), types.Position(4, 16))
    assert told["suggestion"] == item.insert_text
    assert told["reason"] is None
    assert told["model"] == "midfill tiny"
    (chunk,) = with_chunks["chunks"]
    assert (chunk["path"], chunk["tokens"] > 0, bool(chunk["reason"])) == ("shapes.py", True, True)
    assert told["promptTokens"] == told["reusedTokens"] + told["evaluatedTokens"]
    assert list(told["milliseconds"]) == ["prompt", "queue", "prefill", "decode", "shape", "total"]


async def explained_with_chunks(client: Client, uri: str) -> dict[str, Any]:
    """Ask at ever new places until a prompt has pieces of other files, which another process chooses."""
    for number in range(200):
        whole = types.TextDocumentContentChangeWholeDocument(f"from shapes import Circle\n\nwheel{number} = Cir")
        client.change(uri, whole, version=number + 3)
        await client.complete(uri, 2, len(f"wheel{number} = Cir"))
        told = await client.explain(uri)
        if told["chunks"]:
            return told
    raise AssertionError("no prompt has had pieces of other files")


async def test_typing_on_evaluates_little(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    text = SHAPES + "\n\ncircle = Circle(2)\nprint(circle"
    async with serving(tmp_path) as client:
        client.open(uri, text)
        await client.complete(uri, 9, 12)
        for number, key in enumerate(".area()"):
            at = types.Position(9, 12 + number)
            client.change(uri, types.TextDocumentContentChangePartial(types.Range(at, at), key))
            await client.complete(uri, 9, 13 + number)
            told = await client.explain(uri)
            assert told["evaluatedTokens"] <= 4
            assert told["promptTokens"] > 50 or told["source"] == "memory"


async def test_the_capabilities() -> None:
    client = Client(None)
    await client.start_io(*SERVE, "--stdio")
    result = await client.initialize_async(initialize_params(None, ["utf-16"], None))
    can = result.capabilities
    assert can.inline_completion_provider == types.InlineCompletionOptions()
    assert isinstance(can.text_document_sync, types.TextDocumentSyncOptions)
    assert can.text_document_sync.open_close
    assert can.text_document_sync.change is types.TextDocumentSyncKind.Incremental
    assert can.execute_command_provider is not None
    assert sorted(can.execute_command_provider.commands) == [
        *("midfill.accepted", "midfill.explain", "midfill.explainText", "midfill.models"),
        *("midfill.pull", "midfill.stats", "midfill.statsText", "midfill.status", "midfill.stopPull"),
    ]
    assert result.server_info is not None
    assert result.server_info.name == "midfill"
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it untyped


@pytest.mark.parametrize(
    ("offered", "chosen", "character"),
    [
        (["utf-8", "utf-16"], "utf-8", 11),
        (["utf-16", "utf-8"], "utf-16", 7),
        (["utf-32"], "utf-32", 6),
        ([], "utf-16", 7),
    ],
)
async def test_position_encodings(offered: list[str], chosen: str, character: int) -> None:
    async with serving(encodings=offered) as client:
        assert client.encoding == chosen
        client.open("untitled:edited", "a漢😀 = \nb = 1\n")
        end = types.Position(0, character)
        items = await client.complete("untitled:edited", 0, character)
        assert all(item.range == types.Range(end, end) for item in items)
        whole_line = types.Range(types.Position(0, 0), end)
        client.change("untitled:edited", types.TextDocumentContentChangePartial(whole_line, "print(b"))
        await same_as_fresh(client, "print(b\nb = 1\n", chosen, "untitled:fresh")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_after_a_thousand_random_edits_both_sides_have_the_same_text(encoding: str) -> None:
    dice = random.Random(7)
    pieces = [
        "x = 1\n",
        "é",
        "漢字",
        "😀",
        "\r\n",
        "\r",
        "\n",
        "\f",
        "\u2028",
        "\x85",
        "\t",
        "",
        "def f():\n    pass\n",
    ]
    text = "".join(dice.choices(pieces, k=40))
    async with serving(encodings=[encoding]) as client:
        client.open("untitled:edited", text)
        for version in range(2, 1002):
            start = dice.randint(0, len(text))
            end = min(len(text), start + dice.choice([0, 0, 1, 3, 20]))
            span = types.Range(position_at(text, start, encoding), position_at(text, end, encoding))
            change = types.TextDocumentContentChangePartial(span, "".join(dice.choices(pieces, k=dice.randint(0, 3))))
            text = apply_change(text, change, encoding)
            client.change("untitled:edited", change, version=version)
            if version % 100 == 0:
                await same_as_fresh(client, text, encoding, f"untitled:fresh-{version}")


async def same_as_fresh(client: Client, text: str, encoding: str, fresh: str) -> None:
    """Check that the edited document makes the prompt that its text makes when it is opened anew."""
    client.open(fresh, text)
    where = position_at(text, len(text) // 2, encoding)
    await client.invoke("untitled:edited", where.line, where.character)
    edited = await client.explain("untitled:edited")
    await client.invoke(fresh, where.line, where.character)
    told = await client.explain(fresh)
    # Nothing but the last token, which is always evaluated, was new: the prompts were the same, token by token.
    assert told["promptTokens"] == edited["promptTokens"]
    assert told["evaluatedTokens"] == 1


async def test_an_early_request_is_answered_when_the_model_is_there(tmp_path: Path) -> None:
    async with serving(tmp_path) as client:
        # Sent right behind `initialized`: loading has not begun.
        assert await client.complete_marked((tmp_path / "main.py").as_uri(), MAIN)
        kinds = [value["kind"] if isinstance(value, dict) else value.kind for value in client.reports]
        assert kinds[0] == "begin"
        assert kinds[-1] == "end"
        await client.wait_for(lambda: any("The model is midfill tiny" in m.message for m in client.logs))
        await client.wait_for(lambda: any("Qwen2.5-Coder" in m.message for m in client.messages))


async def cancelled(request: Any) -> bool:
    try:
        await request
    except JsonRpcException as error:
        return error.code == CANCELLED
    return False


async def test_requests_of_two_documents_do_not_cancel_each_other(tmp_path: Path) -> None:
    uris = [(tmp_path / name).as_uri() for name in ("a.py", "b.py")]
    async with serving(tmp_path) as client:
        for uri in uris:
            client.open(uri, SHAPES)
        both = [client.text_document_inline_completion_async(completion_params(uri, 2, 8)) for uri in uris]
        assert not any([await cancelled(request) for request in both])


async def test_cancel_request(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path, options={"maxTokens": 1024, "latencyMs": 60000}) as client:
        client.open(uri, SHAPES * 30)
        params = completion_params(uri, 30, 0)
        request = client.protocol.send_request_async("textDocument/inlineCompletion", params, msg_id="to-cancel")
        client.protocol.notify("$/cancelRequest", types.CancelParams("to-cancel"))
        assert await cancelled(request)
        assert (await client.complete(uri, 1, 4)) is not None


async def test_a_document_that_was_never_opened(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SHAPES)
    uri = (tmp_path / "a.py").as_uri()
    async with serving(tmp_path) as client:
        assert await client.complete(uri, 0, 0) == []
        assert (await client.explain(uri))["reason"] == Reason.NOT_OPEN.value
        client.change(uri, types.TextDocumentContentChangeWholeDocument("x"))
        assert await client.complete(uri, 0, 0) == []


async def test_a_closed_document_is_forgotten(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path) as client:
        await client.complete_marked(uri, MAIN)
        client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
        assert await client.complete(uri, 4, 16) == []


@pytest.mark.parametrize(
    ("text", "line", "character"),
    [
        ("", 0, 0),
        ("", 7, 7),
        ("\ufeff", 0, 0),
        ("a\r\nb\rc\n", 99, 0),
        ("x = '😀漢'\n", 0, 6),
        ("\ud83d half", 0, 3),
        ("x" * 200_000, 0, 150_000),
        ("<|fim_middle|><|endoftext|>\n", 0, 5),
    ],
)
async def test_odd_documents_get_an_answer(text: str, line: int, character: int) -> None:
    async with serving() as client:
        client.open("untitled:odd", text)
        items = await client.complete("untitled:odd", line, character)
        told = await client.explain("untitled:odd")
        assert bool(items) == (told["suggestion"] is not None)
        assert bool(items) != bool(told["reason"])
        assert not any(m.type is types.MessageType.Error for m in client.messages)


async def test_a_document_of_50_mb_is_answered_with_a_reason(tmp_path: Path) -> None:
    uri = (tmp_path / "large.py").as_uri()
    async with serving(tmp_path) as client:
        client.open(uri, "value = 1\n" * 5_000_000)
        assert await client.complete(uri, 4_000_000, 3) == []
        assert (await client.explain(uri))["reason"].startswith(Reason.TOO_LARGE.value)


async def test_explain_of_a_document_without_a_request() -> None:
    async with serving() as client:
        params = types.ExecuteCommandParams("midfill.explain", ["untitled:none"])
        assert await client.workspace_execute_command_async(params) is None


@pytest.mark.parametrize("arguments", [None, [], [7], ["a", "b"]])
async def test_explain_with_other_arguments_is_an_error(arguments: list[Any] | None) -> None:
    async with serving() as client:
        with pytest.raises(JsonRpcException, match="takes one argument"):
            await client.workspace_execute_command_async(types.ExecuteCommandParams("midfill.explain", arguments))


async def test_trace_tells_what_happened_and_shows_no_code(tmp_path: Path) -> None:
    uri = (tmp_path / "main.py").as_uri()
    async with serving(tmp_path) as client:
        await client.complete_marked(uri, MAIN)
        assert client.traces == []
        client.set_trace(types.SetTraceParams(types.TraceValue.Verbose))
        (item,) = await client.complete(uri, 4, 16)
        await client.wait_for(lambda: client.traces)
        (trace,) = client.traces
        assert trace.verbose is not None
        assert '"promptTokens"' in trace.verbose
        assert "Circle" not in trace.verbose
        assert str(item.insert_text) not in trace.verbose
        assert not any("Circle" in line.message for line in client.logs)


@pytest.fixture
async def listening() -> AsyncIterator[asyncio.subprocess.Process]:
    """A server process that listens on a free port of the loopback address."""
    process = await asyncio.create_subprocess_exec(*SERVE, "--tcp", "127.0.0.1:0", stderr=asyncio.subprocess.PIPE)
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_tcp_on_loopback(tmp_path: Path, listening: asyncio.subprocess.Process) -> None:
    assert listening.stderr is not None
    port = 0
    while not port:
        line = (await asyncio.wait_for(listening.stderr.readline(), 30)).decode()
        assert line, "the server ended before it said where it listens"
        if found := re.search(r"'127\.0\.0\.1', (\d+)", line):
            port = int(found[1])
    client = Client(None)
    await client.start_tcp("127.0.0.1", port)
    await client.initialize_async(initialize_params(tmp_path, ["utf-16"], None))
    client.initialized(types.InitializedParams())
    assert await client.complete_marked((tmp_path / "main.py").as_uri(), MAIN)
    await client.shutdown_async(None)
    client.exit(None)
    assert await asyncio.wait_for(listening.wait(), 30) == 0
    await client.stop()  # type: ignore[no-untyped-call]  # pygls leaves it untyped
    # pygls leaves the connection open.
    writer = client.protocol.writer
    assert isinstance(writer, asyncio.StreamWriter)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
