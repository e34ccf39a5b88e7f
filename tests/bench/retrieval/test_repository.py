"""Files of a commit out of a clone, whatever its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.retrieval import repository, run
from tests.bench.retrieval.clones import NAME, SHOP, clone, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def bare(folder: Path) -> None:
    (folder / "acme+shop").rename(folder / "work")
    git(folder, "clone", "-q", "--bare", "work", "acme+shop")


def bare_below(folder: Path) -> None:
    (folder / "acme+shop").rename(folder / "work")
    git(folder, "clone", "-q", "--bare", "work", "acme+shop/repo")


def tree_below(folder: Path) -> None:
    (folder / "acme+shop").rename(folder / "work")
    (folder / "acme+shop").mkdir()
    (folder / "work").rename(folder / "acme+shop" / "repo")


@pytest.mark.parametrize("shape", [lambda _folder: None, bare, bare_below, tree_below])
def test_all_shapes_of_clones(tmp_path: Path, shape: Callable[[Path], None]) -> None:
    commit = clone(tmp_path, SHOP)
    shape(tmp_path)
    with run.checked_out(tmp_path, NAME, commit[:10]) as sources:
        assert sources.commit == commit
        assert list(sources.files) == sorted(path for path in SHOP if path.endswith(".py"))
        assert sources.files["shop/cart.py"] == SHOP["shop/cart.py"]
        assert (sources.root / "docs/notes.md").is_file()
        assert sources.root.name == "shop"


def test_the_commit_counts_and_not_the_work_tree(tmp_path: Path) -> None:
    clone(tmp_path, {"a.py": "old = 1\n"}, {"a.py": "new = 1\n", "b.py": ""})
    (tmp_path / "acme+shop" / "c.py").write_text("not committed\n", encoding="utf-8")
    with run.checked_out(tmp_path, NAME, "HEAD~1") as sources:
        assert dict(sources.files) == {"a.py": "old = 1\n"}


def test_what_is_no_source(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "large.py": "#" * (repository.LARGEST_FILE + 1),
        "huge.json": "#" * (repository.LARGEST_WRITTEN + 1),
        "latin.py": b"# \xe9\n",
        "binary.py": b"\0\n",
        "data.json": "{}\n",
        "windows.py": b"\xef\xbb\xbfa = 1\r\nb = 2\r\n",
    }
    clone(tmp_path, files)
    (tmp_path / "acme+shop" / "link.py").symlink_to("/etc/hostname")
    git(tmp_path / "acme+shop", "add", "-A")
    git(tmp_path / "acme+shop", "commit", "-q", "-m", "A link")
    with run.checked_out(tmp_path, NAME, "HEAD") as sources:
        assert dict(sources.files) == {"windows.py": "a = 1\nb = 2\n"}
        there = {path.name for path in sources.root.iterdir()}
        assert there == set(files) - {"huge.json"}
        assert (sources.root / "windows.py").read_bytes() == files["windows.py"]


def test_the_history_goes_back_from_the_commit(tmp_path: Path) -> None:
    clone(tmp_path, {"a.py": "1", "ü.py": "1"}, {"b.py": "1"}, {"a.py": "2"})
    with run.checked_out(tmp_path, NAME, "HEAD~1") as sources:
        assert sources.history == [("b.py",), ("a.py", "ü.py")]


@pytest.mark.parametrize(
    ("name", "commit", "reason"),
    [("acme/other", "HEAD", "no clone"), (NAME, "0" * 40, "not have the commit"), (NAME, "--help", "the commit")],
)
def test_what_is_not_there(tmp_path: Path, name: str, commit: str, reason: str) -> None:
    clone(tmp_path, SHOP)
    with pytest.raises(run.NotThere, match=reason), run.checked_out(tmp_path, name, commit):
        pass
