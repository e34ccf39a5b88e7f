"""Texts that are parsed again at each key: their errors, strings and comments, and brackets.

Knows no query: where the parser has gone wrong, and which types of nodes are no code, is all that counts.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import accumulate, pairwise
from time import thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

from lsp_server.context.grammars import grammar_of
from lsp_server.context.syntax.parser import broken, encoded, language_for, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Tree, TreeCursor

    from lsp_server.context.grammars import Grammar

# Seconds that a text may take for which somebody waits, of the thread's own time, as a busy machine is no bad text; and
# the characters that it may have.
SOON = 0.25
LONGEST_PARSED = 1_000_000
# Strings, characters and comments in what a grammar does not take apart.
_LITERAL = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//.*")


class _Span(NamedTuple):
    """A range (bytes) that is code, ``b"c"``, or none, ``b"s"``."""

    start: int
    end: int
    mark: bytes


class Parsed:
    """A text that its language's grammar has read, never changed. Offsets are code points, ranges are half-open.

    What comes of an edit is what ``parsed`` gives for the same text, but that a broken text may have an error more or
    less: where the parser goes on from another tree, it recovers in other ways. Bash is the one language in which
    that happens to texts without errors, too.
    """

    def __init__(self, text: str, source: bytes, grammar: Grammar, tree: Tree) -> None:
        """``source`` is the text in UTF-8, ``tree`` what the grammar makes of it."""
        self.text: Final = text
        self._source = source
        self._grammar = grammar
        self._tree = tree

    @cached_property
    def errors(self) -> int:
        """How many places do not parse, and how many tokens are missing; an error within another one does not count."""
        return sum(node.is_missing or not is_within for node, is_within in broken(self._tree.root_node))

    def inserted(self, offset: int, text: str) -> Parsed | None:
        """Return the same text with something put in at an offset; ``None`` as ``parsed`` gives it."""
        return self._edited(offset, offset, text)

    def changed(self, text: str) -> Parsed | None:
        """Return another text of the same document; ``None`` as ``parsed`` gives it.

        That is quick where what differs, from the first place to the last one, is short.
        """
        if text == self.text:
            return self
        old, new = len(self.text), len(text)
        start = _alike(min(old, new), lambda low, high: self.text[low:high] == text[low:high])
        end = _alike(
            min(old, new) - start,
            lambda low, high: self.text[old - high : old - low] == text[new - high : new - low],
        )
        return self._edited(start, old - end, text[start : new - end])

    def opaque(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the whole ranges of strings and comments that overlap a range, ascending, quotes and all.

        Brackets and line breaks in there mean nothing. What is put into a string, as by ``${x}``, is code. Ranges that
        touch are joined. A range without characters overlaps what it is within. Nothing where telling takes longer
        than ``SOON``, as it may in a text of nothing but brackets.
        """
        until = thread_time() + SOON
        first, last = len(encoded(self.text[:start])), len(encoded(self.text[:end]))
        around, low, high = (first, last), -1, -1
        while around != (low, high):
            # What reaches out of the range, or touches it, is not known before all that stands in it is.
            low, high = around
            spans = self._spans(max(0, low - 1), high + 1, until)
            around = min([low, *(span.start for span in spans)]), max([high, *(span.end for span in spans)])
        if thread_time() > until:
            return []
        marks = bytearray(high - low)
        for span in spans:
            marks[span.start - low : span.end - low] = span.mark * (span.end - span.start)
        found = [(match.start() + low, match.end() + low) for match in re.finditer(b"s+", marks)]
        offsets = self._offsets(
            [byte for left, right in found if left < last and first < right for byte in (left, right)]
        )
        return list(zip(offsets[::2], offsets[1::2], strict=True))

    def brackets(self, start: int, end: int) -> list[tuple[int, str]]:
        """Return the offsets in a range of brackets, ascending, and which they are; none of those in ``opaque``.

        Those in longer tokens, as ``#{``, are brackets too.
        """
        found: list[tuple[int, str]] = []
        at = start
        for low, high in [*self.opaque(start, end), (end, end)]:
            found += [(match.start(), match[0]) for match in self._grammar.bracket.finditer(self.text, at, low)]
            at = high
        return found

    def _edited(self, start: int, end: int, text: str) -> Parsed | None:
        """Return the text with another one in place of a range."""
        whole = self.text[:start] + text + self.text[end:]
        if len(whole) > LONGEST_PARSED:
            return None
        first, last = len(encoded(self.text[:start])), len(encoded(self.text[:end]))
        new = encoded(text)
        source = self._source[:first] + new + self._source[last:]
        places = (_point(self._source, first), _point(self._source, last), _point(source, first + len(new)))
        # The edit goes into a copy, and what trees have in common is never written to: this one stays as it is.
        tree = self._tree.copy()
        tree.edit(first, last, first + len(new), *places)
        after = parse(source, self._grammar, thread_time() + SOON, tree)
        return after and Parsed(whole, source, self._grammar, after)

    def _spans(self, start: int, end: int, until: float) -> list[_Span]:
        """Return what is told to be code, or none, in a range of the source: outer before inner, which counts.

        A query would do, but takes minutes for a hundred thousand brackets in a row, and tree_sitter 0.26 crashes where
        one is to be stopped by a ``progress_callback``.
        """
        tags = _tags(self._grammar)
        spans = []
        cursor = self._tree.walk()
        node = cursor.node
        while node is not None and thread_time() < until:
            tag = tags.get(node.kind_id)
            if tag is not None:
                spans += self._told(node, tag)
            node = _next(cursor, start, end)
        return spans

    def _told(self, node: Node, tag: str) -> list[_Span]:
        """Return what a type of nodes tells of one of them."""
        start, end = node.byte_range
        if tag == "raw":
            return [_Span(*literal.span(), b"s") for literal in _LITERAL.finditer(self._source, start, end)]
        if tag == "unpaired":
            return [_Span(*child.byte_range, b"s") for child in node.children if child.type in {"(", ")"}]
        if tag == "comments":
            # The line break behind a comment is none of it.
            end -= self._source.endswith(b"\n", start, end)
        return [_Span(start, end, b"c" if tag == "code" else b"s")]

    def _offsets(self, places: list[int]) -> list[int]:
        """Return the offsets of ascending places (bytes) in the source."""
        if len(self._source) == len(self.text):
            return places
        lengths = (len(self._source[low:high].decode()) for low, high in pairwise([0, *places]))
        return list(accumulate(lengths))


