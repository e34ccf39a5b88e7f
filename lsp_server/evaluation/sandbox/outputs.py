"""Whether what a program printed is what it should print, as ExecEval decides it, with which SAFIM is scored.

Source: ntunlp/ExecEval@4dc9eb1, execution_engine/execution_engine.py.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Numbers may differ by this much; 39 decimal digits are its 129 binary ones.
PRECISION = Decimal("1e-12")
CONTEXT = Context(prec=39, traps=[])
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# Of these words case does not count.
CASELESS = {"yes", "no", "true", "false"}


def is_accepted(printed: str, accepted: Sequence[str]) -> bool:
    """Return whether a program printed one of the texts that are accepted.

    It did where the lines are the same, but for white space at both ends of each line and of the whole; or, failing
    that, where the words between white space are: two numbers that differ by 1e-12 or less are the same word, and yes,
    no, true and false are in any case.
    """
    return any(_has_same_lines(printed, text) or _has_same_words(printed, text) for text in accepted)


def _has_same_lines(one: str, other: str) -> bool:
    return _lines(one) == _lines(other)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _has_same_words(one: str, other: str) -> bool:
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(map(_is_same_word, words, others))


def _is_same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if one.lower() in CASELESS:
        return one.lower() == other.lower()
    number, other_number = _number(one), _number(other)
    if number is None or other_number is None:
        return False
    return abs(CONTEXT.subtract(number, other_number)) <= PRECISION


def _number(word: str) -> Decimal | None:
    """Return a finite number, ``None`` where a word is none."""
    if not NUMBER.fullmatch(word):
        return None
    number = CONTEXT.create_decimal(word)
    return number if number.is_finite() else None
