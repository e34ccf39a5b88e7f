"""What a language's query finds in a text: plain captures in its order; and the borders of a file's parts.

Knows no outline: `outline.py` says what the captures mean.
A language has a query in `queries/`. What the captures of the queries are called::

    @type @function @method @value @macro @namespace    a definition: the whole of it
    @member     a field that a method or constructor makes, as `self.x = 1`
    @declared   a definition of C whose @name is its declarator; @typedef likewise, a type
    @name @body @owner     parts of the definition that they stand with; what a method is written into is its @owner
    @extension  a block whose definitions belong to the type @name: `impl`
    @base       what the type around it extends
    @lead       a decorator or attribute that stands before its definition
    @scope      what holds locals, without being a definition itself
    @import @export @submodule    an import, with its @module
    @imported @default @all @offered    parts of an import around them: names, and that others may have them from here
    @package    the name of the package
    @among      what has to be one of the words of its pattern's `(#set! among "...")`

Patterns may find the same definition twice, with and without its body: the one with the innermost body counts.
The queries have no predicates, as these read the text through the callback of `parse`, and leak it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Query, QueryCursor

from lsp_server.context.grammars import grammar_of
from lsp_server.context.syntax.parser import broken, encoded, language_for, parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from lsp_server.context.grammars import Grammar

QUERIES = Path(__file__).parents[1] / "queries"
# Seconds that a text may take, of the thread's own time: a busy machine is no bad text. A megabyte of source code takes
# half a second; texts that are none can take minutes.
LONGEST = 3.0
# These captures are parts of those that they stand with, and these are told by their own text.
_PARTS = frozenset({"name", "body", "owner", "module", "among"})
_TOLD = frozenset({"base", "imported", "package"})


class Capture(NamedTuple):
    """What one pattern of a query found; offsets are bytes, lines count from 0, ranges are half-open.

    ``tag`` is the query's name for the whole of it. ``name``, ``owner`` and ``module`` are the texts of the parts
    called so, empty for none; ``name_start``, ``body``, ``body_line`` and ``body_column`` tell where those begin, -1
    for none.
    """

    tag: str
    start: int
    end: int
    line: int
    end_line: int
    name: str
    owner: str
    module: str
    name_start: int
    body: int
    body_line: int
    body_column: int


class Captures(NamedTuple):
    """What a language's query found in a text, outer before inner.

    ``errors`` are the places (bytes) where the text does not parse, ascending. ``is_torn`` where it does not even make
    a whole file: what stands at its top may belong into something that is broken.
    """

    grammar: Grammar
    captures: list[Capture]
    errors: list[int]
    is_torn: bool


def captures(text: str, suffix: str) -> Captures | None:
    """Return what the query of the language finds, ``None`` where there is no grammar for it.

    Nothing but an error where the text takes longer than ``LONGEST``.
    """
    grammar = grammar_of(suffix)
    if grammar is None:
        return None
    until = thread_time() + LONGEST
    source = encoded(text)
    tree = parse(source, grammar, until)
    if tree is None:
        return Captures(grammar, [], [0], is_torn=True)
    root = tree.root_node
    found: list[Capture] = []
    query = _query(grammar, root.type)
    for pattern, match in QueryCursor(query.query).matches(root):
        if "among" in match and _text(match["among"][0], source) not in query.among[pattern]:
            continue
        found += _captured(match, source)
    if thread_time() > until:
        return Captures(grammar, [], [0], is_torn=True)
    found.sort(key=lambda capture: (capture.start, -capture.end, capture.name_start, -capture.body))
    errors = sorted(node.start_byte for node, _ in broken(root))
    return Captures(grammar, found, errors, is_torn=root.type == "ERROR")


def borders(text: str, suffix: str) -> list[int]:
    """Return the ascending line numbers (from 0) at which the top-level parts of a file begin.

    A file of a language without a grammar has a border at each line.
    """
    grammar = grammar_of(suffix)
    tree = parse(encoded(text), grammar, thread_time() + LONGEST) if grammar else None
    if tree is None:
        return list(range(text.count("\n") + 1))
    return sorted({node.start_point[0] for node in tree.root_node.children})


class _Patterns(NamedTuple):
    """A query, and for each of its patterns the words that its ``@among`` may be."""

    query: Query
    among: list[frozenset[str]]


@cache
def _query(grammar: Grammar, root: str) -> _Patterns:
    text = "\n".join((QUERIES / f"{name}.scm").read_text(encoding="utf-8") for name in grammar.queries)
    if root == "ERROR" and grammar.root:
        # Where the whole file does not parse, what would stand at its top stands in an ERROR instead.
        text = text.replace(f"({grammar.root} ", "(ERROR ")
    query = Query(language_for(grammar), text)
    words = [query.pattern_settings(pattern).get("among") or "" for pattern in range(query.pattern_count)]
    return _Patterns(query, [frozenset(these.split()) for these in words])


def _captured(match: dict[str, list[Node]], source: bytes) -> list[Capture]:
    """Return the captures of a match, each with the parts that stand with it."""
    name_start = match["name"][0].start_byte if "name" in match else -1
    body, body_line, body_column = -1, -1, -1
    if "body" in match:
        body = match["body"][0].start_byte
        body_line, body_column = match["body"][0].start_point
    name, owner, module = (
        _text(match[part][0], source) if part in match else "" for part in ("name", "owner", "module")
    )
    found = []
    for tag, nodes in match.items():
        if tag in _PARTS:
            continue
        node = nodes[0]
        line, (end_line, end_column) = node.start_point[0], node.end_point
        # A node that ends with its line ends at the beginning of the next.
        end_line += 1 if end_column or end_line == line else 0
        told = name or (_text(node, source) if tag in _TOLD else "")
        place = (node.start_byte, node.end_byte, line, end_line)
        found.append(Capture(tag, *place, told, owner, module, name_start, body, body_line, body_column))
    return found


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")
