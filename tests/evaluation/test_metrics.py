"""Metrics, worked out by hand from their authors' definitions."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InputError
from lsp_server.evaluation.metrics import (
    edit_similarity,
    exact_first_line,
    exact_match,
    exact_tokens,
    identifier_f1,
    identifiers,
    levenshtein_similarity,
    pass_at_k,
)

CODE = st.text(alphabet="aB1_ \n\t\"'().é字")


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("  x = 1\n", "x = 1", 1.0),
        ("x = 1", "x  = 1", 0.0),
        ("a\n  b", "a\n b", 0.0),
        ("", " \n", 1.0),
        ("", "x", 0.0),
    ],
)
def test_exact_match(text: str, truth: str, expected: float) -> None:
    assert exact_match(text, truth) == expected


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("a\nb", "a\nc", 1.0),
        ("\n\n  a  \nb", "a", 1.0),
        ("a", "b\na", 0.0),
        ("a b", "a", 0.0),
        ("", "a", 0.0),
        (" \n", "", 1.0),
    ],
)
def test_exact_first_line(text: str, truth: str, expected: float) -> None:
    assert exact_first_line(text, truth) == expected


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        # White space and quotes mean nothing; a name falls apart at its humps.
        ("f( 'a' ,b)\n", 'f("a", b)', 1.0),
        ("a\n  b", "a b", 1.0),
        ("foo Bar", "fooBar", 1.0),
        ("fooBAR", "foo BAR", 1.0),
        # Other borders mean something.
        ("foo bar", "foobar", 0.0),
        ("HTTPServer", "HTTP Server", 0.0),
        ("a1B", "a1 B", 0.0),
        ("a_B", "a_ B", 0.0),
        # Each character beyond ASCII is a token.
        ("é字", "é 字", 1.0),
        ("x  # note", "x", 0.0),
        ("", " \n", 1.0),
        ("", "x", 0.0),
    ],
)
def test_exact_tokens(text: str, truth: str, expected: float) -> None:
    assert exact_tokens(text, truth) == expected


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        # Two characters of six are put in or taken out: 66.7 % are the same.
        ("abc", "abd", 0.67),
        ("ab", "ba", 0.5),
        ("  abc\n", "abc", 1.0),
        ("é", "e", 0.0),
        ("字é", "字", 0.67),
        # Half a per cent goes to the even number: 2/16 and 6/16.
        ("a1234567", "axxxxxxx", 0.12),
        ("abc12345", "abcxxxxx", 0.38),
        ("", "abc", 0.0),
        ("", " ", 1.0),
    ],
)
def test_edit_similarity_in_whole_per_cents(text: str, truth: str, expected: float) -> None:
    assert edit_similarity(text, truth) == expected


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("abc", "abd", 2 / 3),
        ("ab", "ba", 0.0),
        ("kitten", "sitting", 4 / 7),
        (" abc\n", "abc", 1.0),
        ("字é", "字", 0.5),
        ("", "abc", 0.0),
        ("", " ", 0.0),
    ],
)
def test_levenshtein_similarity(text: str, truth: str, expected: float) -> None:
    assert levenshtein_similarity(text, truth) == pytest.approx(expected)


@given(text=CODE, truth=CODE)
def test_similarities_are_shares_and_symmetric(text: str, truth: str) -> None:
    for similarity in (edit_similarity, levenshtein_similarity):
        assert 0.0 <= similarity(text, truth) <= 1.0
        assert similarity(text, truth) == similarity(truth, text)
        assert similarity(f"x{text}", f"x{text}") == 1.0


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("foo.bar(1, _x2)", ["foo", "bar", "_x2"]),
        ("if foo: return foo", ["foo", "foo"]),
        # Strings are left out, on whatever line they end; an escaped quote ends none.
        ("""f("a", 'b') + g""", ["f", "g"]),
        (r'f("a\"b") + c', ["f", "c"]),
        ('f("a\nb") + c', ["f", "c"]),
        ('f("open', ["f", "open"]),
        # A word begins like a name in ASCII, and goes on in any way.
        ("naïve 2nd éa", ["naïve"]),
        ("", []),
    ],
)
def test_identifiers(code: str, names: list[str]) -> None:
    assert identifiers(code, frozenset({"if", "return"})) == names


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (["a", "b"], ["b", "a", "a"], 1.0),
        # One of two is wanted, and one of two was found.
        (["a", "c"], ["a", "b"], 0.5),
        (["a"], ["a", "b", "c"], 0.5),
        (["a"], [], 0.0),
        ([], ["a"], 0.0),
        ([], [], 0.0),
    ],
)
def test_identifier_f1(found: list[str], wanted: list[str], expected: float) -> None:
    assert identifier_f1(found, wanted) == expected


@given(data=st.data(), n=st.integers(1, 8))
def test_pass_at_k_is_the_share_of_draws_with_a_sample_that_passes(data: st.DataObject, n: int) -> None:
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    draws = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@given(n=st.integers(1, 10_000), data=st.data())
def test_pass_at_1_is_the_share_that_passes(n: int, data: st.DataObject) -> None:
    c = data.draw(st.integers(0, n))
    assert pass_at_k(n, c, 1) == c / n


@pytest.mark.parametrize(("n", "c", "k"), [(10**5, 1, 10**4), (10**5, 10, 10**4)])
def test_pass_at_k_of_many_samples(n: int, c: int, k: int) -> None:
    # Each of the ones that pass is missed by a draw of a tenth with a chance of nearly nine tenths.
    assert pass_at_k(n, c, k) == pytest.approx(1 - 0.9**c, rel=1e-3)


@pytest.mark.parametrize("k", [0, -1, 6])
def test_pass_at_k_needs_k_samples(k: int) -> None:
    with pytest.raises(InputError, match=f"pass@{k} cannot be told from 5 samples"):
        pass_at_k(5, 2, k)


@pytest.mark.parametrize("c", [-1, 6])
def test_no_more_pass_than_there_are(c: int) -> None:
    with pytest.raises(ValueError, match=f"{c} of 5 samples"):
        pass_at_k(5, c, 1)
