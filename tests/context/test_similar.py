"""Which blocks look like the code at the cursor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context import similar
from lsp_server.context.digest import digest
from lsp_server.context.index import Index
from lsp_server.context.outline import How, Outline
from lsp_server.context.words import key


def index_of(*texts: str) -> Index:
    """Return an index of short files: their blocks have the numbers of the texts."""
    index = Index()
    for number, text in enumerate(texts):
        index.put(f"{number}.txt", digest(text, Outline(How.LINES)))
    return index


def weighed(index: Index, words: str) -> similar.Weighed:
    keys = np.array([key(word) for word in words.split()], np.uint32)
    return similar.weigh(index, keys, np.ones(len(keys)))


def likest(index: Index, words: str) -> list[int]:
    """Return the numbers of the blocks, the likest first."""
    rows, _ = similar.likest(index, weighed(index, words), index.alive, 10)
    return [int(row) for row in rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # The more words of the query a block has, the better; rare words count more, long blocks less.
        ("order total", [0, 2, 1]),
        ("total", [0, 2]),
        ("order", [1, 0, 2]),
        ("parcel", [3]),
        ("parcel order", [3, 1, 0, 2]),
        ("unknown", []),
        ("", []),
    ],
)
def test_likeness(query: str, expected: list[int]) -> None:
    texts = ["order total tea", "order cup", "order total tea cup many more words here", "parcel weight zone"]
    assert likest(index_of(*texts), query) == expected


def test_dead_blocks_count_for_nothing_but_are_found() -> None:
    index = index_of("order total", "order cup")
    index.drop("0.txt")
    assert weighed(index, "total").keys.tolist() == []
    assert likest(index, "cup") == [1]


def test_words_that_stand_everywhere_are_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "FEW_BLOCKS", 2)
    index = index_of(*["common rare"] * 2, *["common"] * 28)
    assert weighed(index, "common rare unknown").keys.tolist() == [key("rare")]


def test_the_rarest_words_come_first_and_no_more_than_may_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_of("aa bb cc", "aa bb", "aa")
    query = weighed(index, "aa bb cc")
    assert query.keys.tolist() == [key("cc"), key("bb"), key("aa")]
    assert sorted(query.weights, reverse=True) == query.weights.tolist()
    monkeypatch.setattr(similar, "MOST_POSTINGS", 3)
    assert weighed(index, "aa bb cc").keys.tolist() == [key("cc"), key("bb")]


def test_an_empty_index_has_nothing_alike() -> None:
    assert likest(Index(), "order") == []


@given(st.lists(st.floats(0, 1), max_size=20), st.integers(1, 8))
def test_the_best_are_sorted_and_above_nothing(scores: list[float], count: int) -> None:
    rows = similar.best(np.array(scores), count).tolist()
    expected = sorted((score for score in scores if score > 0), reverse=True)[:count]
    assert [scores[row] for row in rows] == expected
    assert len(set(rows)) == len(rows)
