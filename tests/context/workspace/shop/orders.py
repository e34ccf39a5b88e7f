"""What customers order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from shop.money import Money, parse_money

if TYPE_CHECKING:
    from shop.customers import Customer


class OrderState(Enum):
    OPEN = "open"
    PAID = "paid"
    SHIPPED = "shipped"


@dataclass
class OrderLine:
    article: str
    quantity: int
    unit_price: Money


@dataclass
class Order:
    """The articles that one customer wants."""

    customer: Customer
    lines: list[OrderLine] = field(default_factory=list)
    state: OrderState = OrderState.OPEN

    def add_line(self, article: str, quantity: int, unit_price: Money) -> OrderLine:
        """Put an article into the order."""
        line = OrderLine(article, quantity, unit_price)
        self.lines.append(line)
        return line

    def grand_total(self) -> Money:
        """Return what all lines cost together."""
        total = parse_money("0")
        for line in self.lines:
            total = total.plus(line.unit_price.times(line.quantity))
        return total

    def mark_as_paid(self, reference: str) -> None:
        """Note the payment."""
        self.state = OrderState.PAID
        self.payment_reference = reference

    def ship_to(self, street: str, town: str) -> str:
        """Send the parcel and return its tracking number."""
        self.state = OrderState.SHIPPED
        return f"{street}/{town}/{len(self.lines)}"
