"""What is wrong with an installation, and what would mend it."""

from __future__ import annotations

from collections import namedtuple
from typing import TYPE_CHECKING

import pytest

from lsp_server import config
from lsp_server.config import Settings
from lsp_server.context import process
from lsp_server.doctor import checks
from lsp_server.doctor.findings import Check, Measured, State
from lsp_server.engine.interface import Speed
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.doctor.machines import GB
from tests.engine.remote_script import scripted

if TYPE_CHECKING:
    from pathlib import Path


def states(found: tuple[Check, ...]) -> list[State]:
    return [check.state for check in found]


def test_settings_that_are_not_usable_are_named() -> None:
    found = config.merge([config.Source("a file", {"maxTokens": "many", "colour": 1})])
    assert states(checks.settings(found)) == [State.PROBLEM, State.PROBLEM]
    assert "a file: `maxTokens` cannot be 'many'" in checks.settings(found)[0].finding
    assert states(checks.settings(config.merge([]))) == [State.GOOD]


def measured(path: Path, problem: str = "") -> Measured:
    return Measured("own", path, GB, None if problem else Speed(100, 10), problem)


def test_the_chosen_model(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    assert checks.model(str(path), [measured(path)]).state is State.GOOD
    broken = checks.model(str(path), [measured(path, "llama.cpp cannot load it: get it again.")])
    assert (broken.state, broken.finding, broken.remedy) == (
        State.PROBLEM,
        "llama.cpp cannot load it.",
        "Get it again.",
    )
    gone = checks.model("1.5b", [])
    assert (gone.state, gone.remedy) == (State.PROBLEM, "Get it with `midfill models pull qwen2.5-coder-1.5b`.")
    assert checks.model("tiny", [measured(EMBEDDED_FILE)]).state is State.NOTE


def test_a_folder_is_looked_at_where_it_would_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "not" / "yet"
    assert checks.folder("cache", path, 1000).state is State.GOOD
    assert not list(tmp_path.iterdir())
    usage = namedtuple("usage", "total used free")  # noqa: PYI024  what shutil returns
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(GB, 0, GB))
    assert checks.folder("cache", path, GB).state is State.GOOD
    full = checks.folder("cache", path, 2 * GB)
    assert (full.state, "1.0 GB of room, and 2.0 GB" in full.finding) == (State.PROBLEM, True)


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    found = checks.folder("state", tmp_path, 0)
    assert (found.key, found.state) == ("state", State.PROBLEM)
    assert "(Permission denied)" in found.finding


async def test_the_process_that_reads_other_files_answers(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f() -> None: ...\n")
    assert (await checks.index(Settings(), tmp_path)).state is State.GOOD


async def test_a_process_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "COMMAND", ("-c", "import sys; sys.stdin.read()"))
    found = await checks.index(Settings(), tmp_path, seconds=0.01)
    assert (found.state, "lsp_server.context" in found.remedy) == (State.PROBLEM, True)


async def test_an_index_that_is_off_is_only_noted(tmp_path: Path) -> None:
    assert (await checks.index(Settings(index="off"), tmp_path)).state is State.NOTE


@pytest.mark.parametrize(("busy", "state"), [(3.0, State.GOOD), (80.0, State.NOTE)])
def test_other_programs(busy: float, state: State) -> None:
    assert checks.load(busy).state is state


def test_the_command_is_found_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks.command().state is State.PROBLEM
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert checks.command().finding == "Editors find /bin/midfill."


@pytest.mark.parametrize(
    ("folder", "state"),
    [
        ("", State.NOTE),
        (".vscode/extensions", State.PROBLEM),
        (".vscode/extensions/midfill.midfill-0.4.0", State.GOOD),
        (".vscode-insiders/extensions/midfill.midfill-0.4.0", State.GOOD),
        (".local/share/code-server/extensions/midfill.midfill-0.4.0-linux-x64", State.GOOD),
        (".vscode/extensions/other.midfill-0.4.0", State.PROBLEM),
    ],
)
def test_the_extension_for_vs_code(tmp_path: Path, folder: str, state: State) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert checks.vscode(tmp_path).state is state


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("NVIM v0.12.0-dev-1+g1\nBuild type: Release", State.GOOD),
        ("NVIM v0.10.4", State.GOOD),
        ("NVIM v0.9.5", State.PROBLEM),
        ("what?", State.PROBLEM),
        ("NVIM vx.y", State.PROBLEM),
    ],
)
def test_neovim(says: str, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    result = namedtuple("result", "stdout")  # noqa: PYI024  as much of subprocess' as is read
    monkeypatch.setattr("shutil.which", lambda _name: "nvim")
    monkeypatch.setattr("subprocess.run", lambda *_arguments, **_options: result(says))
    assert checks.neovim().state is state


def test_a_neovim_that_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: str(tmp_path / "nvim"))
    assert checks.neovim().state is State.PROBLEM
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert checks.neovim().state is State.NOTE


def test_the_server_elsewhere_is_asked_where_one_is_named() -> None:
    assert checks.server(Settings()) == ()
    with scripted() as script:
        (found,) = checks.server(Settings(server_url=script.url))
        assert found == Check("server", State.GOOD, f"{script.url} answers, and has coder.")
    (found,) = checks.server(Settings(server_url=script.url))
    assert found.state is State.PROBLEM
    assert script.url in found.finding
    assert found.remedy
