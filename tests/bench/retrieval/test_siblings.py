"""The files beside the document, from their tops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.retrieval.repository import Sources
from bench.retrieval.siblings import BESIDE, MENTIONED, MOST_CHUNKS, Siblings, estimate, head
from bench.retrieval.strategy import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lsp_server.core import Chunk

BEFORE = "import near\n\nprint(near.x)\n"
FILES = {
    "shop/cart.py": BEFORE,
    "shop/after.py": "after = 1\n",
    "shop/near.py": "near = 1\n",
    "shop/blank.py": "\n\n",
    "shop/near.pyi": "near: int\n",
    "shop/sub/near.py": "deeper = 1\n",
    "near.py": "above = 1\n",
}


def words(text: str) -> int:
    return len(text.split())


def chosen(files: Mapping[str, str], budget: int) -> list[Chunk]:
    sources = Sources("acme/shop", "0" * 40, files, Path(), ())
    return list(Siblings(sources, words).choose(Query("shop/cart.py", BEFORE, ""), budget))


def test_mentioned_files_of_the_directory_come_first() -> None:
    shown = [(chunk.path, chunk.text, chunk.reason) for chunk in chosen(FILES, 100)]
    assert shown == [("shop/near.py", "near = 1", MENTIONED), ("shop/after.py", "after = 1", BESIDE)]


@pytest.mark.parametrize(("others", "expected"), [(("a",), 90), (("a", "b"), 47)])
def test_a_file_takes_half_of_the_budget_unless_it_is_the_only_one(others: tuple[str, ...], expected: int) -> None:
    files = {f"shop/{name}.py": "".join(f"x{line}\n" for line in range(90)) for name in others}
    first, *_ = chosen(files, 100)
    assert words(first.text) <= expected
    assert words(first.text) > expected - 5


def test_there_are_no_more_pieces_than_say_something() -> None:
    files = {f"shop/{number:02}.py": "x = 1\n" for number in range(30)}
    assert len(chosen(files, 1000)) == MOST_CHUNKS
    assert not chosen(files, 20)
    assert not chosen({}, 1000)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (100, "def a():\n    one\n    two\n\n\ndef b():\n    three\n"),
        # The blank lines behind a part are the part's.
        (6, "def a():\n    one\n    two\n\n\n"),
        (3, "def a():\n    one\n"),
        (1, ""),
        (-5, ""),
    ],
)
def test_a_file_is_cut_where_a_part_begins(budget: int, expected: str) -> None:
    assert head("def a():\n    one\n    two\n\n\ndef b():\n    three\n", ".py", budget, words) == expected


def test_the_estimate_is_about_a_token_for_four_characters() -> None:
    assert estimate("") == 0
    assert 5 <= estimate("def price_of(item):\n    return 1\n") <= 20
