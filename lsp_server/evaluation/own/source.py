"""A source file as holes are found in it: its tokens, its lines, its bodies, and where it does not parse."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.grammars import grammar_of
from lsp_server.context.syntax.nodes import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lsp_server.context.grammars import Grammar
    from lsp_server.context.syntax.nodes import Node

# Lines and characters: what is longer is no single suggestion.
MOST_LINES = 40
LONGEST = 2000
# The nodes of all grammars that hold statements, members or cases one after the other, with no commas between them.
_BODIES = frozenset({
    *("module", "program", "source_file", "translation_unit", "compilation_unit"),
    *("block", "statement_block", "compound_statement", "constructor_body", "colon_block", "statement_list"),
    *("body_statement", "block_body", "then", "do", "do_group"),
    *("class_body", "interface_body", "declaration_list", "field_declaration_list", "enum_body_declarations"),
    *("switch_section", "switch_block_statement_group", "switch_case", "switch_default"),
    *("case_statement", "default_statement", "case_item"),
})  # fmt: skip
# How functions are called in all grammars: `function_item`, `method_declaration`, `func_literal`.
_FUNCTION = re.compile("func|method|constructor")
_WORD = re.compile(r"\w")


class Span(NamedTuple):
    """A half-open range of characters."""

    start: int
    end: int


class Token(NamedTuple):
    """A word or sign of code, or a whole string or comment. It ``tells`` something where it is a name or a number."""

    start: int
    end: int
    tells: bool
    is_comment: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of code that stands for itself: no string and no comment goes on from it, or to it.

    ``tokens`` are those of code and strings, one at least; a comment behind them is none of them.
    """

    tokens: Sequence[Token]
    has_comment: bool

    @property
    def span(self) -> Span:
        """The line without its indentation, and without a comment behind it."""
        return Span(self.tokens[0].start, self.tokens[-1].end)


class Source:
    r"""A text with ``\n`` for line ends, and what its grammar tells of it; nothing where there is none for ``suffix``.

    Names in strings are no code, those that are put into a string neither.
    """

    def __init__(self, text: str, suffix: str) -> None:
        self.text = text
        self.nodes = nodes(text, suffix)
        grammar = grammar_of(suffix)
        self._tokens = list(_tokens(text, self.nodes, grammar)) if grammar else []
        self._starts = [token.start for token in self._tokens]
        self._broken = [Span(node.start, node.end) for node in self.nodes if node.is_broken]

    def tokens(self, span: Span) -> Sequence[Token]:
        """Return the tokens that begin in a range, strings and comments as one each."""
        return self._tokens[bisect_left(self._starts, span.start) : bisect_left(self._starts, span.end)]

    @cached_property
    def lines(self) -> list[Line]:
        """The lines that stand for themselves, from top to bottom."""
        text, at, number = self.text, 0, 0
        spanning: set[int] = set()
        by_line: dict[int, list[Token]] = {}
        for token in self._tokens:
            number += text.count("\n", at, token.start)
            at = token.start
            by_line.setdefault(number, []).append(token)
            breaks = text.count("\n", token.start, token.end)
            if breaks:
                spanning.update(range(number, number + breaks + 1))
        found = []
        for line, tokens in by_line.items():
            code = [token for token in tokens if not token.is_comment]
            # A comment between two tokens would be a part of what they make up.
            is_whole = line not in spanning and tokens[: len(code)] == code
            end = tokens[-1].end
            # The backslash with which a line of C or Bash goes on is no token.
            if code and is_whole and self._is_blank(end, self._end_of_line(end)):
                found.append(Line(code, has_comment=len(code) < len(tokens)))
        return found

    @cached_property
    def bodies(self) -> Mapping[int, Sequence[Node]]:
        """What stands in each body one after the other, comments too, by the index of the body's node."""
        found: dict[int, list[Node]] = {}
        for node in self.nodes:
            if node.is_named and node.parent >= 0 and self.nodes[node.parent].type in _BODIES:
                # In some grammars the line break behind a node is part of it.
                end = node.start + len(self.text[node.start : node.end].rstrip())
                found.setdefault(node.parent, []).append(node._replace(end=end))
        return found

    @cached_property
    def functions(self) -> list[int]:
        """The indexes of the nodes of functions' bodies."""
        return [
            index
            for index, node in enumerate(self.nodes)
            if node.field == "body" and node.type in _BODIES and _FUNCTION.search(self.nodes[node.parent].type)
        ]

    def begins_line(self, node: Node) -> bool:
        """Return whether nothing but indentation stands before a node on its line."""
        return self._is_blank(self._start_of_line(node.start), node.start)

    def line_end(self, node: Node) -> int:
        """Return where the last line of a node ends, with a comment or semicolon behind it; -1 where more follows."""
        end = node.end
        for token in self.tokens(Span(end, self._end_of_line(end))):
            text = self.text[token.start : token.end]
            if "\n" in text or not (token.is_comment or text == ";"):
                return -1
            end = token.end
        return end

    def tells(self, span: Span) -> bool:
        """Return whether a name or a number stands in a range, outside of strings and comments."""
        return any(token.tells for token in self.tokens(span))

    def fits(self, span: Span) -> bool:
        """Return whether a range may be a hole: something stands before it, it tells something, and its lines parse.

        It has at most `MOST_LINES` and `LONGEST` characters.
        """
        text = self.text[span.start : span.end]
        if (
            len(text) > LONGEST
            or text.count("\n") >= MOST_LINES
            or not self.tells(span)
            or span.start <= self._starts[0]
        ):
            return False
        first, last = self._start_of_line(span.start), self._end_of_line(span.end)
        return not any(start <= last and first <= end for start, end in self._broken)

    def _start_of_line(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    def _end_of_line(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return end if end >= 0 else len(self.text)

    def _is_blank(self, start: int, end: int) -> bool:
        return not self.text[start:end].strip()


def _tokens(text: str, found: Sequence[Node], grammar: Grammar) -> Iterator[Token]:
    """Yield the leaves of a tree without the white space around them; strings and comments are leaves."""
    comments = frozenset(grammar.comments.split())
    opaque = comments | frozenset(grammar.strings.split())
    parents = {node.parent for node in found}
    covered = 0
    for index, node in enumerate(found):
        is_opaque = node.is_named and node.type in opaque
        if node.start < covered or (index in parents and not is_opaque):
            continue
        content = text[node.start : node.end]
        stripped = content.strip()
        if stripped:
            start = node.start + len(content) - len(content.lstrip())
            covered = node.end
            tells = node.is_named and not is_opaque and _WORD.search(stripped) is not None
            yield Token(start, start + len(stripped), tells, node.is_named and node.type in comments)
