"""The benchmark of large workspaces from end to end, on small ones; and the files that it makes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from bench import indexing, library_figures
from bench.made_dialects import DIALECTS
from bench.made_workspace import FILES_A_PACKAGE, make
from bench.problems import Unmeasurable
from lsp_server.context.library import Library
from lsp_server.context.outline import How, Outline, outline

if TYPE_CHECKING:
    from pathlib import Path

FILES = FILES_A_PACKAGE * len(DIALECTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made")
    make(made, FILES, 7)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_makes_the_same_files(folder: Path, tmp_path: Path) -> None:
    paths = make(tmp_path / "same", FILES, 7)
    assert contents(tmp_path / "same") == contents(folder)
    assert len(set(paths)) == FILES
    make(tmp_path / "other", FILES, 8)
    assert contents(tmp_path / "other") != contents(folder)


def test_made_files_look_like_code(folder: Path) -> None:
    outlines: dict[str, Outline] = {}
    lines: list[int] = []
    for path, content in contents(folder).items():
        if not path.endswith(".mod"):
            outlines[path] = outline(content.decode(), path.rpartition("/")[2])
            lines.append(content.count(b"\n"))
    assert len(outlines) == FILES
    assert 140 < min(lines) <= max(lines) < 260
    hows = Counter(shape.how for shape in outlines.values())
    assert hows[How.SYNTAX] > 0.9 * FILES
    assert hows[How.LINES] == 0
    assert all(len(shape.definitions) >= 5 for shape in outlines.values())
    assert Counter(path.rpartition(".")[2] for path in outlines) == {"py": 24, "ts": 24, "java": 12, "go": 12}


def test_imports_lead_to_files_that_are_there(folder: Path) -> None:
    library = Library([folder])
    library_figures.settle(library)
    for path in contents(folder):
        if not path.endswith(".mod"):
            text = (folder / path).read_text(encoding="utf-8")
            index, relations = library.asked(folder / path, text, "")
            assert len(index.numbers) == FILES
            assert relations.imported.sum() >= 1, path


def test_a_benchmark(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["indexing", "--files", str(FILES), "--choices", "3"])
    indexing.main()
    *shown, last = capsys.readouterr().out.strip().split("\n")
    assert any("the first choice in a document" in line for line in shown)
    result: dict[str, Any] = json.loads(last)
    assert result["benchmark"] == "indexing"
    assert result["seed"] == 0
    assert result["machine"]["cores"]
    assert [one["files"] for one in result["growth"]] == [FILES // 4, FILES // 2, FILES]
    assert result["filled"]["files"] == result["warm"]["files"] == result["cold"]["files"] == FILES
    assert result["cacheBytes"] > 0
    cold = result["cold"]
    for name in ("open", "choose", "chooseAgain", "change", "steps"):
        for clock in ("wall", "cpu"):
            spread = cold[name][clock]
            assert 0 <= spread["p50"] <= spread["max"], name
    assert cold["changesNotFound"] == 0
    assert cold["chunksAChoice"] >= 1
    assert cold["rebuild"]["cpu"] > 0
    assert cold["bytes"]["empty"] < cold["bytes"]["indexed"]


def commit_of(folder: Path, made: Path) -> None:
    """Make a clone of ``me/made`` in a folder."""
    git = ("git", "-C", str(made), "-c", "user.name=me", "-c", "user.email=me@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run([*git, *command], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(made), str(folder / "me+made")], check=True)  # noqa: S607  the one on the path


def test_clones(tmp_path: Path) -> None:
    make(tmp_path / "made", FILES, 7)
    (tmp_path / "clones").mkdir()
    commit_of(tmp_path / "clones", tmp_path / "made")
    options = indexing.parsed(["--repos", str(tmp_path / "clones"), "me+made", "--choices", "2"])
    result = indexing.measured(options)
    assert result["repositories"] == ["me+made"]
    assert result["growth"] == []
    assert result["cold"]["files"] == FILES
    indexing.show(result)


@pytest.mark.parametrize("arguments", [["--files", "0"], ["--choices", "-1"], ["--repos", "clones"]])
def test_arguments_that_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        indexing.parsed(arguments)


def test_a_clone_that_is_missing(tmp_path: Path) -> None:
    options = indexing.parsed(["--repos", str(tmp_path), "me+made"])
    with pytest.raises(Unmeasurable, match="no clone of me/made"):
        indexing.measured(options)


def test_a_process_that_fails(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(Unmeasurable, match="failed"):
        indexing.figures(tmp_path, None, 1, 0)
