"""How much of a text is one block, by the trees of the programs with it and without it."""

from __future__ import annotations

import pytest

from lsp_server.context.syntax import nodes
from lsp_server.evaluation.benchmarks.blocks import until_block

AROUND = {
    ".py": ("for i in range(3):\n    ", "\nprint(1)\n"),
    ".java": ("class A { void f() { for (;;) {", "} g(); } }"),
    ".cpp": ("int main() { while (true) {", "} return 0; }"),
    ".cs": ("class A { void F() { while (true) {", "} } }"),
}
BRACES = (".java", ".cpp", ".cs")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x = i\n    y = 2", "x = i\n    y = 2"),
        ("x = 'é'; y = 2\n\n\n", "x = 'é'; y = 2\n\n\n"),
        ("if i:\n        a()\n    else:\n        b()\n", "if i:\n        a()\n    else:\n        b()\n"),
        # Lines behind the block, or that repeat what follows it.
        ("x = i\n    y = 2\nz = 3", "x = i\n    y = 2\n"),
        ("x = i\nprint(1)\n", "x = i\n"),
        # Lines that do not parse.
        ("x = i\n    y = (", "x = i\n"),
        ("x = i\n  y = 2", "x = i\n"),
        ("f(", ""),
        # The trees with and without it begin alike, so that the text cannot be told from what stands for none.
        ("pass", ""),
        ("pass\n    x = 1", ""),
        # A comment is no block.
        ("# x\n", ""),
        ("", ""),
        ("  \n", ""),
    ],
)
def test_blocks_of_python(text: str, kept: str) -> None:
    assert until_block(AROUND[".py"][0], text, AROUND[".py"][1], ".py") == kept


@pytest.mark.parametrize("suffix", BRACES)
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a(); ", " a(); "),
        ("\n a();\n b();\n", "\n a();\n b();\n"),
        ("\n if (x) {\n a();\n }\n", "\n if (x) {\n a();\n }\n"),
        ('\n a("é } {");\n', '\n a("é } {");\n'),
        (";", ";"),
        # The text closes the block around it, and goes on, even where all is in balance.
        ("\n a();\n}\nb();\n", "\n a();\n"),
        ("\n a();\n} while (x) {\n", "\n a();\n"),
        # A block of its own is not closed.
        ("\n if (x) {\n a();\n", ""),
        ("", ""),
        ("\n", ""),
    ],
)
def test_blocks_in_braces(suffix: str, text: str, kept: str) -> None:
    head, tail = AROUND[suffix]
    assert until_block(head, text, tail, suffix) == kept


@pytest.mark.parametrize("suffix", [".java", ".cpp"])
def test_a_token_that_is_merely_missing_is_no_error(suffix: str) -> None:
    head, tail = AROUND[suffix]
    assert until_block(head, "\n int x = 1", tail, suffix) == "\n int x = 1"


def test_errors_of_the_program_around_are_not_the_texts() -> None:
    head, tail = "x = = 1\nif x:\n    ", "\n"
    assert until_block(head, "a()\n    b(\n", tail, ".py") == "a()\n"


def test_what_cannot_be_told_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert until_block("", "a\nb", "", ".unknown") == "a\nb"
    monkeypatch.setattr(nodes, "LONGEST", -1.0)
    head, tail = AROUND[".java"]
    program = "class B { int x; }\n" * 2000
    assert until_block(program + head, "}\n", tail, ".java") == "}\n"
