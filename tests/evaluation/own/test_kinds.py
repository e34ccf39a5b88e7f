"""Where holes may be, by kind and language; and that nothing is lost around them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lsp_server
from lsp_server.context.grammars import GRAMMARS, grammar_of
from lsp_server.evaluation.own.kinds import KINDS, spans
from lsp_server.evaluation.own.source import LONGEST, MOST_LINES, Source
from tests.context.chosen import WORKSPACE

# So many throws that each place of a text of some lines comes up.
THROWS = 200
FILES = sorted(
    path
    for folder in (Path(lsp_server.__file__).parent, WORKSPACE)
    for path in folder.rglob("*")
    if path.is_file() and grammar_of(path.name)
)


def found(kind: str, text: str, suffix: str) -> set[str]:
    """Return all holes that dice may give."""
    source = Source(text, suffix)
    return {text[span.start : span.end] for seed in range(THROWS) for span in spans(kind, source, Random(seed))}


PYTHON = '''"""A module."""

def area(width, height):
    """Return how large it is."""
    # In square metres.
    if not width:  # nothing
        return 0
    size = width * height
    """
    no = code
    """
    return size

'''
SCRIPT = """// What it does.
function area(width) {
  // In square metres.
  const size = `${width}
`;
  return size ** 2; // squared
}
"""


@pytest.mark.parametrize(
    ("kind", "suffix", "text", "expected"),
    [
        (
            "rest of a line",
            ".py",
            PYTHON,
            {
                *("area(width, height):", "(width, height):", "width, height):", ", height):", "height):"),
                *("0", "= width * height", "width * height", "* height", "height", "size"),
            },
        ),
        ("rest of a line", ".js", "a;\nb = 'x';\nc('x', d);\n", {"('x', d);", "'x', d);", ", d);", "d);"}),
        ("rest of a line", ".c", "int a;\nint b = c + \\\n    d;\n", {"a;"}),
        (
            "line",
            ".py",
            PYTHON,
            {"def area(width, height):", "return 0", "size = width * height", "return size"},
        ),
        ("line", ".js", SCRIPT, {"function area(width) {"}),
        ("line", ".rb", "a\nif b\n  c\nelse\n  'd'\nend\n", {"if b", "c"}),
        ("expression", ".py", PYTHON, {"width * height"}),
        ("expression", ".js", SCRIPT, {"size ** 2"}),
        ("expression", ".py", "a = 1\nb.c(d[0], -e)  # f\ng(f'{h.i}', j)\nk\n", {"b.c", "d[0]"}),
        (
            "block",
            ".py",
            "if a:\n    b\n\n    # c\n    d(\n        1)  # e\n    # f\n    g; h\n    'i'\nelse:\n    j\n",
            {"d(\n        1)  # e", "d(\n        1)  # e\n    # f\n    g; h"},
        ),
        (
            "block",
            ".ts",
            "f([\n  a,\n  b,\n]); g;\nclass A {\n  b = 1;\n  c = 2;\n}\n",
            {"class A {\n  b = 1;\n  c = 2;\n}", "b = 1;\n  c = 2;"},
        ),
        ("block", ".rb", "def f\n  a\n  b\nrescue\n  c\nend\n", {"a\n  b"}),
        ("block", ".sh", "a\nfor b in c; do\n  d\n  e\ndone\n", {"for b in c; do\n  d\n  e\ndone", "d\n  e"}),
        ("block", ".go", "package a\n\nfunc f() {\n\tb()\n\tc()\n}\n", {"func f() {\n\tb()\n\tc()\n}", "b()\n\tc()"}),
    ],
)
def test_all_holes_of_a_kind(kind: str, suffix: str, text: str, expected: set[str]) -> None:
    assert found(kind, text, suffix) == expected


@pytest.mark.parametrize("lines", [1, 2, 8, 9])
def test_a_block_has_two_to_eight_lines(lines: int) -> None:
    text = "a\n\n" + "\n".join(f"b{number}" for number in range(lines)) + "\n"
    assert {hole.count("\n") + 1 for hole in found("block", text, ".py")} == set(range(2, min(lines, 8) + 1))


@pytest.mark.parametrize(
    ("suffix", "text", "expected"),
    [
        (".py", PYTHON, {PYTHON[PYTHON.index("if") :].rstrip()}),
        (".py", "def f(): return 1\n\ndef g():\n    ...\n", set()),
        (".py", "class A:\n    x = 1\n\n    def f(self):\n        self.x\n        # b\n", {"self.x"}),
        (".ts", "const f = () => {\n  a; // b\n  // c\n};\n", {"a; // b"}),
        (".tsx", "function F() {\n  return <p>{a}</p>;\n}\n", {"return <p>{a}</p>;"}),
        (".js", SCRIPT, {SCRIPT[SCRIPT.index("const") : -3]}),
        (".go", "package a\n\nfunc f() {\n\t// b\n\tc()\n\n\td()\n}\n", {"c()\n\n\td()"}),
        (".java", "class A {\n  A() {\n    a();\n  }\n  int b() {\n    return 1;\n  }\n}\n", {"a();", "return 1;"}),
        (".rs", "fn f() -> u8 {\n    g();\n    h\n}\n", {"g();\n    h"}),
        (".c", "int f(void)\n{\n  return g;\n}\n", {"return g;"}),
        (".cpp", "A::A() : b(1) {\n  c();\n}\n", {"c();"}),
        (".cs", "class A {\n  int B() => 1;\n  int C()\n  {\n    return 2;\n  }\n}\n", {"return 2;"}),
        (".php", "<?php\nfunction f() {\n  return 1;\n}\n", {"return 1;"}),
        (".rb", "def f\n  # a\n  b\n  'c'\nrescue\n  d\nend\n", {"b\n  'c'\nrescue\n  d"}),
        (".sh", "f() {\n  # a\n  b\n}\n", {"b"}),
    ],
)
def test_bodies_of_functions(suffix: str, text: str, expected: set[str]) -> None:
    assert found("function body", text, suffix) == expected


def test_each_grammar_has_bodies_in_a_test() -> None:
    (marks,) = (mark for mark in test_bodies_of_functions.pytestmark)  # type: ignore[attr-defined]
    assert {suffix for suffix, _, _ in marks.args[1]} == {grammar.suffixes[0] for grammar in GRAMMARS}


def body_of(*lines: str) -> str:
    return "def f():\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "is_hole"),
    [
        (body_of(*["a"] * MOST_LINES), True),
        (body_of(*["a"] * (MOST_LINES + 1)), False),
        (body_of("a" * LONGEST), True),
        (body_of("a" * (LONGEST + 1)), False),
        (body_of("'a'"), False),
        (body_of("return"), False),
        (body_of("a = = 1"), False),
        (body_of("a", "b") + "c = = 1\n", True),
        (body_of("a", "b") + "\nd = 1\nc = = 1\n", True),
    ],
)
def test_limits_of_a_hole(text: str, is_hole: bool) -> None:
    assert bool(found("function body", text, ".py")) == is_hole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", "\n", "# a\n", "a\n", "'a b c'\n", "(((", "\ud800 = 1\n"])
def test_a_file_may_have_none(kind: str, text: str) -> None:
    assert found(kind, text, ".py") == set()
    assert found(kind, text, ".hs") == set()


@pytest.mark.parametrize("kind", KINDS)
@given(st.sampled_from(FILES), st.integers())
def test_holes_of_real_files(kind: str, path: Path, seed: int) -> None:
    text = path.read_text(encoding="utf-8")
    for start, end in spans(kind, Source(text, path.suffix), Random(seed)):
        before, hole, after = text[:start], text[start:end], text[end:]
        assert before.strip()
        assert hole == hole.strip() != ""
        assert len(hole) <= LONGEST
        assert hole.count("\n") < MOST_LINES
        indentation, rest = before.rpartition("\n")[2], after.partition("\n")[0]
        if kind in {"line", "block", "function body"}:
            assert not indentation.strip()
        if kind == "expression":
            assert (indentation + rest).strip()
        else:
            assert not rest.strip()
        if kind in {"line", "rest of a line", "expression"}:
            assert "\n" not in hole
