"""What a change does to a suggestion: what was typed, what came in at once, and what went on differently."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.usage.follow import Course, Move, Step, follow, is_one_key, shared_start
from tests.cursor import unmark

BLOCK = "def f(a):\n    return a\n\n\ndef g(b):\n    return b"


def followed(marked: str, text: str, *changes: str) -> Move:
    """Show a suggestion at the mark, let the document change, and return the last step."""
    old, offset = unmark(marked)
    move = Move(Step.STAYED, Course(text, offset))
    for new in changes:
        move = follow(move.course, old, new)
        old = new
    return move


@pytest.mark.parametrize(
    ("marked", "text", "new", "step", "left"),
    [
        # Typed along.
        ("re‸\n", "turn x", "ret\n", Step.TYPED, "urn x"),
        ("‸", "x = 1", "x", Step.TYPED, " = 1"),
        ("re‸urn\n", "turn x", "return\n", Step.TYPED, "urn x"),
        ("if a:‸\n", "\n    b()", "if a:\n\n", Step.TYPED, "    b()"),
        # With what an editor adds to a key.
        ("if a:‸\n", "\n    b()", "if a:\n    \n", Step.TYPED, "b()"),
        ("f‸\n", "(a, b)", "f()\n", Step.TYPED, "a, b)"),
        ("f‸\n", "()\nx", "f()\n", Step.TYPED, "\nx"),
        ("x = ‸\n", "'a' + b", "x = ''\n", Step.TYPED, "a' + b"),
        ("‸\n", '""" A. """', '""\n', Step.TYPED, '" A. """'),
        ("# One‸\n", "\n# two", "# One\n# \n", Step.TYPED, "two"),
        ("// One‸\n", "\n// two", "// One\n// \n", Step.TYPED, "two"),
        ("/**‸", "\n * One", "/**\n * ", Step.TYPED, "One"),
        ("\t‸\n", "\tx()", "\t\t\n", Step.TYPED, "x()"),
        ("‸\n", "    x()", "    \n", Step.TYPED, "x()"),
        # Typed to the end.
        ("re‸\n", "t", "ret\n", Step.TYPED_TO_THE_END, "t"),
        ("f‸\n", "()", "f()\n", Step.TYPED_TO_THE_END, "()"),
        ("f‸\n", "(", "f()\n", Step.TYPED_TO_THE_END, "("),
        # All that was left at once.
        ("re‸\n", "turn x", "return x\n", Step.CAME_WHOLE, "turn x"),
        ("re‸", "turn x", "return x", Step.CAME_WHOLE, "turn x"),
        ("if a:‸\nc\n", "\n    b()\n    d()", "if a:\n    b()\n    d()\nc\n", Step.CAME_WHOLE, "\n    b()\n    d()"),
        ("f(‸)\n", "a, b", "f(a, b)\n", Step.CAME_WHOLE, "a, b"),
        ("‸x = x\n", "x = x\n", "x = x\nx = x\n", Step.CAME_WHOLE, "x = x\n"),
        # With what editors do on top of that.
        ("f‸\n", "(a, b", "f(a, b)\n", Step.CAME_WHOLE, "(a, b"),
        ("if a:‸\n", " {\n  b();", "if a: {\n  b();\n}\n", Step.CAME_WHOLE, " {\n  b();"),
        ("if a:‸\n", "\n    b()\n    c()", "if a:\n\tb()\n\tc()\n", Step.CAME_WHOLE, "\n    b()\n    c()"),
        ("a\n    ‸\nb\n", "\n    x()\n", "a\n\n    x()\n\nb\n", Step.CAME_WHOLE, "\n    x()\n"),
        ("x =‸\n", " 1 + 2", "x = 1 + 2 \n", Step.CAME_WHOLE, " 1 + 2"),
        ("x =‸  \n", " 1 + 2", "x = 1 + 2\n", Step.CAME_WHOLE, " 1 + 2"),
        ("x = ‸\n", " 1 + 2", "x = 1 + 2\n", Step.CAME_WHOLE, " 1 + 2"),
        ("    ‸", "x()\ny()", "  x()\n  y()\n", Step.CAME_WHOLE, "x()\ny()"),
        # A part at once.
        ("re‸\n", "turn x", "return\n", Step.CAME_IN_PART, " x"),
        ("x‸\n", " = f(a)\ny = 2", "x = f(a)\n", Step.CAME_IN_PART, "\ny = 2"),
        ("f‸\n", "(a, b)", "f(a,\n", Step.CAME_IN_PART, " b)"),
        # Other lines.
        ("a\nb\nre‸\nc\n", "turn x", "a\nbb\nre\nc\n", Step.STAYED, "turn x"),
        ("a\nre‸\nc\n", "turn x", "import b\na\nre\nc\n", Step.STAYED, "turn x"),
        ("re‸\nc\n", "turn x", "import b\nre\nc\n", Step.STAYED, "turn x"),
        ("a\nre‸\nc\n", "turn x", "re\nc\n", Step.STAYED, "turn x"),
        ("a\nre‸\nc\n", "turn x", "a\nre\nc\nd\n", Step.STAYED, "turn x"),
        ("a\nre‸\nc\n", "turn x", "a\nre\n", Step.STAYED, "turn x"),
        # Anything else.
        ("re‸\n", "turn x", "res\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "result\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "return y\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "r\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "re)\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "re\n\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\nc\n", "turn x", "re\n    \nc\n", Step.LEFT_BEHIND, "turn x"),
        ("a\nre‸\n", "turn x", "a\nare\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\nc\n", "turn x", "rec\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸ # c\n", "turn x", "re # d\n", Step.LEFT_BEHIND, "turn x"),
        ("re‸\n", "turn x", "something\nelse\n", Step.LEFT_BEHIND, "turn x"),
        ("f‸\n", "oo", "foo()\n", Step.LEFT_BEHIND, "oo"),
        ("‸\n", "foo.bar", "foo);\n", Step.LEFT_BEHIND, "foo.bar"),
    ],
)
def test_steps(marked: str, text: str, new: str, step: Step, left: str) -> None:
    move = followed(marked, text, new)
    assert move.step is step
    assert move.course.left == left


