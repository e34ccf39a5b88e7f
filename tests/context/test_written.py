"""What lines say about a definition, and how imports are written."""

from __future__ import annotations

import pytest

from lsp_server.context import paths
from lsp_server.context.written import Declared, declared, docstring, documentation, header_end, owner_of, plain


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("List", "List"),
        ("a.b.List[int]", "List"),
        ("&mut a::List<T>", "List"),
        ("\\Acme\\Shop", "Shop"),
        ("*Order", "Order"),
        ("$x", "$x"),
        ("[T]", ""),
        ("", ""),
    ],
)
def test_plain(written: str, name: str) -> None:
    assert plain(written) == name


@pytest.mark.parametrize(
    ("declarator", "expected"),
    [
        ("sum(int a)", Declared("sum", "", is_function=True)),
        ("*sum (int a)", Declared("sum", "", is_function=True)),
        ("names[3]", Declared("names", "", is_function=False)),
        ("(*compare)(int, int)", Declared("compare", "", is_function=False)),
        ("a::Order<int>::sum() const", Declared("sum", "Order", is_function=True)),
        ("Order::~Order()", Declared("~Order", "Order", is_function=True)),
        ("operator==(const X& x)", Declared("operator==", "", is_function=True)),
        ("operator()(int a)", Declared("operator()", "", is_function=True)),
        ("operator  bool() const", Declared("operator bool", "", is_function=True)),
        ("&get()", Declared("get", "", is_function=True)),
        ("", Declared("", "", is_function=False)),
    ],
)
def test_declared(declarator: str, expected: Declared) -> None:
    assert declared(declarator) == expected


@pytest.mark.parametrize(
    ("written", "owner"),
    [("*List[T]", "List"), ("List.prototype", "List"), ("app", "app"), ("exports", ""), ("module.exports", "")],
)
def test_owner_of(written: str, owner: str) -> None:
    assert owner_of(written) == owner


@pytest.mark.parametrize(
    ("text", "body", "header"),
    [
        ("int f()\n{\n}", (1, 0), 1),
        ("int f(\n  int a) {\n}", (1, 9), 2),
        ("int f()\n// Why.\n\n{\n}", (3, 0), 1),
        ("int f();", (-1, -1), 1),
        ("int f(\n);", (-1, -1), 2),
        ("def f\nend", (-1, -1), 1),
        ("x = {\n}", (0, 4), 1),
        ("x =\n  1", (1, 2), 1),
    ],
)
def test_header_end(text: str, body: tuple[int, int], header: int) -> None:
    lines = text.split("\n")
    assert header_end(lines, 0, len(lines), body, "//") == header


@pytest.mark.parametrize(
    ("above", "comment", "said"),
    [
        ("// One.\n// Two.", "//", "One."),
        ("/// One.", "//", "One."),
        ("/**\n * One.\n */", "//", "One."),
        ("/* One. */", "//", "One."),
        ("/// <summary>\n/// One.\n/// </summary>", "//", "One."),
        ("# ----\n# One.", "#", "One."),
        ("// One.\n", "//", ""),
        ("x = 1", "//", ""),
        ("x */", "//", ""),
        ("# One.", "//", ""),
    ],
)
def test_documentation(above: str, comment: str, said: str) -> None:
    lines = above.split("\n")
    assert documentation(lines, len(lines), comment) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('    """One."""\n    pass', "One."),
        ('    """One.\n    Two.\n    """', "One."),
        ("    '''\n\n    One.\n    '''", "One."),
        ("    # Why.\n    r'One.'", "One."),
        ("    x = 1", ""),
        ('    """"""', ""),
        ("", ""),
    ],
)
def test_docstring(body: str, said: str) -> None:
    lines = body.split("\n")
    assert docstring(lines, 0, len(lines)) == said


def modules(found: list[paths.Path]) -> str:
    return ", ".join(f"{module}({' '.join(names)})" if names else module for module, names in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("std::fmt", "std::fmt"),
        ("a::{b, c::{self, D as E}, f::*}", "a::b, a::c, a::c::D, a::f(*)"),
        ("a::{\n  b, // why {\n  /* or */ c,\n}", "a::b, a::c"),
        ("{a, b::c}", "a, b::c"),
        ("::a::r#type", "a::type"),
        ("a::*", "a(*)"),
        ("a::b as c", "a::b"),
        ("a::{{{", ""),
        ("", ""),
    ],
)
def test_rust(text: str, expected: str) -> None:
    assert modules(paths.rust(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b.C;", "a.b.C"),
        ("import a.b.*;", "a.b.*"),
        ("import static a.B.c;", "a.B(c)"),
        ("import static a.B.*;", "a.B(*)"),
        ("import a . b\n  .C ;", "a.b.C"),
        ("import", ""),
    ],
)
def test_java(text: str, expected: str) -> None:
    assert modules(paths.java(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("using A.B;", "A.B"),
        ("global using static A.B;", "A.B(*)"),
        ("using X = A.B;", "A.B"),
        ("using global::A.B;", "A.B"),
        ("using ;", ""),
    ],
)
def test_csharp(text: str, expected: str) -> None:
    assert modules(paths.csharp(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("use A\\B;", "A\\B"),
        ("use \\A\\B as C, D;", "A\\B, D"),
        ("use function A\\{f, g as h};", "A\\f, A\\g"),
        ("use A\\{B, const C\\D};", "A\\B, A\\C\\D"),
    ],
)
def test_php(text: str, expected: str) -> None:
    assert modules(paths.php(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("require 'a/b'", "a/b"),
        ('require_relative("a")', "./a"),
        ("require_relative '../a'", "../a"),
        ("require name", ""),
    ],
)
def test_ruby(text: str, expected: str) -> None:
    assert modules(paths.ruby(text)) == expected


@pytest.mark.parametrize(("text", "expected"), [("<a/b.h>", "a/b.h"), ('"./a"', "./a"), ("a . b", "a.b"), ('""', "")])
def test_quoted(text: str, expected: str) -> None:
    assert modules(paths.quoted(text)) == expected
