"""From the model's raw text to what is shown, or the reason why nothing is. Pure functions, one rule after the other.

Knows no model, no editor and no grammar's library: a document that a grammar has read comes in from outside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.core import Reason, Step
from lsp_server.suggestion.ends import first_end, is_telling, opens_at_end
from lsp_server.suggestion.hole import Extent
from lsp_server.suggestion.layout import indented
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.soundness import sound_part
from lsp_server.suggestion.structure import CLOSING, PAIRS, reader, scanned, unmatched

if TYPE_CHECKING:
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.structure import Grammar, Structure

# Half a character comes out of the decoder as U+FFFD; the others no editor shows.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff\ud800-\udfff]")
# What a model writes for a special token where it does not use the token itself; of all families of models.
_SPECIAL = re.compile(
    r"<[|\uff5c][\w\u2581 -]{1,40}[|\uff5c]>|</?s>|<(?:fim|file|repo)_?(?:prefix|suffix|middle|pad|sep|name)>"
)
_QUOTES = "\"'`"
_SPACE_AT_LINE_END = re.compile(r"[ \t]+(?=\n|\Z)")


class Shaped(NamedTuple):
    """Either a text that is not empty, or a reason; and the rules that changed the text, in their order."""

    text: str | None
    reason: Reason | None
    steps: tuple[Step, ...] = ()


class Raw(NamedTuple):
    """What a model wrote. ``is_cut_off`` where a limit ended it, so that its last line may be half a line."""

    text: str
    is_cut_off: bool


class _Shaping:
    """A text on its way through the rules."""

    def __init__(self, hole: Hole, text: str, document: Grammar | None) -> None:
        self.hole, self.text, self.document = hole, text, document
        self.steps: list[Step] = []
        self.read = reader(document, len(hole.place.before))

    @property
    def structure(self) -> Structure:
        return self.read(self.text)

    def apply(self, rule: Rule, text: str) -> None:
        """Take the outcome of a rule, and note the rule where it has changed the text."""
        if text != self.text:
            self.text = text
            self.steps.append(Step(rule.name, rule.value, text))

    def shaped(self, reason: Reason) -> Shaped:
        """Return the text, or the reason where none is left."""
        return Shaped(self.text, None, tuple(self.steps)) if self.text.strip() else self.nothing(reason)

    def nothing(self, reason: Reason) -> Shaped:
        return Shaped(None, reason, tuple(self.steps))


def shape(raw: Raw, hole: Hole, document: Grammar | None = None) -> Shaped:
    """Turn raw text into what fits into a hole.

    ``document`` is the text around the cursor as its language's grammar reads it, ``None`` where there is no grammar:
    then lines, brackets and quotes have to do.
    """
    shaping = _Shaping(hole, raw.text, document)
    _end(shaping, raw)
    if not shaping.text.strip():
        return shaping.nothing(_reason_of_end(shaping, raw))
    shaping.apply(Rule.TRAILING_SPACE, _without_trailing_space(shaping.text))
    shaping.apply(Rule.INDENTATION, indented(hole, shaping.text, shaping.structure))
    _fit(shaping)
    if not shaping.text.strip():
        is_glued = shaping.steps[-1].rule == Rule.GLUED.name
        return shaping.nothing(Reason.GROWS_INTO_WORD if is_glued else Reason.REPEATS_WHAT_FOLLOWS)
    if repeated := _repeated(hole, shaping.text):
        rule, reason = repeated
        shaping.apply(rule, "")
        return shaping.nothing(reason)
    shaping.apply(Rule.SYNTAX, sound_part(shaping.text, document, hole.place))
    shaping.apply(Rule.TRAILING_SPACE, _without_trailing_space(shaping.text))
    return shaping.shaped(Reason.SYNTAX_ERROR)


# --- where it ends -----------------------------------------------------------------------------------


def _end(shaping: _Shaping, raw: Raw) -> None:
    """Cut the text where it ends by the rules that also stop the model."""
    shaping.apply(Rule.UNPRINTABLE, _printable(shaping.text))
    is_cut_off = raw.is_cut_off and shaping.text == raw.text
    several = shaping.hole.extent in (Extent.BLOCK, Extent.BODY)
    # Whoever is cut off has written all lines but the last one; others have written the last one too.
    whole = shaping.text if is_cut_off else f"{shaping.text}\n"
    end = first_end(shaping.hole, whole, shaping.read)
    if end is not None:
        shaping.apply(end.rule, shaping.text[: end.offset])
        is_cut_off = False
    if several and is_cut_off and "\n" in shaping.text.strip("\n"):
        shaping.apply(Rule.CUT_OFF, shaping.text[: shaping.text.rindex("\n")])
    if several:
        shaping.apply(Rule.HALF_BLOCK, _without_half_block(shaping.hole, shaping.text))


def _printable(text: str) -> str:
    found = [match.start() for match in (_UNPRINTABLE.search(text), _SPECIAL.search(text)) if match]
    return text[: min(found, default=len(text))].replace("\r\n", "\n").replace("\r", "\n")


def _reason_of_end(shaping: _Shaping, raw: Raw) -> Reason:
    """Return why nothing was left before the end."""
    following = shaping.hole.below[0].strip() if shaping.hole.below else ""
    is_met = any(step.rule == Rule.MEETS_SUFFIX.name for step in shaping.steps)
    if is_met or (following and raw.text.strip().startswith(following)):
        return Reason.REPEATS_WHAT_FOLLOWS
    return Reason.EMPTY


def _without_half_block(hole: Hole, text: str) -> str:
    """Return the text without last lines that open a block which neither the text nor the document holds."""
    while "\n" in text.strip() and opens_at_end(hole, text.rstrip()):
        text = text[: text.rstrip().rindex("\n")]
    return text


# --- what is there already ---------------------------------------------------------------------------


def _fit(shaping: _Shaping) -> None:
    """Cut what stands behind the cursor on its line already, and what would grow together with it."""
    if not shaping.hole.rest:
        return
    shaping.apply(Rule.REPEATED_END, without_repeated_end(shaping.hole, shaping.text, shaping.structure))
    if _joins(shaping.text, shaping.hole.place.after):
        shaping.apply(Rule.GLUED, re.sub(r"\w+\Z", "", shaping.text).rstrip())


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def without_repeated_end(hole: Hole, text: str, structure: Structure) -> str:
    """Return the text without an end that already stands behind the cursor on its line: ``)`` before ``)``."""
    first = hole.rest[0]
    if first in _QUOTES and _is_in_string(hole.place.line, first):
        found = re.search(rf"(?<!\\){first}", text)
        return text[: found.start()] if found else text
    if first in CLOSING:
        own = [offset for offset, bracket in unmatched(structure) if bracket == first]
        there = max(1, hole.rest.count(first) - hole.rest.count(PAIRS[first]))
        needed = max(0, _open_on_line(hole, PAIRS[first]) - there)
        return text[: own[needed]].rstrip(" \t") if len(own) > needed else text
    return text[: len(text) - _overlap(text, hole.rest)].rstrip(" \t")


def _is_in_string(typed: str, quote: str) -> bool:
    """Return whether a quote is open behind what is typed of a line."""
    return len(re.findall(rf"(?<!\\){quote}", typed)) % 2 == 1


def _open_on_line(hole: Hole, opening: str) -> int:
    """Return how many brackets of a kind the cursor's line has opened and not closed."""
    structure = scanned(hole.place.line)
    return max(0, sum((bracket == opening) - (PAIRS.get(bracket) == opening) for _, bracket in structure.brackets))


