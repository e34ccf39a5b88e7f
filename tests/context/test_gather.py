"""Which pieces of other files are chosen, and that they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.context.gather import BESIDE, MENTIONED, gather, head
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from pathlib import Path

TWO_FUNCTIONS = "import os\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"


def size(text: str) -> int:
    """A tokenizer for the tests: a token for each character."""
    return len(text)


@pytest.mark.parametrize(
    ("budget", "suffix", "expected"),
    [
        (1000, ".py", TWO_FUNCTIONS),
        (len(TWO_FUNCTIONS), ".py", TWO_FUNCTIONS),
        (len(TWO_FUNCTIONS) - 1, ".py", "import os\n\n\ndef first():\n    return 1\n\n\n"),
        (20, ".py", "import os\n\n\n"),
        (60, ".rs", "import os\n\n\ndef first():\n    return 1\n\n\ndef second():\n"),
        (5, ".py", ""),
        (0, ".py", ""),
    ],
)
def test_a_file_is_cut_between_its_parts(budget: int, suffix: str, expected: str) -> None:
    assert head(TWO_FUNCTIONS, suffix, budget, size) == expected


def test_a_part_larger_than_the_budget_is_cut_between_lines() -> None:
    assert head("class Long:\n" + "    x = 1\n" * 50, ".py", 35, size) == "class Long:\n    x = 1\n    x = 1\n"


def test_files_that_the_document_mentions_come_first(tmp_path: Path) -> None:
    for name in ("a", "b", "z"):
        (tmp_path / f"{name}.py").write_text(f"{name.upper()} = {'1' * 30}\n")
    chunks = gather(tmp_path / "main.py", tmp_path, "import z\n", 100, size)
    assert chunks == (
        Chunk("a.py", f"A = {'1' * 30}\n", BESIDE),
        Chunk("z.py", f"Z = {'1' * 30}\n", MENTIONED),
    )


@pytest.mark.parametrize("budget", [0, 1, 10, 50, 100, 300, 10_000])
def test_the_pieces_fit_the_budget(tmp_path: Path, budget: int) -> None:
    for number in range(5):
        (tmp_path / f"file{number}.py").write_text(f"value = {number}\n" * 20 * (number + 1))
    chunks = gather(tmp_path / "main.py", tmp_path, "", budget, size)
    assert sum(size(f"#{chunk.path}\n{chunk.text}\n") for chunk in chunks) <= budget
    assert all(chunk.text for chunk in chunks)
    assert [c.path for c in chunks] == sorted(c.path for c in chunks)
    assert bool(chunks) == (budget >= 50)


def test_paths_are_those_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "other.py").write_text("A = 1\n")
    assert [c.path for c in gather(tmp_path / "src" / "main.py", tmp_path, "", 100, size)] == ["src/other.py"]


def test_files_that_are_not_text_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "binary.py").write_bytes(b"\xff\x00\xfe")
    (tmp_path / "text.py").write_text("A = 1\n")
    assert [c.path for c in gather(tmp_path / "main.py", tmp_path, "", 100, size)] == ["text.py"]
