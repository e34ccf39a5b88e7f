"""What the rules do to right texts: a hole's own text, shaped as if a model had written it and ended there."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bench.shaping.asking import document_of, hole_of
from lsp_server.suggestion.ends import stopper
from lsp_server.suggestion.shape import Raw, shape
from lsp_server.suggestion.structure import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.shaping.samples import Sample
    from lsp_server.context.syntax.document import Parsed
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.shape import Shaped

_SPACE_AT_LINE_END = re.compile(r"[ \t]+$", re.MULTILINE)


class Outcome(Enum):
    """What is left of a right text; white space at the ends of lines is left aside."""

    SAME = "shown as it is"
    FEWER = "its first lines are shown"
    CUT = "it ends within a line"
    ALTERED = "it is another text"
    DROPPED = "nothing is shown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules make of a hole's own text.

    ``rule`` is the name of the first one that changed it, or the reason's where it was dropped without; empty where it
    is the same. ``stopped`` is what had been written when the stop rules, asked behind each token, ended the text so
    early that something else is shown than of the whole; empty where they do not. ``stopping`` is the milliseconds that
    they took for each token.
    """

    sample: Sample
    shaped: Shaped
    outcome: Outcome
    rule: str
    stopped: str
    stopping: tuple[float, ...]


def judged(sample: Sample, pieces: Sequence[str]) -> Verdict:
    """Return what the rules make of a hole's own text; ``pieces`` are the texts of its tokens."""
    hole, document = hole_of(sample), document_of(sample)
    shaped = shape(Raw(sample.text, is_cut_off=False), hole, document)
    outcome = outcome_of(shaped.text, sample.text)
    written, times = _stopped(hole, document, pieces)
    early = shape(Raw(written, is_cut_off=False), hole, document) if written else shaped
    rule = "" if outcome is Outcome.SAME else _culprit(shaped, sample.text)
    return Verdict(sample, shaped, outcome, rule, written if early.text != shaped.text else "", tuple(times))


def _stopped(hole: Hole, document: Parsed | None, pieces: Sequence[str]) -> tuple[str, list[float]]:
    """Return what is written when the stop rules are met, empty where they are not, and the milliseconds of each."""
    is_complete = stopper(hole, reader(document, len(hole.place.before)))
    written, times = "", []
    for piece in pieces:
        written += piece
        start = time.perf_counter()
        is_over = is_complete(written)
        times.append((time.perf_counter() - start) * 1000)
        if is_over:
            return written, times
    return "", times


def outcome_of(shown: str | None, truth: str) -> Outcome:
    """Return what of a right text is shown."""
    right = _bare(truth)
    if shown is None:
        return Outcome.DROPPED
    text = _bare(shown)
    if text == right:
        return Outcome.SAME
    if not right.startswith(text):
        return Outcome.ALTERED
    return Outcome.FEWER if right[len(text) :].startswith("\n") else Outcome.CUT


def _culprit(shaped: Shaped, truth: str) -> str:
    right = _bare(truth)
    first = next((step.rule for step in shaped.steps if _bare(step.text) != right), None)
    return first or (shaped.reason.name if shaped.reason else "")


def _bare(text: str) -> str:
    return _SPACE_AT_LINE_END.sub("", text).rstrip()
