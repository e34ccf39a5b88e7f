"""Differences with their intervals, and the figures of the report."""

from __future__ import annotations

import json

import pytest

from bench.retrieval import paired, report, summary
from bench.retrieval.cases import Case
from bench.retrieval.run import Choice, Prepared, Results, Skipped
from bench.retrieval.score import Found
from bench.retrieval.strategy import Query


def test_a_difference_that_is_always_the_same_is_certain() -> None:
    found = paired.difference({"a": [0.5, 0.5], "b": [0.5]}, 0)
    assert found == {"mean": 0.5, "low": 0.5, "high": 0.5}


def test_the_interval_is_the_same_for_the_same_seed() -> None:
    values = {"a": [0.0, 1.0, 1.0, 0.0], "b": [1.0, 1.0]}
    assert paired.difference(values, 3) == paired.difference(values, 3)


def test_the_interval_holds_what_theory_says() -> None:
    """One repository of n equal chances of 0 and 1: a standard error of 0.5 / sqrt(n)."""
    found = paired.difference({"a": [0.0, 1.0] * 200}, 0)
    assert found["mean"] == 0.5
    assert found["low"] == pytest.approx(0.5 - 1.96 * 0.025, abs=0.006)
    assert found["high"] == pytest.approx(0.5 + 1.96 * 0.025, abs=0.006)


def test_repositories_that_differ_widen_the_interval() -> None:
    """What all holes of a repository share is one draw for each repository and not one for each hole."""
    found = paired.difference({str(number): [float(number % 2)] * 100 for number in range(8)}, 0)
    assert found["high"] - found["low"] > 0.5


# --- the summary -------------------------------------------------------------------------------------


def case(name: str, language: str = "python", repository: str = "a/b") -> Case:
    lines = {"x": frozenset({"def x():"}), "y": frozenset[str]()}
    return Case(name, repository, language, "mid", Query("a.py", "", ""), "x", ("x", "y"), lines)


def choice(strategy: str, hole: Case, identifiers: float, budget: int = 512, milliseconds: float = 1.0) -> Choice:
    return Choice(hole, strategy, budget, Found(identifiers, identifiers // 1, 0), 500, ("y",), milliseconds)


def test_figures_are_means_over_holes() -> None:
    one, two, three = case("1"), case("2", repository="c/d"), case("3", "go", "c/d")
    choices = [choice("bm25", hole, share) for hole, share in ((one, 1), (two, 0.5), (three, 0))]
    choices += [choice("bm25", one, 1, 1024, 4.0)]
    prepared = [Prepared("bm25", "a/b", "0", 30, 0.25), Prepared("bm25", "c/d", "0", 20, 0.25)]
    skipped = [Skipped("4", "gone"), Skipped("5", "gone"), Skipped("6", "changed")]
    found = summary.summary(Results(choices, prepared, skipped), ["bm25"])
    assert found["holes"] == 3
    assert found["repositories"] == {"a/b": 1, "c/d": 2}
    assert (found["names"], found["namesWithoutDefinition"]) == (6, 3)
    assert found["skipped"] == {"gone": ["4", "5"], "changed": ["6"]}
    bm25 = found["strategies"]["bm25"]
    mean = {"identifiers": 0.5, "whole": 0.3333, "signatures": 0.0, "tokens": 500.0, "holes": 3}
    assert bm25["overall"]["all"]["512"] == mean
    assert bm25["overall"]["all"]["1024"]["holes"] == 1
    assert {name: by["512"]["identifiers"] for name, by in bm25["byLanguage"].items()} == {"go": 0.0, "python": 0.75}
    assert {name: by["512"]["identifiers"] for name, by in bm25["byRepository"].items()} == {"a/b": 1.0, "c/d": 0.25}
    assert bm25["milliseconds"] == {"mean": 1.75, "p50": 1.0, "p95": 4.0}
    assert bm25["index"] == {"files": 50, "seconds": 0.5, "filesPerSecond": 100.0}


def test_details_are_a_line_a_choice() -> None:
    [line] = summary.details([choice("bm25", case("1"), 0.5)]).splitlines()
    found = json.loads(line)
    assert (found["hole"], found["strategy"], found["budget"]) == ("1", "bm25", 512)
    assert (found["identifiers"], found["missed"]) == (0.5, ["y"])


def test_the_comparison_is_said_in_sentences() -> None:
    choices = [choice("midfill", case("1"), 0.75), choice("bm25", case("1"), 0.5)]
    found = summary.summary(Results(choices, [], [Skipped(str(number), "gone") for number in range(7)]), ["bm25"])
    found |= {"given": 8, "ours": "midfill", "against": summary.against(choices, "midfill", ["bm25"], 0)}
    assert list(report.notes(found)) == [
        "Measured: 1 of 8 holes.",
        "Not measured, gone: 7 (0, 1, 2, 3, 4, ...).",
        "1 of 2 names have no definition that the outlines know; nobody can find their signatures.",
        "all, 512: midfill is +25.0 points of identifier recall from bm25 (95 %: +25.0 to +25.0), signatures +0.0.",
        "python, 512: midfill is +25.0 points of identifier recall from bm25 (95 %: +25.0 to +25.0), signatures +0.0.",
    ]


def test_each_group_has_its_own_best_peer() -> None:
    one, two = case("1"), case("2", "go", "c/d")
    shares = {"midfill": (1, 1), "bm25": (0.5, 0), "half": (0, 0.75)}
    choices = [
        choice(name, hole, share) for name, both in shares.items() for hole, share in zip((one, two), both, strict=True)
    ]
    found = summary.against(choices, "midfill", ["bm25", "half"], 0)
    assert found["overall"]["all"]["512"]["peer"] == "half"
    assert found["overall"]["all"]["512"]["identifiers"]["mean"] == 0.625
    assert found["byLanguage"]["python"]["512"]["peer"] == "bm25"
    assert found["byLanguage"]["go"]["512"]["identifiers"] == {"mean": 0.25, "low": 0.25, "high": 0.25}
    assert found["overall"]["all"]["512"]["signatures"]["mean"] == 0
