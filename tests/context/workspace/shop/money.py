"""Amounts of money in one currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met."""


@dataclass(frozen=True)
class Money:
    """An amount of one currency."""

    amount: Decimal
    currency: str = "EUR"

    def plus(self, other: Money) -> Money:
        """Return the sum of two amounts."""
        if self.currency != other.currency:
            raise CurrencyMismatch(other.currency)
        return Money(self.amount + other.amount, self.currency)

    def times(self, factor: int) -> Money:
        """Return a multiple of the amount."""
        return Money(self.amount * factor, self.currency)

    def rounded_to_cents(self) -> Money:
        """Return the amount without fractions of cents."""
        return Money(self.amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN), self.currency)


def parse_money(text: str, default_currency: str = "EUR") -> Money:
    """Return the amount that is written as `12.50 EUR`."""
    number, _, currency = text.partition(" ")
    return Money(Decimal(number), currency or default_currency)
