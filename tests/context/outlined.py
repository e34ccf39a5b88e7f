"""Outlines as tables: a line a definition, indented below its parent, and a line an import.

::

    package acme.shop
    0 import ..prices: Price, tax as export
    2-3-9 type Order < Base, Sized | What is bought.
      4-5-5 value Order.lines
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from lsp_server.context.outline import How, outline

if TYPE_CHECKING:
    from lsp_server.context.outline import Outline


def check(suffix: str, source: str, expected: str, how: How = How.SYNTAX) -> None:
    """Assert that the outline of ``source`` is the table ``expected``; both are indented as their test is."""
    found = outline(dedent(source).lstrip("\n"), suffix)
    assert found.how is how
    assert table(found) == dedent(expected).strip("\n")


def table(found: Outline) -> str:
    """Return an outline as a table."""
    rows = [f"package {found.package}"] if found.package else []
    for statement in found.imports:
        names = f": {', '.join(statement.names)}" if statement.names else ""
        rows.append(f"{statement.line} import {statement.module}{names}{' as export' if statement.is_export else ''}")
    depths: list[int] = []
    for this in found.definitions:
        depths.append(depths[this.parent] + 1 if this.parent >= 0 else 0)
        owner = f"{this.owner}." if this.owner else ""
        bases = f" < {', '.join(this.bases)}" if this.bases else ""
        said = f" | {this.documentation}" if this.documentation else ""
        lines = f"{this.start}-{this.header}-{this.end}"
        rows.append(f"{'  ' * depths[-1]}{lines} {this.kind.value} {owner}{this.name}{bases}{said}")
    return "\n".join(rows)
