"""Choices as tables: a document with a cursor mark, and what of other files must be chosen for it, or must not be.

A row is ``shop/orders.py: def grand_total(self) -> Money:``: a line of a file, without its indentation.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.context.library import Library
from tests.cursor import unmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lsp_server.core import Chunk

WORKSPACE = Path(__file__).parent / "workspace"
ORDERS = "from shop.orders import Order\n\n\ndef settle(order: Order) -> None:\n    order.‸\n"
DESK = """\
from shop.customers import Customer, find_customer
from shop.http import HttpClient
from shop.orders import Order


def settle(order: Order) -> None:
    order.


def send_news(client: HttpClient, customer: Customer) -> None:
    client.
"""
AT_ORDER, AT_CLIENT = DESK.replace("order.\n", "order.‸\n"), DESK.replace("client.\n", "client.‸\n")
FILES = [
    "billing/src/main/java/com/acme/billing/Invoice.java",
    "billing/src/main/java/com/acme/billing/InvoiceItem.java",
    "billing/src/main/java/com/acme/billing/TaxTable.java",
    "parcel/src/label.rs",
    "parcel/src/lib.rs",
    "parcel/src/weight.rs",
    "shop/__init__.py",
    "shop/customers.py",
    "shop/http.py",
    "shop/letterhead.py",
    "shop/money.py",
    "shop/orders.py",
    "shop/receipts.py",
    "shop/test_orders.py",
    "warehouse/stock/reservation.go",
    "warehouse/stock/shelf.go",
    "web/src/basket.test.ts",
    "web/src/basket.ts",
    "web/src/price.ts",
]


def settle(library: Library) -> None:
    """Let a library do all that is to do."""
    while library.work(1.0):
        pass


def indexed(*folders: Path, cache: Path | None = None) -> Library:
    """Return a library that has read all of its folders."""
    library = Library(folders, cache=cache)
    settle(library)
    return library


def choose(
    library: Library, path: Path, marked: str, budget: int = 200, kept: tuple[Chunk, ...] = ()
) -> tuple[Chunk, ...]:
    """Return what is chosen for the cursor in a document that the editor has opened."""
    text, offset = unmark(marked)
    library.open(path, text)
    settle(library)
    return library.choose(path, text[:offset], text[offset:], budget, kept)


def rows(chunks: Iterable[Chunk]) -> list[str]:
    """Return the lines of chunks as rows of a table, without blank lines."""
    return [f"{chunk.path}: {line.strip()}" for chunk in chunks for line in chunk.text.split("\n") if line.strip()]


def paths(chunks: Iterable[Chunk]) -> set[str]:
    """Return the files that chunks are of."""
    return {chunk.path for chunk in chunks}


def check(chunks: Sequence[Chunk], shown: Iterable[str], hidden: Iterable[str] = ()) -> None:
    """Assert that rows are among the chosen lines, and that no chosen line begins with one of ``hidden``."""
    table = rows(chunks)
    assert [row for row in shown if row not in table] == [], table
    assert [row for row in table if row.startswith(tuple(hidden))] == []


def names(library: Library) -> list[str]:
    """Return the names of the files that the index has."""
    return sorted(library._index.numbers)
