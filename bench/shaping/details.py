"""Each text and what came of it, one JSON object a line; with the texts, which are those of the packages."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.shaping.grading import SHAPED
from bench.shaping.truth import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.shaping.grading import Graded
    from bench.shaping.healing import Healed
    from bench.shaping.samples import Sample
    from bench.shaping.truth import Verdict
    from lsp_server.suggestion.shape import Shaped

# Characters of the document on either side of a cursor.
_BEFORE, _AFTER = 500, 250
# Right texts that a rule has changed: as many of each rule are marked as examples.
_EXAMPLES = 3


def rows(answers: Sequence[Graded], verdicts: Sequence[Verdict], healed: Sequence[Healed]) -> str:
    """Return the lines; ``section`` is ``hole``, ``truth`` or ``healing``. Right texts that stay are left out."""
    found = [*map(_of_answer, answers), *_of_verdicts(verdicts), *map(_of_healed, healed)]
    return "".join(json.dumps(row) + "\n" for row in found)


def _of_answer(one: Graded) -> dict[str, Any]:
    answer = one.answer
    return {
        "section": "hole",
        **_of_sample(one.sample),
        "extent": one.hole.extent.name,
        "raw": answer.raw.text,
        "rawEnd": answer.raw.stop.name,
        "rawTokens": len(answer.raw.tokens),
        "stopped": answer.stopped.text,
        "stoppedEnd": answer.stopped.stop.name,
        "stoppedTokens": len(answer.stopped.tokens),
        "chances": answer.stopped.chances,
        **{name: _of_shaped(getattr(one, name).shaped) for name in SHAPED},
        "grades": {name: grades._asdict() for name, grades in one.grades.items()},
    }


def _of_verdicts(verdicts: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    told: Counter[str] = Counter()
    for one in verdicts:
        if one.outcome is Outcome.SAME and not one.stopped:
            continue
        told[one.rule] += 1
        yield {
            "section": "truth",
            **_of_sample(one.sample),
            "outcome": one.outcome.name,
            "rule": one.rule,
            "isExample": told[one.rule] <= _EXAMPLES,
            "stopped": one.stopped,
            "shaped": _of_shaped(one.shaped),
        }


def _of_healed(one: Healed) -> dict[str, Any]:
    return {
        "section": "healing",
        **_of_sample(one.sample),
        "where": one.where,
        "taken": one.taken,
        "healed": one.healed,
        "kept": one.kept,
    }


def _of_sample(sample: Sample) -> dict[str, Any]:
    return {
        "hole": sample.id,
        "kind": sample.kind,
        "path": sample.path,
        "before": sample.place.before[-_BEFORE:],
        "after": sample.place.after[:_AFTER],
        "truth": sample.text,
    }


def _of_shaped(shaped: Shaped) -> dict[str, Any]:
    reason = shaped.reason.name if shaped.reason else None
    return {"text": shaped.text, "reason": reason, "steps": [asdict(step) for step in shaped.steps]}
