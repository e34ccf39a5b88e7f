"""Which ignore files count, and which of them decides."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lsp_server.context import levels
from lsp_server.context.workspace import Workspace
from tests.context.test_ignore import GIT, needs_git
from tests.context.tree import link, listed, write

REPOSITORY = {".git/HEAD": "ref: refs/heads/main\n"}


@pytest.mark.parametrize(
    ("ignore_files", "expected"),
    [
        ({}, ["a.py", "src/a.py", "src/b.py", "src/deep/a.py"]),
        ({".gitignore": "a.py"}, ["src/b.py"]),
        ({".gitignore": "/a.py"}, ["src/a.py", "src/b.py", "src/deep/a.py"]),
        ({"src/.gitignore": "a.py"}, ["a.py", "src/b.py"]),
        ({"src/.gitignore": "/a.py"}, ["a.py", "src/b.py", "src/deep/a.py"]),
        ({".gitignore": "a.py", "src/.gitignore": "!a.py"}, ["src/a.py", "src/b.py", "src/deep/a.py"]),
        ({".gitignore": "a.py", "src/.gitignore": "!a.py", "src/deep/.gitignore": "a.py"}, ["src/a.py", "src/b.py"]),
        ({".gitignore": "src/\n!src/b.py", "src/.gitignore": "!*"}, ["a.py"]),
        ({".gitignore": "src\n!src/"}, ["a.py", "src/a.py", "src/b.py", "src/deep/a.py"]),
        ({".gitignore": "*\n!*/\n!b.py"}, ["src/b.py"]),
        ({".gitignore": "/*\n!/src/\n/src/*\n!/src/deep/"}, ["src/deep/a.py"]),
        ({".git/info/exclude": "a.py"}, ["src/b.py"]),
        ({".git/info/exclude": "a.py", ".gitignore": "!/a.py"}, ["a.py", "src/b.py"]),
        ({".git/info/exclude": "!a.py", ".gitignore": "/a.py"}, ["src/a.py", "src/b.py", "src/deep/a.py"]),
        ({".midfillignore": "a.py"}, ["src/b.py"]),
        ({"src/.midfillignore": "a.py"}, ["a.py", "src/b.py"]),
        ({".gitignore": "a.py", ".midfillignore": "!/a.py"}, ["a.py", "src/b.py"]),
        ({"src/.gitignore": "!a.py", ".midfillignore": "a.py"}, ["src/b.py"]),
        ({".midfillignore": "a.py", "src/.midfillignore": "!/a.py"}, ["src/a.py", "src/b.py"]),
        ({".gitignore": "src/", ".midfillignore": "!src/a.py"}, ["a.py"]),
        ({".gitignore": "src/", ".midfillignore": "!src/"}, ["a.py", "src/a.py", "src/b.py", "src/deep/a.py"]),
        ({".gitignore": "\ufeffa.py\r\nb.py\r\n"}, []),
        ({".gitignore": "x\ry\na.py"}, ["src/b.py"]),
    ],
)
def test_the_nearest_rule_decides(tmp_path: Path, ignore_files: dict[str, str], expected: list[str]) -> None:
    write(tmp_path, REPOSITORY)
    write(tmp_path, ["a.py", "src/a.py", "src/b.py", "src/deep/a.py"])
    write(tmp_path, ignore_files)
    assert listed(tmp_path) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".git/HEAD": "", ".gitignore": "a.py"}, ["b.py", "c/b.py"]),
        ({".git/HEAD": "", ".gitignore": "/x/app/c/"}, ["a.py", "b.py"]),
        ({".git/HEAD": "", "x/.gitignore": "/app/a.py"}, ["b.py", "c/b.py"]),
        ({".git/HEAD": "", ".git/info/exclude": "/x/app/a.py"}, ["b.py", "c/b.py"]),
        ({".git/HEAD": "", ".midfillignore": "a.py"}, ["b.py", "c/b.py"]),
        ({".git/HEAD": "", ".gitignore": "/x/"}, ["a.py", "b.py", "c/b.py"]),
        ({"x/.git/HEAD": "", ".gitignore": "a.py", "x/.gitignore": "c"}, ["a.py", "b.py"]),
        ({"x/app/.git/HEAD": "", ".gitignore": "a.py", "x/.gitignore": "c"}, ["a.py", "b.py", "c/b.py"]),
        ({".gitignore": "a.py"}, ["a.py", "b.py", "c/b.py"]),
    ],
)
def test_rules_count_from_the_top_of_the_repository(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    write(tmp_path, ["x/app/a.py", "x/app/b.py", "x/app/c/b.py"])
    write(tmp_path, files)
    assert listed(tmp_path / "x" / "app") == expected


def test_a_repository_within_begins_anew(tmp_path: Path) -> None:
    write(tmp_path, {**REPOSITORY, ".gitignore": "a.py", ".midfillignore": "b.py"})
    write(tmp_path, ["sub/a.py", "sub/b.py", "sub/c.py", "sub/x/a.py"])
    write(tmp_path, {"sub/.git/info/exclude": "/x/"})
    assert listed(tmp_path) == ["sub/a.py", "sub/c.py"]


def test_the_users_own_rules_count_least(tmp_path: Path, user_folder: Path) -> None:
    write(user_folder, {"git/ignore": "a.py\nb.py"})
    write(tmp_path, {".gitignore": "!b.py", "a.py": "", "b.py": ""})
    assert listed(tmp_path) == ["a.py", "b.py"]
    write(tmp_path, REPOSITORY)
    assert listed(tmp_path) == ["b.py"]


def test_it_does_not_matter_whether_there_is_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home(_: type[Path]) -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", classmethod(no_home))
    write(tmp_path, REPOSITORY)
    write(tmp_path, ["a.py"])
    assert listed(tmp_path) == ["a.py"]


@needs_git
def test_worktrees_and_submodules_have_their_exclude_elsewhere(tmp_path: Path) -> None:
    def git(*arguments: str, at: str = "main") -> None:
        name = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
        subprocess.run([GIT, *name, *arguments], cwd=tmp_path / at, check=True, capture_output=True)

    for name in ("main", "other"):
        write(tmp_path, [f"{name}/a.py", f"{name}/b.py"])
        git("init", at=name)
        git("add", ".", at=name)
        git("commit", "-m", "first", at=name)
    git("worktree", "add", "../tree")
    git("submodule", "add", "../other", "module")
    write(tmp_path, {"main/.git/info/exclude": "a.py", "main/.git/modules/module/info/exclude": "b.py"})
    assert listed(tmp_path / "tree") == ["b.py"]
    assert listed(tmp_path / "main") == ["b.py", "module/a.py"]
    assert listed(tmp_path / "main" / "module") == ["a.py"]


@pytest.mark.parametrize("pointer", ["", "nonsense", "gitdir: ../missing", "gitdir: a\0b", "gitdir: " + "a" * 5000])
def test_a_git_file_that_leads_nowhere_is_no_error(tmp_path: Path, pointer: str) -> None:
    write(tmp_path, {".git": pointer, "a.py": "", "b.py": "", ".gitignore": "b.py"})
    assert listed(tmp_path) == ["a.py"]


def test_changed_rules_count_in_the_next_walk(tmp_path: Path) -> None:
    write(tmp_path, ["a.py", "b.py"])
    workspace = Workspace([tmp_path])
    table = [("a.py", ["b.py"]), ("b.py", ["a.py"]), ("", ["a.py", "b.py"]), ("*", [])]
    for number, (rules, expected) in enumerate(table):
        write(tmp_path, {".gitignore": rules})
        # Tests write faster than some disks count time.
        os.utime(tmp_path / ".gitignore", (number, number))
        assert [file.name for file in workspace.files()] == expected
        assert [name for name in ("a.py", "b.py") if workspace.find(tmp_path / name)] == expected
    (tmp_path / ".gitignore").unlink()
    assert [file.name for file in workspace.files()] == ["a.py", "b.py"]


def test_rules_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {".gitignore": "b.py", "a.py": ""})
    workspace = Workspace([tmp_path])
    list(workspace.files())
    monkeypatch.delattr(levels, "parse")
    assert workspace.find(tmp_path / "a.py")
    assert not workspace.find(tmp_path / "b.py")


def test_an_ignore_file_that_is_no_plain_file_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {"rules": "*", "a.py": "", "x/.gitignore/": "", "x/a.py": ""})
    link(tmp_path / ".gitignore", tmp_path / "rules")
    assert listed(tmp_path) == ["a.py", "x/a.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, ["a.py"])
    for name in (".gitignore", ".midfillignore", ".git"):
        os.mkfifo(tmp_path / name)
    assert listed(tmp_path) == ["a.py"]


def test_an_ignore_file_that_is_too_large_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*\n" + "#" * levels.LARGEST_FILE, "a.py": ""})
    assert listed(tmp_path) == ["a.py"]


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed")
def test_rules_need_not_be_utf8(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff\nb.py\n")
    write(tmp_path, ["a.py", "b.py"])
    assert listed(tmp_path) == ["a.py"]


def test_rules_that_cannot_be_read_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    write(tmp_path, {".gitignore": "a.py", "a.py": ""})
    monkeypatch.setattr(levels, "_lines", refuse)
    assert listed(tmp_path) == ["a.py"]
