"""Choose the pieces of other files that go into the prompt, within a budget of tokens.

The rule for now, simple and honest: the files beside the document, those that the document mentions
by name first, each from its top and cut where one of its top-level parts begins. The order within the
prompt is by path, so that it stays the same from one request to the next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.context import syntax, workspace
from lsp_server.core import Chunk, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MENTIONED = "a file of the same directory that this one mentions"
BESIDE = "a file of the same directory"
# No file takes more than this share of the budget, so that there is room for more than one.
LARGEST_SHARE = 0.5
# The pieces of one prompt; more of them would each be too small to say anything.
MOST_CHUNKS = 8
# Tokens; what is left of a budget is not worth reading another file for less.
SMALLEST_CHUNK = 24


def gather(document: Path, root: Path, text: str, budget: int, count: Callable[[str], int]) -> tuple[Chunk, ...]:
    """Return pieces of the files beside ``document`` that take at most ``budget`` tokens together.

    ``text`` is the document's own, ``count`` says how many tokens a text takes. A piece counts with
    its path. Empty where nothing fits or there is nothing.
    """
    mentioned: list[Path] = []
    others: list[Path] = []
    words = set(re.findall(r"\w+", text))
    for path in workspace.siblings(document, root):
        (mentioned if path.stem in words else others).append(path)
    chosen: list[Chunk] = []
    left = budget
    for path, reason in [*((p, MENTIONED) for p in mentioned), *((p, BESIDE) for p in others)]:
        if len(chosen) == MOST_CHUNKS or left < SMALLEST_CHUNK:
            break
        name = path.relative_to(root).as_posix()
        room = min(left, int(budget * LARGEST_SHARE) if chosen or len(mentioned + others) > 1 else budget)
        room -= count(f"{name}\n") + 2
        content = workspace.read_text(path)
        piece = head(content, path.suffix, room, count) if content else ""
        if piece:
            chosen.append(Chunk(name, piece, reason))
            left -= count(f"{name}\n{piece}\n") + 1
    return tuple(sorted(chosen, key=lambda chunk: chunk.path))


def head(text: str, suffix: str, budget: int, count: Callable[[str], int]) -> str:
    """Return the longest run of whole top-level parts from the top of a file that fits the budget.

    Where not even the first fits, as many whole lines as do; empty where none does.
    """
    lines = lines_of(text)
    borders = [*syntax.part_borders(text, suffix), len(lines)]
    fitting = _longest(borders, lines, budget, count) or _longest(range(len(lines) + 1), lines, budget, count)
    return "".join(lines[:fitting])


def _longest(ends: Iterable[int], lines: list[str], budget: int, count: Callable[[str], int]) -> int:
    """Return the largest of the ascending ``ends`` whose lines fit; 0 where none does."""
    # Counted part by part, so that a large file is tokenized no further than its head.
    best, used, start = 0, 0, 0
    for end in ends:
        used += count("".join(lines[start:end]))
        if used > budget:
            break
        best, start = end, end
    return best
