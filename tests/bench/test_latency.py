"""The latency benchmark from end to end: the real server, the embedded model, and the peers that are there."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench import latency, lsp, peers, replay, tables
from bench.figures import Key
from bench.lsp import position
from bench.peers import Place, infill_request
from bench.problems import Unmeasurable
from bench.replay import Prompt
from bench.traces import Trace, applied, dump, load
from lsp_server.models.catalogue import EMBEDDED_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

FORWARD = Path(latency.__file__).with_name("traces") / "forward.json"
SETTINGS = {"model": "tiny", "threads": 1, "maxTokens": 2}
SPREAD = {"mean", "p50", "p95"}
SUBJECT = {
    *("keys", "evaluatedPerKey", "backgroundPerKey", "firstSuggestionMs", "answerMs", "overheadMs"),
    *("generatedPerKey", "fromMemory", "nothingBecause"),
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait no longer than a toy needs."""
    monkeypatch.setattr(lsp, "QUIET_SECONDS", 0.2)


@pytest.fixture(scope="module")
def trace() -> Trace:
    """Ten keys with no time between them."""
    whole = load(FORWARD)
    return replace(whole, steps=tuple(replace(step, pause_ms=1) for step in whole.steps[:10]))


def run(arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(sys, "argv", ["latency", *arguments])
    latency.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


@pytest.mark.timeout(400)
def test_all_figures_of_a_trace(
    trace: Trace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.json"
    path.write_text(dump(replace(trace, ends={})), encoding="utf-8")
    options = ["--max-tokens", "4", "--threads", "1", "--peer", "naive", "--peer-keys", "3"]
    command = [str(path), *options, "--pace", "real", "--cold-start", "--prompt-tokens", "600"]
    result = run(command, capsys, monkeypatch)
    if not result["traces"][0]["chunkTokens"]:
        # On a busy machine the workspace's index, which gives way to all others, may not have been there in time.
        monkeypatch.setattr(lsp, "QUIET_SECONDS", 5.0)
        result = run(command, capsys, monkeypatch)
    assert result["model"] == "tiny.gguf"
    assert result["modelBytes"] == EMBEDDED_FILE.stat().st_size
    assert result["machine"]["processor"]
    assert result["settings"]["promptTokens"] == 600
    [found] = result["traces"]
    ours, peer, paced = found["midfill"], found["peers"]["naive"], found["realPace"]
    assert set(ours) == SUBJECT
    assert set(peer) == SUBJECT | {"ratios"}
    assert (found["keys"], ours["keys"], peer["keys"], paced["keys"]) == (10, 10, 3, 10)
    for name in ("evaluatedPerKey", "firstSuggestionMs", "answerMs", "overheadMs"):
        assert set(ours[name]) == SPREAD
        assert all(value is not None and value >= 0 for value in ours[name].values())
    # The whole prompt is evaluated before the first key and by the naive way at each one.
    assert ours["evaluatedPerKey"]["p50"] < 10 < peer["evaluatedPerKey"]["p50"]
    assert 600 >= found["promptTokens"] > found["chunkTokens"] > 0
    assert found["residentBytes"] > result["modelBytes"]
    assert peer["overheadMs"]["p50"] is None
    assert peer["ratios"]["firstSuggestion"] > 0
    assert 0 <= paced["cancelled"] < 10
    for start in found["starts"].values():
        assert 0 < start["first"] <= start["full"]
        assert start["promptTokens"] > found["chunkTokens"]


def test_a_key_that_is_overtaken_counts_as_cancelled(trace: Trace) -> None:
    at_once = replace(trace, steps=tuple(replace(step, pause_ms=0) for step in trace.steps))
    keys = asyncio.run(replay.in_time(at_once, SETTINGS)).keys
    assert len(keys) == 10
    assert any(key.cancelled for key in keys)
    assert not keys[-1].cancelled


def test_the_kv_buffer_is_what_llama_cpp_says(trace: Trace) -> None:
    size = asyncio.run(replay.kv_buffer(trace, SETTINGS))
    assert size is not None
    assert size > 0


# --- what goes wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise SystemExit('no such thing')", "The server died: no such thing"),
        ("", "The server died"),
    ],
)
def test_a_server_that_dies(trace: Trace, monkeypatch: pytest.MonkeyPatch, program: str, message: str) -> None:
    monkeypatch.setattr(lsp, "SERVE", (sys.executable, "-c", program))
    with pytest.raises(Unmeasurable, match=message):
        asyncio.run(replay.in_turn(trace, SETTINGS))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.json"], "missing.json cannot be read"),
        (["--model", "missing.gguf"], "There is no model 'missing.gguf'"),
        (["--repository", "."], "has no Python file"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["latency", *arguments])
    with pytest.raises(Unmeasurable, match=message):
        latency.main()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("other", "There is no peer 'other'"),
        ("llama-server", "There is no llama-server to measure"),
        ("llama-server=missing", "There is no llama-server to measure"),
        (f"llama-server={sys.executable}", "llama-server did not start"),
    ],
)
def test_peers_that_are_not_there(trace: Trace, name: str, message: str) -> None:
    conditions = peers.Conditions(EMBEDDED_FILE, 1, 4, Prompt(400, (("config.py", 100),)))
    with pytest.raises(Unmeasurable, match=message), peers.opened(name, trace, conditions):
        pass