def _overlap(text: str, rest: str) -> int:
    """Return how many characters at the end of a text are those that follow it, words only as a whole."""
    for length in range(min(len(text), len(rest)), 0, -1):
        if not text.endswith(rest[:length]):
            continue
        splits_word = _joins(text[:-length], rest) or _joins(rest[:length], rest[length:])
        if not splits_word:
            return length
    return 0


def _joins(left: str, right: str) -> bool:
    """Return whether a word goes on from one text into the next."""
    return bool(left and right) and _is_word(left[-1]) and _is_word(right[0])


def _repeated(hole: Hole, text: str) -> tuple[Rule, Reason] | None:
    """Return the rule and the reason where the text says nothing but what follows or precedes it."""
    typed = "" if text.startswith("\n") else hole.place.line
    lines = [line.strip() for line in f"{typed}{text}{'' if hole.extent is not Extent.REST else hole.rest}".split("\n")]
    lines = [line for line in lines if line]
    if lines == [line.strip() for line in hole.below[: len(lines)]]:
        return Rule.REPEATS_WHAT_FOLLOWS, Reason.REPEATS_WHAT_FOLLOWS
    above = hole.above if typed or hole.is_on_blank_line else [*hole.above, hole.place.line]
    if lines == [line.strip() for line in above[-len(lines) :]] and any(map(is_telling, lines)):
        return Rule.REPEATS_WHAT_PRECEDES, Reason.REPEATS_WHAT_PRECEDES
    return None


def _without_trailing_space(text: str) -> str:
    r"""Return the text without white space at the ends of its lines, ``\n`` at its end included."""
    return _SPACE_AT_LINE_END.sub("", text).rstrip()
