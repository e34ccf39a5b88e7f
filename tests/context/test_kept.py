"""The choice before: what stays of it while one types, and what does not."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Chunk
from tests.context.chosen import AT_CLIENT, AT_ORDER, choose, indexed, paths, settle

if TYPE_CHECKING:
    from pathlib import Path


def test_the_choice_stays_while_one_types(reading: Path) -> None:
    library, path = indexed(reading), reading / "shop/desk.py"
    kept = choose(library, path, AT_ORDER, 200)
    assert kept
    for typed in ("order.‸", "order.m‸", "order.mark‸", "order.mark_as_paid(‸)", "order.mark_as_paid()\n    ‸"):
        assert choose(library, path, AT_ORDER.replace("order.‸", typed), 200, kept) == kept


def test_at_another_place_what_is_still_of_use_stands_in_front(reading: Path) -> None:
    library, path = indexed(reading), reading / "shop/desk.py"
    kept = choose(library, path, AT_ORDER, 120)
    moved = choose(library, path, AT_CLIENT, 120, kept)
    assert moved != kept
    assert moved[0] == kept[0]
    assert "shop/http.py" in paths(moved[1:])
    assert "shop/http.py" not in paths(kept)


def test_what_is_of_no_use_any_more_does_not_stay(reading: Path) -> None:
    library = indexed(reading)
    kept = choose(library, reading / "shop/desk.py", AT_ORDER, 120)
    rust = "use crate::weight::Weight;\n\nfn stamp(weight: Weight) {\n    if weight.‸\n}\n"
    moved = choose(library, reading / "parcel/src/desk.rs", rust, 120, kept)
    assert moved == choose(library, reading / "parcel/src/desk.rs", rust, 120)


def test_what_is_kept_is_not_shown_again(reading: Path) -> None:
    library, path = indexed(reading), reading / "warehouse/stock/shelf.go"
    text = path.read_text(encoding="utf-8")
    places = range(0, len(text), 60)
    for one, other in product(places, places):
        kept = library.choose(path, text[:one], text[one:], 80)
        for chunk in (chunks := library.choose(path, text[:other], text[other:], 300, kept)):
            lines = Counter((reading / chunk.path).read_text(encoding="utf-8").split("\n"))
            shown = [line for same in chunks if same.path == chunk.path for line in same.text.split("\n") if line]
            assert Counter(shown) <= lines


def test_chunks_whose_lines_are_gone_do_not_stay(reading: Path) -> None:
    library, path = indexed(reading), reading / "shop/desk.py"
    kept = choose(library, path, AT_ORDER, 200)
    assert "def grand_total(self) -> Money:" in "\n".join(chunk.text for chunk in kept)
    orders = reading / "shop/orders.py"
    library.open(orders, orders.read_text(encoding="utf-8").replace("grand_total(self)", "sum_of_all_lines(self)"))
    settle(library)
    for chunk in choose(library, path, AT_ORDER, 200, kept):
        assert chunk not in kept or chunk.path != "shop/orders.py"
        assert "def grand_total(self)" not in chunk.text


def test_chunks_of_files_that_are_gone_do_not_stay(shop: Path) -> None:
    library, path = indexed(shop), shop / "shop/desk.py"
    kept = choose(library, path, AT_ORDER, 200)
    (shop / "shop/orders.py").unlink()
    library.touch(shop / "shop/orders.py")
    assert "shop/orders.py" in paths(kept)
    assert "shop/orders.py" not in paths(choose(library, path, AT_ORDER, 200, kept))


@pytest.mark.parametrize(
    "kept",
    [Chunk("nowhere.py", "x = 1", "", 9.0), Chunk("", "", ""), Chunk("shop/money.py", "never_was_there()", "", 9.0)],
)
def test_a_choice_that_was_never_true_does_not_stay(reading: Path, kept: Chunk) -> None:
    chunks = choose(indexed(reading), reading / "shop/desk.py", AT_ORDER, 200, (kept,))
    assert kept not in chunks
    assert chunks
