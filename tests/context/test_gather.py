"""What is chosen for a place in a document."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest

from tests.context.chosen import AT_CLIENT, ORDERS, WORKSPACE, check, choose, indexed, paths, rows
from tests.context.tree import write
from tests.cursor import CURSOR

if TYPE_CHECKING:
    from pathlib import Path

BILLING = "billing/src/main/java/com/acme/billing"
NOTE = '''\
"""What is packed with a parcel."""

from shop.orders import Order


def print_delivery_note(order: Order) -> str:
    """Return the note of an order."""
    ‸
    for line in order.lines:
        rows.append(line.article)
    return "\\n".join(rows)
'''
OTHER_LANGUAGES = {
    ".py": ("web/", "warehouse/", "billing/", "parcel/"),
    ".ts": ("shop/", "warehouse/", "billing/", "parcel/"),
    ".go": ("web/", "billing/", "parcel/"),
    ".java": ("shop/", "web/", "warehouse/", "parcel/"),
    ".rs": ("shop/", "web/", "warehouse/", "billing/"),
}
# What it is about, the document, the tokens, and lines that must be chosen.
CHOICES = [
    pytest.param(
        *("shop/checkout.py", ORDERS, 200),
        [
            "shop/orders.py: def grand_total(self) -> Money:",
            "shop/orders.py: def mark_as_paid(self, reference: str) -> None:",
        ],
        id="members of an imported class",
    ),
    pytest.param(
        "shop/news.py",
        "from shop.http import HttpClient\n\n\ndef send_news(client: HttpClient) -> None:\n    client.‸\n",
        100,
        ["shop/http.py: def fetch_json(self, path: str, query: dict[str, str]) -> Any:"],
        id="members of a parameter's type",
    ),
    pytest.param(
        "shop/news.py",
        "from shop.customers import Customer\nfrom shop.http import HttpClient\n\n\n"
        "def send_news(client: HttpClient, customer: Customer) -> None:\n    client.‸\n",
        200,
        ["shop/http.py: def post_json(self, path: str, body: dict[str, Any]) -> Any:"],
        id="members that nobody uses yet",
        marks=pytest.mark.xfail(strict=True, reason="being used elsewhere weighs more than the receiver's type"),
    ),
    pytest.param(
        "shop/tills.py",
        "from shop.money import parse_money\n\n\ndef read_price(text: str):\n    price = parse_money(‸\n",
        150,
        ['shop/money.py: def parse_money(text: str, default_currency: str = "EUR") -> Money:'],
        id="signature of an imported function",
    ),
    pytest.param(
        "shop/tills.py",
        "from shop.customers import find_customer\n\n\ndef known(address: str):\n    return find_customer(‸\n",
        150,
        ["shop/customers.py: def find_customer(client: HttpClient, email_address: str) -> Customer | None:"],
        id="signature of a function that is being called",
    ),
    pytest.param(
        *("shop/delivery_notes.py", NOTE, 500),
        ["shop/receipts.py: rows.append(head.aligned_row(line.article, str(line.quantity)))"],
        id="a similar function",
    ),
    pytest.param(
        *("shop/checkout.py", ORDERS, 250),
        ['shop/test_orders.py: order.mark_as_paid("transfer 17")'],
        id="examples of use",
    ),
    pytest.param(
        "shop/orders.py",
        "class Order:\n    def add_line(self, article: str) -> None:\n        ...\n\n    def ‸\n",
        200,
        ["shop/test_orders.py: def order_of_two_articles() -> Order:"],
        id="the test beside the file",
    ),
    pytest.param(
        "shop/test_orders.py",
        "from shop.orders import Order\n\n\ndef test_shipping() -> None:\n    ‸\n",
        600,
        [
            "shop/orders.py: def grand_total(self) -> Money:",
            "shop/orders.py: def ship_to(self, street: str, town: str) -> str:",
        ],
        id="the file beside the test",
    ),
    pytest.param(
        "warehouse/stock/desk.go",
        "package stock\n\nfunc promise(customerName string) {\n\treservation := ‸\n}\n",
        100,
        ["warehouse/stock/reservation.go: func NewReservation(customerName string, pieceCount int) Reservation {"],
        id="the same package in Go",
    ),
    pytest.param(
        "warehouse/stock/count.go",
        "package stock\n\nfunc keep(shelf *Shelf) error {\n\tif err := shelf.‸\n\treturn nil\n}\n",
        100,
        ["warehouse/stock/shelf.go: func (s *Shelf) TakePieces(count int) error {"],
        id="methods of a type in Go",
    ),
    pytest.param(
        f"{BILLING}/Reminder.java",
        "package com.acme.billing;\n\nclass Reminder {\n  long tax(TaxTable taxes) {\n    return taxes.‸\n  }\n}\n",
        150,
        [
            f"{BILLING}/TaxTable.java: public long taxForCountry(String country, long netInCents) {{",
        ],
        id="the same package in Java",
    ),
    pytest.param(
        "web/src/page.ts",
        'import { Basket } from "@/basket";\n\nexport function addTea(basket: Basket): void {\n  basket.‸\n}\n',
        100,
        ["web/src/basket.ts: putIntoBasket(item: BasketItem): void {"],
        id="an alias of tsconfig.json",
    ),
    pytest.param(
        "parcel/src/desk.rs",
        "use crate::label::Label;\nuse crate::weight::Weight;\n\nfn stamp(weight: Weight) {\n    if weight.‸\n}\n",
        100,
        ["parcel/src/weight.rs: pub fn is_bulky(&self) -> bool {"],
        id="a module in Rust",
    ),
]


@pytest.mark.parametrize(("path", "marked", "budget", "shown"), CHOICES)
def test_what_is_chosen(reading: Path, path: str, marked: str, budget: int, shown: list[str]) -> None:
    chunks = choose(indexed(reading), reading / path, marked, budget)
    check(chunks, shown, [f"{path}:"])


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("shop/checkout.py", ORDERS),
        ("warehouse/stock/count.go", "package stock\n\nfunc keep(shelf *Shelf) error {\n\tif err := shelf.‸\n}\n"),
        ("parcel/src/desk.rs", "use crate::weight::Weight;\n\nfn stamp(weight: Weight) {\n    if weight.‸\n}\n"),
    ],
)
def test_most_of_it_is_of_the_same_language(reading: Path, path: str, marked: str) -> None:
    others = OTHER_LANGUAGES[path[path.rindex(".") :]]
    table = rows(choose(indexed(reading), reading / path, marked, 120))
    assert len([row for row in table if row.startswith(others)]) * 4 < len(table)


@pytest.mark.parametrize("suffix", [".py", ".go", ".ts"])
def test_what_may_not_be_read_is_not_chosen(reading: Path, suffix: str) -> None:
    """Names of ignored, secret and generated files are asked for, and there is room for everything."""
    asked = "ignored_order ignoredBasket PAYMENT_PASSWORD payment_password_of GeneratedShelfTable LookUpGeneratedShelf"
    chunks = choose(indexed(reading), reading / f"shop/asking{suffix}", f"{asked}\n\norder = ‸\n{asked}\n", 100_000)
    never = ("build/", "web/src/basket.local.ts", "shop/secrets.py", ".env", "warehouse/catalogue/")
    check(chunks, [], never)
    shown = "\n".join(chunk.text for chunk in chunks)
    assert "never-to-be-read" not in shown
    assert not [word for word in asked.split() if word in shown]
    assert chunks


@pytest.mark.parametrize(
    "name", ["shop/orders.py", "web/src/basket.ts", "warehouse/stock/shelf.go", "parcel/src/label.rs"]
)
@pytest.mark.parametrize("budget", [100, 100_000])
def test_nothing_of_the_document_is_chosen(reading: Path, name: str, budget: int) -> None:
    text = (reading / name).read_text(encoding="utf-8")
    library = indexed(reading)
    for offset in range(0, len(text), len(text) // 4):
        # On disk, and open with another text than the one that is indexed.
        assert name not in paths(library.choose(reading / name, text[:offset], text[offset:], budget))
        assert name not in paths(choose(library, reading / name, f"{text[:offset]}‸{text[offset + 20 :]}", budget))


def test_names_that_the_document_has_are_not_paid_for(reading: Path) -> None:
    library = indexed(reading)
    far = "\n" * 50
    row = "shop/orders.py: def grand_total(self) -> Money:"
    assert row in rows(choose(library, reading / "shop/a.py", f"unrelated(){far}{ORDERS}", 150))
    assert row not in rows(choose(library, reading / "shop/a.py", f"x.grand_total(){far}{ORDERS}", 150))


def test_no_line_is_chosen_twice(reading: Path) -> None:
    library = indexed(reading)
    for name, marked, budget in product(
        ["shop/checkout.py", "web/src/page.ts"], [ORDERS, NOTE, AT_CLIENT], [100, 400, 5000]
    ):
        for chunk in choose(library, reading / name, marked, budget):
            lines = Counter((reading / chunk.path).read_text(encoding="utf-8").split("\n"))
            shown = Counter(line for line in chunk.text.split("\n") if line)
            assert shown <= lines
    assert len(paths(choose(library, reading / "a.py", ORDERS, 5000))) == len(
        choose(library, reading / "a.py", ORDERS, 5000)
    )


def test_chunks_say_why_they_are_there(shop: Path) -> None:
    write(
        shop,
        {
            "shop/broken.py": "def grand_total_of(order:\n    return order.grand_total(\n",
            "order.sql": "grand_total order\n",
        },
    )
    library = indexed(shop)
    chunks = choose(library, shop / "shop/checkout.py", ORDERS, 2000)
    assert all(chunk.reason and chunk.score > 0 for chunk in chunks)
    reasons = {chunk.path: chunk.reason for chunk in chunks}
    assert reasons["shop/orders.py"].endswith("of an imported file")
    assert "signature" in reasons["shop/orders.py"]
    assert "code like that at the cursor" in reasons["shop/test_orders.py"]
    assert reasons["shop/broken.py"].endswith("(by lines: parts do not parse)")
    assert reasons["order.sql"].endswith("(by lines)")
    score = {chunk.path: chunk.score for chunk in chunks}
    assert score["shop/orders.py"] > score["shop/letterhead.py"]


def test_signatures_stand_before_code_like_that_at_the_cursor(reading: Path) -> None:
    chunks = choose(indexed(reading), reading / "shop/checkout.py", ORDERS, 300)
    kinds = ["code like" in chunk.reason for chunk in chunks]
    assert kinds == sorted(kinds)
    assert {True, False} == set(kinds)
    for one, other in pairwise(chunks):
        assert one.score >= other.score or kinds[chunks.index(one)] != kinds[chunks.index(other)]


# --- any document ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marked",
    [
        "‸",
        "\n" * 5000 + "‸" + "\n" * 5000,
        "x = [" + "order, " * 14_000 + "‸",
        "(" * 2_000 + "‸",
        "\ud800 order.‸\udc00\n",
        "\0order.‸\x0c\u2028\n",
        "漢字.‸",
        "<|fim_middle|>order.‸",
    ],
    ids=[
        "empty",
        "only newlines",
        "one long line",
        "brackets",
        "surrogates",
        "control characters",
        "Chinese",
        "special",
    ],
)
@pytest.mark.parametrize("suffix", [".py", ".ts", ""])
def test_any_document_has_a_choice(reading: Path, marked: str, suffix: str) -> None:
    library = indexed(reading)
    chunks = choose(library, reading / f"weird{suffix}", marked, 100)
    assert all(chunk.path in set(library._index.numbers) and chunk.text for chunk in chunks)
    assert choose(library, reading / f"weird{suffix}", marked, 100, chunks) == chunks


def test_the_workspace_of_the_tests_is_not_marked() -> None:
    assert not [
        path for path in WORKSPACE.rglob("*.*") if path.is_file() and CURSOR in path.read_text(encoding="utf-8")
    ]
