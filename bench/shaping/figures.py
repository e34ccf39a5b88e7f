"""From answers to figures: raw and shaped side by side, tokens, milliseconds, silence by threshold, healing."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bench import figures
from bench.retrieval import paired
from bench.shaping.faults import is_exact, similarity
from bench.shaping.grading import SHAPED, WRITTEN, Grades
from lsp_server.engine.interface import Stop
from lsp_server.suggestion.silence import is_unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.shaping.grading import Graded
    from bench.shaping.healing import Healed
    from bench.shaping.samples import Sample

OVERALL = "all"
# Per cent, as in the setting.
THRESHOLDS = (0, 2, 5, 10, 15, 20, 30, 40, 50)
MEASURES = ("exact", "line", "similarity", "errors", "torn", "broken", "repeated", "unprintable")


class OfSample(Protocol):
    """What was found at a hole."""

    @property
    def sample(self) -> Sample:
        """The hole."""
        ...


_Found = TypeVar("_Found", bound=OfSample)


def by_kind(found: Iterable[_Found]) -> dict[str, list[_Found]]:
    """Return all, and by the kinds of holes in the order in which they come."""
    kinds: dict[str, list[_Found]] = {OVERALL: list(found)}
    for one in kinds[OVERALL]:
        kinds.setdefault(one.sample.kind, []).append(one)
    return kinds


def share(part: float, whole: float) -> float | None:
    """Return a share; ``None`` of nothing."""
    return round(part / whole, 4) if whole else None


# --- raw and shaped ----------------------------------------------------------------------------------


def side_by_side(found: Sequence[Graded], seed: int) -> dict[str, Any]:
    """Return the means of all texts, overall and by kind, and how far they are from each other, paired."""
    compared = {"shapedLessRaw": ("shaped", "raw"), "shapedLessPlain": ("shaped", "plain")}
    return {
        kind: {
            "holes": len(some),
            **{name: _means([one.grades[name] for one in some]) for name in (*WRITTEN, *SHAPED)},
            **{
                name: {measure: difference(some, one, other, measure, seed) for measure in MEASURES}
                for name, (one, other) in compared.items()
            },
        }
        for kind, some in by_kind(found).items()
    }


def _means(some: Sequence[Grades]) -> dict[str, float]:
    means = (round(sum(values) / len(some), 4) for values in zip(*some, strict=True))
    return dict(zip(Grades._fields, means, strict=True))


def difference(found: Sequence[Graded], one: str, other: str, measure: str, seed: int) -> paired.Difference:
    """Return the mean of one text's measure less the other's, with its interval over packages and holes."""
    values = [(g.sample.package, getattr(g.grades[one], measure) - getattr(g.grades[other], measure)) for g in found]
    return paired.difference(paired.by_repository(values), seed)


# --- tokens and time ---------------------------------------------------------------------------------


def tokens(found: Sequence[Graded], seed: int) -> dict[str, Any]:
    """Return what the stop rules save of the fixed limit, overall and by kind, and whether that costs right texts.

    ``whereLimitWasMet`` is the same of the holes at which the model did not end by itself. What the limit had ended is
    shaped for the comparison, which cuts it by the same rules; ``shownAlike`` are the holes at which both come to the
    same text.
    """
    answers = [one.answer for one in found]
    return {
        "byKind": {kind: saved(_counts(some)) for kind, some in by_kind(found).items()},
        "whereLimitWasMet": saved(_counts(one for one in found if one.answer.raw.stop is Stop.TOKENS)),
        "rawEnds": dict(Counter(answer.raw.stop.name for answer in answers)),
        "stoppedEnds": dict(Counter(answer.stopped.stop.name for answer in answers)),
        "stoppedIsStartOfRaw": sum(answer.raw.text.startswith(answer.stopped.text) for answer in answers),
        "shownAlike": sum(one.cut.shaped.text == one.shaped.shaped.text for one in found),
        "exactOnlyStopped": sum(one.grades["shaped"].exact > one.grades["cut"].exact for one in found),
        "exactOnlyCut": sum(one.grades["shaped"].exact < one.grades["cut"].exact for one in found),
        "stoppedLessCut": {name: difference(found, "shaped", "cut", name, seed) for name in ("exact", "line")},
    }


def _counts(found: Iterable[Graded]) -> list[tuple[int, int]]:
    return [(len(one.answer.raw.tokens), len(one.answer.stopped.tokens)) for one in found]


def saved(counts: Sequence[tuple[int, int]]) -> dict[str, float | None]:
    """Return how many tokens both took, and the share of the first that the second does without; ``None`` of nothing.

    It is the share of all tokens: the mean of the holes' own shares would count short texts as much as long ones.
    """
    raw, stopped = sum(one for one, _ in counts), sum(other for _, other in counts)
    return {"raw": raw, "stopped": stopped, "saved": share(raw - stopped, raw)}


def milliseconds(found: Sequence[Graded], stopping: Sequence[float]) -> dict[str, Any]:
    """Return how long shaping takes, with a grammar and without; ``stopping`` is what the stop rules took a token."""
    times = {
        "withGrammar": [one.shaped.milliseconds for one in found],
        "withoutGrammar": [one.plain.milliseconds for one in found],
        "stopRulesAToken": list(stopping),
    }
    return {name: {**figures.spread(some), "max": round(max(some, default=0), 3)} for name, some in times.items()}


# --- when to be silent -------------------------------------------------------------------------------


def thresholds(found: Sequence[Graded]) -> list[dict[str, Any]]:
    """Return what is shown by threshold.

    ``silent`` is the share of what shaping would show, and ``exactLost`` and ``lineLost`` that of its right ones.
    """
    shown = [one for one in found if one.shaped.shaped.text]
    return [_threshold(shown, threshold) for threshold in THRESHOLDS]


def _threshold(shown: Sequence[Graded], threshold: int) -> dict[str, Any]:
    sure = [one.grades["shaped"] for one in shown if not is_unsure(one.answer.stopped.chances, threshold / 100)]
    silent = share(len(shown) - len(sure), len(shown))
    row: dict[str, Any] = {"threshold": threshold, "shown": len(sure), "silent": silent}
    for name in ("exact", "line"):
        right = sum(getattr(each, name) for each in sure)
        before = sum(getattr(one.grades["shaped"], name) for one in shown)
        row |= {name: share(right, len(sure)), f"{name}Lost": share(before - right, before)}
    return row | {"similarity": share(sum(each.similarity for each in sure), len(sure))}


# --- healing -----------------------------------------------------------------------------------------


def healing(found: Sequence[Healed], seed: int) -> dict[str, Any]:
    """Return how many rests of lines are exact with healing and without, overall and by what the cursor is behind."""
    groups: dict[str, list[Healed]] = {OVERALL: list(found)}
    for one in found:
        groups.setdefault(one.where, []).append(one)
    return {where: _healing(some, seed) for where, some in groups.items()}


def _healing(found: Sequence[Healed], seed: int) -> dict[str, Any]:
    exact = [(is_exact(one.healed, one.sample.text), is_exact(one.kept, one.sample.text)) for one in found]
    alike = [(similarity(one.healed, one.sample.text), similarity(one.kept, one.sample.text)) for one in found]
    return {
        "holes": len(found),
        "takenBack": sum(bool(one.taken) for one in found),
        "healed": share(sum(healed for healed, _ in exact), len(found)),
        "kept": share(sum(kept for _, kept in exact), len(found)),
        "onlyHealed": sum(healed > kept for healed, kept in exact),
        "onlyKept": sum(healed < kept for healed, kept in exact),
        "exact": _paired(found, exact, seed),
        "similarity": _paired(found, alike, seed),
    }


def _paired(found: Sequence[Healed], values: Iterable[tuple[float, float]], seed: int) -> paired.Difference | None:
    if not found:
        return None
    pairs = [(one.sample.package, healed - kept) for one, (healed, kept) in zip(found, values, strict=True)]
    return paired.difference(paired.by_repository(pairs), seed)
