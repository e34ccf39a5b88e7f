"""What is printed for a customer."""

from __future__ import annotations

from shop.letterhead import LetterHead, PageMargins
from shop.orders import Order


def print_receipt(order: Order) -> str:
    """Return the receipt of an order."""
    head = LetterHead("Receipt", PageMargins(left=20, right=10))
    rows = [head.title_line()]
    for line in order.lines:
        rows.append(head.aligned_row(line.article, str(line.quantity)))
    rows.append(head.aligned_row("Total", str(order.grand_total().rounded_to_cents())))
    rows.append(head.closing_line())
    return "\n".join(rows)
