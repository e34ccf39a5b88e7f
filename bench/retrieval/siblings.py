"""The rule that midfill began with: the files beside the document, each from its top. A peer that needs no index."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from bench.retrieval.languages import suffix_of
from lsp_server.context.syntax.captures import borders
from lsp_server.context.words import estimated_tokens
from lsp_server.core import Chunk, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Query

MENTIONED = "a file of the same directory that this one mentions"
BESIDE = "a file of the same directory"
# No file takes more than this share of the budget, so that there is room for more than one.
LARGEST_SHARE = 0.5
# The pieces of one prompt; more of them would each be too small to say anything.
MOST_CHUNKS = 8
# Tokens; what is left of a budget is not worth showing another file for less.
SMALLEST_CHUNK = 24
# The special token before a chunk, and the line break behind it.
_FRAME = 2


def estimate(text: str) -> int:
    """Return about how many of Qwen2.5's tokens a text takes, for whoever has no tokenizer at hand."""
    return math.ceil(sum(map(estimated_tokens, text.split("\n"))))


@dataclass(frozen=True)
class Siblings:
    """Files of the document's directory with its suffix: those whose stem it mentions as a word, then the others.

    Each group is in the order of names. A file is cut where one of its top-level parts begins, or, where not even the
    first part fits, behind a line; it takes half of the budget at most, all of it where it is the only one. ``count``
    says how many tokens a text takes.
    """

    sources: Sources
    count: Callable[[str], int] = estimate

    def choose(self, query: Query, budget: int) -> Sequence[Chunk]:
        """Return at most ``MOST_CHUNKS`` pieces that take at most the budget by ``count``."""
        words = {word for text in (query.before, query.after) for word in re.findall(r"\w+", text)}
        beside = sorted((PurePosixPath(path).stem not in words, path) for path in self._beside(query.path))
        largest = budget if len(beside) == 1 else int(budget * LARGEST_SHARE)
        chosen: list[Chunk] = []
        left = budget
        for is_other, path in beside:
            if len(chosen) == MOST_CHUNKS or left < SMALLEST_CHUNK:
                break
            room = min(left, largest) - self.count(f"{path}\n") - _FRAME
            if piece := head(self.sources.files[path], suffix_of(path), room, self.count).rstrip("\n"):
                chosen.append(Chunk(path, piece, BESIDE if is_other else MENTIONED))
                left -= self.count(f"{path}\n{piece}\n") + 1
        return chosen

    def _beside(self, path: str) -> list[str]:
        """Return the files beside one that have something in them."""
        here = PurePosixPath(path)
        return [
            other
            for other, text in self.sources.files.items()
            if other != path
            and PurePosixPath(other).parent == here.parent
            and PurePosixPath(other).suffix == here.suffix
            and text.strip()
        ]


def head(text: str, suffix: str, budget: int, count: Callable[[str], int]) -> str:
    """Return the longest run of whole top-level parts from the top of a file that fits the budget.

    Where not even the first part fits, as many whole lines as do; empty where none does.
    """
    lines = lines_of(text)
    ends = [*borders(text, suffix), len(lines)]
    fitting = _longest(ends, lines, budget, count) or _longest(range(len(lines) + 1), lines, budget, count)
    return "".join(lines[:fitting])


def _longest(ends: Iterable[int], lines: Sequence[str], budget: int, count: Callable[[str], int]) -> int:
    """Return the largest of the ascending ``ends`` whose lines fit; 0 where none does."""
    # Counted part by part, so that a large file is tokenized no further than its head.
    best, used, start = 0, 0, 0
    for end in ends:
        used += count("".join(lines[start:end]))
        if used > budget:
            break
        best, start = end, end
    return best
