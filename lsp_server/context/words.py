"""The words of a text as numbers, the pieces that names are made of, and about how many tokens a line takes.

Knows no file and no syntax.

A word is hashed to 32 bits, so that an index holds arrays of numbers and no strings. Two of a workspace's words may
share a number (of 200,000 words, about five pairs do); what follows is a worse guess at a context, never a wrong text.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

WORD = re.compile(r"[^\W\d]\w+")
# `parseHTTPReply_v2` is parse, HTTP, Reply, v.
_PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_SHORTEST_PIECE = 3
# Qwen2.5's tokenizer on source code of twelve languages: characters a token within a line, and what a line costs
# besides.
_CHARACTERS_A_TOKEN = 4.4
_TOKENS_A_LINE = 2.0


def key(word: str) -> int:
    """Return the number of a word, in ``[0, 2**32)``; the same on every machine."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def keys(words: Iterable[str]) -> NDArray[np.uint32]:
    """Return the numbers of some words, in their order."""
    return np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint32)


# A few thousand names are most of those that programs define; remembering more would take more memory than time.
@lru_cache(maxsize=1 << 12)
def pieces(word: str) -> tuple[str, ...]:
    """Return the words that a name is made of, in lower case, without plurals and those under three letters."""
    found = (piece.lower() for piece in _PIECE.findall(word))
    return tuple(piece.removesuffix("s") for piece in found if len(piece) >= _SHORTEST_PIECE)


def estimated_tokens(line: str) -> float:
    """Return about how many tokens a line takes with its line end; none for a blank one, which joins what is around."""
    length = len(line.strip())
    return _TOKENS_A_LINE + length / _CHARACTERS_A_TOKEN if length else 0.0
