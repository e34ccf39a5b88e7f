"""The workspace of the tests, copied for each test that asks for it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.context.chosen import WORKSPACE
from tests.context.tree import write

if TYPE_CHECKING:
    from pathlib import Path

# What its .gitignore leaves out cannot be checked in. Both files would be of use, if they could be read.
IGNORED = {
    "build/orders.py": "from shop.orders import Order\n\n\ndef ignored_order(order: Order) -> None:\n    order.lines\n",
    "web/src/basket.local.ts": "export function ignoredBasket(basket: Basket): void {}\n",
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the files of `workspace/`, and some that are ignored."""
    root = tmp_path / "shop"
    shutil.copytree(WORKSPACE, root)
    write(root, IGNORED)
    return root
