"""What the figures are made of, and what the rules do to right texts."""

from __future__ import annotations

import pytest

from bench.shaping import asking, figures, grading, rule_figures, truth
from bench.shaping.truth import Outcome
from lsp_server.engine.interface import Generation, Stop
from lsp_server.prompt.fim import QWEN25_CODER
from tests.bench.shaping.made import sample


@pytest.mark.parametrize(
    ("counts", "saved"),
    [([(64, 16), (64, 64)], 0.375), ([(10, 10)], 0.0), ([(64, 0), (1, 1)], 0.9846), ([], None)],
)
def test_tokens_are_saved_of_all(counts: list[tuple[int, int]], saved: float | None) -> None:
    assert figures.saved(counts)["saved"] == saved


def written(text: str, stop: Stop, chance: float = 1.0) -> Generation:
    return Generation(text, tuple(map(ord, text)), 0, 1, stop, (chance,))


def graded(marked: str, right: str, raw: str, stopped: str, chance: float = 1.0) -> grading.Graded:
    answer = asking.Answer(
        sample(marked, right), written(raw, Stop.TOKENS, chance), written(stopped, Stop.RULE, chance)
    )
    return grading.graded(answer, QWEN25_CODER.stop)


def answers() -> list[grading.Graded]:
    return [
        graded("x = call(‸)\n", "a, b", "a, b)\nprint(x)", "a, b)\n"),
        graded("x = call(‸)\n", "a", "b\nb", "b\n", chance=0.04),
    ]


def test_texts_stand_side_by_side() -> None:
    found = figures.side_by_side(answers(), 0)["all"]
    assert (found["raw"]["exact"], found["stopped"]["exact"], found["shaped"]["exact"]) == (0, 0, 0.5)
    assert (found["stopped"]["repeated"], found["stopped"]["errors"], found["shaped"]["errors"]) == (0.5, 0.5, 0)
    assert found["shapedLessRaw"]["exact"]["mean"] == 0.5


def test_what_the_stop_rules_save_and_cost() -> None:
    found = figures.tokens(answers(), 0)
    assert found["byKind"]["all"] == {"raw": 17, "stopped": 8, "saved": 0.5294}
    assert (found["shownAlike"], found["exactOnlyStopped"], found["exactOnlyCut"]) == (2, 0, 0)
    assert found["stoppedIsStartOfRaw"] == 2


def test_a_threshold_keeps_what_is_sure() -> None:
    rows = {row["threshold"]: row for row in figures.thresholds(answers())}
    assert (rows[2]["shown"], rows[2]["silent"], rows[2]["exact"]) == (2, 0, 0.5)
    assert (rows[5]["shown"], rows[5]["silent"], rows[5]["exact"], rows[5]["exactLost"]) == (1, 0.5, 1, 0)


def test_rules_are_judged_by_the_texts_that_they_changed() -> None:
    found = rule_figures.rules(answers(), "shaped", QWEN25_CODER.stop, 0)
    cut = found["REPEATED_END"]
    assert (cut["changed"], cut["won"], cut["lost"], cut["emptied"]) == (1, 1, 0, 0)
    assert (cut["exact"]["before"], cut["exact"]["after"], cut["errors"]["before"], cut["errors"]["after"]) == (
        0,
        1,
        1,
        0,
    )
    assert not cut["harms"]


@pytest.mark.parametrize(
    ("shown", "right", "outcome"),
    [
        ("a\nb", "a  \nb\n", Outcome.SAME),
        ("a", "a\nb", Outcome.FEWER),
        ("a(", "a(b)", Outcome.CUT),
        ("a\n    b", "a\n  b", Outcome.ALTERED),
        (None, "a", Outcome.DROPPED),
    ],
)
def test_what_is_left_of_a_right_text(shown: str | None, right: str, outcome: Outcome) -> None:
    assert truth.outcome_of(shown, right) is outcome


def test_the_first_rule_that_changes_a_right_text_is_blamed() -> None:
    same = truth.judged(sample("def f(x):\n    ‸\n", "return x"), ["return", " x"])
    # Of what follows already nothing is right, but the benchmark does not know that.
    gone = truth.judged(sample("‸\ntotal = 1\n", "total = 1"), ["total", " = 1"])
    assert (same.outcome, same.rule, same.stopped, len(same.stopping)) == (Outcome.SAME, "", "", 2)
    assert gone.outcome is Outcome.DROPPED
    assert gone.rule
    found = rule_figures.truths([same, gone])
    assert (found["byKind"]["all"]["same"], found["byKind"]["all"]["dropped"]) == (1, 1)
    assert found["byRule"][gone.rule]["dropped"] == 1


def test_a_right_text_that_the_stop_rules_end_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "stopper", lambda _hole, _read: lambda text: text == "a = 1")
    one = sample("‸\n", "a = 1 + 2")
    assert truth.judged(one, ["a", " = 1", " + 2"]).stopped == "a = 1"
    assert truth.judged(one, ["a", " = 1 + 2"]).stopped == ""
