"""From records to figures, worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.evaluation.intervals import Interval
from lsp_server.evaluation.summarize import summarize
from lsp_server.evaluation.summary import ALL, Part, Summary, to_json
from tests.evaluation import made
from tests.evaluation.made import CONDITIONS, published, record, task

if TYPE_CHECKING:
    import random


def metrics(found: Summary, part: Part = ALL, arm: str = "product") -> dict[str, float]:
    """Return the means of an arm over a part."""
    row = found.row(part, arm)
    assert row is not None
    return {name: round(interval.mean, 4) for name, interval in row.metrics.items()}


def test_figures_of_all_holes_then_of_kinds_and_languages() -> None:
    found = made.summary()
    assert found.parts == (ALL, Part("line"), Part("block"), Part(language="java"), Part(language="python"))
    assert (found.arms, found.kinds, found.languages) == (("product", "bare"), ("line", "block"), ("java", "python"))
    assert metrics(found) == {"exact match": 0.75, "edit similarity": 1.0, "silent": 0.0}
    assert metrics(found, Part("line")) == {"exact match": 0.75, "edit similarity": 1.0, "silent": 0.0}
    assert metrics(found, Part(language="java")) == {"exact match": 0.5, "edit similarity": 1.0, "silent": 0.0}
    assert metrics(found, arm="bare") == {"exact match": 0.0, "edit similarity": 0.0, "silent": 1.0}
    assert found.metrics == ("exact match", "edit similarity", "silent")


def test_what_there_is_one_of_is_no_part() -> None:
    tasks = [task("a"), task("b")]
    found = summarize(CONDITIONS, tasks, [record("a", exact_match=1.0)])
    assert found.parts == (ALL,)
    assert (found.kinds, found.languages) == (("line",), ("python",))


def test_holes_texts_times_and_tokens() -> None:
    records = [record("a", sample=at, milliseconds=100.0 * (at + 1), exact_match=1.0) for at in range(4)]
    records.append(replace(record("b", milliseconds=900.0, exact_match=0.0), evaluated=90, generated=9))
    found = summarize(CONDITIONS, [task("a"), task("b"), task("never asked")], records)
    [row] = found.rows
    assert (row.holes, row.texts, row.p50, row.p95) == (2, 5, 300.0, 900.0)
    assert (row.evaluated, row.generated) == (50.0, 5.0)
    # A hole's texts are its mean, whatever their number.
    assert row.metrics["exact match"].mean == 0.5


def test_a_score_that_some_holes_lack_is_a_mean_of_the_others() -> None:
    records = [record("a", exact_match=1.0, added_errors=1.0), record("b", exact_match=0.0)]
    found = summarize(CONDITIONS, [task("a"), task("b")], records)
    assert metrics(found) == {"exact match": 0.5, "silent": 0.0, "added errors": 1.0}


def test_pass_at_k() -> None:
    """Of 4 texts 2 pass: pass@1 is 1/2, pass@2 is 1 - C(2,2)/C(4,2) = 5/6. The other hole has too few for k = 2."""
    records = [record("a", sample=at, passed=float(at < 2)) for at in range(4)] + [record("b", passed=0.0)]
    found = summarize(CONDITIONS, [task("a"), task("b")], records, ks=(1, 2, 10))
    assert found.metrics == ("pass@1", "pass@2", "silent")
    assert metrics(found) == {"pass@1": 0.25, "pass@2": 0.8333, "silent": 0.0}


def test_silence_is_an_empty_text() -> None:
    records = [record("a", sample=0, text=""), record("a", sample=1), record("b", text="")]
    assert metrics(summarize(CONDITIONS, [task("a"), task("b")], records)) == {"silent": 0.75}


def test_groups_are_drawn_together() -> None:
    """All of two groups' holes are alike: there are three outcomes, and none where groups are drawn one hole each."""
    records = [record(f"f{at}", exact_match=float(at < 10)) for at in range(20)]
    alike = summarize(CONDITIONS, [task(f"f{at}", group=f"g{at // 10}") for at in range(20)], records)
    alone = summarize(CONDITIONS, [task(f"f{at}") for at in range(20)], records)
    assert alike.rows[0].metrics["exact match"] == Interval(0.5, 0.0, 1.0)
    assert alone.rows[0].metrics["exact match"].low == pytest.approx(0.5 - 1.96 * (0.25 / 20) ** 0.5, abs=0.06)


def test_nothing_measured() -> None:
    found = summarize(CONDITIONS, [task("a")], [])
    assert (found.rows, found.comparisons, found.metrics, found.arms) == ((), (), (), ())
    assert to_json(found)["figures"] == []


def test_a_record_of_no_task() -> None:
    with pytest.raises(KeyError):
        summarize(CONDITIONS, [task("a")], [record("b")])


def test_what_has_no_place_in_the_order_comes_last() -> None:
    records = [record("a", arm, exact_match=1.0, added_errors=0.0) for arm in ("without suffix", "bare", "product")]
    found = summarize(CONDITIONS, [task("a", kind="odd"), task("b")], [*records, record("b", "bare")])
    assert found.arms == ("product", "bare", "without suffix")
    assert found.metrics == ("exact match", "silent", "added errors")
    assert found.kinds == ("line", "odd")


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_tasks_and_records_does_not_matter(dice: random.Random) -> None:
    tasks, records = made.two_arms()
    before = summarize(CONDITIONS, tasks, records)
    dice.shuffle(tasks)
    dice.shuffle(records)
    assert summarize(CONDITIONS, tasks, records) == before


