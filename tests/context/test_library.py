"""The workspace is kept current: what is chosen is of the files as they are."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from lsp_server.context import index as index_module
from lsp_server.context import library as module
from lsp_server.context import texts
from lsp_server.context.library import Library, Progress
from lsp_server.context.workspace import Rules
from tests.context.chosen import FILES, ORDERS, choose, indexed, names, paths, rows, settle
from tests.context.tree import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    from lsp_server.context.workspace import Found

# Files that are found, and turn out to be none of anybody's code when they are read.
LOOKED_INTO = ["warehouse/catalogue/catalogue.go"]
TOTAL = "shop/orders.py: def grand_total(self) -> Money:"
RENAMED = "shop/orders.py: def sum_of_lines(self) -> Money:"


def chosen(library: Library, root: Path, budget: int = 800) -> list[str]:
    return rows(choose(library, root / "shop/checkout.py", ORDERS, budget))


def rename(root: Path) -> str:
    """Return the text of `shop/orders.py` with another method."""
    return (root / "shop/orders.py").read_text(encoding="utf-8").replace("grand_total", "sum_of_lines")


def overwrite(path: Path, text: str, later: int = 1_000_000_000) -> None:
    """Change a file on disk, with a later time of change than it had, however coarse the clock is."""
    before = path.stat().st_mtime_ns
    path.write_bytes(text.encode())
    os.utime(path, ns=(before + later, before + later))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by the name of each file that is read."""
    reads: list[str] = []

    def count(where: ModuleType, name: str) -> None:
        read: Callable[[Found], object] = getattr(where, name)

        def counted(found: Found) -> object:
            reads.append(found.name)
            return read(found)

        monkeypatch.setattr(where, name, counted)

    count(module, "read")
    count(texts, "_unchanged_lines")
    return reads


# --- what is read ------------------------------------------------------------------------------------


def test_what_is_indexed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = counting(monkeypatch)
    library = indexed(shop)
    assert names(library) == FILES
    assert sorted(reads) == sorted([*FILES, *LOOKED_INTO])
    assert library.progress == Progress(len(reads), len(reads), is_complete=True)


def test_rules_are_kept(shop: Path) -> None:
    library = Library([shop], Rules(exclude=("web/",), secrets=("*money*",), largest_file=1200))
    settle(library)
    assert not [name for name in names(library) if name.startswith("web/") or "money" in name]
    assert "shop/orders.py" not in names(library)
    assert "shop/http.py" in names(library)


def test_work_is_done_in_small_steps(shop: Path) -> None:
    library = Library([shop])
    assert library.progress == Progress(0, 0, is_complete=False)
    seen = []
    while library._step():
        seen.append(library.progress)
    assert len(seen) > len(FILES)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert all(step.done <= step.found for step in seen)
    assert [step.is_complete for step in seen] == sorted(step.is_complete for step in seen)
    assert not seen[len(FILES)].is_complete
    assert library.progress.is_complete
    assert not library.work(1.0)


def test_without_time_nothing_is_done(shop: Path) -> None:
    library = Library([shop])
    assert library.work(0)
    assert library.progress == Progress(0, 0, is_complete=False)


@pytest.mark.parametrize("steps", range(0, 60, 7))
def test_a_choice_may_be_asked_for_at_any_time(shop: Path, steps: int) -> None:
    library = Library([shop])
    for _ in range(steps):
        library._step()
    before, after = ORDERS.split("‸")
    chunks = library.choose(shop / "shop/checkout.py", before, after, 200)
    assert paths(chunks) <= set(names(library))


# --- what changes ------------------------------------------------------------------------------------


def test_a_change_on_disk_is_seen_when_it_is_told(shop: Path) -> None:
    library = indexed(shop)
    assert TOTAL in chosen(library, shop)
    overwrite(shop / "shop/orders.py", rename(shop))
    library.touch(shop / "shop/orders.py")
    settle(library)
    assert RENAMED in chosen(library, shop)
    assert TOTAL not in chosen(library, shop)


