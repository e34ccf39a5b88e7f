"""What is around a cursor."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lsp_server.context.surroundings import DOCUMENT_LINES, NEAR_LINES, SUFFIX_WEIGHT, Surroundings, survey
from lsp_server.context.words import key, pieces
from lsp_server.core import Place
from tests.cursor import place

if TYPE_CHECKING:
    from numpy.typing import NDArray


def numbers(words: str) -> list[int]:
    return sorted(key(word) for word in words.split())


def near(around: Surroundings) -> dict[int, float]:
    return dict(zip(around.near.tolist(), around.near_weights.tolist(), strict=True))


@pytest.mark.parametrize(
    ("marked", "receiver"),
    [
        ("order.‸", "order"),
        ("order.gr‸and", "order"),
        ("    if order .to‸", "order"),
        ("self.order.‸", "order"),
        ("make_order().‸", "make_order"),
        ("make_order(1, x).to‸", "make_order"),
        ("orders[0].‸", "orders"),
        ("order?.‸", "order"),
        ("order->‸", "order"),
        ("Order::‸", "Order"),
        ("orders[0]->to‸", "orders"),
        ("order‸", ""),
        ("order = ‸", ""),
        ("order.total() + ‸", ""),
        ("order.\n    ‸", ""),
        ("‸", ""),
        ("...‸", ""),
    ],
)
def test_receiver(marked: str, receiver: str) -> None:
    around = survey(place(marked))
    assert around.receiver.tolist() == numbers(receiver)
    assert around.receiver_pieces.tolist() == sorted({key(piece) for piece in pieces(receiver)})


@pytest.mark.parametrize(
    ("above", "types"),
    [
        ("order: Order = load()", "Order load"),
        ("order = Order()", "Order"),
        ("order := NewOrder()", "NewOrder"),
        ("let order = shop.orders[0]", "let shop orders"),
        ("Order order = load();", "Order load"),
        ("List<Order> order;", "List Order"),
        ("void ship(Order order) {", "void ship Order"),
        ("def ship(order: Order) -> None:", "def ship Order None"),
        ("fn ship(order: &Order) {", "fn ship Order"),
        ("Order *order = 0;", "Order"),
        ("order == other", ""),
        ("print(order)", ""),
        ("other: Order", ""),
        ("reorder: Order", ""),
    ],
)
def test_types_of_the_receiver(above: str, types: str) -> None:
    assert survey(place(f"{above}\norder.‸\n")).receiver_types.tolist() == numbers(types)


def test_the_last_declarations_count() -> None:
    above = "".join(f"order = Kind{number}()\n" for number in range(20))
    assert survey(place(f"{above}order.‸")).receiver_types.tolist() == numbers(
        " ".join(f"Kind{number}" for number in range(12, 20))
    )


def test_what_is_near_counts_more() -> None:
    around = survey(place("far\n\n\n\nnear\nhere ‸behind\nbelow\n\n\n\nlow\n"))
    weights = near(around)
    assert weights[key("here")] == 1
    order = ["here", "near", "behind", "below", "far", "low"]
    found = sorted(order, key=lambda word: -weights[key(word)])
    assert found[0] == "here"
    assert [word for word in found if word in {"here", "near", "far"}] == ["here", "near", "far"]
    assert [word for word in found if word in {"behind", "below", "low"}] == ["behind", "below", "low"]
    assert weights[key("behind")] == SUFFIX_WEIGHT
    assert all(0 < weight <= 1 for weight in weights.values())


def test_a_word_counts_where_it_is_nearest() -> None:
    assert near(survey(place("order\n\n\norder ‸ order\n")))[key("order")] == 1


def test_only_lines_around_are_near() -> None:
    far, close = "far\n" * 3, "close\n" * (NEAR_LINES - 1)
    around = survey(place(f"{far}{close}‸\n{close}{far}"))
    assert around.near.tolist() == numbers("close")
    assert around.document.tolist() == numbers("close far")


def test_of_a_long_document_the_lines_around_count() -> None:
    filler = "filler\n" * DOCUMENT_LINES
    assert survey(place(f"top\n{filler}‸\n{filler}end\n")).document.tolist() == numbers("filler")


def test_pieces_have_the_weight_of_the_nearest_word() -> None:
    around = survey(place("order_lines\n\n\nmake_order ‸"))
    weights = dict(zip(around.pieces.tolist(), around.piece_weights.tolist(), strict=True))
    assert sorted(weights) == numbers("order line make")
    assert weights[key("order")] == weights[key("make")] == 1 > weights[key("line")]


def sorted_once(keys: NDArray[np.uint32]) -> bool:
    return bool((np.diff(keys.astype(np.int64)) > 0).all())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n" * 10_000, "\n" * 10_000),
        ("ab " * 33_000, ""),
        ("x = [" + "a, " * 33_000, "]"),
        ("f(" * 50_000, ")" * 50_000),
        ("name" + " " * 100_000, ""),
        ("\ud800order.\udc00", "\ud800"),
        ("\0\x0c\u2028 order", "\r"),
        ("漢字.", ""),
    ],
)
def test_any_document_has_surroundings(before: str, after: str) -> None:
    around = survey(Place(before, after))
    for keys in (around.document, around.near, around.pieces, around.receiver, around.receiver_types):
        assert sorted_once(keys)
    assert len(around.near) == len(around.near_weights)
    assert len(around.pieces) == len(around.piece_weights)


def test_a_long_word_takes_no_longer_than_its_length() -> None:
    started = time.process_time()
    survey(Place("a" * 5_000, ""))
    assert time.process_time() - started < 0.1
