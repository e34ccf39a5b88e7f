"""From records to figures: by the way of asking, by kind and by language, and what sets two ways apart."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsp_server.evaluation.intervals import means, percentile
from lsp_server.evaluation.metrics import pass_at_k
from lsp_server.evaluation.summary import ALL, SILENT, Comparison, Part, Row, Summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from lsp_server.evaluation.intervals import Interval
    from lsp_server.evaluation.published import Published
    from lsp_server.evaluation.summary import Conditions
    from lsp_server.evaluation.task import Record, Task

# The score of what is executed: 1 or 0 for each text. A hole's pass@k is computed from it.
PASSED = "passed"
# That five holes differ in the same direction may be chance (2 * 0.5**5 = 6 %), with six it hardly is (3 %): the sign
# test at 95 %. The bootstrap alone takes any two equal values for certain.
ENOUGH_TO_DIFFER = 6


class _Hole(NamedTuple):
    """A task, and what each arm wrote there and reached by that, metric by metric."""

    task: Task
    texts: Mapping[str, Sequence[Record]]
    values: Mapping[str, Mapping[str, float]]


class _Sample(NamedTuple):
    """The holes of a part, and what is said of each."""

    part: Part
    holes: Sequence[_Hole]
    arms: Sequence[str]
    metrics: Sequence[str]


def summarize(
    conditions: Conditions,
    tasks: Iterable[Task],
    records: Iterable[Record],
    published: Iterable[Published] = (),
    ks: Sequence[int] = (1,),
) -> Summary:
    """Return the figures of records, each of one of the tasks; the order of both does not matter.

    Tasks without a record are left out. ``ks`` are those of pass@k; a hole with fewer than k texts has no such figure.
    Of ``published`` those of the same benchmark are kept.

    Raises:
        KeyError: a record is of none of the tasks.
    """
    holes = _holes(tasks, records, ks)
    arms = _ordered(conditions.arms, (arm for hole in holes for arm in hole.texts))
    first = (*(f"pass@{k}" for k in ks), *conditions.metrics)
    metrics = _ordered(first, (name for hole in holes for values in hole.values.values() for name in values))
    kinds = _ordered(conditions.kinds, (hole.task.kind for hole in holes))
    languages = _ordered((), (hole.task.language for hole in holes))
    samples = [
        _Sample(part, some, arms, metrics)
        for part in _parts(kinds, languages)
        if (some := [hole for hole in holes if part in _parts_of(hole.task)])
    ]
    rows = tuple(row for sample in samples for row in _rows(sample, conditions.seed))
    comparisons = tuple(one for sample in samples for one in _comparisons(sample, conditions.seed))
    beside = tuple(figure for figure in published if figure.benchmark == conditions.name)
    return Summary(conditions, metrics, arms, kinds, languages, rows, comparisons, beside)


def _holes(tasks: Iterable[Task], records: Iterable[Record], ks: Sequence[int]) -> list[_Hole]:
    """Return the tasks that have records in an order of their own."""
    by_id = {task.id: task for task in tasks}
    texts: defaultdict[str, defaultdict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in sorted(records, key=lambda one: one.sample):
        texts[record.task][record.arm].append(record)
    return [
        _Hole(by_id[name], texts[name], {arm: _values(some, ks) for arm, some in texts[name].items()})
        for name in sorted(texts)
    ]


def _values(texts: Sequence[Record], ks: Sequence[int]) -> dict[str, float]:
    """Return what an arm reached at a hole: the means over its texts, and pass@k where they were executed."""
    names = {name for text in texts for name in text.scores} - {PASSED}
    values = {name: fmean(text.scores[name] for text in texts if name in text.scores) for name in names}
    passed = [text.scores[PASSED] for text in texts if PASSED in text.scores]
    passes = {f"pass@{k}": pass_at_k(len(passed), round(sum(passed)), k) for k in ks if k <= len(passed)}
    return {**values, **passes, SILENT: fmean(not text.text for text in texts)}


def _ordered(first: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
    """Return what was found once each: what has a place in its order, and behind it the others by name."""
    names = set(found)
    known = [name for name in dict.fromkeys(first) if name in names]
    return (*known, *sorted(names - set(known)))


def _parts(kinds: Sequence[str], languages: Sequence[str]) -> list[Part]:
    """Return all holes, and the kinds and languages of which there are several."""
    by_kind = [Part(kind=kind) for kind in kinds] if len(kinds) > 1 else []
    by_language = [Part(language=language) for language in languages] if len(languages) > 1 else []
    return list(dict.fromkeys([ALL, *by_kind, *by_language]))


def _parts_of(task: Task) -> set[Part]:
    return {ALL, Part(kind=task.kind), Part(language=task.language)}


def _table(sample: _Sample) -> NDArray[np.float64]:
    """Return the values by hole, arm and metric; NaN where there is none."""
    return np.array(
        [
            [[hole.values.get(arm, {}).get(name, np.nan) for name in sample.metrics] for arm in sample.arms]
            for hole in sample.holes
        ]
    )


def _intervals(sample: _Sample, table: NDArray[np.float64], seed: int) -> list[dict[str, Interval]]:
    """Return what a table by hole, arm and metric comes to: for each arm its metrics, as far as there are any."""
    groups = [hole.task.group or hole.task.id for hole in sample.holes]
    found = iter(means(table.reshape(len(table), -1), groups, seed))
    return [
        {name: interval for name in sample.metrics if (interval := next(found)) is not None}
        for _ in range(table.shape[1])
    ]


def _rows(sample: _Sample, seed: int) -> Iterator[Row]:
    for arm, metrics in zip(sample.arms, _intervals(sample, _table(sample), seed), strict=True):
        by_hole = [hole.texts[arm] for hole in sample.holes if arm in hole.texts]
        texts = [text for some in by_hole for text in some]
        milliseconds = [text.milliseconds for text in texts]
        p50, p95 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.95)
        if p50 is not None and p95 is not None:
            tokens = fmean(text.evaluated for text in texts), fmean(text.generated for text in texts)
            yield Row(sample.part, arm, len(by_hole), len(texts), metrics, p50, p95, *tokens)


def _comparisons(sample: _Sample, seed: int) -> Iterator[Comparison]:
    """Yield how each arm differs from the first at the same holes."""
    table = _table(sample)
    differences = table[:, 1:] - table[:, :1]
    counts = np.count_nonzero(~np.isnan(differences), axis=0)
    unequal = np.count_nonzero(np.nan_to_num(differences), axis=0)
    for at, metrics in enumerate(_intervals(sample, differences, seed)):
        for name, interval in metrics.items():
            where = at, sample.metrics.index(name)
            is_clear = bool(unequal[where] >= ENOUGH_TO_DIFFER) and not interval.low <= 0 <= interval.high
            arm, against = sample.arms[at + 1], sample.arms[0]
            yield Comparison(sample.part, arm, against, name, int(counts[where]), interval, is_clear)
