"""What the lines of a text say about a definition, once it is known where it stands: signature, documentation, names.

Knows no tree and no outline. Lines count from 0, ranges are half-open.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ARGUMENTS = re.compile(r"[<\[({].*", re.DOTALL)
_WORD = re.compile(r"[\w$]+")
_DOCSTRING = re.compile(r"""^\s*[rRuU]?("{3}|'{3}|"|')\s*(.*?)\s*(?:\1.*)?$""")
# Comment marks around a line of documentation, and what stands between them.
_DOCUMENTATION = re.compile(r"^[\s/*!#]*(.*\w.*?)[\s*/]*$")
# What is declared, within a declarator of C: `*name[3]`, `(*name)(int)`, `a::Name<int>::operator==(const X& x)`.
_DECLARED = re.compile(
    r"[\s*&]*(?:const\s+|volatile\s+)*(?P<pointer>\(\s*[\w:]*[*&^])?[\s*&]*"
    r"(?P<owner>(?:\w+(?:<[^()]*>)?::)*)(?P<name>operator\s*(?:\(\)|[^(]+)|~?\w+)\s*(?P<call>\()?"
)
# What C# writes around documentation.
_TAGS = re.compile(r"</?(?:summary|remarks|inheritdoc)\b[^>]*>")
# Lines of comments that are looked at above a definition.
_FARTHEST = 60


def plain(name: str) -> str:
    """Return a type's name without type arguments, packages and marks: ``List`` of ``&mut a::List<T>``."""
    words = _WORD.findall(_ARGUMENTS.sub("", name))
    return words[-1] if words else ""


class Declared(NamedTuple):
    """What a declarator of C or C++ declares; ``owner`` is the class that stands before the name, empty for none."""

    name: str
    owner: str
    is_function: bool


def declared(declarator: str) -> Declared:
    """Return what a declarator declares; a pointer to a function is no function. Without a name where there is none."""
    found = _DECLARED.match(declarator)
    if found is None:
        return Declared("", "", is_function=False)
    name = " ".join(found["name"].split())
    return Declared(name, plain(found["owner"]), is_function=bool(found["call"]) and not found["pointer"])


def owner_of(text: str) -> str:
    """Return whose member it is that stands behind ``*pkg.List[T]`` or ``List.prototype``: ``List``.

    Empty for what a module of CommonJS exports.
    """
    name = plain(text.removesuffix(".prototype"))
    return "" if name == "exports" else name


def is_bare(line: str, comment: str) -> bool:
    """Return whether a line holds no code: it is blank, or a comment of that language."""
    line = line.strip()
    return not line or line.startswith((comment, "/*", "*") if comment != "#" else comment)


def header_end(lines: list[str], start: int, end: int, body: tuple[int, int], comment: str) -> int:
    """Return the first line behind the signature of a definition from line ``start`` to ``end``.

    ``body`` is the line and the column where its body begins, -1 where it has none.
    """
    line, column = body
    if line < 0:
        return end - 1 if end > start + 1 and lines[end - 1].strip() == "end" else end
    text = lines[line]
    if column > len(text) - len(text.lstrip()):
        return line + 1
    while line > start + 1 and is_bare(lines[line - 1], comment):
        line -= 1
    return max(line, start + 1)


def documentation(lines: list[str], start: int, comment: str) -> str:
    """Return the first line that says something of the comment that ends directly above line ``start``."""
    first = start - 1
    if first < 0:
        return ""
    above = lines[first].strip()
    if above.endswith("*/") and comment != "#":
        while first >= max(0, start - _FARTHEST) and "/*" not in lines[first]:
            first -= 1
        if not lines[first].lstrip().startswith("/*"):
            return ""
    elif above.startswith(comment):
        while first > max(0, start - _FARTHEST) and lines[first - 1].lstrip().startswith(comment):
            first -= 1
    else:
        return ""
    for line in lines[max(first, 0) : start]:
        found = _DOCUMENTATION.match(_TAGS.sub("", line))
        if found:
            return found[1]
    return ""


def docstring(lines: list[str], header: int, end: int) -> str:
    """Return the first line of the docstring that a body from line ``header`` to ``end`` begins with."""
    for number in range(header, min(end, header + _FARTHEST)):
        line = lines[number]
        if is_bare(line, "#"):
            continue
        found = _DOCSTRING.match(line)
        if found is None:
            return ""
        if found[2]:
            return found[2]
        return next((said for line in lines[number + 1 : end] if (said := line.strip().strip("\"'"))), "")
    return ""