@pytest.mark.parametrize(
    ("marked", "text", "changes", "step", "left"),
    [
        # The bracket that was closed is written over by the last key, or stays behind.
        ("f‸\n", "(a, b)", ["f()\n", "f(a)\n", "f(a,)\n", "f(a, )\n", "f(a, b)\n"], Step.TYPED_TO_THE_END, "b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f(a, b)\n"], Step.CAME_WHOLE, "a, b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f(a, b))\n"], Step.CAME_WHOLE, "a, b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f(a,)\n"], Step.CAME_IN_PART, " b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f(\n"], Step.STAYED, "a, b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f\n"], Step.WENT_BACK, "(a, b)"),
        ("f‸\n", "(a, b)", ["f()\n", "f(x)\n"], Step.LEFT_BEHIND, "a, b)"),
        ("f‸\n", " {\n  a;\n}", ["f \n", "f {}\n", "f {\n  \n}\n", "f {\n  a\n}\n"], Step.TYPED, ";\n}"),
        # Back, and on again.
        ("re‸\n", "turn x", ["ret\n", "retu\n", "ret\n"], Step.WENT_BACK, "urn x"),
        ("re‸\n", "turn x", ["ret\n", "retu\n", "re\n", "return x\n"], Step.CAME_WHOLE, "turn x"),
        ("re‸\n", "turn x", ["return\n", "re\n"], Step.WENT_BACK, "turn x"),
        ("re‸\n", "turn x", ["ret\n", "r\n"], Step.LEFT_BEHIND, "urn x"),
        # Other lines first.
        ("a\nre‸\nc\n", "turn x", ["ab\nret\nc\n"], Step.LEFT_BEHIND, "turn x"),
        ("a\nre‸\nc\n", "turn x", ["ab\nre\nc\n", "ab\nret\nc\n"], Step.TYPED, "urn x"),
        ("a\nre‸\nc\n", "turn x", ["a\nret\nc\n", "\nret\ncd\n"], Step.LEFT_BEHIND, "urn x"),
        ("a\nre‸\nc\n", "turn x", ["a\nret\nc\n", "\nret\nc\n", "\nreturn x\nc\n"], Step.CAME_WHOLE, "urn x"),
        # Piece by piece.
        ("x‸\n", " = f(a)\ny = 2", ["x =\n", "x = f(\n", "x = f(a)\n"], Step.CAME_IN_PART, "\ny = 2"),
        ("x‸\n", " = f(a)", ["x =\n", "x = f(\n", "x = f(a)\n"], Step.CAME_WHOLE, "a)"),
    ],
)
def test_steps_after_others(marked: str, text: str, changes: list[str], step: Step, left: str) -> None:
    move = followed(marked, text, *changes)
    assert move.step is step
    assert move.course.left == left


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *((text, True) for text in ("", "a", "é", "\n", "()", "{}", "''", '""', '"""', "``", "\n    ", "    ", "\t\t")),
        *((text, True) for text in ("\n// ", "\n    # ", "\n/// ", "\n * ", "\n-- ")),
        *((text, False) for text in ("ab", "(a", ")(", "})", "\n}", "\n    a", "\n# a", "a ", " a", "'\"")),
    ],
)
def test_what_one_key_brings(text: str, is_one: bool) -> None:
    assert is_one_key(text) is is_one


