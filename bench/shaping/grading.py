"""What shaping makes of a model's texts, how long that takes, and how good each text is at its hole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bench.shaping.asking import document_of, hole_of
from bench.shaping.faults import Insertion, has_unprintable, is_exact, is_line_exact, similarity
from lsp_server.engine.interface import Stop
from lsp_server.suggestion.shape import Raw, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.shaping.asking import Answer
    from bench.shaping.samples import Sample
    from lsp_server.context.syntax.document import Parsed
    from lsp_server.engine.interface import Generation
    from lsp_server.suggestion.hole import Hole
    from lsp_server.suggestion.shape import Shaped

# The texts of one hole: what the model wrote, and what shaping makes of it.
WRITTEN = ("raw", "stopped")
SHAPED = ("shaped", "cut", "plain")


class Grades(NamedTuple):
    """What is said of one text at its hole: 0 or 1, ``similarity`` in between. An empty text has no faults.

    ``line`` is that the first line is exact, ``errors`` that tree-sitter counts more errors than before, ``torn`` that
    it counts some where there were none, ``broken`` that Python cannot read any more what it could, ``repeated`` that
    something of what follows stands twice.
    """

    shown: float
    exact: float
    line: float
    similarity: float
    errors: float
    torn: float
    broken: float
    repeated: float
    unprintable: float


class Timed(NamedTuple):
    """What came of shaping, and how many milliseconds it took."""

    shaped: Shaped
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Graded:
    """One hole's answer, what shaping makes of it, and the grades of each text.

    ``shaped`` is made of what the stop rules had ended, ``cut`` of what the limit had, both with the document's
    grammar; ``plain`` is made of the first without. ``grades`` are by the names in ``WRITTEN`` and ``SHAPED``.
    """

    answer: Answer
    hole: Hole
    insertion: Insertion
    shaped: Timed
    cut: Timed
    plain: Timed
    grades: Mapping[str, Grades]

    @property
    def sample(self) -> Sample:
        """The hole."""
        return self.answer.sample


def graded(answer: Answer, special: Iterable[str]) -> Graded:
    """Shape and grade all texts of an answer. ``special`` are the texts of the model's special tokens.

    Raises:
        Unmeasurable: the document takes too long to parse.
    """
    sample, special = answer.sample, tuple(special)
    hole, document, insertion = hole_of(sample), document_of(sample), Insertion(sample.place)
    shaped, cut = _shaped(answer.stopped, hole, document), _shaped(answer.raw, hole, document)
    plain = _shaped(answer.stopped, hole, None)
    texts = {"raw": answer.raw.text, "stopped": answer.stopped.text}
    texts |= {name: each.shaped.text or "" for name, each in zip(SHAPED, (shaped, cut, plain), strict=True)}
    marks = {name: grades(text, sample, insertion, special) for name, text in texts.items()}
    return Graded(answer, hole, insertion, shaped, cut, plain, marks)


def _shaped(generation: Generation, hole: Hole, document: Parsed | None) -> Timed:
    """Shape what was generated, as the pipeline does."""
    start = time.perf_counter()
    shaped = shape(Raw(generation.text, generation.stop is Stop.TOKENS), hole, document)
    return Timed(shaped, (time.perf_counter() - start) * 1000)


def grades(text: str, sample: Sample, insertion: Insertion, special: Iterable[str]) -> Grades:
    """Return what is said of a text at a hole.

    Raises:
        Unmeasurable: the document takes too long to parse.
    """
    truth, has_errors = sample.text, insertion.adds_errors(text)
    return Grades(
        shown=float(bool(text.strip())),
        exact=float(is_exact(text, truth)),
        line=float(is_line_exact(text, truth)),
        similarity=similarity(text, truth),
        errors=float(has_errors),
        torn=float(has_errors and not insertion.errors("")),
        broken=float(insertion.breaks_python(text)),
        repeated=float(insertion.repeats_what_follows(text)),
        unprintable=float(has_unprintable(text, special)),
    )
