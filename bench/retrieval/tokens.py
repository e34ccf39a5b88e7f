"""Counting tokens as Qwen2.5 does, so that a budget means the same for everybody.

The vocabulary is read from a file in tiktoken's format, a line with a base64 token and its rank each (as
``qwen.tiktoken``, in the wheel of dashscope 2.0.2, Apache-2.0).
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Qwen2.5's pre-tokenizer, from its tokenizer.json.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# The same for Python's `re`, which has no classes of Unicode categories.
_PIECE = re.compile(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:[^\r\n\w]|_)?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
APPROXIMATE = "approximate"
# Texts whose tokens are remembered; chunks come back from budget to budget and from hole to hole.
_REMEMBERED = 1 << 16


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """``count`` says how many tokens a text takes; ``name`` says for the report whose tokens."""

    name: str
    count: Callable[[str], int]


def load(source: str | Path | None) -> Tokenizer:
    """Return the tokenizer of a vocabulary file, or of pieces of text where ``approximate`` is asked for.

    Raises:
        Unmeasurable: none is given, tiktoken is missing, or the file is not such a vocabulary.
    """
    if source is None:
        raise Unmeasurable(
            "Budgets are in tokens of Qwen2.5: --tokenizer takes its vocabulary, qwen.tiktoken, or "
            f"'{APPROXIMATE}' to count pieces of text, whose figures do not compare with others."
        )
    if str(source) == APPROXIMATE:
        return Tokenizer("pieces of text, not tokens", lru_cache(_REMEMBERED)(_pieces))
    if importlib.util.find_spec("tiktoken") is None:
        raise Unmeasurable("Counting Qwen2.5's tokens needs tiktoken: pip install 'midfill[bench]'.")
    return _exact(source)


def _pieces(text: str) -> int:
    return len(_PIECE.findall(text))


def _exact(source: str | Path) -> Tokenizer:
    try:
        with open(source, "rb") as file:  # noqa: PTH123  a name from the command line or a path
            rows = [line.split() for line in file if line.strip()]
        ranks = {base64.b64decode(token): int(rank) for token, rank in rows}
    except (OSError, ValueError) as error:
        raise Unmeasurable(f"{source} is not a vocabulary in tiktoken's format: {error}.") from error
    encoding = importlib.import_module("tiktoken").Encoding(
        "qwen2.5", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}
    )

    def count(text: str) -> int:
        return len(encoding.encode_ordinary(text))

    return Tokenizer("Qwen2.5 tokens", lru_cache(_REMEMBERED)(count))
