"""What stands around the cursor already is not suggested again. Pure functions on strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.suggestion.lines import Line, is_telling, joins, split
from lsp_server.suggestion.soundness import lone_brackets
from lsp_server.suggestion.structure import CLOSING, PAIRS, plain_brackets, scanned, unmatched

if TYPE_CHECKING:
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.structure import Grammar, Structure

_QUOTES = re.compile(r"\"\"\"|'''|[\"'`]")
# An angle bracket that is no part of an arrow or a comparison.
_ANGLE_BRACKET = re.compile(r"<(?![=<-])|(?<![=<>-])>(?!=)|(?<=>)>")
# The word at the end of what is typed; one of a single character may well be doubled.
_TYPED_WORD = re.compile(r"(?<!\w)[^\W\d]\w+\Z")


# --- before the cursor -------------------------------------------------------------------------------


def without_restart(typed: str, text: str) -> str:
    """Return the text without what is typed already, where it begins the cursor's line or its last word anew."""
    for again in _typed_again(typed):
        start = text.lstrip(" \t")
        if start.startswith(again) and (start == text or again == typed.strip()):
            left = start[len(again) :]
            return without_restart(typed, left.lstrip(" \t") if typed[-1].isspace() else left)
    return text


def may_restart(typed: str, text: str) -> bool:
    """Return whether a text under way may yet turn out to begin the cursor's line or its last word anew."""
    start = without_restart(typed, text).lstrip(" \t")
    return any(again.startswith(start) for again in _typed_again(typed))


def _typed_again(typed: str) -> list[str]:
    """Return what of the typed line could come again by mistake: all of it, and its last word."""
    line, word = typed.strip(), _TYPED_WORD.search(typed)
    return [*([line] if is_telling(line) else []), *([word[0]] if word else [])]


# --- behind the cursor -------------------------------------------------------------------------------


def without_repeated_end(hole: Hole, text: str, structure: Structure, document: Grammar | None) -> str:
    """Return the text without an end that already stands behind the cursor on its line: ``)`` before ``)``."""
    first = hole.rest[0]
    quote = _QUOTES.match(hole.rest)
    if quote and _is_in_string(hole.place.line, quote[0]):
        found = re.search(rf"(?<!\\){quote[0]}", text)
        return text[: found.start()].rstrip() if found else text
    if first == ">" and _opens_angle(hole.place.line):
        return _without_lone_angle(text)
    while is_telling(hole.rest) and text.endswith(hole.rest):
        text = text[: -len(hole.rest)].rstrip()
    if first not in CLOSING:
        return _without_overlap(text, hole.rest)
    # In a string or a comment all brackets are alike.
    brackets = structure if not structure.is_opaque(0) else plain_brackets(text)
    own = [offset for offset, bracket in unmatched(brackets) if bracket == first and offset < len(text)]
    if not own:
        return text
    there = max(1, hole.rest.count(first) - hole.rest.count(PAIRS[first]))
    needed = max(0, _open_on_line(hole, PAIRS[first]) - there)
    # What is closed further below needs nothing here.
    needed = needed and min(needed, lone_brackets(hole, document).count(PAIRS[first]))
    return text[: own[needed]].rstrip() if len(own) > needed else text


def _opens_angle(typed: str) -> bool:
    """Return whether type arguments are open behind what is typed of a line."""
    brackets = _ANGLE_BRACKET.findall(typed)
    return brackets.count("<") > brackets.count(">")


def _without_lone_angle(text: str) -> str:
    """Return the text without what begins with a ``>`` that closes none of its own type arguments."""
    depth = 0
    for match in _ANGLE_BRACKET.finditer(text):
        depth += 1 if match[0] == "<" else -1
        if depth < 0:
            return text[: match.start()].rstrip()
    return text


def _is_in_string(typed: str, quote: str) -> bool:
    """Return whether a quote is open behind what is typed of a line."""
    return len(re.findall(rf"(?<!\\){quote}", typed)) % 2 == 1


def _open_on_line(hole: Hole, opening: str) -> int:
    """Return how many brackets of a kind the cursor's line has opened and not closed."""
    structure = scanned(hole.place.line)
    return max(0, sum((bracket == opening) - (PAIRS.get(bracket) == opening) for _, bracket in structure.brackets))


def _without_overlap(text: str, rest: str) -> str:
    """Return the text without what it ends with and what then follows it, words only as a whole."""
    for length in range(min(len(text), len(rest)), 0, -1):
        splits_word = joins(text[:-length], rest) or joins(rest[:length], rest[length:])
        if text.endswith(rest[:length]) and not splits_word:
            return _without_overlap(text[:-length].rstrip(), rest)
    return text


# --- above and below ---------------------------------------------------------------------------------


def follows(hole: Hole, text: str) -> bool:
    """Return whether the text says nothing but what follows the cursor."""
    lines = _lines_as_placed(hole, text)
    if not _are_below(hole, lines):
        return False
    # What says little repeats only what stands where it does: brackets close one block after the other.
    return any(_says_much(hole, line) for line in lines) or hole.width(lines[0]) == hole.width_below


def closes_what_follows(hole: Hole, text: str) -> bool:
    """Return whether the text is what follows the cursor, wherever it stands."""
    return _are_below(hole, _lines_as_placed(hole, text))


def begins_anew(hole: Hole, text: str) -> bool:
    """Return whether the text begins with what stands right before it."""
    lines = _lines_as_placed(hole, text)
    above = hole.above if lines[0].start == 0 or hole.is_on_blank_line else [*hole.above, hole.place.line]
    for count in range(1, min(len(lines), len(above)) + 1):
        are_same = [hole.with_typed(line).strip() for line in lines[:count]] == [a.strip() for a in above[-count:]]
        if are_same and any(_says_much(hole, line) for line in lines[:count]):
            return True
    return False


def _lines_as_placed(hole: Hole, text: str) -> list[Line]:
    """Return the lines that the text makes with what is around it; not the cursor's where it begins below that."""
    lines = [line for line in split(text + hole.rest) if hole.with_typed(line).strip()]
    return lines if text.partition("\n")[0].strip() else [line for line in lines if line.start]


def _are_below(hole: Hole, lines: list[Line]) -> bool:
    return [hole.with_typed(line).strip() for line in lines] == [below.strip() for below in hole.below[: len(lines)]]


def _says_much(hole: Hole, line: Line) -> bool:
    content = hole.with_typed(line).strip()
    return is_telling(content) and not hole.language.closes(content)
