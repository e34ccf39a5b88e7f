"""The workspace of the tests, copied to where they may write."""

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


def copied(folder: Path) -> Path:
    root = folder / "shop"
    shutil.copytree(WORKSPACE, root)
    write(root, IGNORED)
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with the files of `workspace/`, and some that are ignored."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder for all tests that change nothing on disk."""
    return copied(tmp_path_factory.mktemp("reading"))
