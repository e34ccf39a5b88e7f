"""Where in a source file a hole of each kind may be.

=================  ===================================================================================================
rest of a line     from a token on, not the first one, to the end of the line
line               a whole line; the cursor stands behind its indentation
expression         an expression of three tokens or more, in a line of which more is left
block              two to eight lines, whole statements of one body that no blank line parts; the cursor stands behind
                   the indentation of the first
function body      all statements of a function; the cursor stands behind the indentation of the first
=================  ===================================================================================================

Nobody expects a model to guess a comment or a docstring. So lines with a comment are no holes of the first two kinds;
what explains a body at its top stays before the hole, and comments at its bottom behind it. Within the last two kinds
comments are part of the hole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.evaluation.own.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from random import Random

    from lsp_server.context.syntax.nodes import Node
    from lsp_server.evaluation.own.source import Source

_BLOCK_LINES = range(2, 9)
# Fewer are a name, or a name with a sign before it.
_FEWEST_TOKENS = 3
# What stands in a body and is no statement of its own.
_PARTS = frozenset({"rescue", "ensure", "else", "switch_label"})


def spans(kind: str, source: Source, dice: Random) -> list[Span]:
    """Return the holes of a kind in a file, from each place at most one, by dice; they may overlap.

    ``kind`` is one of `KINDS`. Each fits, as `Source.fits` says.
    """
    return [span for span in _FINDERS[kind](source, dice) if source.fits(span)]


def _rests(source: Source, dice: Random) -> Iterator[Span]:
    for line in source.lines:
        last = max((token.start for token in line.tokens if token.tells), default=-1)
        borders = [token.start for token in line.tokens[1:] if token.start <= last]
        if borders and not line.has_comment:
            yield Span(dice.choice(borders), line.span.end)


def _lines(source: Source, _dice: Random) -> Iterator[Span]:
    return (line.span for line in source.lines if not line.has_comment)


def _expressions(source: Source, dice: Random) -> Iterator[Span]:
    starting: dict[int, set[Span]] = {}
    for node in source.nodes:
        if node.is_expression:
            starting.setdefault(node.start, set()).add(Span(node.start, node.end))
    for line in source.lines:
        ends = {token.end for token in line.tokens}
        # An expression within a string begins where no token does.
        whole = {span for token in line.tokens for span in starting.get(token.start, ()) if span.end in ends}
        within = sorted(whole - {line.span})
        places = [span for span in within if len(source.tokens(span)) >= _FEWEST_TOKENS and source.tells(span)]
        if places:
            yield dice.choice(places)


def _blocks(source: Source, dice: Random) -> Iterator[Span]:
    for body in source.bodies.values():
        for index, first in enumerate(body):
            ends = list(_block_ends(source, body[index:])) if _opens(source, first) else []
            if ends:
                yield Span(first.start, dice.choice(ends))


def _opens(source: Source, node: Node) -> bool:
    """Return whether a statement may be the first of a block."""
    return source.begins_line(node) and source.tells(Span(node.start, node.end)) and node.type not in _PARTS


def _block_ends(source: Source, statements: Sequence[Node]) -> Iterator[int]:
    """Yield where blocks of a first statement and those that follow it may end."""
    start = statements[0].start
    for node in statements:
        end = source.line_end(node)
        text = source.text[start : max(end, node.end)]
        lines = text.split("\n")
        if node.type in _PARTS or len(lines) >= _BLOCK_LINES.stop or not all(line.strip() for line in lines):
            return
        if end >= 0 and len(lines) in _BLOCK_LINES and source.tells(Span(node.start, node.end)):
            yield end


def _function_bodies(source: Source, _dice: Random) -> Iterator[Span]:
    for index in source.functions:
        statements = source.bodies.get(index, ())
        # A string that opens a body is a docstring; one that ends it may be what a function of Ruby or Rust returns.
        first = next((node for node in statements if source.tells(Span(node.start, node.end))), None)
        last = next((node for node in reversed(statements) if not _is_comment(source, node)), None)
        if first and last and source.begins_line(first) and (end := source.line_end(last)) >= 0:
            yield Span(first.start, end)


def _is_comment(source: Source, node: Node) -> bool:
    return all(token.is_comment for token in source.tokens(Span(node.start, node.end)))


_FINDERS: Mapping[str, Callable[[Source, Random], Iterator[Span]]] = {
    "rest of a line": _rests,
    "line": _lines,
    "expression": _expressions,
    "block": _blocks,
    "function body": _function_bodies,
}
KINDS = tuple(_FINDERS)
