"""Several folders, folders within folders, and none: what files are called, and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.context.library import Progress
from tests.context.chosen import FILES, ORDERS, choose, indexed, names, paths
from tests.context.tree import write

if TYPE_CHECKING:
    from pathlib import Path


def test_two_folders(tmp_path: Path) -> None:
    write(tmp_path, {
        "app/main.py": "def run_the_app(order): ...\n",
        "app/order.py": "def order_of_app(order): ...\n",
        "lib/order.py": "def order_of_lib(order): ...\n",
    })  # fmt: skip
    library = indexed(tmp_path / "app", tmp_path / "lib")
    assert names(library) == ["app/main.py", "app/order.py", "lib/order.py"]
    # Those of its own folder are called by their paths in it, as the document itself is.
    chunks = choose(library, tmp_path / "app" / "main.py", "def run(order):\n    order‸\n")
    assert paths(chunks) == {"order.py", "lib/order.py"}
    chunks = choose(library, tmp_path / "lib" / "new.py", "def run(order):\n    order‸\n")
    assert paths(chunks) == {"app/main.py", "app/order.py", "order.py"}


def test_chunks_of_two_folders_stay(tmp_path: Path) -> None:
    others = "".join(f"def order_number_{number}_of_lib(order, tea): ...\n" for number in range(30))
    write(tmp_path, {"app/order.py": "def order_of_app(order): ...\n", "lib/order.py": others})
    library = indexed(tmp_path / "app", tmp_path / "lib")
    kept = choose(library, tmp_path / "app" / "main.py", "def run(order):\n    order_of‸\n", 60)
    assert "lib/order.py" in paths(kept)
    moved = choose(library, tmp_path / "app" / "main.py", "def run(order, tea):\n    order_of‸\n", 60, kept)
    assert "lib/order.py" in paths(moved)
    assert moved[0] == kept[0]


def test_folders_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {"a/src/x.py": "def order_of_a(order): ...\n", "b/src/x.py": "def order_of_b(order): ...\n"})
    library = indexed(tmp_path / "a" / "src", tmp_path / "b" / "src")
    assert len(names(library)) == 2
    chunks = choose(library, tmp_path / "a" / "src" / "new.py", "def run(order):\n    order‸\n")
    assert len(paths(chunks)) == 2
    assert {"x.py"} < paths(chunks)


def test_a_folder_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {"w/a.py": "def order_of_a(order): ...\n", "w/in/b.py": "def order_of_b(order): ...\n"})
    library = indexed(tmp_path / "w", tmp_path / "w" / "in")
    assert names(library) == ["in/b.py", "w/a.py"]
    assert paths(choose(library, tmp_path / "w" / "in" / "c.py", "def run(order):\n    order‸\n")) == {"b.py", "w/a.py"}
    # Twice the same folder is that folder.
    assert len(names(indexed(tmp_path / "w", tmp_path / "w"))) == 2


@pytest.mark.parametrize("form", [".", "shop/../shop", "shop"])
def test_a_folder_may_be_given_in_any_form(shop: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop if form == "." else shop.parent)
    assert names(indexed(type(shop)(form))) == FILES


def test_a_document_outside_of_all_folders_has_no_choice(shop: Path) -> None:
    library = indexed(shop)
    for path in (shop.parent / "a.py", shop.parent / "shop2" / "a.py", shop.parent):
        assert choose(library, path, ORDERS) == ()
    assert names(library) == FILES


@pytest.mark.parametrize("folders", [[], ["empty"], ["missing"], ["file.py"]])
def test_workspaces_without_files(tmp_path: Path, folders: list[str]) -> None:
    write(tmp_path, ["file.py", "empty/"])
    library = indexed(*(tmp_path / folder for folder in folders))
    assert library.progress == Progress(0, 0, is_complete=True)
    assert choose(library, tmp_path / (folders or ["x"])[0] / "a.py", ORDERS) == ()


def test_a_document_alone_in_its_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ORDERS.replace("‸", "")})
    assert choose(indexed(tmp_path), tmp_path / "a.py", ORDERS) == ()
