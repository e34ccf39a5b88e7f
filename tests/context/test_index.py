"""The workspace in numbers, against plain dicts of texts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.digest import ARRAYS, BLOCK_LINES, Digest, digest
from lsp_server.context.index import Index, Renewal, is_test, language_key
from lsp_server.context.outline import outline
from lsp_server.context.words import WORD, key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.context.postings import Postings

TEXTS = [
    "",
    "price = 1\n",
    "def total(order):\n    return order.lines\n",
    "class Order(Base):\n    def total(self): ...\n    def lines(self): ...\n",
    "order = Order()\n" * 25,
    "broken = (\n",
]
NAMES = ["a.py", "b.py", "x/a.py"]
WORDS = sorted({word for text in TEXTS for word in WORD.findall(text)} | {"unknown"})
KEYS = np.array([key(word) for word in WORDS], np.uint32)
# `None` drops the file.
STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.none() | st.sampled_from(TEXTS)), max_size=12)


def digested(text: str, name: str = "a.py") -> Digest:
    return digest(text, outline(text, name))


def blocks(text: str) -> list[set[int]]:
    lines = text.split("\n")
    return [
        {key(word) for word in WORD.findall("\n".join(lines[at : at + BLOCK_LINES]))}
        for at in range(0, len(lines), BLOCK_LINES)
    ]


def found(index: Index, listed: Postings, files: NDArray[np.uint32]) -> Counter[tuple[int, str]]:
    """Return how often each key is found in each file that is there."""
    pairs = listed.find(KEYS)
    held = (index.files[number] for number in files[pairs.values])
    return Counter((int(KEYS[at]), file.name) for at, file in zip(pairs.asked, held, strict=True) if file)


@given(STEPS)
def test_the_index_is_what_was_put_last(steps: list[tuple[str, str | None]]) -> None:
    index = Index()
    texts: dict[str, str] = {}
    rows = 0
    for name, text in steps:
        if text is None:
            index.drop(name)
            texts.pop(name, None)
        else:
            index.put(name, digested(text))
            texts[name] = text
            rows += len(blocks(text))
    assert set(index.numbers) == set(texts)
    assert {file.name for file in index.files if file} == set(texts)
    assert index.alive.tolist() == [file is not None for file in index.files]
    words = Counter((number, name) for name, text in texts.items() for block in blocks(text) for number in block)
    defined = Counter((key(one.name), name) for name, text in texts.items() for one in outline(text, name).definitions)
    for listed, files, expected in (
        (index.blocks_by_word, index.blocks["file"], words),
        (index.by_name, index.definitions["file"], defined),
    ):
        assert found(index, listed, files) == expected
        counts = [sum(count for (number, _), count in expected.items() if number == asked) for asked in KEYS]
        assert listed.counts(KEYS).tolist() == counts
    alive = sum(len(blocks(text)) for text in texts.values())
    assert index.block_count == alive
    assert not index.is_worn


@given(STEPS, STEPS)
def test_an_index_that_is_built_anew_is_the_same_without_the_dead(
    steps: list[tuple[str, str | None]], meanwhile: list[tuple[str, str | None]]
) -> None:
    index = Index()
    texts: dict[str, str] = {}

    def change(name: str, text: str | None) -> None:
        if text is None:
            index.drop(name)
            texts.pop(name, None)
        else:
            index.put(name, digested(text))
            texts[name] = text

    for step in steps:
        change(*step)
    renewal = Renewal(index)
    for step in meanwhile:
        renewal.step()
        change(*step)
    while renewal.step():
        pass
    renewed = renewal.index
    assert set(renewed.numbers) == set(texts)
    for name, text in texts.items():
        for one in (index, renewed):
            kept = one.digest_of(one.numbers[name])
            assert kept is not None
            kept.check()
            expected = digested(text)
            assert kept.how == expected.how
            for array, kind in ARRAYS.items():
                assert sorted(getattr(kept, array).tolist()) == sorted(getattr(expected, array).tolist()), array
                assert getattr(kept, array).dtype == kind
    assert renewed.blocks_by_word.counts(KEYS).tolist() == index.blocks_by_word.counts(KEYS).tolist()
    if not meanwhile:
        assert len(renewed.blocks) == sum(len(blocks(text)) for text in texts.values())


def test_rows_of_a_file() -> None:
    index = Index()
    index.put("other.py", digested(TEXTS[2]))
    index.put("shop/order.py", digested(TEXTS[3]))
    file = index.files[index.numbers["shop/order.py"]]
    assert file is not None
    table = index.definitions
    first, end = file.definitions
    assert table["name"][first:end].tolist() == [key("Order"), key("total"), key("lines")]
    assert table["parent"][first:end].tolist() == [-1, first, first]
    assert table["owner"][first:end].tolist() == [0, key("Order"), key("Order")]
    assert index.by_owner.find(np.array([key("Order")], np.uint32)).values.tolist() == [first + 1, first + 2]
    assert index.blocks["start"][slice(*file.blocks)].tolist() == [0]
    assert index.bytes > 0


def test_an_empty_index() -> None:
    index = Index()
    assert not index.is_worn
    index.drop("a.py")
    assert index.blocks_by_word.counts(KEYS).sum() == 0
    assert len(index.alive) == len(index.tests) == len(index.languages) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_order.py", True),
        ("shop/order_test.go", True),
        ("order.test.ts", True),
        ("order.spec.tsx", True),
        ("src/test/java/OrderTest.java", True),
        ("OrderTests.cs", True),
        ("OrderIT.java", True),
        ("tests/conftest.py", True),
        ("spec/order_spec.rb", True),
        ("__tests__/order.js", True),
        ("order.py", False),
        ("contest.py", False),
        ("latest.py", False),
        ("shop/testimony.py", False),
        ("attest/order.py", False),
        ("Contest.java", False),
    ],
)
def test_tests_are_told_by_their_names(name: str, expected: bool) -> None:
    assert is_test(name) is expected


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("a.ts", "b.jsx", True),
        ("a.c", "b.hpp", True),
        ("a.java", "b.kt", True),
        ("a/b.py", "c.pyi", True),
        ("a.py", "a.go", False),
        ("a.java", "a.js", False),
    ],
)
def test_languages(one: str, other: str, are_alike: bool) -> None:
    assert (language_key(one) == language_key(other)) is are_alike
