"""How much of a text is one block of the program around it: the truncation by syntax trees of SAFIM.

Lines are taken off the end of the text until the program parses, and its tree is that of the program without the text
but for what the text adds in one place: so the text neither closes the block around it nor goes on behind it. Nothing
is left of a block of Python that begins with ``pass``, which stands for no text in the tree without it.

Source: gonglinyuan/safim@9543286, prompt_utils.py (``truncate_line_until_block``) and ast_utils.py. They require the
program to parse without the text. Other versions of the grammars may not manage, so here the text must not add errors.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.syntax.nodes import nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

# What stands in a language for no text, where a block may not be empty, and how many events that is in a tree.
_FILLERS = {".py": ("pass", 4)}


class _Event(NamedTuple):
    """A walk through a tree enters a node, or leaves it; ``type`` is the node's."""

    enters: bool
    type: str


class _Shape(NamedTuple):
    """A program's tree without its texts. ``errors`` counts what does not parse, but for lone semicolons."""

    events: list[_Event]
    errors: int


def until_block(head: str, text: str, tail: str, suffix: str) -> str:
    """Return the longest beginning of whole lines of a text that is one block between ``head`` and ``tail``.

    Empty where there is none. The text as it is where that cannot be told: no grammar is there for ``suffix``, the end
    of the file's name, or the program takes too long to parse without the text.
    """
    filler, added = _FILLERS.get(suffix, ("", 0))
    without = _shape(f"{head}{filler}{tail}", suffix)
    if without is None:
        return text
    lines = text.splitlines(keepends=True)
    while lines:
        shape = _shape(f"{head}{''.join(lines)}{tail}", suffix)
        if shape and shape.errors <= without.errors and _alike(without, shape) == len(without.events) - added:
            break
        lines.pop()
    return "".join(lines)


def _alike(without: _Shape, shape: _Shape) -> int:
    """Return how many events are the same from the start on, and from the end; those of both count twice.

    Negative where there are fewer with the text than without it.
    """
    if len(without.events) > len(shape.events):
        return -1
    return _same(without.events, shape.events) + _same(reversed(without.events), reversed(shape.events))


def _same(ones: Iterable[_Event], others: Iterable[_Event]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(ones, others, strict=False)))


def _shape(program: str, suffix: str) -> _Shape | None:
    """Return a program's shape, ``None`` where it cannot be parsed."""
    found = nodes(program, suffix)
    events, errors, around = [], 0, [-1]
    for index, node in enumerate(found):
        while around[-1] != node.parent:
            events.append(_Event(enters=False, type=found[around.pop()].type))
        events.append(_Event(enters=True, type=node.type))
        around.append(index)
        errors += node.type == "ERROR" and program[node.start : node.end] != ";"
    events += [_Event(enters=False, type=found[index].type) for index in reversed(around[1:])]
    return _Shape(events, errors) if found else None
