"""The published benchmarks, by name."""

from __future__ import annotations

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.table import BENCHMARKS, benchmark_of
from lsp_server.evaluation.task import Task


def test_all_benchmarks_of_the_report_are_there() -> None:
    assert {
        *("humaneval-infilling", "santacoder", "safim", "crosscodelongeval"),
        *("crosscodeeval", "crosscodeeval-report", "repoeval", "repoeval-report"),
    } == set(BENCHMARKS)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_row_has_the_metrics_that_it_names(name: str) -> None:
    benchmark = benchmark_of(name)
    task = Task("a", "line", "python", "x = ", "\n", "y")
    scores = benchmark.score(task, benchmark.cut(task, "y"))
    assert tuple(scores) == benchmark.metrics
    assert set(scores.values()) <= {1.0}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_limits_leave_room_for_what_stands_before(name: str) -> None:
    report = benchmark_of(name).report
    assert report.sequence > report.after + report.chunks + report.generated
    assert report.note


def test_a_name_that_is_none_gets_those_that_are() -> None:
    with pytest.raises(InputError, match=r'no benchmark "humaneval"; there are humaneval-infilling, .*safim\.'):
        benchmark_of("humaneval")
