"""The published figures: each has a source, none stands there twice, and the means are those of their parts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lsp_server.evaluation.benchmarks.table import BENCHMARKS
from lsp_server.evaluation.published import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.evaluation.published import Published, Source

FILE = Path(__file__).parents[2] / "bench" / "published.json"
FIGURES = read(FILE)

# The kinds and the languages that figures are told apart by, with what each weighs in the mean of all: the single-line
# set of SantaCoder counts its holes, all others take the plain mean. HumanEval-Infilling has no mean.
PARTS = {
    "humaneval-infilling": {"single-line": 1, "multi-line": 1, "random-span": 1},
    "santacoder": {"python": 1043, "java": 1780, "javascript": 1969},
    "crosscodeeval-report": {"python": 1, "java": 1, "typescript": 1, "csharp": 1},
    "crosscodelongeval": {"chunk": 1, "function": 1},
    "repoeval-report": {"line": 1, "function": 1, "api": 1},
    "safim": {"block": 1, "control": 1, "api": 1},
}
EXECUTED = "pass@1"
# SAFIM's authors call both by one name, and take the mean of them.
ALIKE = {"syntax match": EXECUTED}
# Parts and means are printed with one decimal of a per cent, so each may be off by half of that.
ROUNDING = 0.001 + 1e-9


def tables() -> Iterator[tuple[str, dict[str, Published]]]:
    """Yield what one source says of one model by one metric: a name for the case, and the figures by part."""
    found: defaultdict[tuple[str, str, str, Source], dict[str, Published]] = defaultdict(dict)
    for figure in FIGURES:
        metric = ALIKE.get(figure.metric, figure.metric)
        found[figure.benchmark, figure.model, metric, figure.source][figure.kind or figure.language] = figure
    for (benchmark, model, metric, _), parts in found.items():
        yield f"{benchmark}, {model}, {metric}", parts


WITH_MEANS = [(case, parts) for case, parts in tables() if "" in parts and len(parts) > 1]


def test_benchmarks_metrics_and_parts_are_named_as_they_are_here() -> None:
    for figure in FIGURES:
        assert figure.metric in (*BENCHMARKS[figure.benchmark].metrics, EXECUTED), figure
        assert (figure.kind or figure.language) in ("", *PARTS[figure.benchmark]), figure


def test_a_part_is_a_kind_or_a_language() -> None:
    assert not [figure for figure in FIGURES if figure.kind and figure.language]


def test_no_figure_stands_there_twice() -> None:
    rows = Counter((it.benchmark, it.kind, it.language, it.metric, it.model, it.source) for it in FIGURES)
    assert max(rows.values()) == 1


def test_every_source_is_needed() -> None:
    sources = json.loads(FILE.read_text(encoding="utf-8"))["sources"]
    assert {json.dumps(source) for source in sources.values()} == {
        json.dumps({"title": it.source.title, "address": it.source.address, "where": it.source.where}) for it in FIGURES
    }


def test_sources_can_be_looked_up() -> None:
    for figure in FIGURES:
        assert figure.source.address.startswith("https://"), figure
        assert figure.source.title, figure
        assert figure.source.where, figure


def test_most_models_have_a_mean() -> None:
    assert len(WITH_MEANS) > 100


@pytest.mark.parametrize("parts", [parts for _, parts in WITH_MEANS], ids=[case for case, _ in WITH_MEANS])
def test_a_mean_is_the_mean_of_its_parts(parts: dict[str, Published]) -> None:
    weights = PARTS[parts[""].benchmark]
    assert set(parts) == {"", *weights}
    mean = sum(weight * parts[name].value for name, weight in weights.items()) / sum(weights.values())
    assert parts[""].value == pytest.approx(mean, abs=ROUNDING)
