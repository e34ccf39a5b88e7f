"""What of a text is code and what is comment or string, roughly and without a parser: for choosing holes."""

from __future__ import annotations

import re
from functools import cache

_QUOTED = r'"(?:\\.|[^"\\\n])*"'
_SINGLE = r"'(?:\\.|[^'\\\n])*'"
# A lifetime of Rust (`'a`) is no character.
_CHARACTER = r"'(?:\\.[^'\n]*|[^'\\\n])'"
_TRIPLE = r'"""(?:\\.|[^\\])*?"""|' + r"'''(?:\\.|[^\\])*?'''"
_TEMPLATE = r"`(?:\\.|[^`\\])*`"
_RAW = r"`[^`]*`"
_SLASHES = r"//[^\n]*|/\*.*?\*/"
_HASH = r"#[^\n]*"
# In shells and in Ruby a `#` within a word is none of a comment: `${#name}`, `"#{name}"`.
_HASH_AT_WORD = r"(?<!\S)#[^\n]*"
_SYNTAX = {
    "python": (_HASH, _TRIPLE, _QUOTED, _SINGLE),
    "typescript": (_SLASHES, _TEMPLATE, _QUOTED, _SINGLE),
    "javascript": (_SLASHES, _TEMPLATE, _QUOTED, _SINGLE),
    "java": (_SLASHES, _TRIPLE, _QUOTED, _CHARACTER),
    "go": (_SLASHES, _RAW, _QUOTED, _CHARACTER),
    "rust": (_SLASHES, _QUOTED, _CHARACTER),
    "c": (_SLASHES, _QUOTED, _CHARACTER),
    "cpp": (_SLASHES, _QUOTED, _CHARACTER),
    "csharp": (_SLASHES, _QUOTED, _CHARACTER),
    "php": (_SLASHES, r"#(?!\[)[^\n]*", _QUOTED, _SINGLE),
    "ruby": (_HASH_AT_WORD, _QUOTED, _SINGLE),
    "bash": (_HASH_AT_WORD, _QUOTED, _SINGLE),
}
_NOT_BLANK = re.compile(r"[^\s]")
_OPENING = {")": "(", "]": "[", "}": "{"}


@cache
def _not_code(language: str) -> re.Pattern[str]:
    return re.compile("|".join(_SYNTAX[language]), re.DOTALL)


def only_code(text: str, language: str) -> str:
    """Return a text of the same length, and with the same line breaks, with spaces for comments and strings."""
    return _not_code(language).sub(lambda found: _NOT_BLANK.sub(" ", found.group()), text)


def is_balanced(code: str) -> bool:
    """Return whether each bracket is closed by its own, in a text without strings."""
    open_ones: list[str] = []
    for character in code:
        if character in "([{":
            open_ones.append(character)
        elif character in _OPENING and (not open_ones or open_ones.pop() != _OPENING[character]):
            return False
    return not open_ones
