"""Which files beside a document may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.context.workspace import LARGEST_FILE, read_text, siblings

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def names(document: Path, root: Path) -> list[str]:
    return [path.name for path in siblings(document, root)]


def test_siblings_are_of_the_same_directory_and_language(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": "b", "a.py": "a", "c.txt": "c", "sub/d.py": "d", "empty.py": ""})
    assert names(tmp_path / "a.py", tmp_path) == ["b.py"]


@pytest.mark.parametrize("name", ["secrets.py", "aws_credentials.py", "PASSWORDS.py", ".env.py"])
def test_files_that_may_hold_secrets_are_not_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "x", "b.py": "b"})
    assert names(tmp_path / "a.py", tmp_path) == ["b.py"]


def test_a_file_without_a_suffix_has_no_siblings(tmp_path: Path) -> None:
    write(tmp_path, {"id_rsa": "key", "config": "x"})
    assert names(tmp_path / "config", tmp_path) == []


@pytest.mark.parametrize("suffix", [".pem", ".key"])
def test_keys_are_not_read(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, {f"a{suffix}": "key", f"b{suffix}": "key"})
    assert names(tmp_path / f"a{suffix}", tmp_path) == []


def test_a_document_need_not_be_on_disk(tmp_path: Path) -> None:
    write(tmp_path, {"b.py": "b"})
    assert names(tmp_path / "new.py", tmp_path) == ["b.py"]
    assert names(tmp_path / "missing" / "new.py", tmp_path) == []


def test_hidden_and_large_files_and_links_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a", ".secret.py": "key", "large.py": "x" * (LARGEST_FILE + 1), "outside/key.py": "key"})
    try:
        (tmp_path / "link.py").symlink_to(tmp_path / "outside" / "key.py")
    except OSError:
        pytest.skip("this system allows no links")
    assert names(tmp_path / "a.py", tmp_path) == []


@pytest.mark.parametrize(
    ("files", "path", "ignored"),
    [
        ({".gitignore": "*_pb2.py"}, "x_pb2.py", True),
        ({".gitignore": "build/"}, "build/a.py", True),
        ({".gitignore": "/a.py"}, "src/a.py", False),
        ({"src/.gitignore": "a.py"}, "src/a.py", True),
        ({".gitignore": "a.py", "src/.gitignore": "!a.py"}, "src/a.py", False),
        ({".gitignore": "# all\n\n!a.py"}, "a.py", False),
        ({}, "a.py", False),
    ],
)
def test_gitignore_counts_at_every_level(tmp_path: Path, files: dict[str, str], path: str, ignored: bool) -> None:
    write(tmp_path, {path: "x", **files})
    assert ((tmp_path / path).name not in names((tmp_path / path).with_name("other.py"), tmp_path)) is ignored


def test_rules_above_the_workspace_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*", "app/a.py": "a", "b.py": "b"})
    assert names(tmp_path / "app" / "other.py", tmp_path / "app") == ["a.py"]
    assert names(tmp_path / "other.py", tmp_path / "app") == ["b.py"]


def test_changed_rules_count_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a", "b.py": "b"})
    assert names(tmp_path / "a.py", tmp_path) == ["b.py"]
    write(tmp_path, {".gitignore": "b.py"})
    assert names(tmp_path / "a.py", tmp_path) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a\r\nb\n", "a\nb\n"),
        (b"\xef\xbb\xbfa\n", "a\n"),
        ("é漢😀".encode(), "é漢😀"),
        (b"\xff\xfea\x00", None),
        (b"a\x00b", None),
    ],
)
def test_text_is_read_or_refused(tmp_path: Path, content: bytes, text: str | None) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert read_text(tmp_path / "a.py") == text


def test_what_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    assert read_text(tmp_path / "missing.py") is None
    assert read_text(tmp_path) is None
