"""One Neovim for each test, in each version; and what the servers in these tests say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.editors.neovim import editor
from tests.editors.neovim.editor import FAKE, SCRIPTED, Editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERSIONS = ("0.12", "0.10")
# A busy machine must not make a suggestion late: then none is shown until the next key.
PATIENT = {"latencyMs": 20_000}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """The version of Neovim."""
    return str(request.param)


class Start(Protocol):
    """What starts a Neovim."""

    def __call__(self, *arguments: str, version: str = ..., **variables: str) -> Editor: ...


@pytest.fixture
def start(version: str, tmp_path: Path) -> Iterator[Start]:
    """What starts a Neovim with a home of its own; they end with the test."""
    editors: list[Editor] = []
    usual = version

    def start_one(*arguments: str, version: str = usual, **variables: str) -> Editor:
        editors.append(editor.start(version, tmp_path / "home", arguments, **variables))
        return editors[-1]

    yield start_one
    for each in editors:
        each.close()


@dataclass
class Fake:
    """The server of a page, see `fake_server.py`."""

    script: Path
    record: Path

    def suggest(self, *candidates: str, holds: bool = False) -> None:
        """Say what the cursor's line is to become, and whether requests stay without an answer."""
        self.script.write_text(json.dumps({"candidates": candidates, "holds": holds}), encoding="utf-8")

    def heard(self, method: str) -> list[Any]:
        """Return the parameters of all messages of a method so far."""
        lines = self.record.read_text(encoding="utf-8").splitlines() if self.record.exists() else []
        messages = [json.loads(line) for line in lines]
        return [message.get("params") for message in messages if message.get("method") == method]

    def asked(self) -> int:
        """Return how many suggestions have been asked for so far."""
        return len(self.heard("textDocument/inlineCompletion"))


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """The server of a page, which suggests nothing yet."""
    fake = Fake(tmp_path / "script.json", tmp_path / "record.jsonl")
    fake.suggest()
    return fake


@pytest.fixture
def faked(start: Start, fake: Fake, tmp_path: Path) -> Editor:
    """A Neovim whose server is `fake`, with an empty Python file."""
    editor = start(SCRIPT=str(fake.script), RECORD=str(fake.record))
    editor.setup(cmd=FAKE)
    editor.open(tmp_path / "a.py")
    editor.until_attached()
    return editor


class Script(Protocol):
    """What says what the scripted model writes from now on."""

    def __call__(self, text: str) -> None: ...


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """What says what the scripted model writes; nothing at first."""
    file = tmp_path / "script.txt"
    file.write_bytes(b"")

    def write(text: str) -> None:
        file.write_bytes(text.encode())

    return write


@pytest.fixture
def scripted(start: Start, script: Script, tmp_path: Path) -> Editor:  # noqa: ARG001  the script has to be there
    """A Neovim with the real server, whose model writes what the script says; no file is open."""
    editor = start(SCRIPT=str(tmp_path / "script.txt"))
    editor.setup(cmd=SCRIPTED, settings=PATIENT)
    return editor
