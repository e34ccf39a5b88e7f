"""What is chosen fits its budget, by an exact count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.fit import fit
from lsp_server.core import Chunk
from tests.context.chosen import ORDERS, choose, indexed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LINES = st.text("abc \t漢", max_size=12)
CHUNKS = st.lists(
    st.builds(
        Chunk,
        path=st.sampled_from(["a.py", "folder/b.py"]),
        text=st.builds(lambda first, lines: "\n".join([f"x{first}", *lines]), LINES, st.lists(LINES, max_size=8)),
        reason=st.just("a signature"),
        score=st.floats(0, 2),
    ),
    max_size=6,
)


def size(chunk: Chunk) -> int:
    """A tokenizer for the tests: a token for each character, one for each file, and one for each line break."""
    return 1 + len(f"{chunk.path}\n{chunk.text}\n")


def pairs(chunk: Chunk) -> int:
    """A tokenizer whose tokens reach over line breaks, so that more text is not always more tokens."""
    return len(chunk.text.replace("\n\n", "\n").split("\n ")) + len(chunk.text) // 7 - chunk.text.count("a") // 8


@given(CHUNKS, st.integers(-10, 300), st.sampled_from([size, pairs]))
def test_chunks_fit_by_the_exact_count(chunks: list[Chunk], budget: int, count: Callable[[Chunk], int]) -> None:
    fitting = fit(chunks, budget, count)
    assert sum(map(count, fitting)) <= max(0, budget)
    # What is left is what was there, in its order, cut between lines at its end.
    left = iter(chunks)
    for chunk in fitting:
        assert chunk.text.strip()
        assert any(
            f"{one.text}\n".startswith(f"{chunk.text}\n") and (one.path, one.score) == (chunk.path, chunk.score)
            for one in left
        )
    if sum(map(count, chunks)) <= budget:
        assert fitting == tuple(chunks)


def test_the_least_worth_is_cut_first() -> None:
    best, worst = Chunk("a.py", "one\ntwo", "", 2.0), Chunk("b.py", "three\nfour\nfive", "", 1.0)
    for order in ((best, worst), (worst, best)):
        whole = sum(map(size, order))
        assert fit(order, whole, size) == order
        cut = Chunk("b.py", "three\nfour", "", 1.0)
        assert set(fit(order, whole - 1, size)) == {best, cut}
        assert fit(order, size(best) + 3, size) == (best,)
        assert fit(order, size(best) - 1, size) == (Chunk("a.py", "one", "", 2.0),)


@pytest.mark.parametrize("budget", [-5, 0, 1, 5])
def test_where_nothing_fits_there_is_nothing(budget: int, reading: Path) -> None:
    assert fit([Chunk("a.py", "one", "", 1.0)], budget, size) == ()
    chunks = choose(indexed(reading), reading / "shop/checkout.py", ORDERS, 500)
    assert fit(chunks, budget, size) == ()


@pytest.mark.parametrize("budget", [0, -100])
def test_without_a_budget_nothing_is_chosen(reading: Path, budget: int) -> None:
    assert choose(indexed(reading), reading / "shop/checkout.py", ORDERS, budget) == ()


@pytest.mark.parametrize("budget", [20, 60, 150, 400, 3000])
def test_about_as_much_is_chosen_as_there_is_room(reading: Path, budget: int) -> None:
    chunks = choose(indexed(reading), reading / "shop/checkout.py", ORDERS, budget)
    # Of this code a token has four characters; it is never much more than was asked for.
    assert sum(map(size, chunks)) < budget * 4 * 1.5 + 60
