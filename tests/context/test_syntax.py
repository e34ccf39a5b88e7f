"""The table of languages, and the borders of a file's parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lsp_server.context.grammars import GRAMMARS, Grammar
from lsp_server.context.syntax import captures, document
from lsp_server.context.syntax.parser import parse

EVERY = pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.suffixes[0])
# What outline.py knows, and what belongs to another capture.
TAGS = {
    *("type", "function", "method", "value", "macro", "namespace", "member", "declared", "typedef"),
    *("extension", "base", "lead", "scope", "package"),
    *("import", "export", "submodule", "imported", "default", "all", "offered"),
    *("name", "body", "owner", "module"),
}


def test_no_suffix_is_in_two_rows() -> None:
    suffixes = [suffix for grammar in GRAMMARS for suffix in grammar.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert all(re.fullmatch(r"\.[a-z]+", suffix) for suffix in suffixes)


@EVERY
def test_the_grammar_is_a_dependency(grammar: Grammar) -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"{grammar.package.replace("_", "-")}>=' in project


@EVERY
@pytest.mark.parametrize("root", ["", "ERROR"])
def test_the_query_compiles_and_has_known_captures(grammar: Grammar, root: str) -> None:
    query, among = captures._query(grammar, root)
    names = {query.capture_name(number) for number in range(query.capture_count)}
    assert names - {"among"} <= TAGS
    assert ("among" in names) == any(among)


@EVERY
def test_types_of_nodes_exist(grammar: Grammar) -> None:
    tags = document._tags(grammar)
    assert None not in tags
    assert {"strings", "comments"} <= set(tags.values())


@EVERY
def test_a_root_is_what_the_grammar_calls_it(grammar: Grammar) -> None:
    tree = parse(b"", grammar, float("inf"))
    assert tree is not None
    assert grammar.root in {"", tree.root_node.type}


def test_every_query_file_is_read() -> None:
    read = {name for grammar in GRAMMARS for name in grammar.queries}
    assert read == {file.stem for file in captures.QUERIES.glob("*.scm")}


def test_captures_come_outer_before_inner() -> None:
    found = captures.captures("class A:\n    def m(self): ...\n", ".py")
    assert found is not None
    assert [(capture.tag, capture.name, capture.line) for capture in found.captures] == [
        ("type", "A", 0),
        ("function", "m", 1),
    ]


def test_borders_are_where_parts_begin() -> None:
    assert captures.borders("import a\n\n@b\ndef c():\n    d = 1\n\n\ne = 2\n", ".py") == [0, 2, 7]


def test_borders_without_a_grammar_are_all_lines() -> None:
    assert captures.borders("a\nb\n", ".txt") == [0, 1, 2]
