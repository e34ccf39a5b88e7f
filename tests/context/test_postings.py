"""Growing tables, and the rows in which a number occurs, against plain lists and dicts."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context import postings as module
from lsp_server.context.postings import Column, Lists, Postings, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = st.integers(0, 20) | st.integers(0, 2**32 - 1)
# Each step adds pairs of a key and a row, or removes some of the keys that are there.
STEPS = st.lists(st.tuples(st.booleans(), st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8)), max_size=8)


@pytest.fixture(autouse=True, scope="module")
def small_merges() -> Iterator[None]:
    """Merge after a few pairs, so that there are several parts to look into."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_WAITING", 5)
        patch.setattr(module, "_LARGEST_PART", 30)
        yield


@given(st.lists(st.lists(NUMBERS, max_size=200), max_size=8))
def test_a_column_is_what_was_appended(parts: list[list[int]]) -> None:
    column = Column(np.uint32)
    for part in parts:
        column.extend(np.array(part, np.uint32))
    assert column.values.tolist() == list(chain.from_iterable(parts))
    assert len(column) == len(column.values)
    assert column.bytes >= column.values.nbytes


def test_a_table_grows_by_rows() -> None:
    table = Table({"number": np.uint32, "is_odd": np.bool_})
    assert len(table) == 0
    first = table.extend(number=np.array([1, 2], np.uint32), is_odd=np.array([True, False]))
    second = table.extend(number=np.array([3], np.uint32), is_odd=np.array([True]))
    nothing = table.extend(number=np.array([], np.uint32), is_odd=np.array([], np.bool_))
    assert (first.tolist(), second.tolist(), nothing.tolist()) == ([0, 1], [2], [])
    assert (table["number"].tolist(), table["is_odd"].tolist()) == ([1, 2, 3], [True, False, True])


@given(st.lists(st.lists(st.lists(NUMBERS, max_size=4), max_size=4), max_size=4), st.data())
def test_lists_are_those_of_the_rows_that_are_asked_for(parts: list[list[list[int]]], data: st.DataObject) -> None:
    lists = Lists()
    for part in parts:
        lists.extend(
            np.array(list(chain.from_iterable(part)), np.uint32), np.array([len(one) for one in part], np.uint8)
        )
    expected = list(chain.from_iterable(parts))
    asked = data.draw(st.lists(st.integers(0, len(expected) - 1), max_size=6)) if expected else []
    found = lists.of(np.array(asked, np.uint32))
    pairs = [(place, value) for place, row in enumerate(asked) for value in expected[row]]
    assert list(zip(found.asked.tolist(), found.values.tolist(), strict=True)) == pairs


@given(STEPS, st.lists(NUMBERS, max_size=8))
def test_postings_are_a_dict_of_lists(steps: list[tuple[bool, list[tuple[int, int]]]], others: list[int]) -> None:
    postings = Postings()
    rows: dict[int, list[int]] = {}
    counts: Counter[int] = Counter()
    for is_removal, pairs in steps:
        keys = [key for key, _ in pairs]
        if is_removal:
            gone = [key for key in dict.fromkeys(keys) if counts[key]]
            postings.remove(np.array(gone, np.uint32))
            counts.subtract(gone)
        else:
            postings.add(np.array(keys, np.uint32), np.array([row for _, row in pairs], np.uint32))
            counts.update(keys)
            for key, row in pairs:
                rows.setdefault(key, []).append(row)
        asked = list(dict.fromkeys([*rows, *others]))
        keys_asked = np.array(asked, np.uint32)
        assert postings.counts(keys_asked).tolist() == [counts[key] for key in asked]
        found = postings.find(keys_asked)
        pairs_found = list(zip(found.asked.tolist(), found.values.tolist(), strict=True))
        # What is removed is still found: the index knows which rows are alive.
        assert sorted(pairs_found) == sorted((at, row) for at, key in enumerate(asked) for row in rows.get(key, []))


def test_nothing_is_asked_for_and_nothing_found() -> None:
    nothing = np.empty(0, np.uint32)
    for keys in (nothing, np.array([1], np.uint32)):
        assert Postings().counts(keys).tolist() == [0] * len(keys)
        assert Postings().find(keys).values.tolist() == []
    assert Lists().of(nothing).values.tolist() == []