# --- comparisons -------------------------------------------------------------------------------------


def test_differences_are_of_the_same_holes() -> None:
    records = [record("a", exact_match=1.0), record("b", exact_match=0.0), record("c", exact_match=0.0)]
    records += [record("a", "bare", exact_match=0.0), record("b", "bare", exact_match=0.0)]
    found = summarize(CONDITIONS, [task(name) for name in "abc"], records)
    [first, silent] = found.comparisons
    assert (first.arm, first.against, first.metric, first.holes) == ("bare", "product", "exact match", 2)
    assert first.difference == Interval(-0.5, -1.0, 0.0)
    assert not first.is_clear
    assert (silent.metric, silent.difference) == ("silent", Interval(0.0, 0.0, 0.0))


@pytest.mark.parametrize(("unequal", "is_clear"), [(0, False), (1, False), (5, False), (6, True), (8, True)])
def test_a_difference_is_clear_where_enough_holes_differ(unequal: int, is_clear: bool) -> None:
    tasks = [task(f"f{at}") for at in range(8)]
    records = [record(one.id, exact_match=float(at < unequal)) for at, one in enumerate(tasks)]
    records += [record(one.id, "bare", exact_match=0.0) for one in tasks]
    assert summarize(CONDITIONS, tasks, records).comparisons[0].is_clear == is_clear


def test_a_difference_in_both_directions_is_not_clear() -> None:
    tasks = [task(f"f{at}") for at in range(40)]
    records = [record(one.id, exact_match=float(at % 2)) for at, one in enumerate(tasks)]
    records += [record(one.id, "bare", exact_match=float(at % 2 == 0)) for at, one in enumerate(tasks)]
    [first, *_] = summarize(CONDITIONS, tasks, records).comparisons
    assert first.difference.low < first.difference.mean == 0 < first.difference.high
    assert not first.is_clear


# --- beside published figures ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "language", "metric", "part"),
    [
        ("", "", "exact match", ALL),
        ("line", "", "exact match", Part("line")),
        ("", "java", "exact match", Part(language="java")),
        ("line", "java", "exact match", None),  # both vary: no part is both
        ("chunk", "", "exact match", None),
        ("", "", "pass@1", None),
    ],
)
def test_what_may_stand_beside_a_published_figure(kind: str, language: str, metric: str, part: Part | None) -> None:
    figure = published(kind=kind, language=language, metric=metric)
    found = replace(made.summary(), published=(figure,))
    expected = [] if part is None else [(part, "product"), (part, "bare")]
    assert [(row.part, row.arm) for row in found.beside(figure)] == expected


def test_what_there_is_one_of_stands_beside_its_published_figure() -> None:
    figure = published(kind="line", language="python")
    found = summarize(CONDITIONS, [task("a")], [record("a", exact_match=1.0)], [figure])
    assert [row.part for row in found.beside(figure)] == [ALL]


def test_a_part_does_not_stand_beside_the_whole() -> None:
    """Java is published too and was not measured, so all that was measured is not all of the benchmark."""
    figures = [published(), published(language="java"), published(language="python")]
    found = summarize(CONDITIONS, [task("a")], [record("a", exact_match=1.0)], figures)
    assert [len(found.beside(figure)) for figure in figures] == [0, 0, 1]


def test_figures_of_other_benchmarks_are_left_out() -> None:
    figures = [published(benchmark="safim"), published()]
    assert summarize(CONDITIONS, [], [], figures).published == (figures[1],)


# --- for programs ------------------------------------------------------------------------------------


def test_one_json_object_with_all_of_it() -> None:
    found = json.loads(json.dumps(to_json(made.summary())))
    assert list(found) == ["evaluation", "conditions", "figures", "comparisons", "published"]
    assert found["conditions"] == {
        "title": "Made holes",
        "data": "8 holes of a test",
        "model": "tiny",
        "file": "tiny.gguf",
        "parameters": 12_345_678,
        "version": "1.2.3",
        "machine": "a processor, 2 cores",
        "seed": 7,
        "samples": 1,
        "temperature": 0.0,
        "topP": 1.0,
        "limits": "2048 tokens, 64 generated",
        "metrics": ["exact match", "edit similarity", "silent"],
        "arms": ["product", "bare"],
        "kinds": ["line", "block"],
    }
    first = found["figures"][0]
    assert (first["kind"], first["language"], first["arm"], first["holes"], first["texts"]) == ("", "", "product", 8, 8)
    assert first["metrics"]["edit similarity"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert first["milliseconds"] == {"p50": 100.0, "p95": 100.0}
    assert (first["evaluatedTokens"], first["generatedTokens"]) == (40.0, 4.0)
    assert len(found["figures"]) == 10
    compared = found["comparisons"][0]
    assert (compared["arm"], compared["against"], compared["metric"]) == ("bare", "product", "exact match")
    assert (compared["mean"], compared["holes"], compared["isClear"]) == (-0.75, 8, True)
    whole, java = found["published"]
    assert whole["source"] == {"title": "A report", "address": "https://example.org/report", "where": "Table 7"}
    assert {arm: figure["mean"] for arm, figure in whole["measuredHere"].items()} == {"product": 0.75, "bare": 0.0}
    assert java["measuredHere"]["product"]["mean"] == 0.5
