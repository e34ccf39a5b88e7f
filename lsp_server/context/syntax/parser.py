"""A text as the grammar of its language parses it, within a time. Knows no query."""

from __future__ import annotations

import importlib
import threading
from functools import cache, partial
from time import thread_time
from typing import TYPE_CHECKING

from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Point, Tree

    from lsp_server.context.grammars import Grammar

_CHUNK = 1 << 16
# What the parser reads from, one for each thread.
_LENT = threading.local()


def encoded(text: str) -> bytes:
    """Return a text in UTF-8. Surrogates become one character each, so that offsets can be counted."""
    return text.encode("utf-8", "replace")


@cache
def language_for(grammar: Grammar) -> Language:
    """Return what tree_sitter knows a grammar as."""
    return Language(getattr(importlib.import_module(grammar.package), grammar.function)())


def parse(source: bytes, grammar: Grammar, until: float, before: Tree | None = None) -> Tree | None:
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

    run = partial(Parser(language_for(grammar)).parse, read, encoding="utf8", progress_callback=is_late)
    try:
        # It takes no ``None`` for a tree.
        return run(old_tree=before) if before else run()
    except ValueError:
        # This is how the parser says that it was stopped.
        return None
    finally:
        chunk.clear()


def broken(root: Node) -> Iterator[tuple[Node, bool]]:
    """Yield what does not parse or is missing, each with whether it is within something that does not parse."""
    waiting = [(root, False)]
    while waiting:
        node, is_within = waiting.pop()
        if not node.has_error:
            continue
        if node.is_error or node.is_missing:
            yield node, is_within
        waiting += [(child, is_within or node.is_error) for child in node.children]
