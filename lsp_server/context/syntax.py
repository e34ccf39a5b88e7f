"""tree-sitter: the grammars, and what a language's query finds in a text. The only module that imports tree_sitter.

Knows no outline: it gives plain captures in the order of the text, and `outline.py` says what they mean.
A language is a row of ``GRAMMARS`` and a query in `queries/`. What the captures of the queries are called::

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
The queries have no predicates, as these read the text through the callback of `_parse`, and leak it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Language, Parser, Query, QueryCursor

from lsp_server.context import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Point, Tree

QUERIES = Path(__file__).parent / "queries"
# Seconds that a text may take. A megabyte of source code takes half a second; texts that are none can take minutes.
LONGEST = 3.0
# These captures are parts of those that they stand with, and these are told by their own text.
_PARTS = frozenset({"name", "body", "owner", "module", "among"})
_TOLD = frozenset({"base", "imported", "package"})
_TEXTS = ("name", "owner", "module")
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: the ends of its files' names, its grammar, its queries, and how it is written.

    ``paths`` takes what the query captures as ``@module`` apart: modules, each with the names taken out of it.
    ``comment`` begins a comment that ends with the line. ``root`` is the node of a whole file, where the query
    names it.
    """

    suffixes: tuple[str, ...]
    package: str
    queries: tuple[str, ...]
    paths: Callable[[str], list[paths.Path]] = paths.quoted
    comment: str = "//"
    function: str = "language"
    root: str = ""


_TS = ("javascript", "typescript")
_JS = ("javascript", "javascript_only")
# One row a language.
GRAMMARS = (
    Grammar((".py", ".pyi"), "tree_sitter_python", ("python",), comment="#", root="module"),
    Grammar((".ts", ".mts", ".cts"), "tree_sitter_typescript", _TS, function="language_typescript", root="program"),
    Grammar((".tsx",), "tree_sitter_typescript", _TS, function="language_tsx", root="program"),
    Grammar((".js", ".jsx", ".mjs", ".cjs"), "tree_sitter_javascript", _JS, root="program"),
    Grammar((".go",), "tree_sitter_go", ("go",)),
    Grammar((".java",), "tree_sitter_java", ("java",), paths.java),
    Grammar((".rs",), "tree_sitter_rust", ("rust",), paths.rust),
    Grammar((".c",), "tree_sitter_c", ("c",)),
    # A header may be either's; the grammar of C++ reads both.
    Grammar((".cpp", ".cc", ".cxx", ".h", ".hpp", ".hh", ".hxx"), "tree_sitter_cpp", ("c", "cpp")),
    Grammar((".cs",), "tree_sitter_c_sharp", ("csharp",), paths.csharp),
    Grammar((".php",), "tree_sitter_php", ("php",), paths.php, function="language_php"),
    Grammar((".rb", ".rake", ".gemspec"), "tree_sitter_ruby", ("ruby",), paths.ruby, comment="#"),
    Grammar((".sh", ".bash"), "tree_sitter_bash", ("bash",), comment="#", root="program"),
)
_BY_SUFFIX = {suffix: grammar for grammar in GRAMMARS for suffix in grammar.suffixes}


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
    grammar = _grammar(suffix)
    if grammar is None:
        return None
    until = perf_counter() + LONGEST
    source = text.encode("utf-8", "replace")
    tree = _parse(source, grammar, until)
    if tree is None:
        return Captures(grammar, [], [0], is_torn=True)
    root = tree.root_node
    found: list[Capture] = []
    query = _query(grammar, root.type)
    for pattern, match in QueryCursor(query.query).matches(root):
        if "among" in match and _text(match["among"][0], source) not in query.among[pattern]:
            continue
        found += _captured(match, source)
    if perf_counter() > until:
        return Captures(grammar, [], [0], is_torn=True)
    found.sort(key=lambda capture: (capture.start, -capture.end, capture.name_start, -capture.body))
    errors = _errors(root, grammar) if root.has_error else []
    return Captures(grammar, found, errors, is_torn=root.type == "ERROR")


def borders(text: str, suffix: str) -> list[int]:
    """Return the ascending line numbers (from 0) at which the top-level parts of a file begin.

    A file of a language without a grammar has a border at each line.
    """
    grammar = _grammar(suffix)
    tree = _parse(text.encode("utf-8", "replace"), grammar, perf_counter() + LONGEST) if grammar else None
    if tree is None:
        return list(range(text.count("\n") + 1))
    return sorted({node.start_point[0] for node in tree.root_node.children})


def _grammar(name: str) -> Grammar | None:
    return _BY_SUFFIX.get(name[name.rfind(".") :])


@cache
def _language(grammar: Grammar) -> Language:
    return Language(getattr(importlib.import_module(grammar.package), grammar.function)())


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
    query = Query(_language(grammar), text)
    words = [query.pattern_settings(pattern).get("among") or "" for pattern in range(query.pattern_count)]
    return _Patterns(query, [frozenset(these.split()) for these in words])


@cache
def _error_query(grammar: Grammar) -> Query:
    return Query(_language(grammar), "[(ERROR) (MISSING)] @error")


def _parse(source: bytes, grammar: Grammar, until: float) -> Tree | None:
    """Return the tree of a text, ``None`` where it is not ready by ``until``. Other threads run meanwhile.

    Reading by callback is what lets them, and what makes the parser ask whether to go on. tree_sitter 0.26 never frees
    what the callback returns, so that is emptied here.
    """
    lent: list[bytearray] = []

    def read(offset: int, _: Point) -> bytearray:
        lent.append(bytearray(source[offset : offset + _CHUNK]))
        return lent[-1]

    parser = Parser(_language(grammar))
    try:
        return parser.parse(read, encoding="utf8", progress_callback=lambda _offset, _has_error: perf_counter() > until)
    except ValueError:
        # This is how the parser says that it was stopped.
        return None
    finally:
        for chunk in lent:
            chunk.clear()


def _errors(root: Node, grammar: Grammar) -> list[int]:
    found = QueryCursor(_error_query(grammar)).captures(root)
    return sorted(node.start_byte for node in found.get("error", ()))


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
