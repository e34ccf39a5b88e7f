"""Which files of the workspace are listed, and found."""

from __future__ import annotations

import inspect
import logging
import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from lsp_server.context import workspace as module
from lsp_server.context.workspace import LARGEST_FILE, Found, Rules, Workspace, read
from tests.context.tree import CODE, link, listed, write

posix_only = pytest.mark.skipif(os.name == "nt", reason="such names are not allowed")


@pytest.mark.parametrize(
    ("files", "rules", "expected"),
    [
        ([], Rules(), []),
        (["b.py", "a/z.py", "a.py", "Z.py", "a/b/c.py"], Rules(), ["Z.py", "a.py", "b.py", "a/z.py", "a/b/c.py"]),
        (["a.py", "a.json", "a.md", "a.png", "a"], Rules(), ["a.py"]),
        (["a.PY", "Makefile", "x/a.tsx"], Rules(), ["Makefile", "a.PY", "x/a.tsx"]),
        ([".github/scripts/a.py", ".eslintrc.js", ".a.py"], Rules(), [".a.py", ".eslintrc.js", ".github/scripts/a.py"]),
        (["a b/c d.py", "é/漢.py", "#a.py", "[c].py"], Rules(), ["#a.py", "[c].py", "a b/c d.py", "é/漢.py"]),
        ([".env.js", "secrets.py", "secret_manager.py", ".aws/a.py"], Rules(), ["secret_manager.py"]),
        (["node_modules/a.js", "x/.venv/a.py", ".git/a.py", "a.min.js", "b.js"], Rules(), ["b.js"]),
        (["target/a.rs", "out/CACHEDIR.TAG", "out/a.rs", "env/pyvenv.cfg", "env/x/a.py"], Rules(), ["target/a.rs"]),
        (["vendor/modules.txt", "vendor/x/a.go", "x/vendor/a.go"], Rules(), ["x/vendor/a.go"]),
        (["pyvenv.cfg", "CACHEDIR.TAG", "a.py"], Rules(), ["a.py"]),
        (["a.py", "b.py", "x/a.py"], Rules(exclude=("a.py",)), ["b.py"]),
        (["a.py", "gen/b.py", "x/gen/b.py"], Rules(exclude=("/gen/",)), ["a.py", "x/gen/b.py"]),
        (["a.py", "b.py"], Rules(exclude=("*.py", "!b.py")), ["b.py"]),
        (["a.py", "vault/b.py"], Rules(secrets=("vault/",)), ["a.py"]),
        (["a.py", ".env.py"], Rules(secrets=("!.env*",)), ["a.py"]),
        ({".midfillignore": "!a.py\n!.env.js\n!node_modules/", "a.py": "", ".env.js": "", "node_modules/a.js": ""},
         Rules(exclude=("a.py",)), []),
        ({"a.py": "", "b.py": "x", "c.py": "xy"}, Rules(largest_file=1), ["a.py", "b.py"]),
        ({"a.py": "x" * LARGEST_FILE, "b.py": "x" * (LARGEST_FILE + 1)}, Rules(), ["a.py"]),
    ],
)  # fmt: skip
def test_what_is_listed(tmp_path: Path, files: dict[str, str] | list[str], rules: Rules, expected: list[str]) -> None:
    write(tmp_path, files)
    assert listed(tmp_path, rules) == expected


@posix_only
def test_names_that_have_no_place_in_a_prompt_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ["a.py", "new\nline.py", "x\ny/a.py", "tab\t.py"])
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).touch()
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")).mkdir()
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff/a.py")).touch()
    except OSError:
        assert sys.platform == "darwin", "only APFS refuses such names"
    assert listed(tmp_path) == ["a.py"]


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.py": "x = 1\n"})
    os.utime(tmp_path / "src" / "a.py", ns=(1, 1_000_000_000))
    [file] = Workspace([tmp_path]).files()
    assert file == Found(tmp_path / "src" / "a.py", tmp_path, 6, 1_000_000_000)
    assert file.name == "src/a.py"


def test_a_file_belongs_to_the_innermost_folder(tmp_path: Path) -> None:
    write(tmp_path, ["a.py", "in/b.py", "in/x/c.py", "in/x/deep/d.py", "inner/e.py"])
    workspace = Workspace([tmp_path / "in" / "x", tmp_path, tmp_path / "in", tmp_path])
    files = [(file.root.relative_to(tmp_path).as_posix(), file.name) for file in workspace.files()]
    expected = [("in/x", "c.py"), ("in/x", "deep/d.py"), (".", "a.py"), (".", "inner/e.py"), ("in", "b.py")]
    assert files == expected
    assert all(workspace.find(file.path) == file for file in workspace.files())


def test_a_folder_that_was_opened_is_listed_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "", ".gitignore": "build/", "node_modules/build/a.js": "", "node_modules/b.js": ""})
    workspace = Workspace([tmp_path, tmp_path / "node_modules" / "build"])
    assert [file.name for file in workspace.files()] == ["a.js"]
    assert workspace.find(tmp_path / "node_modules" / "build" / "a.js")
    assert not workspace.find(tmp_path / "node_modules" / "b.js")


