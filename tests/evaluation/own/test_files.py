"""Which files of a repository may have holes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from lsp_server.context.workspace import Rules
from lsp_server.errors import InputError
from lsp_server.evaluation.own.files import Scope, files
from tests.context.tree import link, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(autouse=True)
def no_repository_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook of git that runs the tests tells of its own repository by these."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


def repository(folder: Path, names: Sequence[str]) -> Path:
    """Make a repository with these files under version control."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    write(folder, names)
    git(folder, "add", "--force", "--all")
    return folder


def names(root: Path, scope: Scope = Scope.SOURCE) -> list[str]:
    return [found.name for found in files(root, scope=scope)]


@pytest.mark.parametrize(
    ("name", "is_source", "is_taken"),
    [
        ("src/a.py", True, True),
        ("src/Größe.py", True, True),
        ("with a space.go", True, True),
        ("lib/a.test.ts", False, True),
        ("tests/helpers.py", False, True),
        ("src/test_a.py", False, True),
        ("third_party/a.c", False, True),
        ("vendor/a.rb", False, True),
        ("contest/a.py", True, True),
        ("vendor.py", True, True),
        # No grammar, no code, secret, generated, installed, ignored.
        ("a.hs", False, False),
        ("README.md", False, False),
        ("secrets.py", False, False),
        ("a_pb2.py", False, False),
        ("node_modules/a.js", False, False),
        ("build/a.py", False, False),
    ],
)
def test_what_is_taken(tmp_path: Path, name: str, is_source: bool, is_taken: bool) -> None:
    write(tmp_path, {".gitignore": "build/\n"})
    repository(tmp_path, [name])
    assert names(tmp_path) == [name] * is_source
    assert names(tmp_path, Scope.ALL) == [name] * is_taken


def test_only_what_is_under_version_control_and_there(tmp_path: Path) -> None:
    repository(tmp_path, ["b.py", "a.py", "gone.py"])
    write(tmp_path, ["new.py"])
    (tmp_path / "gone.py").unlink()
    assert names(tmp_path) == ["a.py", "b.py"]


def test_a_folder_in_a_work_tree_has_the_files_below_it(tmp_path: Path) -> None:
    repository(tmp_path, ["a.py", "src/b.py", "src/c/d.py"])
    assert names(tmp_path / "src") == ["b.py", "c/d.py"]
    assert {found.root for found in files(tmp_path / "src")} == {(tmp_path / "src").resolve()}


def test_the_files_of_a_submodule_are_not_its_parents(tmp_path: Path) -> None:
    inner = repository(tmp_path / "outer" / "inner", ["a.py"])
    git(inner, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    assert names(repository(tmp_path / "outer", ["b.py"])) == ["b.py"]
    assert names(inner) == ["a.py"]


def test_no_link_is_followed(tmp_path: Path) -> None:
    link(tmp_path / "b.py", tmp_path / "a.py")
    assert names(repository(tmp_path, ["a.py"])) == ["a.py"]


def test_the_settings_of_the_workspace_count(tmp_path: Path) -> None:
    repository(tmp_path, ["a.py", "old/b.py", "c.py"])
    write(tmp_path, {"c.py": "x = 1\n" * 100})
    assert [found.name for found in files(tmp_path, Rules(exclude=("old/",), largest_file=99))] == ["a.py"]


def test_without_a_work_tree_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What lies around the folders of the tests may be a work tree.
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.resolve().parent))
    with pytest.raises(InputError, match=r"not a git repository.*`git init`"):
        files(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no folder"):
        files(tmp_path / "missing")


def test_without_git_the_remedy_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"git cannot be run.*install it"):
        files(tmp_path)
