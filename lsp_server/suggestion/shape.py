"""From the model's raw text to what is shown, or the reason why nothing is. Pure functions, one rule after the other.

Knows no model, no editor and no grammar's library: a document that a grammar has read comes in from outside.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.core import Reason, Step
from lsp_server.suggestion.already import (
    begins_anew,
    closes_what_follows,
    follows,
    without_repeated_end,
    without_restart,
)
from lsp_server.suggestion.ends import first_end
from lsp_server.suggestion.hole import Extent, opens_block
from lsp_server.suggestion.indentation import columns, leading
from lsp_server.suggestion.layout import indented
from lsp_server.suggestion.lines import joins
from lsp_server.suggestion.printable import printable
from lsp_server.suggestion.rules import Rule
from lsp_server.suggestion.soundness import sound_part
from lsp_server.suggestion.structure import CLOSING, reader

if TYPE_CHECKING:
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.structure import Grammar, Structure

# How often the rules may go over a text, and the rules behind which that can matter.
MOST_ROUNDS = 3
_LOOK_AGAIN = {Rule.INDENTATION.name, Rule.REPEATED_END.name, Rule.GLUED.name}
_SPACE_AT_LINE_END = re.compile(r"[^\S\n]+(?=\n|\Z)")


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
    reason = _fit_until_stable(shaping, raw)
    if reason is not None:
        return shaping.nothing(reason)
    whole = shaping.text
    reason = Reason.REPEATS_WHAT_FOLLOWS if closes_what_follows(hole, whole) else Reason.SYNTAX_ERROR

    def may_be(part: str) -> bool:
        # What is cut back must be what the rules before this one leave as it is.
        again = _Shaping(hole, part, document)
        return part == whole or (_fit(again, Raw(part, is_cut_off=False)) is None and again.text == part)

    shaping.apply(Rule.SYNTAX, sound_part(whole, hole, document, may_be))
    return shaping.shaped(reason)


def _fit_until_stable(shaping: _Shaping, raw: Raw) -> Reason | None:
    """Make a text fit; what rules have moved or cut at its end, the rules before them look at once more."""
    for _ in range(MOST_ROUNDS):
        done = len(shaping.steps)
        reason = _fit(shaping, raw)
        if reason is not None or not any(step.rule in _LOOK_AGAIN for step in shaping.steps[done:]):
            return reason
        raw = Raw(shaping.text, is_cut_off=False)
    return None


def _fit(shaping: _Shaping, raw: Raw) -> Reason | None:
    """Make a text fit as far as lines and characters tell; return the reason where none is left."""
    hole = shaping.hole
    _end(shaping, raw)
    if not shaping.text.strip():
        return _reason_of_end(shaping, raw)
    shaping.apply(Rule.TRAILING_SPACE, _without_trailing_space(shaping.text))
    shaping.apply(Rule.INDENTATION, indented(hole, shaping.text, shaping.structure))
    if hole.rest:
        repeated = without_repeated_end(hole, shaping.text, shaping.structure, shaping.document)
        shaping.apply(Rule.REPEATED_END, repeated)
        shaping.apply(Rule.GLUED, _without_glued(hole, shaping.text))
    if not shaping.text:
        is_glued = shaping.steps[-1].rule == Rule.GLUED.name
        return Reason.GROWS_INTO_WORD if is_glued else Reason.REPEATS_WHAT_FOLLOWS
    if follows(hole, shaping.text):
        shaping.apply(Rule.REPEATS_WHAT_FOLLOWS, "")
        return Reason.REPEATS_WHAT_FOLLOWS
    if begins_anew(hole, shaping.text):
        shaping.apply(Rule.REPEATS_WHAT_PRECEDES, "")
        return Reason.REPEATS_WHAT_PRECEDES
    return None


# --- where it ends -----------------------------------------------------------------------------------


def _end(shaping: _Shaping, raw: Raw) -> None:
    """Cut the text where it ends by the rules that also stop the model."""
    shaping.apply(Rule.UNPRINTABLE, printable(shaping.text))
    is_cut_off = raw.is_cut_off and shaping.text == raw.text
    shaping.apply(Rule.RESTARTS, without_restart(shaping.hole.place.line, shaping.text))
    # Whoever is cut off has written all lines but the last one; others have written the last one too.
    whole = shaping.text if is_cut_off else f"{shaping.text}\n"
    end = first_end(shaping.hole, whole, shaping.read)
    if end is not None:
        shaping.apply(end.rule, shaping.text[: end.offset])
        is_cut_off = False
    if shaping.hole.extent not in (Extent.STATEMENT, Extent.BLOCK, Extent.BODY):
        return
    if is_cut_off and "\n" in shaping.text.strip("\n"):
        shaping.apply(Rule.CUT_OFF, shaping.text[: shaping.text.rindex("\n")])
    shaping.apply(Rule.HALF_BLOCK, _without_half_block(shaping.hole, shaping.text))


def _reason_of_end(shaping: _Shaping, raw: Raw) -> Reason:
    """Return why nothing was left before the end."""
    following = shaping.hole.below[0].strip() if shaping.hole.below else ""
    rules = [step.rule for step in shaping.steps]
    if Rule.MEETS_SUFFIX.name in rules or (following and raw.text.strip().startswith(following)):
        return Reason.REPEATS_WHAT_FOLLOWS
    if Rule.HALF_BLOCK.name in rules:
        return Reason.HALF_BLOCK
    return Reason.REPEATS_WHAT_PRECEDES if Rule.RESTARTS.name in rules else Reason.EMPTY


def _without_half_block(hole: Hole, text: str) -> str:
    """Return the text without last lines that open a block which neither the text nor the document holds.

    Behind a line that one is typing the rest of it is enough, and so is the end of a head of several lines; on a blank
    line, half a block is none.
    """
    while text.strip():
        above, line_break, last = text.rstrip().rpartition("\n")
        whole = last if line_break else hole.place.line + last
        is_rest = hole.language.is_indented and whole.lstrip().startswith(tuple(CLOSING))
        if is_rest or not opens_block(whole, hole.language) or hole.width_below > columns(leading(whole)):
            return text
        if not above.strip() and (hole.extent is Extent.STATEMENT or not hole.language.is_indented):
            return text
        text = above
    return text


def _without_glued(hole: Hole, text: str) -> str:
    """Return the text without last words that would grow together with the one behind the cursor."""
    return re.sub(r"[\w\s]+\Z", "", text) if joins(text, hole.place.after) else text


def _without_trailing_space(text: str) -> str:
    r"""Return the text without white space at the ends of its lines, ``\n`` at its end included."""
    return _SPACE_AT_LINE_END.sub("", text).rstrip()
