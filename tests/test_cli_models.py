"""`midfill models`: what a user types, against a hub on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lsp_server import config
from lsp_server.config_file import remember
from lsp_server.errors import InputError
from lsp_server.models import catalogue, partial
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.models.hub import Hub, serving
from tests.test_cli import midfill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL = "qwen2.5-coder-0.5b"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub whose every file is the embedded model."""
    with serving(Hub(EMBEDDED_FILE.read_bytes())) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        yield running


def listed() -> dict[str, bool]:
    """Return the names in the list, and whether each is marked as chosen."""
    rows = midfill("models").stdout.splitlines()[1:]
    return {row.lstrip("* ").split()[0]: row.startswith("*") for row in rows if "tiny" in row or "qwen" in row}


def test_the_list_has_what_is_there_and_what_could_be() -> None:
    names = listed()
    assert names.pop("tiny") is True
    assert list(names) == [entry.name for entry in catalogue.ENTRIES]
    assert midfill("models", "list").stdout == midfill("models").stdout


@pytest.mark.usefixtures("hub")
def test_one_command_from_nothing_to_a_model_in_use(tmp_path: Path) -> None:
    said = midfill("models", "use", "0.5b").stdout
    assert said.startswith(f"{SMALL} is used from now on")
    assert listed()[SMALL] is True
    file = tmp_path / "a.py"
    file.write_text("import os\n\nos.")
    complete = midfill("complete", f"{file}:3:4")
    assert "embedded toy" not in complete.stdout


def test_a_second_use_asks_nobody(hub: Hub) -> None:
    midfill("models", "pull", "0.5b")
    asked = len(hub.requests)
    midfill("models", "use", SMALL)
    assert len(hub.requests) == asked


@pytest.mark.parametrize(("arguments", "answer", "status"), [((), "n\n", 1), ((), "y\n", 0), (("--yes",), "", 0)])
@pytest.mark.usefixtures("hub")
def test_a_licence_of_its_own_has_to_be_agreed_to(arguments: tuple[str, ...], answer: str, status: int) -> None:
    command = [sys.executable, "-m", "lsp_server", "models", "pull", "3b", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, input=answer, timeout=60, check=False)
    assert done.returncode == status, done.stderr
    assert "Qwen Research License" in done.stderr
    assert catalogue.path_of(catalogue.get("3b")).exists() is (status == 0)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent Ctrl-C there without a console")
def test_ctrl_c_stops_a_download_and_keeps_what_has_come(hub: Hub) -> None:
    hub.stall_at = 1_000_000
    command = [sys.executable, "-m", "lsp_server", "models", "pull", "0.5b"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "80"}) as process:
        while not any(part.stat().st_size == hub.stall_at for part in partial.files(catalogue.folder(), SMALL)):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
    assert process.returncode == 1
    assert "The download was stopped" in said
    assert "Traceback" not in said
    hub.stall_at = None
    midfill("models", "pull", "0.5b")
    assert hub.places == [0, 1_000_000]


@pytest.mark.usefixtures("hub")
def test_what_is_removed_is_gone() -> None:
    midfill("models", "pull", "0.5b")
    assert "3 MB are free again" in midfill("models", "remove", "0.5b").stdout
    assert not catalogue.path_of(catalogue.get("0.5b")).exists()
    assert "midfill:" in midfill("models", "remove", "0.5b", status=1).stderr
    assert "midfill:" in midfill("models", "remove", "tiny", status=1).stderr


def test_a_file_of_one_s_own_can_be_used(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(EMBEDDED_FILE.read_bytes())
    midfill("models", "use", str(own))
    assert config.load([]).settings.model == str(own)
    midfill("models", "use", "tiny")
    assert config.load([]).settings.model == "tiny"


def test_a_model_that_nobody_knows(hub: Hub) -> None:
    assert "knows no model 'gpt-9'" in midfill("models", "use", "gpt-9", status=1).stderr
    assert not hub.requests


# --- the file of settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'model = "x"\n'),
        ('model = "y" # mine\nthreads = 2\n', 'model = "x" # mine\nthreads = 2\n'),
        ("# All mine.\nthreads = 2\n", '# All mine.\nthreads = 2\nmodel = "x"\n'),
        ('exclude = [\n  "a", # why\n]\n', 'exclude = [\n  "a", # why\n]\nmodel = "x"\n'),
    ],
)
def test_a_setting_is_written_and_the_rest_stays(before: str, after: str) -> None:
    if before:
        config.user_file().parent.mkdir(parents=True)
        config.user_file().write_text(before, encoding="utf-8")
    assert remember("model", "x") == config.user_file()
    assert config.user_file().read_text(encoding="utf-8") == after
    assert [path.name for path in config.user_file().parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("content", [b"model = ", b"\xff"])
def test_a_file_that_cannot_be_read_is_left_alone(content: bytes) -> None:
    config.user_file().parent.mkdir(parents=True)
    config.user_file().write_bytes(content)
    with pytest.raises(InputError, match="not readable TOML"):
        remember("model", "x")
    assert config.user_file().read_bytes() == content
