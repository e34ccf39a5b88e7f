"""What the peers choose, and that no strategy sees the hole or the file that it is in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.problems import Unmeasurable
from bench.retrieval import lexical, recent, registry, structure
from bench.retrieval.registry import STRATEGIES
from bench.retrieval.repository import Sources
from bench.retrieval.run import query_for
from bench.retrieval.strategy import Opening, Query
from tests.bench.retrieval.clones import SHOP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.retrieval.strategy import Strategy
    from lsp_server.core import Chunk

# Everything by which a hole could be found again: code that defines, imports and uses names that are nowhere else.
MARK = "zebra_only_here"
LEAKS = f"""from shop.report import report as {MARK}_import


class {MARK}_class:
    def {MARK}_method(self, {MARK}_argument):
        return price_of({MARK}_argument)  # {MARK} comment
"""
OTHER = "from shop.prices import add_price\nfor other in range(3):\n    print(other, 'report', report)\n"
BEFORE = "from shop.prices import price_of\n\n\ndef checkout(cart, item):\n    print(cart)\n    add_price(cart, 1)\n"
AFTER = "    return cart\n"
PATH = "shop/cart.py"
QUERY = Query(PATH, BEFORE, AFTER)


def sources_of(files: Mapping[str, str], root: Path, history: Sequence[tuple[str, ...]] = ()) -> Sources:
    shutil.rmtree(root, ignore_errors=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    code = {path: text for path, text in sorted(files.items()) if path.endswith(".py")}
    return Sources("acme/shop", "0" * 40, code, root, history)


def chosen(strategy: Strategy, sources: Sources, query: Query = QUERY, budget: int = 4096) -> list[Chunk]:
    chooser = strategy.prepare(sources)
    if isinstance(chooser, Opening):
        chooser.open(query)
    return list(chooser.choose(query, budget))


@pytest.mark.parametrize(
    "strategy",
    [pytest.param(one, id=one.name) for one in STRATEGIES if not one.is_told],
)
def test_the_hole_is_out_of_reach(strategy: Strategy, tmp_path: Path) -> None:
    """Nothing of the hole is shown, and what is shown does not depend on it, with the file prepared and on disk."""
    choices = []
    # An `__init__.py` leads back to the hole's file, as re-exports do.
    others = {**SHOP, "shop/__init__.py": "from shop.cart import *\n"}
    for hole in (LEAKS, OTHER, ""):
        files = others | {PATH: BEFORE + hole + AFTER}
        choices.append(chosen(strategy, sources_of(files, tmp_path / "shop")))
    for chunk in choices[0]:
        assert chunk.path != PATH
        assert MARK not in chunk.path + chunk.text + chunk.reason
    assert choices[0] == choices[1] == choices[2]
    assert choices[0]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.name)
def test_only_those_that_are_told_have_the_answer(strategy: Strategy) -> None:
    query = query_for(strategy, QUERY, "answer")
    assert ("answer" in query.before + query.after) is strategy.is_told
    assert query.path == PATH


@pytest.mark.parametrize("strategy", [one for one in STRATEGIES if one.name != registry.OURS], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("files", "query"),
    [
        ({}, QUERY),
        ({PATH: BEFORE + AFTER}, QUERY),
        ({PATH: "", "shop/empty.py": "", "shop/blank.py": "\n\n"}, QUERY),
        (SHOP, Query(PATH, "", "")),
        (SHOP, Query("new/file.py", "\n", "x")),
    ],
)
def test_small_workspaces_and_queries(
    strategy: Strategy, files: Mapping[str, str], query: Query, tmp_path: Path
) -> None:
    for budget in (0, 1, 100_000):
        assert all(chunk.path != query.path for chunk in chosen(strategy, sources_of(files, tmp_path), query, budget))


# --- each by itself ----------------------------------------------------------------------------------


def numbered(name: str, count: int) -> str:
    return "".join(f"{name} = {number}\n" for number in range(count))


def test_bm25_shows_what_follows_the_piece_that_it_finds(tmp_path: Path) -> None:
    text = "# blank lines do not count\n\n\n" + numbered("first", 9) + numbered("second", 10) + numbered("third", 3)
    sources = sources_of({"a.py": text, "b.py": "nothing\n"}, tmp_path)
    second, third = numbered("second", 10), numbered("third", 3)
    for asked, shown in (("first", second), ("second", third), ("third", third)):
        [chunk, *_] = lexical.prepare_bm25(sources).choose(Query("c.py", f"{asked}\n", ""), 100)
        assert (chunk.path, chunk.text + "\n") == ("a.py", shown)
    [found, *_] = lexical.prepare_bm25_around(sources).choose(Query("c.py", "x", "\n\nfirst\n"), 100)
    assert found.text + "\n" == "# blank lines do not count\n" + numbered("first", 9)


def test_jaccard_looks_at_twenty_lines(tmp_path: Path) -> None:
    sources = sources_of({"a.py": numbered("a", 45)}, tmp_path)
    windows = lexical.prepare_jaccard(sources).choose(Query("c.py", "a = 42\n", ""), 1000)
    assert sorted(len(chunk.text.split("\n")) for chunk in windows) == [16, 20, 20, 20]
    assert windows[0].text.startswith("a = 30\n")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([], ["shop/near.py", "shop/sub/next.py", "far/away/off.py"]),
        ([("far/away/off.py",), (PATH, "shop/sub/next.py"), ("shop/near.py",)], ["next", "near", "off"]),
        ([("far/away/off.py", PATH), ("shop/near.py", "far/away/off.py")], ["off", "near", "next"]),
        ([("far/away/off.py",), ("shop/gone.py",)], ["off", "near", "next"]),
    ],
)
def test_recent_is_what_was_changed_with_the_file_and_before_it(
    history: list[tuple[str, ...]], expected: list[str], tmp_path: Path
) -> None:
    files = dict.fromkeys(("shop/near.py", "shop/sub/next.py", "far/away/off.py", PATH), "x\n")
    order = recent.by_recency(sources_of(files, tmp_path, history), PATH)
    assert [Path(path).stem for path in order] == [Path(path).stem for path in expected]


def test_recent_shows_whole_files(tmp_path: Path) -> None:
    shown = recent.Recent(sources_of(SHOP, tmp_path)).choose(QUERY, 10)
    assert {chunk.path: chunk.text + "\n" for chunk in shown if chunk.text} == {
        path: SHOP[path] for path in ("shop/prices.py", "shop/report.py")
    }


def test_the_ring_keeps_sixteen_chunks_that_differ(tmp_path: Path) -> None:
    files = {f"{number:02}.py": numbered(f"name{number}", 100) for number in range(20)}
    files |= {"same.py": files["00.py"], "tiny.py": "x\n"}
    chunks = recent.Ring(sources_of(files, tmp_path)).choose(QUERY, 10)
    assert len(chunks) == recent.RING
    assert all(recent._SMALLEST_RING_CHUNK <= len(chunk.text.split("\n")) <= recent.RING_LINES for chunk in chunks)


@pytest.mark.parametrize(
    ("lines", "others", "expected"),
    [("abc", "abc", 1), ("ab", "abcd", 2 / 3), ("ab", "cd", 0), ("aab", "ab", 6 / 5)],
)
def test_likeness_of_chunks_is_llama_vims(lines: str, others: str, expected: float) -> None:
    assert recent.likeness(list(lines), list(others)) == pytest.approx(expected)


def test_skeletons_are_the_signatures_of_what_is_imported(tmp_path: Path) -> None:
    chunks = structure.prepare_skeletons(sources_of(SHOP, tmp_path)).choose(QUERY, 100)
    [prices] = [chunk for chunk in chunks if chunk.path == "shop/prices.py"]
    assert prices.text == "def price_of(item):\ndef add_price(\n    cart,\n    price,\n):"
    assert all(chunk.path != "shop/report.py" for chunk in chunks)


def test_half_takes_turns(tmp_path: Path) -> None:
    filler = "".join(f"def filler{number}(cart, item):\n    print(cart)\n\n\n" for number in range(200))
    sources = sources_of({**SHOP, "shop/prices.py": filler, "other.py": filler}, tmp_path)
    chunks = structure.prepare_half(sources).choose(QUERY, 3000)
    sizes = {"imported": 0, "BM25": 0}
    for chunk in chunks[:10]:
        sizes[chunk.reason] += len(chunk.text)
        assert abs(sizes["imported"] - sizes["BM25"]) < 1500
    assert min(sizes.values()) > 1000


def test_the_registry() -> None:
    assert [one.name for one in registry.chosen([])] == [one.name for one in STRATEGIES if not one.is_told]
    assert [one.name for one in registry.chosen(["oracle_bm25", "bm25", "bm25"])] == ["oracle_bm25", "bm25"]
    with pytest.raises(Unmeasurable, match=r"no strategy bm26; there are .*bm25"):
        registry.chosen(["bm26"])
