"""What choices are made of, part by part."""

from __future__ import annotations

import pytest

from lsp_server.context import parts
from lsp_server.context.rank_weights import WEIGHTS
from tests.context.chosen import AT_ORDER, WORKSPACE, choose, indexed


def test_each_part_takes_something_away_and_none_takes_what_another_does() -> None:
    gone = {name: frozenset(key for key in WEIGHTS if not parts.without(name).weights[key]) for name in parts.NAMES}
    ranked = [keys for keys in gone.values() if keys]
    assert sum(map(len, ranked)) == len(frozenset().union(*ranked)) == len(WEIGHTS) - 1, "all but the bias"
    assert all(gone[name] or parts.without(name).limits != parts.ALL.limits for name in parts.NAMES)


def test_no_such_part() -> None:
    with pytest.raises(KeyError):
        parts.without("luck")


def test_without_signatures_and_uses_there_is_nothing_of_their_sort() -> None:
    library = indexed(WORKSPACE)
    path = WORKSPACE / "shop" / "desk.py"
    reasons = {}
    for name in ("signatures", "uses"):
        library.parts = parts.without(name)
        chunks = choose(library, path, AT_ORDER)
        assert chunks, name
        reasons[name] = {chunk.reason for chunk in chunks}
    assert not reasons["signatures"] & reasons["uses"]


def test_what_is_imported_counts_less_without_the_imports() -> None:
    library = indexed(WORKSPACE)
    path = WORKSPACE / "shop" / "desk.py"
    whole = choose(library, path, AT_ORDER, budget=60)
    library.parts = parts.without("imports")
    less = choose(library, path, AT_ORDER, budget=60)
    assert sum(chunk.score for chunk in less) < sum(chunk.score for chunk in whole)
