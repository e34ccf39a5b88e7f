"""tree-sitter: where the top-level parts of a file begin. The only module that imports tree_sitter."""

from __future__ import annotations

from functools import cache

import tree_sitter_python
from tree_sitter import Language, Parser

# One row a language: the suffixes of its files and its grammar.
GRAMMARS = {
    (".py", ".pyi"): tree_sitter_python.language,
}


@cache
def _parser(suffix: str) -> Parser | None:
    for suffixes, language in GRAMMARS.items():
        if suffix in suffixes:
            return Parser(Language(language()))
    return None


def part_borders(text: str, suffix: str) -> list[int]:
    """Return the ascending line numbers (from 0) at which the top-level parts of a file begin.

    A file of a language without a grammar has a border at each line.
    """
    parser = _parser(suffix)
    if parser is None:
        return list(range(text.count("\n") + 1))
    tree = parser.parse(text.encode("utf-8", "replace"))
    return sorted({node.start_point.row for node in tree.root_node.children})
