"""The nodes of a text's syntax tree as plain data, for those who look at all of a text once.

Knows no query. What is asked at each key, as whether a place is code, is `document.py`'s.
"""

from __future__ import annotations

from functools import cache
from time import thread_time
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.grammars import grammar_of
from lsp_server.context.syntax.parser import encoded, language_for, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Language, Tree

    from lsp_server.context.grammars import Grammar

# Seconds that the parser may take, of the thread's own time.
LONGEST = 3.0
# Most grammars have a supertype of this name, and most call what is one so: `call_expression`.
_EXPRESSION = "expression"
# What else is an expression, in grammars without a supertype.
_EXPRESSIONS = {
    "tree_sitter_bash": "arithmetic_expansion command_substitution concatenation test_command",
    "tree_sitter_java": "array_access field_access method_invocation",
    "tree_sitter_ruby": "array binary call conditional element_reference hash lambda range scope_resolution unary",
    "tree_sitter_typescript": "array arrow_function object",
}


class Node(NamedTuple):
    """A node of a syntax tree; offsets are code points, the range is half-open.

    ``type`` is the grammar's name for it; a keyword or a sign, which is not ``is_named``, is called by its text.
    ``parent`` is the index of the node around it, -1 for the root. ``field`` is what the grammar calls its place in
    that, as ``body``; empty for none. ``is_expression`` where it may stand for a value, though not each one of its
    type does. ``is_broken`` where the text does not parse, or a token is missing: then the range is empty.
    """

    type: str
    start: int
    end: int
    parent: int
    field: str
    is_named: bool
    is_expression: bool
    is_broken: bool


def nodes(text: str, suffix: str) -> list[Node]:
    """Return all nodes of a text, outer before inner, then in the order of the text.

    Nothing where no grammar is there for ``suffix``, the end of a file's name, or parsing takes longer than `LONGEST`.
    """
    grammar = grammar_of(suffix)
    if grammar is None:
        return []
    source = encoded(text)
    tree = parse(source, grammar, thread_time() + LONGEST)
    return [] if tree is None else list(_walk(tree, _offsets(source, text), _expressions(grammar)))


def _walk(tree: Tree, offsets: Sequence[int], expressions: frozenset[str]) -> Iterator[Node]:
    cursor = tree.walk()
    # The indexes of the nodes around the one that the cursor is at.
    around = [-1]
    index = 0
    while (node := cursor.node) is not None:
        kind, is_named = node.type, node.is_named
        yield Node(
            kind,
            offsets[node.start_byte],
            offsets[node.end_byte],
            around[-1],
            cursor.field_name or "",
            is_named,
            is_named and kind in expressions,
            node.is_error or node.is_missing,
        )
        if cursor.goto_first_child():
            around.append(index)
        else:
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return
                around.pop()
        index += 1


def _offsets(source: bytes, text: str) -> Sequence[int]:
    """Return by the places of a text in UTF-8, its end included, the character that each belongs to."""
    if len(source) == len(text):
        return range(len(source) + 1)
    return [index for index, character in enumerate(text) for _ in encoded(character)] + [len(text)]


@cache
def _expressions(grammar: Grammar) -> frozenset[str]:
    """Return the types of the nodes that are expressions."""
    language = language_for(grammar)
    names = {language.node_kind_for_id(number) or "" for number in range(language.node_kind_count)}
    called = {name for name in names if name.endswith(f"_{_EXPRESSION}")}
    supertypes = [number for number in language.supertypes if _name(language, number).strip("_") == _EXPRESSION]
    below = {_name(language, number) for supertype in supertypes for number in _subtypes(language, supertype)}
    return frozenset(called | below | set(_EXPRESSIONS.get(grammar.package, "").split()))


def _subtypes(language: Language, supertype: int) -> Iterator[int]:
    """Yield what a type of nodes is the supertype of, however far below."""
    waiting = [supertype]
    while waiting:
        for number in language.subtypes(waiting.pop()):
            yield number
            if number in language.supertypes:
                waiting.append(number)


def _name(language: Language, number: int) -> str:
    return language.node_kind_for_id(number) or ""
