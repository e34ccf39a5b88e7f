"""Who buys."""

from __future__ import annotations

from dataclasses import dataclass

from shop.http import HttpClient


@dataclass
class Customer:
    """Somebody with an account."""

    full_name: str
    email_address: str
    loyalty_points: int = 0

    def greeting(self) -> str:
        """Return how letters to this customer begin."""
        return f"Dear {self.full_name},"


def find_customer(client: HttpClient, email_address: str) -> Customer | None:
    """Ask the directory for the customer with an address."""
    found = client.fetch_json("/customers", {"email": email_address})
    if not found:
        return None
    return Customer(found["name"], email_address, found["points"])
