"""Small trees of files for the tests of the workspace."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.context.workspace import Rules, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CODE = "x = 1\n"


def write(root: Path, files: Mapping[str, str] | Iterable[str]) -> None:
    """Write files by their paths below ``root``; those without a text get a line of code, ``name/`` is a directory."""
    texts = files if isinstance(files, dict) else dict.fromkeys(files, CODE)
    for name, text in texts.items():
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(text.encode())


def listed(root: Path, rules: Rules | None = None) -> list[str]:
    """Return the names that a workspace of one folder lists, and check that it finds just those files one by one."""
    workspace = Workspace([root], rules or Rules())
    files = list(workspace.files())
    walked = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    assert sorted(found.path for path in walked if (found := workspace.find(path))) == sorted(f.path for f in files)
    assert all(workspace.find(file.path) == file for file in files)
    return [file.name for file in files]


def link(path: Path, target: Path) -> None:
    """Make a link, or skip the test on a system that allows none."""
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system allows no links")
