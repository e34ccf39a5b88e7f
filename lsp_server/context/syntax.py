"""tree-sitter: the grammars, and what a language's query finds in a text. The only module that imports tree_sitter.

Knows no outline: it gives plain captures in the order of the text, and `outline.py` says what they mean.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Language, Parser, Query, QueryCursor

from lsp_server.context import paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Tree

QUERIES = Path(__file__).parent / "queries"
# These captures tell more of the definition or import that they stand with; all others are captures of their own.
PARTS = frozenset({"name", "body", "owner", "module"})
# These captures are told by their own text.
TOLD = frozenset({"base", "imported", "package"})


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: the ends of its files' names, its grammar, its queries, and how its imports are written.

    ``paths`` takes what the query captures as ``@module`` apart: modules, each with the names taken out of it.
    """

    suffixes: tuple[str, ...]
    package: str
    queries: tuple[str, ...]
    paths: Callable[[str], list[paths.Path]] = paths.quoted
    comment: str = "//"
    function: str = "language"
    root: str = ""


_TYPESCRIPT = ("javascript", "typescript")
_JAVASCRIPT = ("javascript", "javascript_only")
# One row a language.
GRAMMARS = (
    Grammar((".py", ".pyi"), "tree_sitter_python", ("python",), comment="#", root="module"),
    Grammar((".ts", ".mts", ".cts"), "tree_sitter_typescript", _TYPESCRIPT, function="language_typescript", root="program"),
    Grammar((".tsx",), "tree_sitter_typescript", _TYPESCRIPT, function="language_tsx", root="program"),
    Grammar((".js", ".jsx", ".mjs", ".cjs"), "tree_sitter_javascript", _JAVASCRIPT, root="program"),
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


class Capture(NamedTuple):
    """What one pattern of a query found; offsets are bytes, lines count from 0, ranges are half-open.

    ``tag`` is the query's name for the whole of it. ``name`` and ``owner`` are the texts of the parts called so, empty
    for none; ``body_line`` and ``body_column`` tell where the body begins, -1 for none.
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

    ``errors`` are the places (bytes) where the text does not parse, ascending; ``is_torn`` where no whole file was made out.
    """

    captures: list[Capture]
    errors: list[int]
    has_errors: bool
    is_torn: bool
    grammar: Grammar


def _grammar(suffix: str) -> Grammar | None:
    return _BY_SUFFIX.get(suffix[suffix.rfind(".") :])


_BY_SUFFIX = {suffix: grammar for grammar in GRAMMARS for suffix in grammar.suffixes}


@cache
def _language(grammar: Grammar) -> Language:
    return Language(getattr(importlib.import_module(grammar.package), grammar.function)())


@cache
def _query(grammar: Grammar, root: str) -> Query:
    text = "\n".join((QUERIES / f"{name}.scm").read_text(encoding="utf-8") for name in grammar.queries)
    if root == "ERROR" and grammar.root:
        # Where the whole file does not parse, what would stand at its top stands in an ERROR instead.
        text = text.replace(f"({grammar.root} ", "(ERROR ")
    return Query(_language(grammar), text)


def _parse(text: str, grammar: Grammar) -> Tree:
    return Parser(_language(grammar)).parse(text.encode("utf-8", "replace"))


def captures(text: str, suffix: str) -> Captures | None:
    """Return what the query of the language finds, ``None`` where there is no grammar for it."""
    grammar = _grammar(suffix)
    if grammar is None:
        return None
    root = _parse(text, grammar).root_node
    found = []
    for _, match in QueryCursor(_query(grammar, root.type)).matches(root):
        found += _captured(match)
    found.sort(key=lambda capture: (capture.start, -capture.end, capture.name_start, -capture.body))
    has_errors = root.has_error
    errors = _errors(root, grammar) if has_errors else []
    return Captures(found, errors, has_errors, root.type == "ERROR", grammar)


def _captured(match: dict[str, list[Node]]) -> list[Capture]:
    name, owner, module = (_text(match.get(part)) for part in ("name", "owner", "module"))
    name_start = match["name"][0].start_byte if "name" in match else -1
    body, body_line, body_column = -1, -1, -1
    if "body" in match:
        node = match["body"][0]
        body = node.start_byte
        body_line, body_column = node.start_point
    found = []
    for tag, nodes in match.items():
        if tag in PARTS or tag[0] == "_":
            continue
        for node in nodes:
            end_line, end_column = node.end_point
            line = node.start_point[0]
            if end_column or end_line == line:
                end_line += 1
            found.append(
                Capture(
                    tag,
                    node.start_byte,
                    node.end_byte,
                    line,
                    end_line,
                    name or (_text([node]) if tag in TOLD else ""),
                    owner,
                    module,
                    name_start,
                    body,
                    body_line,
                    body_column,
                )
            )
    return found


def _text(nodes: list[Node] | None) -> str:
    return (nodes[0].text or b"").decode("utf-8", "replace") if nodes else ""


@cache
def _error_query(grammar: Grammar) -> Query:
    return Query(_language(grammar), "[(ERROR) (MISSING)] @error")


def _errors(root: Node, grammar: Grammar) -> list[int]:
    found = QueryCursor(_error_query(grammar)).captures(root)
    return sorted(node.start_byte for node in found.get("error", ()))


def borders(text: str, suffix: str) -> list[int]:
    """Return the ascending line numbers (from 0) at which the top-level parts of a file begin.

    A file of a language without a grammar has a border at each line.
    """
    grammar = _grammar(suffix)
    if grammar is None:
        return list(range(text.count("\n") + 1))
    return sorted({node.start_point.row for node in _parse(text, grammar).root_node.children})


part_borders = borders