def test_folders_that_are_missing_or_files_have_nothing(tmp_path: Path) -> None:
    write(tmp_path, ["a.py"])
    assert list(Workspace([tmp_path / "missing", tmp_path / "a.py"]).files()) == []
    assert list(Workspace([]).files()) == []


def test_folders_may_be_given_in_any_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, ["x/a.py"])
    monkeypatch.chdir(tmp_path)
    for folder in (Path(), Path("x"), tmp_path / "x" / ".." / "x"):
        [file] = Workspace([folder]).files()
        assert file.path == tmp_path / "x" / "a.py"


@pytest.mark.parametrize(
    "path", ["missing.py", "x", "x/missing/a.py", "a.py/b.py", "", "../a.py", "x/\0.py", "x\0/a.py"]
)
def test_what_is_not_there_is_not_found(tmp_path: Path, path: str) -> None:
    write(tmp_path, ["w/a.py", "w/x/a.py", "a.py"])
    assert Workspace([tmp_path / "w"]).find(tmp_path / "w" / path) is None


def test_a_folder_beside_with_a_longer_name_is_outside(tmp_path: Path) -> None:
    write(tmp_path, ["app/a.py", "app2/a.py"])
    workspace = Workspace([tmp_path / "app"])
    assert workspace.find(tmp_path / "app" / "a.py")
    assert not workspace.find(tmp_path / "app2" / "a.py")


def test_no_link_is_followed(tmp_path: Path) -> None:
    write(tmp_path, ["outside/a.py", "w/a.py", "w/x/b.py"])
    root = tmp_path / "w"
    link(root / "out.py", tmp_path / "outside" / "a.py")
    link(root / "out", tmp_path / "outside")
    link(root / "within.py", root / "a.py")
    link(root / "loop", root)
    link(root / "x" / "up", root)
    link(root / "dangling.py", root / "missing.py")
    assert listed(root) == ["a.py", "x/b.py"]
    for name in ("out/a.py", "loop/a.py", "x/up/x/b.py"):
        assert Workspace([root]).find(root / name) is None


def test_a_folder_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, ["w/a.py"])
    link(tmp_path / "l", tmp_path / "w")
    assert listed(tmp_path / "l") == ["a.py"]


@pytest.mark.skipif(sys.platform != "win32", reason="junctions are Windows' own")
def test_no_junction_is_followed(tmp_path: Path) -> None:
    import _winapi  # noqa: PLC0415  only Windows has it

    write(tmp_path, ["outside/a.py", "w/b.py"])
    _winapi.CreateJunction(str(tmp_path / "outside"), str(tmp_path / "w" / "j"))  # type: ignore[attr-defined]
    assert listed(tmp_path / "w") == ["b.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_special_files_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": CODE, "dir.py/": ""})
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert listed(tmp_path) == ["a.py"]


def test_directories_that_cannot_be_listed_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, ["a/a.py", "b/b.py", "c/c.py"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("b/"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with caplog.at_level(logging.DEBUG, "lsp_server.context.workspace"):
        assert [file.name for file in Workspace([tmp_path]).files()] == ["a/a.py", "c/c.py"]
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert "b/ cannot be listed" in caplog.text


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_forbidden_directory_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ["a/a.py", "b/b.py"])
    (tmp_path / "a").chmod(0)
    try:
        assert listed(tmp_path) == ["b/b.py"]
        assert Workspace([tmp_path]).find(tmp_path / "a" / "a.py") is None
    finally:
        (tmp_path / "a").chmod(0o700)


def test_trees_may_be_deeper_than_pythons_stack(tmp_path: Path) -> None:
    name = "d/" * 60 + "a.py"
    write(tmp_path, [name])
    workspace = Workspace([tmp_path])
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 40)
    try:
        [file] = workspace.files()
        assert file.name == name
        assert workspace.find(file.path) == file
    finally:
        sys.setrecursionlimit(limit)


def test_what_vanishes_during_the_walk_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, ["a.py", "b.py", "c/c.py", "d/d.py"])
    files = Workspace([tmp_path]).files()
    assert next(files).name == "a.py"
    (tmp_path / "b.py").unlink()
    shutil.rmtree(tmp_path / "c")
    assert [file.name for file in files] == ["d/d.py"]


def test_the_walk_goes_no_further_than_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, ["a.py", "b/b.py", "c/c.json", "d/d.json"])
    listings = []
    entries = module._entries

    def counted(directory: str) -> list[os.DirEntry[str]]:
        listings.append(directory)
        return entries(directory)

    monkeypatch.setattr(module, "_entries", counted)
    steps = Workspace([tmp_path]).steps()
    seen = [(step.name if step else None, len(listings)) for step in steps]
    assert seen == [("a.py", 1), (None, 1), ("b/b.py", 2), (None, 2), (None, 3), (None, 4)]


def test_text_is_read_and_what_has_grown_is_not(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\r\n", "large.py": "x = 1\n" * 50_000})
    small, large = Workspace([tmp_path], Rules(largest_file=300_000)).files()
    assert read(small) == "x = 1\n"
    assert read(large) == "x = 1\n" * 50_000
    write(tmp_path, {"a.py": "x = 1\n" * 50_000, "large.py": "x = 1\n" * 50_001})
    assert read(small) is None
    assert read(large) is None
    (tmp_path / "a.py").unlink()
    assert read(small) is None