# --- the parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [("", 0, (0, 0)), ("ab\nc", 4, (1, 1)), ("ab\nc", 3, (1, 0)), ("a🙂b", 2, (0, 3)), ("é\n\n", 3, (2, 0))],
)
def test_positions_count_utf16(text: str, offset: int, expected: tuple[int, int]) -> None:
    found = position(text, offset)
    assert (found.line, found.character) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("promptTokens=512", ("promptTokens", 512)),
        ("enabled=false", ("enabled", False)),
        ("logLevel=info", ("logLevel", "info")),
    ],
)
def test_settings_on_the_command_line(text: str, expected: tuple[str, object]) -> None:
    assert latency.setting(text) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Prompt(1000, (("a", 400),)), True),
        (Prompt(900, (("a", 360),)), True),
        (Prompt(899, (("a", 400),)), False),
        (Prompt(1000, (("a", 359),)), False),
        (Prompt(1000, ()), False),
    ],
)
def test_which_prompt_counts_as_full(other: Prompt, expected: bool) -> None:
    assert Prompt(1000, (("a", 200), ("b", 200))).is_reached_by(other) is expected


def test_a_start_counts_until_the_prompt_is_as_large_as_in_the_end() -> None:
    short, nearly, full = Prompt(60, ()), Prompt(950, (("a", 280),)), Prompt(1000, (("a", 300),))
    start = replay.start_of(90.0, [(100.0, short), (700.0, short), (1300.0, nearly), (1900.0, full), (2500.0, full)])
    assert (start.first, start.full, start.prompt) == (100.0, 1300.0, full)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a\nb\n  c = ", "d\ne\n", {"input_prefix": "a\nb\n", "prompt": "  c = ", "input_suffix": "d\ne\n\n"}),
        ("a\n    ", "\nb", {"input_prefix": "a\n", "prompt": "", "input_suffix": "\nb\n", "n_indent": 0}),
        ("a\n  b", "", {"prompt": "  b", "n_indent": 2, "input_suffix": "\n\n"}),
        ("x\n" * 300 + "y", "", {"input_prefix": "x\n" * 256}),
        ("", "\n" + "x\n" * 300, {"input_suffix": "\n" + "x\n" * 64}),
    ],
)
def test_requests_as_the_plugin_makes_them(before: str, after: str, expected: Mapping[str, object]) -> None:
    request = infill_request(Place("a.py", before, after), [("b.py", "text")], 7)
    assert {name: request[name] for name in expected} == dict(expected)
    assert request["n_predict"] == 7
    assert request["input_extra"] == [{"filename": "b.py", "text": "text"}]


def test_the_naive_prompt_is_as_long_as_ours(trace: Trace) -> None:
    conditions = peers.Conditions(EMBEDDED_FILE, 1, 1, Prompt(500, (("config.py", 150), ("client.py", 50))))
    with peers.opened("naive", trace, conditions) as peer:
        text = trace.files["server.py"]
        key = peer.ask(Place("server.py", text[:6000], text[6000:]), 1)
    assert key.evaluated == pytest.approx(500, rel=0.25)


def test_the_peers_see_the_text_that_is_typed(trace: Trace) -> None:
    class Recorder:
        def __init__(self) -> None:
            self.places: list[Place] = []

        def ask(self, place: Place, max_tokens: int) -> Key:
            self.places.append(place)
            return Key(float(max_tokens))

    recorder = Recorder()
    assert peers.measure(recorder, trace, 4, 3) == (Key(3.0),) * 4
    text = trace.files["server.py"]
    for place, step in zip(recorder.places[1:], trace.steps, strict=False):
        text = applied(text, step)
        assert place == Place("server.py", text[: step.cursor], text[step.cursor :])


def test_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "picture.png"
    keys = [Key(10.0), Key(5.0, cancelled=True), Key(200.0)]
    tables.draw({"a": {"midfill": keys, "naive": keys}, "b": {"midfill": []}}, path)
    assert path.read_bytes().startswith(b"\x89PNG")