def test_a_change_on_disk_is_seen_by_a_scan(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = indexed(shop)
    overwrite(shop / "shop/orders.py", rename(shop))
    write(shop, {"shop/new.py": "from shop.orders import Order\n\n\ndef order_again(order: Order) -> Order: ...\n"})
    (shop / "shop/receipts.py").unlink()
    reads = counting(monkeypatch)
    library.scan()
    settle(library)
    assert sorted(reads) == ["shop/new.py", "shop/orders.py"]
    assert names(library) == sorted({*FILES, "shop/new.py"} - {"shop/receipts.py"})
    assert RENAMED in chosen(library, shop)


def test_nothing_is_shown_of_a_file_that_has_changed_since(shop: Path) -> None:
    """Nobody has told of the change; its lines are not those that the index has."""
    library = indexed(shop)
    before, after = ORDERS.split("‸")
    path = shop / "shop/checkout.py"
    assert "shop/orders.py" in paths(library.choose(path, before, after, 800))
    overwrite(shop / "shop/orders.py", "# a line before all others\n" + rename(shop))
    assert "shop/orders.py" not in paths(library.choose(path, before, after, 800))
    assert library.work(1.0) is False
    assert RENAMED in rows(library.choose(path, before, after, 800))


def test_nothing_is_shown_of_a_file_that_is_gone(shop: Path) -> None:
    library = indexed(shop)
    before, after = ORDERS.split("‸")
    path = shop / "shop/checkout.py"
    (shop / "shop/orders.py").unlink()
    assert "shop/orders.py" not in paths(library.choose(path, before, after, 800))
    settle(library)
    assert "shop/orders.py" not in names(library)
    assert "shop/orders.py" not in paths(library.choose(path, before, after, 800))
    write(shop, {"shop/orders.py": "class Order:\n    def sum_of_lines(self) -> Money: ...\n"})
    library.touch(shop / "shop/orders.py")
    assert "shop/orders.py: def sum_of_lines(self) -> Money: ..." in chosen(library, shop)


def test_a_folder_that_is_gone(shop: Path) -> None:
    library = indexed(shop)
    shutil.rmtree(shop)
    assert chosen(library, shop) == []
    library.scan()
    settle(library)
    assert names(library) == []
    assert library.progress == Progress(0, 0, is_complete=True)


@pytest.mark.parametrize("text", ["# Code generated by hand. DO NOT EDIT.\n", "x = '\0'\n", "x" * 10_000])
def test_a_file_that_became_no_code_is_forgotten(shop: Path, text: str) -> None:
    library = indexed(shop)
    overwrite(shop / "shop/orders.py", text)
    library.touch(shop / "shop/orders.py")
    settle(library)
    assert "shop/orders.py" not in names(library)
    assert not [row for row in chosen(library, shop) if row.startswith("shop/orders.py")]


def test_ignore_rules_that_change_count_at_the_next_scan(shop: Path) -> None:
    library = indexed(shop)
    write(shop, {".midfillignore": "orders.py\n"})
    library.scan()
    settle(library)
    assert "shop/orders.py" not in names(library)


@pytest.mark.parametrize("name", ["shop/secrets.py", "build/orders.py", "nowhere.py", "shop", "../outside.py", ".env"])
def test_what_may_not_be_read_is_not_read_when_it_is_touched(shop: Path, name: str) -> None:
    library = indexed(shop)
    write(shop.parent, ["outside.py"])
    library.touch(shop / name)
    settle(library)
    assert names(library) == FILES


# --- open documents ----------------------------------------------------------------------------------


def test_what_is_open_counts_before_what_is_on_disk(shop: Path) -> None:
    library = indexed(shop)
    library.open(shop / "shop/orders.py", rename(shop))
    assert RENAMED in chosen(library, shop)
    assert TOTAL not in chosen(library, shop)
    # Not even a change on disk takes it away.
    overwrite(shop / "shop/orders.py", "x = 1\n")
    library.touch(shop / "shop/orders.py")
    library.scan()
    settle(library)
    assert RENAMED in chosen(library, shop)


def test_what_is_typed_is_known_at_once(shop: Path) -> None:
    library = indexed(shop)
    text = rename(shop)
    library.open(shop / "shop/orders.py", text)
    library.change(shop / "shop/orders.py", text.replace("sum_of_lines", "sum_of_lines_again"))
    before, after = ORDERS.split("‸")
    found = rows(library.choose(shop / "shop/checkout.py", before, after, 800))
    assert "shop/orders.py: def sum_of_lines_again(self) -> Money:" in found


def test_what_is_open_before_the_index_is_made_counts_too(shop: Path) -> None:
    library = Library([shop])
    library.open(shop / "shop/orders.py", rename(shop))
    settle(library)
    assert RENAMED in chosen(library, shop)
    assert names(library) == FILES


def test_a_document_that_is_closed_is_what_is_on_disk(shop: Path) -> None:
    library = indexed(shop)
    library.open(shop / "shop/orders.py", rename(shop))
    library.close(shop / "shop/orders.py")
    settle(library)
    assert TOTAL in chosen(library, shop)
    assert RENAMED not in chosen(library, shop)


def test_between_closing_and_reading_no_line_is_wrong(shop: Path) -> None:
    library = indexed(shop)
    library.open(shop / "shop/orders.py", "\n" * 7 + rename(shop))
    library.close(shop / "shop/orders.py")
    before, after = ORDERS.split("‸")
    found = rows(library.choose(shop / "shop/checkout.py", before, after, 800))
    on_disk = [line.strip() for line in (shop / "shop/orders.py").read_text(encoding="utf-8").split("\n")]
    assert not [row for row in found if row.startswith("shop/orders.py: ") and row.partition(": ")[2] not in on_disk]
    assert RENAMED not in found


@pytest.mark.parametrize("opened", ["before", "after"])
def test_an_open_document_whose_file_is_gone_leaves_nothing_when_closed(shop: Path, opened: str) -> None:
    library = Library([shop])
    if opened == "after":
        settle(library)
    library.open(shop / "shop/orders.py", rename(shop))
    (shop / "shop/orders.py").unlink()
    library.close(shop / "shop/orders.py")
    settle(library)
    assert "shop/orders.py" not in names(library)


def test_an_empty_document_may_be_opened_and_closed(shop: Path) -> None:
    library = indexed(shop)
    library.open(shop / "shop/orders.py", "")
    assert not [row for row in chosen(library, shop) if row.startswith("shop/orders.py")]
    library.close(shop / "shop/orders.py")
    assert TOTAL in chosen(library, shop)


def test_to_close_what_is_not_open_is_no_error(shop: Path) -> None:
    library = indexed(shop)
    for name in ("shop/orders.py", "nowhere.py", "../outside.py"):
        library.close(shop / name)
    settle(library)
    assert names(library) == FILES


@pytest.mark.parametrize("name", ["shop/secrets.py", "build/orders.py", "shop/not_there_yet.py", ".env", "notes.md"])
def test_a_document_that_may_not_be_read_on_disk_is_no_source(shop: Path, name: str) -> None:
    library = indexed(shop)
    library.open(shop / name, "class Order:\n    def order_never_to_be_read(self): ...\n")
    settle(library)
    assert names(library) == FILES
    assert not [row for row in chosen(library, shop, 100_000) if "never_to_be_read" in row]
    # It may have a choice itself.
    assert choose(library, shop / name, ORDERS)


def test_the_hole_of_a_document_does_not_change_its_choice(shop: Path) -> None:
    """What stands on disk between the lines before and after the cursor is not known to who types it anew."""
    before, after = ORDERS.split("‸")
    path, choices = shop / "shop/checkout.py", []
    for hole in ("", "grand_total()", "mark_as_paid('x')\n    order.ship_to(OrderState)", "\n" * 3 + "class Order:\n"):
        path.write_bytes((before + hole + after).encode())
        chunks = choose(indexed(shop), path, ORDERS)
        choices.append([(chunk.path, chunk.text) for chunk in chunks])
    assert choices[0]
    assert all(choice == choices[0] for choice in choices)


# --- between runs ------------------------------------------------------------------------------------


def test_the_second_run_reads_what_has_changed(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    first = indexed(shop, cache=cache)
    expected = chosen(first, shop)
    first.shut()
    reads = counting(monkeypatch)
    second = indexed(shop, cache=cache)
    assert names(second) == FILES
    # What is no code is not kept, and looked into again.
    assert reads == LOOKED_INTO
    assert chosen(second, shop) == expected
    second.shut()
    overwrite(shop / "shop/orders.py", rename(shop))
    write(shop, {"shop/new.py": "x = 1\n"})
    (shop / "shop/receipts.py").unlink()
    reads.clear()
    third = indexed(shop, cache=cache)
    assert sorted(reads) == sorted(["shop/new.py", "shop/orders.py", *LOOKED_INTO])
    assert names(third) == sorted({*FILES, "shop/new.py"} - {"shop/receipts.py"})
    assert RENAMED in chosen(third, shop)
    third.shut()


def test_what_was_only_open_is_not_kept(shop: Path, tmp_path: Path) -> None:
    first = Library([shop], cache=tmp_path / "cache")
    first.open(shop / "shop/orders.py", rename(shop))
    settle(first)
    first.shut()
    second = indexed(shop, cache=tmp_path / "cache")
    assert TOTAL in chosen(second, shop)
    second.shut()


def test_a_cache_that_cannot_be_written_is_done_without(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    library = indexed(shop, cache=tmp_path / "file" / "cache")
    assert TOTAL in chosen(library, shop)
    library.shut()


def test_the_last_choice_is_recalled_before_there_is_an_index(shop: Path, tmp_path: Path) -> None:
    cache, path = tmp_path / "cache", shop / "shop/checkout.py"
    first = indexed(shop, cache=cache)
    kept = choose(first, path, ORDERS)
    first.shut()
    second = Library([shop], cache=cache)
    assert second.recall(path) == kept
    assert second.recall(shop / "other.py") == ()
    assert second.recall(shop.parent / "outside.py") == ()
    # Not what is no longer true.
    overwrite(shop / "shop/orders.py", rename(shop))
    assert second.recall(path) == tuple(chunk for chunk in kept if chunk.path != "shop/orders.py")
    second.shut()
    assert Library([shop]).recall(path) == ()


# --- an index that is worn ---------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _small_indexes_wear_out_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "FEW_BLOCKS", 0)


def worn(root: Path) -> Library:
    """Return a library whose files have all changed and changed back."""
    library = indexed(root)
    for name in FILES:
        path, text = root / name, (root / name).read_text(encoding="utf-8")
        library.open(path, text + "\n" * 30)
        library.open(path, text)
        library.close(path)
    return library


def test_a_worn_index_is_made_anew_and_chooses_the_same(shop: Path) -> None:
    fresh, library = indexed(shop), worn(shop)
    assert library._index.is_worn
    rows_before = len(library._index.blocks)
    settle(library)
    assert not library._index.is_worn
    assert len(library._index.blocks) < rows_before
    assert names(library) == FILES
    before, after = ORDERS.split("‸")
    for name in ("shop/checkout.py", "shop/money.py", "web/src/page.ts"):
        asked = shop / name, before, after, 200
        assert library.choose(*asked) == fresh.choose(*asked)


def test_an_index_that_is_worn_chooses_the_same_meanwhile(shop: Path) -> None:
    before, after = ORDERS.split("‸")
    asked = shop / "shop/checkout.py", before, after, 200
    chunks, expected = worn(shop).choose(*asked), indexed(shop).choose(*asked)
    assert [(chunk.path, chunk.text) for chunk in chunks] == [(chunk.path, chunk.text) for chunk in expected]


def test_an_open_document_stays_as_it_is_when_the_index_is_made_anew(shop: Path) -> None:
    library = worn(shop)
    library.open(shop / "shop/orders.py", rename(shop))
    settle(library)
    assert not library._index.is_worn
    assert RENAMED in chosen(library, shop)
