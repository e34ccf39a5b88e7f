"""tree-sitter: what a language's query finds in a text, and texts that are parsed again at each key.

The only module that imports tree_sitter.
Knows no outline: it gives plain captures in the order of the text, and `outline.py` says what they mean.
A language is a row of `grammars.py` and a query in `queries/`. What the captures of the queries are called::

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
import re
import threading
from functools import cache, cached_property, partial
from itertools import accumulate, pairwise
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Final, NamedTuple

from tree_sitter import Language, Parser, Query, QueryCursor

from lsp_server.context.grammars import grammar_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Point, Tree, TreeCursor

    from lsp_server.context.grammars import Grammar

QUERIES = Path(__file__).parent / "queries"
# Seconds that a text may take, of the thread's own time: a busy machine is no bad text. A megabyte of source code takes
# half a second; texts that are none can take minutes.
LONGEST = 3.0
# The same for a text that somebody waits for, and the characters that it may have.
SOON = 0.25
LONGEST_PARSED = 1_000_000
# These captures are parts of those that they stand with, and these are told by their own text.
_PARTS = frozenset({"name", "body", "owner", "module", "among"})
_TOLD = frozenset({"base", "imported", "package"})
_CHUNK = 1 << 16
# What the parser reads from, one for each thread.
_LENT = threading.local()
# Strings, characters and comments in what a grammar does not take apart.
_LITERAL = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//.*")


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
    source = _encoded(text)
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
    if thread_time() > until:
        return Captures(grammar, [], [0], is_torn=True)
    found.sort(key=lambda capture: (capture.start, -capture.end, capture.name_start, -capture.body))
    errors = sorted(node.start_byte for node, _ in _broken(root))
    return Captures(grammar, found, errors, is_torn=root.type == "ERROR")


def borders(text: str, suffix: str) -> list[int]:
    """Return the ascending line numbers (from 0) at which the top-level parts of a file begin.

    A file of a language without a grammar has a border at each line.
    """
    grammar = grammar_of(suffix)
    tree = _parse(_encoded(text), grammar, thread_time() + LONGEST) if grammar else None
    if tree is None:
        return list(range(text.count("\n") + 1))
    return sorted({node.start_point[0] for node in tree.root_node.children})


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
        return sum(node.is_missing or not is_within for node, is_within in _broken(self._tree.root_node))

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
        first, last = len(_encoded(self.text[:start])), len(_encoded(self.text[:end]))
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
        first, last = len(_encoded(self.text[:start])), len(_encoded(self.text[:end]))
        new = _encoded(text)
        source = self._source[:first] + new + self._source[last:]
        places = (_point(self._source, first), _point(self._source, last), _point(source, first + len(new)))
        # The edit goes into a copy, and what trees have in common is never written to: this one stays as it is.
        tree = self._tree.copy()
        tree.edit(first, last, first + len(new), *places)
        after = _parse(source, self._grammar, thread_time() + SOON, tree)
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
    source = _encoded(text)
    tree = _parse(source, grammar, thread_time() + SOON)
    return tree and Parsed(text, source, grammar, tree)


def _encoded(text: str) -> bytes:
    """Return a text in UTF-8. Surrogates become one character each, so that offsets can be counted."""
    return text.encode("utf-8", "replace")


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
def _tags(grammar: Grammar) -> dict[int | None, str]:
    """Return by the numbers of types of nodes which field of the grammar has them."""
    fields = {name: getattr(grammar, name) for name in ("strings", "comments", "code", "raw", "unpaired")}
    language = _language(grammar)
    return {
        language.id_for_node_kind(kind, kind.isidentifier()): name
        for name, kinds in fields.items()
        for kind in kinds.split()
    }


def _parse(source: bytes, grammar: Grammar, until: float, before: Tree | None = None) -> Tree | None:
    """Return the tree of a text, ``None`` where it is not ready by ``until``. Other threads run meanwhile.

    ``before`` is the tree of the text before, told of the edit: what it has in common is taken from there.

    Reading by callback is what lets them, and what makes the parser ask whether to go on. tree_sitter 0.26 never frees
    what the callback returns, so that is the same each time, and emptied here.
    """
    chunk: bytearray = vars(_LENT).setdefault("chunk", bytearray())

    def read(offset: int, _: Point) -> bytearray:
        chunk[:] = source[offset : offset + _CHUNK]
        return chunk

    def is_late(_offset: int, _has_error: bool) -> bool:  # noqa: FBT001
        return thread_time() > until

    parse = partial(Parser(_language(grammar)).parse, read, encoding="utf8", progress_callback=is_late)
    try:
        # It takes no ``None`` for a tree.
        return parse(old_tree=before) if before else parse()
    except ValueError:
        # This is how the parser says that it was stopped.
        return None
    finally:
        chunk.clear()


def _broken(root: Node) -> Iterator[tuple[Node, bool]]:
    """Yield what does not parse or is missing, each with whether it is within something that does not parse."""
    waiting = [(root, False)]
    while waiting:
        node, is_within = waiting.pop()
        if not node.has_error:
            continue
        if node.is_error or node.is_missing:
            yield node, is_within
        waiting += [(child, is_within or node.is_error) for child in node.children]


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
