"""The inverted index against the formulas, and a file that may not speak for itself."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.retrieval.inverted import K1, B, Piece, best, build, words

TEXTS = st.lists(st.lists(st.sampled_from("abcde"), max_size=6).map(" ".join), max_size=6)


def pieces(texts: dict[str, list[str]]) -> list[Piece]:
    return [Piece(path, text) for path, some in texts.items() for text in some]


def bm25(query: list[str], text: str, all_texts: list[str]) -> float:
    """Return the score by the formula as it stands in the paper."""
    documents = [Counter(words(one)) for one in all_texts]
    document = Counter(words(text))
    average = max(sum(one.total() for one in documents) / len(documents), 1)
    score = 0.0
    for word in query:
        having = sum(word in one for one in documents)
        idf = math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))
        norm = K1 * (1 - B + B * document.total() / average)
        score += idf * document[word] * (K1 + 1) / (document[word] + norm)
    return score


@given(TEXTS, TEXTS, st.lists(st.sampled_from("abcdef"), max_size=5))
def test_scores_are_the_formulas_and_the_hidden_file_is_as_if_it_were_not_there(
    hidden: list[str], shown: list[str], query: list[str]
) -> None:
    index = build(pieces({"hidden": hidden, "shown": shown}))
    by_bm25, by_jaccard = index.bm25(query, "hidden"), index.jaccard(query, "hidden")
    for number, text in enumerate(shown, len(hidden)):
        assert by_bm25[number] == pytest.approx(bm25(query, text, shown), rel=1e-5, abs=1e-6)
        either = set(query) | set(words(text))
        assert by_jaccard[number] == pytest.approx(len(set(query) & set(words(text))) / max(len(either), 1))
    assert all(score == -1 for score in [*by_bm25[: len(hidden)], *by_jaccard[: len(hidden)]])


@pytest.mark.parametrize(
    ("scores", "most", "expected"),
    [
        ([], 3, []),
        ([0.0, -1.0], 3, []),
        ([1.0, 3.0, 2.0], 2, [1, 2]),
        ([1.0, 2.0, 2.0, 2.0], 2, [1, 2]),
        ([0.5, 0.0, 0.5], 9, [0, 2]),
    ],
)
def test_the_best_are_the_first_of_equals(scores: list[float], most: int, expected: list[int]) -> None:
    assert best(np.array(scores), most) == expected


def test_words_are_runs_of_letters_digits_and_underscores() -> None:
    assert words("self.total_2 = größe('x')") == ["self", "total_2", "größe", "x"]
