"""Typing through a suggestion, and back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Place
from lsp_server.suggestion.cache import PER_DOCUMENT, Completion, Memory, remaining
from lsp_server.suggestion.hole import Extent
from tests.cursor import place


def completion(marked: str, text: str, document: str = "a.py") -> Completion:
    return Completion(document, place(marked), text, Extent.LINE, is_cut_off=False)


@pytest.mark.parametrize(
    ("origin", "text", "now", "left"),
    [
        ("re‸\n", "turn x", "re‸\n", "turn x"),
        ("re‸\n", "turn x", "retu‸\n", "rn x"),
        ("re‸\n", "turn x", "return x‸\n", ""),
        ("re‸\n", "turn x", "return x ‸\n", None),
        ("re‸\n", "turn x", "res‸\n", None),
        ("re‸\n", "turn x", "r‸\n", None),
        ("re‸\n", "turn x", "a\nretu‸\n", None),
        ("re‸\n", "turn x", "retu‸\nb", None),
        ("if a:‸\n", "\n    b()\n    c()", "if a:\n    ‸\n", "b()\n    c()"),
        ("print‸\n", "(a, b)", "print(‸)\n", "a, b)"),
        ("print‸\n", "(a, b)", "print(a, b)‸\n", ""),
        ("a = ‸\n", "{'b': 1}", "a = {'‸'}\n", "b': 1}"),
        ("print‸\n", "(a, b)", "print(‸x)\n", None),
    ],
)
def test_what_is_left_of_a_suggestion(origin: str, text: str, now: str, left: str | None) -> None:
    assert remaining(place(origin), text, place(now)) == left


@given(st.text(alphabet="ab\n", max_size=8), st.text(alphabet="ab\n()", min_size=1, max_size=8), st.data())
def test_typing_along_leaves_the_rest(before: str, text: str, data: st.DataObject) -> None:
    typed = data.draw(st.integers(0, len(text)))
    assert remaining(Place(before, "c"), text, Place(before + text[:typed], "c")) == text[typed:]


def test_deleting_returns_the_earlier_suggestion() -> None:
    kept: Memory[Completion] = Memory()
    kept.add(completion("re‸\n", "turn x"))
    kept.add(completion("res‸\n", "ult = 1"))
    found = [kept.find("a.py", place(now)) for now in ("res‸\n", "re‸\n", "ret‸\n", "resu‸\n", "r‸\n")]
    assert [f and f.text for f in found] == ["ult = 1", "turn x", "urn x", "lt = 1", None]


def test_a_place_where_the_model_has_nothing_to_say_is_remembered() -> None:
    kept: Memory[Completion] = Memory()
    kept.add(completion("x‸\n", ""))
    found = kept.find("a.py", place("x‸\n"))
    assert found is not None
    assert not found.text
    assert kept.find("a.py", place("x ‸\n")) is None


def test_what_has_been_typed_to_its_end_is_asked_anew() -> None:
    kept: Memory[Completion] = Memory()
    kept.add(completion("x‸\n", " = 1\n"))
    assert kept.find("a.py", place("x = 1‸\n")) is None


def test_the_newest_counts_and_other_documents_do_not() -> None:
    kept: Memory[Completion] = Memory()
    kept.add(completion("x‸\n", " = 1"))
    kept.add(completion("x‸\n", " = 2"))
    kept.add(completion("x‸\n", " = 3", "b.py"))
    found = kept.find("a.py", place("x ‸\n"))
    assert found is not None
    assert found.text == "= 2"
    kept.forget("a.py")
    assert kept.find("a.py", place("x‸\n")) is None
    assert kept.find("b.py", place("x‸\n")) is not None


def test_a_line_behind_a_closed_bracket_is_the_rest_of_a_line() -> None:
    kept: Memory[Completion] = Memory()
    kept.add(Completion("a.py", place("‸\n"), "f(a)\ng(b)", Extent.BLOCK, is_cut_off=False))
    extents = [found.extent for now in ("f‸\n", "f(‸)\n") if (found := kept.find("a.py", place(now)))]
    assert extents == [Extent.BLOCK, Extent.REST]


def test_only_the_last_of_a_document_are_kept() -> None:
    kept: Memory[Completion] = Memory()
    for number in range(3 * PER_DOCUMENT):
        kept.add(completion(f"x{number}=‸\n", "1"))
    assert kept.find("a.py", place("x0=‸\n")) is None
    assert kept.find("a.py", place(f"x{3 * PER_DOCUMENT - 1}=‸\n")) is not None


def test_finding_takes_less_than_a_millisecond_in_a_large_document() -> None:
    kept: Memory[Completion] = Memory()
    before, after = "a = 1\n" * 10_000, "b = 2\n" * 10_000
    for number in range(PER_DOCUMENT):
        kept.add(Completion("a.py", Place(f"{before}{number}", after), "xyz", Extent.LINE, is_cut_off=False))
    now = Place(f"{before}7x", after)
    times = []
    for _ in range(20):
        started = time.perf_counter()
        assert kept.find("a.py", now) is not None
        times.append(time.perf_counter() - started)
    assert min(times) < 0.001
