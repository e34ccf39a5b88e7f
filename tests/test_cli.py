"""The command, as a user and as a program calls it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import lsp_server
from lsp_server.cli import parse_address, parse_place, read, workspace_root
from lsp_server.errors import InputError
from lsp_server.models.catalogue import EMBEDDED_FILE

CODE = "import os\n\n\ndef list_files(folder):\n    return os.\n"


def midfill(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lsp_server", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A file of five lines."""
    file = tmp_path / "files.py"
    file.write_text(CODE)
    return file


def test_version() -> None:
    assert midfill("--version").stdout == f"midfill {lsp_server.__version__}\n"


def test_models_names_the_embedded_one_and_where_it_lies() -> None:
    assert "tiny" in midfill("models").stdout


def test_complete_for_programs(code: Path) -> None:
    told = json.loads(midfill("complete", f"{code}:5:15", "--json").stdout)
    assert list(told) == [
        "model",
        "source",
        "chunks",
        "promptTokens",
        "reusedTokens",
        "evaluatedTokens",
        "backgroundTokens",
        "generatedTokens",
        "milliseconds",
        "raw",
        "chances",
        "rules",
        "suggestion",
        "alternatives",
        "reason",
    ]
    assert told["model"] == "midfill tiny"
    assert told["promptTokens"] == told["evaluatedTokens"] > 0
    assert (told["suggestion"] is None) != (told["reason"] is None)


def test_complete_for_people_shows_the_code_around_and_who_wrote_it(code: Path) -> None:
    shown = midfill("complete", f"{code}:5:15").stdout
    assert "def list_files(folder):" in shown
    assert "midfill tiny" in shown
    assert "Qwen2.5-Coder" in shown


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("{file}", "is not of the form FILE:LINE:COLUMN"),
        ("{file}:5", "is not of the form FILE:LINE:COLUMN"),
        ("{file}:5:x", "is not of the form FILE:LINE:COLUMN"),
        ("{file}:0:1", "has no line 0: its last is 6"),
        ("{file}:7:1", "has no line 7: its last is 6"),
        ("{file}:1:0", "has no column 0: its end is column 10"),
        ("{file}:1:11", "has no column 11: its end is column 10"),
        ("{file}.missing:1:1", "cannot be read"),
        ("{file}/..:1:1", "cannot be read"),
    ],
)
def test_a_place_that_does_not_exist_is_said_in_one_line(code: Path, place: str, sentence: str) -> None:
    done = midfill("complete", place.format(file=code), "--json", status=1)
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.startswith("midfill: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_full_disk_is_said_in_one_line(code: Path, flags: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "lsp_server", "complete", f"{code}:5:15", *flags]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "midfill: The output cannot be written: No space left on device.\n"


def test_a_line_of_many_megabytes_is_not_shown_whole(tmp_path: Path) -> None:
    file = tmp_path / "minified.js"
    file.write_text("first\n" + "a" * 20_000_000 + "\nlast\n")
    shown = midfill("complete", f"{file}:2:1000000").stdout
    assert "No suggestion: the document is larger" in shown
    assert "first" in shown
    assert "last" in shown
    assert len(shown) < 5000


def test_a_model_that_does_not_exist_is_said_in_one_line(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDFILL_MODEL", "qwen")
    assert "There is no model 'qwen'" in midfill("complete", f"{code}:1:1", status=1).stderr


def test_a_model_without_fim_tokens_is_said_in_one_line(
    code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "chat.gguf"
    model.write_bytes(EMBEDDED_FILE.read_bytes().replace(b"<|fim_suffix|>", b"<|not_suffix|>"))
    monkeypatch.setenv("MIDFILL_MODEL", str(model))
    assert "has no fill-in-the-middle tokens" in midfill("complete", f"{code}:1:1", status=1).stderr


@pytest.mark.parametrize(
    ("content", "place", "offset"),
    [
        (b"a\r\nbc\r\n", "2:3", 5),
        (b"a\rb\nc\r\nd", "4:2", 8),
        (b"\xef\xbb\xbfab\n", "1:1", 1),
        (b"\xef\xbb\xbfab\n", "1:3", 3),
        ("x = '漢😀'\n".encode(), "1:8", 7),
        (b"a\fb\n", "1:4", 3),
        (b"", "1:1", 0),
        (b"a\n", "2:1", 2),
    ],
)
def test_lines_and_columns_are_counted_as_people_see_them(
    tmp_path: Path, content: bytes, place: str, offset: int
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(content)
    snapshot = read(parse_place(f"{file}:{place}"))
    assert snapshot.text.encode() == content
    assert snapshot.offset == offset


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes("é".encode("latin-1"))
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read(parse_place(f"{tmp_path / 'a.py'}:1:1"))


def test_a_path_may_hold_colons() -> None:
    place = parse_place("C:\\code\\a.py:3:4")
    assert (str(place.file), place.line, place.column) == ("C:\\code\\a.py", 3, 4)


def test_the_workspace_is_the_nearest_project(tmp_path: Path) -> None:
    (tmp_path / "app" / "src").mkdir(parents=True)
    (tmp_path / "app" / "pyproject.toml").touch()
    assert workspace_root(tmp_path / "app" / "src" / "a.py") == tmp_path / "app"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9257", ("127.0.0.1", 9257)),
        (":9257", ("127.0.0.1", 9257)),
        ("localhost:1", ("localhost", 1)),
        ("192.0.2.1:80", ("192.0.2.1", 80)),
        ("[::1]:80", ("::1", 80)),
    ],
)
def test_an_address_is_loopback_unless_told_otherwise(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stderr = midfill("serve", "--tcp", f"127.0.0.1:{port}", status=1).stderr
    assert stderr.splitlines()[-1].startswith(f"midfill: The address 127.0.0.1:{port} cannot be used")


def test_tcp_and_stdio_exclude_each_other() -> None:
    assert "exclude each other" in midfill("serve", "--tcp", "1234", "--stdio", status=1).stderr


@pytest.mark.parametrize("text", ["", "host", "host:", "host:99999", "1:2:3", "a b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_address(text)