@given(st.text("ab"), st.text("ab"))
def test_the_shared_start_is_the_longest(one: str, other: str) -> None:
    same = shared_start(one, other)
    assert one[:same] == other[:same]
    assert one[same : same + 1] != other[same : same + 1] or one == other


CODE = st.text("ab ()\n", max_size=12)


@given(CODE, CODE, CODE.filter(str.strip))
def test_typing_key_by_key_is_never_an_accept(before: str, after: str, text: str) -> None:
    course, old = Course(text, len(before)), before + after
    for end in range(1, len(text) + 1):
        new = before + text[:end] + after
        step, course = follow(course, old, new)
        assert step in {Step.TYPED, Step.TYPED_TO_THE_END}
        if step is Step.TYPED_TO_THE_END:
            return
        old = new


@given(CODE, CODE, CODE.filter(str.strip), st.data())
def test_what_is_left_at_once_is_an_accept(before: str, after: str, text: str, data: st.DataObject) -> None:
    typed = data.draw(st.integers(0, len(text) - 1))
    old = before + text[:typed] + after
    step, _ = follow(Course(text, len(before), typed), old, before + text + after)
    assert step is (Step.TYPED_TO_THE_END if is_one_key(text[typed:]) else Step.CAME_WHOLE)


@given(CODE, CODE, CODE.filter(str.strip), st.text("xyz", min_size=1), st.text("xyz", min_size=1))
def test_a_line_above_and_below_is_elsewhere(before: str, after: str, text: str, line: str, other: str) -> None:
    old = f"q\n{before}{after}\nq"
    course = Course(text, len(before) + 2)
    step, course = follow(course, old, f"q{line}\n{before}{after}\nq")
    assert step is Step.STAYED
    step, course = follow(course, f"q{line}\n{before}{after}\nq", f"q{line}\n{before}{after}\nq{other}")
    assert step is Step.STAYED
    assert course.start == 2 + len(line + before)


def test_a_key_in_a_large_document_takes_milliseconds() -> None:
    line = "    return sum(line.price for line in self.lines)\n"
    before, after = line * 10_000, line * 10_000
    old = before + after
    for new in (f"{before}x{after}", f"x{before}{after}", f"{before}{after}x", f"{before}y{after}"):
        times = []
        for _ in range(5):
            started = time.perf_counter()
            follow(Course("x = 1", len(before)), old, new)
            times.append(time.perf_counter() - started)
        assert min(times) < 0.02
