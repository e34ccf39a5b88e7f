"""The nodes of a text as plain data: ranges, what is around what, expressions, and what does not parse."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.grammars import GRAMMARS
from lsp_server.context.syntax import nodes as module
from lsp_server.context.syntax.nodes import nodes
from tests.context.test_parsed import SOUND

if TYPE_CHECKING:
    from lsp_server.context.grammars import Grammar

# For each grammar a text, and the expressions of several nodes in it.
EXPRESSIONS = (
    (".py", "x = f(a + 1)\n", {"f(a + 1)", "a + 1"}),
    (".ts", "let x = f(a as B);\n", {"f(a as B)", "a as B"}),
    (".tsx", "let x = a.b(() => [c]);\n", {"a.b(() => [c])", "a.b", "() => [c]", "[c]"}),
    (".js", "let x = new A({b: c + 1});\n", {"new A({b: c + 1})", "{b: c + 1}", "c + 1"}),
    (".go", "package a\nvar x = f(a + 1)\n", {"f(a + 1)", "a + 1"}),
    (".java", "class A { int x = f(a.b()); }\n", {"f(a.b())", "a.b()"}),
    (".rs", "const X: u8 = f(a.b + 1);\n", {"f(a.b + 1)", "a.b + 1", "a.b"}),
    (".c", "int x = f(a + 1);\n", {"f(a + 1)", "a + 1"}),
    (".cpp", "int x = f(a->b);\n", {"f(a->b)", "a->b"}),
    (".cs", "class A { int x = f(a + 1); }\n", {"f(a + 1)", "a + 1"}),
    (".php", "<?php x(A + 1);\n", {"x(A + 1)", "A + 1"}),
    (".rb", "x = f(a + 1)\n", {"f(a + 1)", "a + 1"}),
    (".sh", "x=$(f 1)\n", {"$(f 1)"}),
)


def test_each_grammar_is_tried() -> None:
    assert {suffix for suffix, _, _ in EXPRESSIONS} == {grammar.suffixes[0] for grammar in GRAMMARS}


@pytest.mark.parametrize(("suffix", "text", "expected"), EXPRESSIONS)
def test_expressions(suffix: str, text: str, expected: set[str]) -> None:
    found = nodes(text, suffix)
    parents = {node.parent for node in found}
    assert {
        text[node.start : node.end] for index, node in enumerate(found) if node.is_expression and index in parents
    } == expected


@pytest.mark.parametrize(("suffix", "marked"), SOUND)
def test_a_node_holds_those_that_it_is_the_parent_of(suffix: str, marked: str) -> None:
    text = marked.replace("«", "").replace("»", "")
    found = nodes(text, suffix)
    assert [index for index, node in enumerate(found) if node.parent < 0] == [0]
    assert not any(node.is_broken for node in found)
    for index, node in enumerate(found):
        assert 0 <= node.start <= node.end <= len(text)
        if index:
            around = found[node.parent]
            assert node.parent < index
            assert around.start <= node.start <= node.end <= around.end


@pytest.mark.parametrize("text", ["a = 'é漢😀' + b", "a = '\ud800' + b", "a = '' + b"])
def test_offsets_are_characters(text: str) -> None:
    (plus,) = (node for node in nodes(text, ".py") if node.type == "+")
    assert text[plus.start : plus.end] == "+"
    assert not plus.is_named


def test_a_node_knows_its_place_in_its_parent() -> None:
    found = nodes("def f():\n    return 1\n", ".py")
    (body,) = (node for node in found if node.field == "body")
    assert (body.type, found[body.parent].type) == ("block", "function_definition")


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".py", "x = 1\n", []),
        (".py", "x = 1\ny = = 2\n", ["="]),
        (".js", "x = 1;\nif (a) { b;\n", [""]),
    ],
)
def test_what_does_not_parse_is_broken(suffix: str, text: str, expected: list[str]) -> None:
    assert [text[node.start : node.end] for node in nodes(text, suffix) if node.is_broken] == expected


def test_without_a_grammar_there_are_no_nodes() -> None:
    assert nodes("x = 1\n", ".hs") == []


def test_a_text_that_takes_too_long_has_no_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", -1.0)
    assert nodes("x = 1\n" * 1000, ".py") == []


@given(st.text(alphabet="a1 \n()[]{}:=+.'\"#é😀", max_size=60), st.sampled_from(GRAMMARS))
def test_any_text_has_nodes_in_order(text: str, grammar: Grammar) -> None:
    found = nodes(text, grammar.suffixes[0])
    assert all(left.start <= right.start or right.is_broken for left, right in pairwise(found))
