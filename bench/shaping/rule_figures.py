"""Rule by rule: how often each changed a text, and the texts that it changed before and after it; and right texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.retrieval import paired
from bench.shaping.figures import by_kind, share
from bench.shaping.grading import grades
from bench.shaping.truth import Outcome
from lsp_server.suggestion.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.shaping.grading import Graded, Grades
    from bench.shaping.truth import Verdict

# What the model wrote, by what was made of it.
MADE_OF = {"shaped": "stopped", "cut": "raw"}
MEASURES = ("exact", "line", "similarity", "errors", "repeated")


class _Use(NamedTuple):
    """A text before and after a rule that changed it."""

    package: str
    before: Grades
    after: Grades


def rules(found: Sequence[Graded], section: str, special: Iterable[str], seed: int) -> dict[str, Any]:
    """Return for each rule how many texts it changed, and these before and after that step.

    ``section`` is one of ``MADE_OF``. ``emptied`` are the texts of which nothing was left; ``won`` and ``lost`` those
    that became exact and ceased to be. ``harms`` where fewer are exact, or fewer first lines, and the interval says
    that this is not chance.

    Raises:
        Unmeasurable: a document takes too long to parse.
    """
    special = tuple(special)
    used: defaultdict[str, list[_Use]] = defaultdict(list)
    for one in found:
        before = one.grades[MADE_OF[section]]
        for step in getattr(one, section).shaped.steps:
            after = grades(step.text, one.sample, one.insertion, special)
            used[step.rule].append(_Use(one.sample.package, before, after))
            before = after
    return {rule.name: _rule(used[rule.name], seed) for rule in Rule if used[rule.name]}


def _rule(used: Sequence[_Use], seed: int) -> dict[str, Any]:
    measured: dict[str, Any] = {name: _before_and_after(used, name, seed) for name in MEASURES}
    return {
        "changed": len(used),
        "emptied": sum(use.before.shown > use.after.shown for use in used),
        "won": sum(use.before.exact < use.after.exact for use in used),
        "lost": sum(use.before.exact > use.after.exact for use in used),
        **measured,
        "harms": any(measured[name]["high"] < 0 for name in ("exact", "line")),
    }


def _before_and_after(used: Sequence[_Use], name: str, seed: int) -> dict[str, Any]:
    pairs = [(use.package, getattr(use.before, name), getattr(use.after, name)) for use in used]
    return {
        "before": share(sum(before for _, before, _ in pairs), len(pairs)),
        "after": share(sum(after for _, _, after in pairs), len(pairs)),
        **paired.difference(paired.by_repository([(of, after - before) for of, before, after in pairs]), seed),
    }


def truths(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the rules make of right texts, by kind and by the first rule that changed them."""
    rules_of = Counter(one.rule for one in verdicts if one.rule)
    return {
        "byKind": {kind: _outcomes(some) for kind, some in by_kind(verdicts).items()},
        "byRule": {rule: _blamed([one for one in verdicts if one.rule == rule]) for rule, _ in rules_of.most_common()},
    }


def by_language(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the same by language, whose name is that of the samples' package."""
    languages = sorted({one.sample.package for one in verdicts})
    return {language: truths([one for one in verdicts if one.sample.package == language]) for language in languages}


def _outcomes(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    counts = Counter(one.outcome for one in verdicts)
    return {
        "holes": len(verdicts),
        **{outcome.name.lower(): counts[outcome] for outcome in Outcome},
        "sameShare": share(counts[Outcome.SAME], len(verdicts)),
        "stoppedShort": sum(bool(one.stopped) for one in verdicts),
    }


def _blamed(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    outcomes = Counter(one.outcome for one in verdicts)
    return {
        **{outcome.name.lower(): outcomes[outcome] for outcome in Outcome if outcome is not Outcome.SAME},
        "kinds": dict(Counter(one.sample.kind for one in verdicts).most_common()),
    }
