"""A ledger: what was paid, by whom, and what is left."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

LIMIT = 1_000
NAMES = {
    "rent": "Rent",
    "food": "Food and drink",
}


class LedgerError(Exception):
    """Something in a ledger is wrong."""


@dataclass
class Entry:
    """One payment.

    Args:
        kind: what it was for, a key of ``NAMES``.
        amount: in cents (never negative).
    """

    kind: str
    amount: int
    tags: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return NAMES.get(self.kind, self.kind.title())

    def matches(self, words: list[str]) -> bool:
        """Return whether one of the words is a tag."""
        found = [word for word in words if word.lower() in self.tags]
        log.debug(
            "%s of %d words",
            ", ".join(found),
            len(words),
        )
        return bool(found)


def read(path: Path) -> Iterator[Entry]:
    """Yield the entries of a file, the oldest first."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise LedgerError(f"line {number}: {error}") from error
            else:
                # Older files have no tags.
                yield Entry(row["kind"], row["amount"], row.get("tags", []))


def total(entries: list[Entry], kind: str | None = None) -> int:
    """Return what was paid, in cents."""
    amounts = [entry.amount for entry in entries if kind is None or entry.kind == kind]
    result = sum(amounts)
    if result > LIMIT:
        log.warning("%s: more than %d", kind or "all", LIMIT)
    elif not amounts:
        log.info("nothing")

    return result


def report(entries: list[Entry]) -> str:
    """Return a table."""
    query = """
        SELECT kind, SUM(amount)
        FROM entries
        WHERE amount > 0
    """
    rows = sorted(entries, key=lambda entry: (-entry.amount, entry.kind))
    match len(rows):
        case 0:
            return query.strip()
        case 1:
            return rows[0].label
        case _:
            width = max(len(row.label) for row in rows)
    return "\n".join(f"{row.label:<{width}}  {row.amount / 100:.2f}" for row in rows)
