"""Right texts come through as they are: what is cut out of documents is suggested in its place."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import pytest

from lsp_server.suggestion.shape import Raw
from tests.suggestion.documents import Cut, Source, cuts, own_sources, sources
from tests.suggestion.shaping import shaped_at

# Of each document; the project's own modules are many.
CUTS, CUTS_OF_OWN = 48, 6
# What follows, which a model goes on with, until it is stopped or cut off.
BEHIND = 400
LINES = ("rest of line", "inside brackets", "whole line")
BLOCKS = ("statement", "body", "body below")
LEAST = {**dict.fromkeys(LINES, 0.97), **dict.fromkeys(BLOCKS, 0.90)}
# A model that goes on behind these does not say where they end.
CERTAIN = ("rest of line", "inside brackets", "body", "body below")

Holes = list[tuple[Source, Cut]]


@pytest.fixture(scope="module")
def holes() -> Holes:
    """Return some hundred holes in documents of all languages, and in the modules of this project."""
    found = [(source, cut) for source in sources() for cut in cuts(source, Random(5), CUTS)]
    return found + [(source, cut) for source in own_sources() for cut in cuts(source, Random(6), CUTS_OF_OWN)]


def _unchanged(holes: Holes, behind: int) -> dict[str, tuple[float, list[str]]]:
    """Return by kind which share of the texts comes back unchanged, and those that do not."""
    counts: defaultdict[str, int] = defaultdict(int)
    lost: defaultdict[str, list[str]] = defaultdict(list)
    for source, cut in holes:
        text, more = source.text[cut.start : cut.end], source.text[cut.end : cut.end + behind]
        expected = "\n".join(line.rstrip() for line in text.split("\n"))
        shaped = shaped_at(cut.place(source.text), Raw(text + more, is_cut_off=bool(more)), source.language)
        counts[cut.kind] += 1
        if shaped.text != expected:
            rules = [step.rule for step in shaped.steps]
            lost[cut.kind].append(f"{source.language} {text!r} -> {shaped.text!r} {rules} {shaped.reason}")
    return {kind: (1 - len(lost[kind]) / count, lost[kind]) for kind, count in counts.items()}


def test_what_was_there_comes_back(holes: Holes) -> None:
    unchanged = _unchanged(holes, 0)
    assert set(unchanged) == set(LEAST)
    for kind, (share, lost) in unchanged.items():
        assert share >= LEAST[kind], f"{kind}: {share:.1%}\n" + "\n".join(lost)


def test_what_was_there_is_found_in_what_a_model_goes_on_with(holes: Holes) -> None:
    unchanged = _unchanged([(source, cut) for source, cut in holes if cut.kind in CERTAIN], BEHIND)
    assert set(unchanged) == set(CERTAIN)
    for kind, (share, lost) in unchanged.items():
        assert share >= LEAST[kind], f"{kind}: {share:.1%}\n" + "\n".join(lost)