def parsed(text: str, suffix: str) -> Parsed | None:
    """Return a text as its language's grammar reads it.

    ``None`` where there is no grammar for it, where it is longer than ``LONGEST_PARSED`` or takes longer than
    ``SOON``.
    """
    grammar = grammar_of(suffix)
    if grammar is None or len(text) > LONGEST_PARSED:
        return None
    source = encoded(text)
    tree = parse(source, grammar, thread_time() + SOON)
    return tree and Parsed(text, source, grammar, tree)


def _point(source: bytes, byte: int) -> tuple[int, int]:
    """Return the row and the column (bytes) of a byte of a source."""
    return source.count(b"\n", 0, byte), byte - source.rfind(b"\n", 0, byte) - 1


def _alike(most: int, are_same: Callable[[int, int], bool]) -> int:
    """Return for how many characters, at most, two texts are the same, as told for ranges of them.

    Each range is half of what is left, so that all of them together are read once.
    """
    same, differing = 0, most + 1
    while differing - same > 1:
        middle = (same + differing) // 2
        if are_same(same, middle):
            same = middle
        else:
            differing = middle
    return same


@cache
def _tags(grammar: Grammar) -> dict[int | None, str]:
    """Return by the numbers of types of nodes which field of the grammar has them."""
    fields = {name: getattr(grammar, name) for name in ("strings", "comments", "code", "raw", "unpaired")}
    language = language_for(grammar)
    return {
        language.id_for_node_kind(kind, kind.isidentifier()): name
        for name, kinds in fields.items()
        for kind in kinds.split()
    }


def _next(cursor: TreeCursor, start: int, end: int) -> Node | None:
    """Move on to the next node, outer before inner, that is in a range (bytes); ``None`` where there is none."""
    moved = _enter(cursor, start) or cursor.goto_next_sibling()
    while True:
        if moved and (node := cursor.node) and node.start_byte < end:
            return node
        if not cursor.goto_parent():
            return None
        moved = cursor.goto_next_sibling()


def _enter(cursor: TreeCursor, start: int) -> bool:
    """Move to the first child that ends behind a byte; ``False``, and stay, where there is none."""
    if cursor.goto_first_child_for_byte(start) is not None:
        return True
    # Children behind a token that the grammar hides, such as a line break of Go, are overlooked by that.
    found = cursor.goto_first_child()
    while found and (node := cursor.node) and node.end_byte <= start:
        if not cursor.goto_next_sibling():
            cursor.goto_parent()
            return False
    return found
