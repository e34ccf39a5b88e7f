"""Holes as they are read, and what is made of them: texts, names to be found, signatures."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from bench.problems import Unmeasurable
from bench.retrieval import run
from bench.retrieval.cases import case_of
from bench.retrieval.common_names import common_names, uncommon
from bench.retrieval.definitions import definitions_of
from bench.retrieval.holes import dump, load
from bench.retrieval.languages import SUFFIXES, language_of
from bench.retrieval.score import Found, missed, score
from lsp_server.context.grammars import GRAMMARS
from lsp_server.core import Chunk
from tests.bench.retrieval.clones import HOLE, NAME, SHOP, clone, hole_in

if TYPE_CHECKING:
    from pathlib import Path

    from bench.retrieval.cases import Case

GOLD = ("add_price", "price_of")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return made(tmp_path, {})


def made(folder: Path, changes: dict[str, Any], gold: tuple[str, ...] = GOLD) -> Case:
    hole = replace(hole_in(SHOP, "shop/cart.py", HOLE, clone(folder, SHOP), gold), **changes)
    with run.checked_out(folder, NAME, hole.commit) as sources:
        return case_of(hole, sources, definitions_of(sources.files))


# --- files of holes ----------------------------------------------------------------------------------


def test_holes_come_back_as_they_were_written(tmp_path: Path) -> None:
    hole = hole_in(SHOP, "shop/cart.py", HOLE, "0" * 40, GOLD)
    file = tmp_path / "holes.jsonl"
    file.write_text(dump([hole, replace(hole, id="other", line=4)]) + "\n", encoding="utf-8")
    assert load(file) == [hole, replace(hole, id="other", line=4)]


def test_a_hole_needs_neither_id_nor_language_and_may_have_more(tmp_path: Path) -> None:
    hole = hole_in(SHOP, "shop/cart.py", HOLE, "0" * 40, GOLD)
    fields = asdict(hole) | {"ref": None}
    for name in ("id", "lang", "line"):
        del fields[name]
    file = tmp_path / "holes.jsonl"
    file.write_text(json.dumps(fields), encoding="utf-8")
    assert load(file) == [replace(hole, id=f"{NAME}#1", lang="python")]


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"repo": "a/b", "start_byte": "x"}'])
def test_what_is_no_hole_is_said_with_its_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "holes.jsonl"
    file.write_text("\n" + text, encoding="utf-8")
    with pytest.raises(Unmeasurable, match=r"Line 2 of .* is not a hole"):
        load(file)


# --- cases -------------------------------------------------------------------------------------------


def test_a_case_has_the_text_around_the_hole(case: Case) -> None:
    assert case.answer == HOLE
    assert case.query.before.endswith("item):\n    ")
    assert case.query.after == "\n    return cart\n"
    assert case.names == GOLD
    assert case.signatures == {
        "add_price": frozenset({"def add_price("}),
        "price_of": frozenset({"def price_of(item):"}),
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gold_hard": ("append", "items")}, "only names of standard libraries"),
        ({"path": "shop/none.py"}, "does not have the file"),
        ({"file_sha256": "0" * 64}, "another one"),
        ({"end_byte": 10_000}, "does not lie in the file"),
        ({"start_byte": 70, "end_byte": 70}, "does not lie in the file"),
    ],
)
def test_why_a_hole_is_not_measured(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unmeasurable, match=reason):
        made(tmp_path, changes)


def test_a_hole_within_a_character_is_not_measured(tmp_path: Path) -> None:
    files = {"a.py": 'x = "é"\n'}
    hole = hole_in(files, "a.py", '"é"', clone(tmp_path, files), ("name",))
    with run.checked_out(tmp_path, NAME, hole.commit) as sources, pytest.raises(Unmeasurable, match="UTF-8"):
        case_of(replace(hole, start_byte=hole.start_byte + 2, gold_hard=("other",)), sources, definitions_of({}))


# --- scores ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], Found(0, 0, 0)),
        (["x = add_prices(price_offer)"], Found(0, 0, 0)),
        (["x = add_price(1)"], Found(0.5, 0, 0)),
        (["add_price", "y.price_of"], Found(1, 1, 0)),
        (["  def price_of(item):\n        pass"], Found(0.5, 0, 0.5)),
        (["def price_of(item):\ndef add_price(\n    cart,"], Found(1, 1, 1)),
        # A line that is much the same is another one.
        (["def price_of(item): ..."], Found(0.5, 0, 0)),
    ],
)
def test_scores(case: Case, texts: list[str], expected: Found) -> None:
    # Paths do not count.
    chunks = [Chunk("price_of/add_price.py", text, "") for text in texts]
    assert score(case, chunks) == expected
    assert len(missed(case, chunks)) == len(GOLD) * (1 - expected.identifiers)


# --- languages and their known names -----------------------------------------------------------------


def test_what_counts_as_code_is_what_the_server_can_read() -> None:
    assert {suffix for suffixes in SUFFIXES.values() for suffix in suffixes} == {
        suffix for grammar in GRAMMARS for suffix in grammar.suffixes
    }


@pytest.mark.parametrize(
    ("path", "language"),
    [("a/b.py", "python"), ("a.TSX", "typescript"), ("a.d.ts", "typescript"), ("py", ""), ("a.md", "")],
)
def test_languages(path: str, language: str) -> None:
    assert language_of(path) == language


@pytest.mark.parametrize("language", SUFFIXES)
def test_each_language_has_known_names(language: str) -> None:
    assert len(common_names(language)) > 50
    assert uncommon(["checkout_cart", *sorted(common_names(language))], language) == ("checkout_cart",)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("python", "append items ValueError __init__ as_integer_ratio"),
        ("javascript", "push then map"),
        ("go", "Error Println"),
        ("c", "malloc push_back"),
    ],
)
def test_known_names(language: str, names: str) -> None:
    assert not uncommon(names.split(), language)


def test_a_language_without_a_row_has_none() -> None:
    assert not common_names("cobol")
