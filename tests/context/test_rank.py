"""How likely the next lines need each definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from lsp_server.context import rank as module
from lsp_server.context.rank import Ranking, figures, rank
from lsp_server.context.rank_weights import MEANS, SCALES, WEIGHTS
from lsp_server.context.surroundings import survey
from lsp_server.context.words import key
from tests.context.chosen import indexed, settle
from tests.context.tree import write
from tests.cursor import place

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.context.index import Index
    from lsp_server.context.library import Library
    from lsp_server.context.rank import Relations
    from lsp_server.context.surroundings import Surroundings

CHECKOUT = """\
from shop.orders import Order


def settle(order: Order) -> None:
    order.‸
"""
# A document, and two definitions of other files: the first must be the likelier one.
LIKELIER = [
    # It is imported, and code like this uses it.
    ("shop/checkout.py", CHECKOUT, "grand_total", "post_json"),
    ("shop/checkout.py", CHECKOUT, "mark_as_paid", "aligned_row"),
    ("shop/checkout.py", CHECKOUT, "add_line", "printed_lines"),
    # The receiver's type says so.
    ("shop/news.py", "def send(client: HttpClient):\n    client.‸\n", "fetch_json", "mark_as_paid"),
    (
        "parcel/src/desk.rs",
        "use crate::weight::Weight;\nfn f(weight: Weight) {\n    weight.‸\n",
        "is_bulky",
        "TakePieces",
    ),
    # It is of the same language.
    ("web/src/page.ts", "function page(order) {\n  order.‸\n}\n", "sumOfBasket", "netAmountInCents"),
    # Its name has words that stand near.
    ("shop/desk.py", "# Find the customer again.\ncustomer = ‸\n", "find_customer", "closing_line"),
]


def asked(library: Library, path: Path, marked: str) -> tuple[Index, Surroundings, Relations]:
    where = place(marked)
    library.open(path, where.before + where.after)
    settle(library)
    index, relations = library.asked(path, where.before, where.after)
    return index, survey(where), relations


def chances(index: Index, ranking: Ranking) -> dict[int, float]:
    names = index.definitions["name"][ranking.rows].tolist()
    return dict(sorted(zip(names, ranking.chances.tolist(), strict=True), key=lambda pair: pair[1]))


@pytest.mark.parametrize(("path", "marked", "likelier", "other"), LIKELIER)
def test_what_is_likelier(reading: Path, path: str, marked: str, likelier: str, other: str) -> None:
    index, around, relations = asked(indexed(reading), reading / path, marked)
    found = chances(index, rank(index, around, relations))
    assert found[key(likelier)] > 2 * found[key(other)]


def test_every_figure_has_a_weight_a_mean_and_a_scale(reading: Path) -> None:
    rows, described = figures(*asked(indexed(reading), reading / "shop/checkout.py", CHECKOUT))
    assert set(described) | {"bias"} == set(WEIGHTS)
    assert set(described) == set(MEANS) == set(SCALES)
    assert all(scale > 0 for scale in SCALES.values())
    for values in described.values():
        assert values.shape == rows.shape
        assert np.isfinite(values).all()
    assert len(rows)


@pytest.mark.parametrize(
    "marked", ["‸", "\n\n‸\n", "order‸", "unknown_word.‸", CHECKOUT, "x = 1\n" * 5000 + "‸", "\ud800‸"]
)
def test_chances_are_between_nothing_and_one(reading: Path, marked: str) -> None:
    index, around, relations = asked(indexed(reading), reading / "shop/checkout.py", marked)
    found = rank(index, around, relations)
    assert len(found.chances) == len(found.rows) > 0
    assert ((found.chances >= 0) & (found.chances <= 1)).all()
    assert ((found.weights > 0) & (found.weights <= 1)).all()
    assert len(found.weights) == len(found.mentioned)
    assert (np.diff(found.scores) <= 0).all()
    assert (found.scores > 0).all()


def test_what_the_document_has_is_not_ranked(reading: Path) -> None:
    index, around, relations = asked(
        indexed(reading), reading / "shop/checkout.py", CHECKOUT + "\ngrand_total, fetch_json\n"
    )
    found = chances(index, rank(index, around, relations))
    assert {key("grand_total"), key("fetch_json"), key("Order")}.isdisjoint(found)
    assert key("post_json") in found


def test_nothing_of_the_document_itself_is_ranked(reading: Path) -> None:
    marked = (reading / "shop/orders.py").read_text(encoding="utf-8").replace("def grand_total", "‸def grand_total")
    index, around, relations = asked(indexed(reading), reading / "shop/orders.py", marked)
    assert relations.own == index.numbers["shop/orders.py"]
    found = rank(index, around, relations)
    for table, rows in (
        (index.definitions, found.rows),
        (index.definitions, found.mentioned),
        (index.blocks, found.blocks),
    ):
        assert len(rows)
        assert relations.own not in table["file"][rows]


def test_nothing_that_is_gone_is_ranked(shop: Path) -> None:
    library = indexed(shop)
    for name in ("shop/orders.py", "shop/test_orders.py"):
        (shop / name).unlink()
        library.touch(shop / name)
    index, around, relations = asked(library, shop / "shop/checkout.py", CHECKOUT)
    found = rank(index, around, relations)
    assert index.alive[index.definitions["file"][found.rows]].all()
    assert index.alive[index.definitions["file"][found.mentioned]].all()
    assert index.alive[index.blocks["file"][found.blocks]].all()


def test_mentioned_are_the_definitions_of_names_near(reading: Path) -> None:
    index, around, relations = asked(indexed(reading), reading / "shop/checkout.py", CHECKOUT)
    found = rank(index, around, relations)
    assert {int(name) for name in index.definitions["name"][found.mentioned]} == {key("Order")}


def test_in_a_large_workspace_the_likely_ones_are_looked_at(reading: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = asked(indexed(reading), reading / "shop/checkout.py", CHECKOUT)
    every = chances(question[0], rank(*question))
    monkeypatch.setattr(module, "ALL_DEFINITIONS", 0)
    some = chances(question[0], rank(*question))
    assert set(list(every)[-10:]) <= set(some) < set(every)
    assert all(chance == pytest.approx(every[name]) for name, chance in some.items())


def test_what_was_changed_last_is_likelier(reading: Path) -> None:
    library = indexed(reading)
    before = chances(*ranked(library, reading))
    path = reading / "shop/http.py"
    text = path.read_text(encoding="utf-8")
    library.open(path, text)
    library.visit(path)
    library.change(path, text.replace("def post_json(self, path", "def post_json(self, url"))
    after = chances(*ranked(library, reading))
    assert after[key("post_json")] > before[key("post_json")]


def ranked(library: Library, root: Path) -> tuple[Index, Ranking]:
    index, around, relations = asked(library, root / "shop/checkout.py", CHECKOUT)
    return index, rank(index, around, relations)


def test_an_empty_workspace_has_nothing_to_rank(tmp_path: Path) -> None:
    found = rank(*asked(indexed(tmp_path), tmp_path / "a.py", CHECKOUT))
    assert [len(part) for part in (found.rows, found.chances, found.mentioned, found.blocks)] == [0] * 4


def test_a_workspace_without_definitions(tmp_path: Path) -> None:
    write(tmp_path, {"a.css": "order\n", "empty.py": ""})
    found = rank(*asked(indexed(tmp_path), tmp_path / "b.py", "order = ‸\n"))
    assert len(found.rows) == 0
