r"""How much of a text counts, worked out by hand from the scripts of CrossCodeEval and Repoformer."""

from __future__ import annotations

import pytest

from lsp_server.evaluation.benchmarks import statements
from lsp_server.evaluation.benchmarks.statements import (
    braced_statement,
    first_lines,
    longest_valid,
    parses,
    python_body,
    python_statement,
    written,
)

METHOD = 'class A:\n    def f(self):\n        """Say."""\n        '


@pytest.mark.parametrize(
    ("before", "text", "statement"),
    [
        ("x = ", "1\ny = 2\n", "1"),
        ("x = ", "1  \ny = 2\n", "1"),
        ("x = f(", "\n    a,\n    'é')\ny = 2", "\n    a,\n    'é')"),
        ("x = ", '"""a\nb"""\ny', '"""a\nb"""'),
        # The end of the text is no line break: all of it counts, as it is.
        ("x = ", "1  ", "1  "),
        ("x = ", "", ""),
        # A line break at the very start is no end, the next one is.
        ("x = 1", "\ny = 2\nz = 3", "\ny = 2"),
        ("x = 1", "\n\ny = 2", ""),
        # A token that is merely missing is no fault.
        ("def f(:\n    ", "return 1\nx", "return 1"),
        # What never parses counts as a whole.
        ("x = ", ")\ny = )\n", ")\ny = )\n"),
    ],
)
def test_one_statement_of_python(before: str, text: str, statement: str) -> None:
    assert python_statement(before, text) == statement


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("a(b);\nc();", "a(b);"),
        ("a(b) {\n", "a(b) {"),
        ("a }\n}", "a }"),
        ("a(\n  'é'\n);", "a(\n  'é'\n);"),
        # It takes no notice of strings.
        ('a(";");', 'a(";'),
        ("a(b)\nc", "a(b)\nc"),
        # An end that is the first character is overlooked, with all that follow.
        ("};\na;", "};\na;"),
        ("\n};", "\n}"),
        ("", ""),
    ],
)
def test_one_statement_in_braces(text: str, statement: str) -> None:
    assert braced_statement(text) == statement


@pytest.mark.parametrize(
    ("text", "count", "kept"),
    [
        ("\n  a\n\n \nb \nc", 2, "  a\nb "),
        ("a\nb", 5, "a\nb"),
        ("a\nb", 0, ""),
        ("", 1, ""),
    ],
)
def test_first_lines(text: str, count: int, kept: str) -> None:
    assert first_lines(text, count) == kept


def test_written_lines_have_no_white_space_around() -> None:
    assert written([" a ", "", "\t", "b  c\r"]) == ["a", "b  c"]


@pytest.mark.parametrize(
    ("before", "text", "valid"),
    [
        (METHOD, "return 1\n\nx = 2\n", "return 1\n\nx = 2"),
        (METHOD, "return 1\n        y = )", "return 1\n        y"),
        (METHOD, "x = )\n", "x"),
        (METHOD, "", ""),
        ("x = ) +", "1", None),
    ],
)
def test_the_longest_start_that_parses(before: str, text: str, valid: str | None) -> None:
    assert longest_valid(before, text, ".py") == valid


@pytest.mark.parametrize(
    ("before", "text", "body"),
    [
        # The body begins in what stands before, and ends with its function.
        (METHOD, "return 'é'\n\ndef g():\n    pass\n", '"""Say."""\n        return \'é\''),
        # A function within it belongs to it; one that ended before does not.
        ("def f():\n    ", "def g():\n        x\n    return g", "def g():\n        x\n    return g"),
        ("def f():\n    x\n\ndef g():\n    ", "y\n", "y"),
        ("def f():\n    def g():\n        ", "y\n    z", "y"),
        # No function begins before: the last one is taken.
        ("x = 1\n", "def f():\n    y\ndef g():\n    z\n", "z"),
        ("x = 1\n", "y", None),
        ("", "", None),
    ],
)
def test_the_body_of_the_function(before: str, text: str, body: str | None) -> None:
    assert python_body(before, text) == body


@pytest.mark.parametrize(
    ("text", "suffix", "expected"),
    [
        ("x = 1", ".py", True),
        ("def f(:\n    x", ".py", True),
        ("x = (1", ".py", False),
        ("x = )", ".py", False),
        ("", ".py", True),
        ("x", ".unknown", False),
    ],
)
def test_parsing(text: str, suffix: str, *, expected: bool) -> None:
    assert parses(text, suffix) is expected


def test_what_takes_too_long_does_not_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x = [1, 2]\n" * 5000
    assert parses(text, ".py")
    monkeypatch.setattr(statements, "LONGEST", -1.0)
    assert not parses(text, ".py")
