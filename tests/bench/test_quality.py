"""`python -m bench.quality`: `midfill eval` under another name, and a repository of held-out files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.problems import Unmeasurable
from bench.quality import write_held_out
from lsp_server.evaluation.own.files import Scope, files

ROOT = Path(__file__).parents[2]


def test_it_is_midfill_eval() -> None:
    command = [sys.executable, "-m", "bench.quality", "list"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    assert "santacoder: " in said


def test_held_out_files_become_a_repository(tmp_path: Path) -> None:
    folder = tmp_path / "held"
    try:
        count = write_held_out(folder, [])
    except Unmeasurable as problem:
        pytest.skip(str(problem))
    assert len(files(folder.resolve(), scope=Scope.ALL)) > count / 2
    with pytest.raises(Unmeasurable, match="name a new folder"):
        write_held_out(folder, [])
