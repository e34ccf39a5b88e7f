"""Whether lines still stand in a document."""

from __future__ import annotations

import time

import pytest

from lsp_server.usage.still import occurrences, stripped_lines


@pytest.mark.parametrize(
    ("accepted", "document", "count"),
    [
        ("turn x", "def f():\n    return x\n", 1),
        ("turn x", "return x\nreturn xy\nreturn y\n", 2),
        ("a()\n    b()", "if c:\n        a()\n        b()\n", 1),
        ("a()\n    b()", "if c:\n\ta()  \n\n\n\tb()\n", 1),
        ("a()\n    b()", "x = a()\nb() + 1\n", 1),
        ("a()\n    b()", "a()\nx\nb()\n", 0),
        ("a()\n    b()", "a() # x\nb()\n", 0),
        ("a()\n    b()", "b()\na()\n", 0),
        ("a()\nb()\nc()", "a()\nb()  # x\nc()\n", 0),
        ("a()\nb()\nc()", "a()\nb()\nc()\na()\nb()\nc()\n", 2),
        ("\n\n", "a\n\n\n", 0),
        ("a.b*(c)+\n[d]?", "a.b*(c)+\n  [d]?", 1),
        ("a", "", 0),
    ],
)
def test_lines_stand_as_a_run(accepted: str, document: str, count: int) -> None:
    assert occurrences(stripped_lines(accepted), document) == count


@pytest.mark.parametrize("filling", [" ", "\n", " \n", "a()\n", "a() \n\n"])
def test_a_look_takes_milliseconds(filling: str) -> None:
    document = filling * (1_000_000 // len(filling))
    started = time.perf_counter()
    occurrences(("a()", "b()", "c()"), document)
    assert time.perf_counter() - started < 0.5
