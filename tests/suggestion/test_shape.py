"""From raw text to what is shown: each row is a document with its cursor, the raw text, and the outcome."""

from __future__ import annotations

import pytest

from lsp_server.core import Reason
from tests.suggestion.shaping import check, check_cut_off

FOLLOWS, PRECEDES = Reason.REPEATS_WHAT_FOLLOWS, Reason.REPEATS_WHAT_PRECEDES


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "a = ‸", "1", "1"),
        ("python", "a = ‸", "1\nb = 2\n", "1"),
        ("python", "a = ‸\nb = 2", "1   ", "1"),
        ("python", "return‸", " x\n", " x"),
        ("python", "def f(x‸", ", y):\n    return x\n", ", y):"),
        ("python", "x = 1‸", "\n\n\ndef f():\n    pass", "\n\n\ndef f():"),
        ("typescript", "const a = ‸", "1;\nconst b = 2;\n", "1;"),
        ("typescript", "foo(‸", "a, b);\nbar();\n", "a, b);"),
        ("javascript", "let a = [‸", "1, 2];\n", "1, 2];"),
        ("go", "x := ‸\n", "1\ny := 2\n", "1"),
        ("java", "class A {\n    int a = ‸\n}\n", "1;\n    int b = 2;\n", "1;"),
        ("rust", "let a = ‸\n", "1;\nlet b = 2;\n", "1;"),
        ("c", "int a = ‸\n", "1;\nint b = 2;\n", "1;"),
        ("cpp", "auto a = ‸\n", "1;\nauto b = 2;\n", "1;"),
        ("csharp", "var a = ‸\n", "1;\nvar b = 2;\n", "1;"),
        ("php", "<?php\n$a = ‸\n", "1;\n$b = 2;\n", "1;"),
        ("ruby", "a = ‸\n", "1\nb = 2\n", "1"),
        ("shellscript", "a=‸\n", "1\nb=2\n", "1"),
        ("lua", "local a = ‸\n", "1\nlocal b = 2\n", "1"),
        ("markdown", "A list of ‸\n", "things\nand more\n", "things"),
    ],
)
def test_one_line_where_the_cursor_is_in_one(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        # A definition awaits its body: all of it, and nothing behind it.
        ("python", "def f(x):‸\n", "\n    return x\n", "\n    return x"),
        ("python", "def f(x):‸\n", "\n    y = x\n\n    return y\n\n\nclass A:\n", "\n    y = x\n\n    return y"),
        ("python", "def f():\n    ‸", "x = 1\n    return x", "x = 1\n    return x"),
        ("python", "def f():\n‸", "    return 1\n\n\n", "    return 1"),
        (
            "python",
            "class A:\n    def f(self):\n        ‸\n",
            "return 1\n\n    def g(self):\n        pass\n",
            "return 1",
        ),
        ("python", "def f():  # why\n    ‸\n", "return 1\nprint(f())\n", "return 1"),
        ("python", "def f():\n    ‸\n", "return g(\n        1,\n    )\nx = 1\n", "return g(\n        1,\n    )"),
        ("python", "def f():\n    ‸\n", 'return """\nnot code\n"""\nx = 1\n', 'return """\nnot code\n"""'),
        ("typescript", "function f() {‸\n}\n", "\n    return 1;\n}\n\nf();\n", "\n    return 1;"),
        ("typescript", "function f() {‸\n", "\n    return 1;\n}\n\nf();\n", "\n    return 1;\n}"),
        ("typescript", "const f = () => {\n  ‸\n};\n", "return 1;\n};\nf();\n", "return 1;"),
        ("javascript", "it('works', () => {\n  ‸\n});\n", "expect(1);\n});\n\nit(", "expect(1);"),
        ("javascript", "it('works', () => {\n  ‸\n", "expect(1);\n});\n\nit(", "expect(1);\n});"),
        ("typescriptreact", "function A() {\n  ‸\n}\n", "return <b>{1}</b>;\n}\n", "return <b>{1}</b>;"),
        ("go", "func f() int {\n\t‸\n}\n", "return 1\n}\n\nfunc g() {\n", "return 1"),
        ("go", "func f() int {‸\n", "\n\treturn 1\n}\n\nfunc g() {\n", "\n\treturn 1\n}"),
        ("java", "class A {\n    int f() {\n        ‸\n    }\n}\n", "return 1;\n    }\n\n    int g() {\n", "return 1;"),
        ("rust", "fn f() -> u8 {\n    ‸\n}\n", "let a = 1;\n    a\n}\n\nfn g() {\n", "let a = 1;\n    a"),
        ("c", "int f(void) {\n    ‸\n}\n", "return 1;\n}\n\nint g(void) {\n", "return 1;"),
        (
            "cpp",
            "int f() {\n    ‸\n}\n",
            "if (a) {\n        b();\n    }\n    return 1;\n}\n",
            "if (a) {\n        b();\n    }\n    return 1;",
        ),
        ("csharp", "class A {\n    int F() {\n        ‸\n    }\n}\n", "return 1;\n    }\n    int G() {\n", "return 1;"),
        ("php", "<?php\nfunction f() {\n    ‸\n}\n", "return 1;\n}\n\nfunction g() {\n", "return 1;"),
        ("go", "switch x {\n‸\n}\n", "case 1:\n\ta()\ncase 2:\n\tb()\n}\n", "case 1:\n\ta()\ncase 2:\n\tb()"),
        ("ruby", "def f\n  ‸\nend\n", "x = 1\n  x\nend\n\ndef g\n", "x = 1\n  x"),
        ("ruby", "def f\n  ‸\n", "x = 1\n  x\nend\n\ndef g\n", "x = 1\n  x\nend"),
        ("ruby", "list.each do |a|\n  ‸\nend\n", "puts a\nend\n", "puts a"),
        ("shellscript", "if true; then\n    ‸\nfi\n", "echo a\nfi\necho b\n", "echo a"),
        ("shellscript", "f() {\n    ‸\n}\n", "echo a\n}\nf\n", "echo a"),
        ("lua", "function f()\n  ‸\nend\n", "return 1\nend\n\nfunction g()\n", "return 1"),
        ("lua", "function f()\n  ‸\n", "return 1\nend\n\nfunction g()\n", "return 1\nend"),
        ("kotlin", "fun f(): Int {\n    ‸\n}\n", "return 1\n}\n\nfun g() {\n", "return 1"),
        # A blank line: the lines that belong together.
        ("python", "x = 1\n‸\n", "y = 2\nz = 3\n\n\ndef f():\n", "y = 2\nz = 3"),
        (
            "python",
            "def f():\n    x = 1\n    ‸\n",
            "for a in x:\n        g(a)\n    return 3\n",
            "for a in x:\n        g(a)",
        ),
        (
            "python",
            "def f():\n    x = 1\n    ‸\n",
            "if x:\n        g()\n    else:\n        h()\n    i()\n",
            "if x:\n        g()\n    else:\n        h()",
        ),
        (
            "python",
            "def f():\n    x = 1\n    ‸\n",
            "g(\n        x,\n\n        2,\n    )\n\n    h()\n",
            "g(\n        x,\n\n        2,\n    )",
        ),
        ("typescript", "f();\n‸\n", "if (a) {\n  b();\n}\nc();\n", "if (a) {\n  b();\n}"),
        (
            "typescript",
            "f();\n‸\n",
            "if (a) {\n  b();\n} else {\n  d();\n}\nc();\n",
            "if (a) {\n  b();\n} else {\n  d();\n}",
        ),
        ("go", "func f() {\n\ta()\n\t‸\n}\n", "if b {\n\t\tc()\n\t}\n\td()\n}\n", "if b {\n\t\tc()\n\t}"),
        ("ruby", "a = 1\n‸\n", "if a\n  b\nend\nc\n", "if a\n  b\nend"),
        ("java", "class A {\n    int a;\n    ‸\n}\n", "int b;\n\n    int f() {\n", "int b;"),
        # An argument list of several lines.
        ("python", "f(\n    ‸\n)\n", "a,\n    b,\n)\nc\n", "a,\n    b,"),
        ("typescript", "f({\n  ‸\n});\n", "a: 1,\n  b: 2,\n});\n", "a: 1,\n  b: 2,"),
    ],
)
def test_a_block_where_one_begins(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "f(‸)", "x)", "x"),
        ("python", "f(‸)", ")", FOLLOWS),
        ("python", "f(‸):", "x):", "x"),
        ("python", "def f(‸):\n    pass\n", "self, x):\n    return", "self, x"),
        ("python", 's = "‸"', 'text"', "text"),
        ("python", "s = '‸'", "it')", "it"),
        ("python", 'print("‸")', 'text")', "text"),
        ("python", 'print("‸")', 'a", b)', "a"),
        ("python", "x = [‸]", "1, 2]", "1, 2"),
        ("python", "x = {‸}", "'a': [1]}", "'a': [1]"),
        ("python", "x = f(a[‸])", "0])", "0"),
        ("python", "x = f(g(‸))", "1))", "1"),
        ("python", "x = f(g(‸)", "1))", "1)"),
        ("python", "x = f(g(‸)", "1)", "1)"),
        ("python", "x = f(‸)", "g(1)", "g(1)"),
        ("python", "x = f(‸)", "')'", "')'"),
        ("python", "f(a‸, b)", ", b)", FOLLOWS),
        ("python", "f(a‸, b)", ", c, b)", ", c"),
        ("python", "x‸ = 5", " = 5", FOLLOWS),
        ("python", "for x ‸:\n    pass\n", "in y:\n", "in y"),
        ("typescript", "foo(‸);", "a);", "a"),
        ("typescript", "foo(‸);", "a, () => b());", "a, () => b()"),
        ("typescript", "const s = `‸`;", "a ${b}`;", "a ${b}"),
        ("typescript", "if (‸) {\n}\n", "a === b) {\n  c();\n", "a === b"),
        ("javascript", "import { ‸ } from 'a';", "b } from 'a';", "b"),
        ("javascript", "const { a‸ } = b;", ", c } = b;", ", c"),
        ("go", 'fmt.Println("‸")', 'hello")\n}\n', "hello"),
        ("java", "foo.bar(‸);", "1, 2);", "1, 2"),
        ("rust", "let a = vec![‸];", "1, 2];", "1, 2"),
        ("rust", 'println!("‸");', '{}", a);', "{}"),
        ("c", "for (int i = 0; ‸) {\n}\n", "i < n; i++) {\n", "i < n; i++"),
        ("csharp", "var a = new List<int>(‸);", "b);", "b"),
        ("php", "<?php\nfoo($‸);\n", "a, $b);", "a, $b"),
        ("ruby", "puts [‸].max\n", "1, 2].max", "1, 2"),
        ("shellscript", 'echo "‸"\n', '$HOME"', "$HOME"),
        # What a word would grow together with.
        ("python", "x = ‸name\n", "other_", Reason.GROWS_INTO_WORD),
        ("python", "x = (‸name)\n", "a + b", "a +"),
        # A line or more that follows.
        ("python", "def f():\n    ‸\n    return 1\n", "return 1", FOLLOWS),
        ("python", "a‸\nabc\n", "bc", FOLLOWS),
        ("python", "‸\na = 1\nb = 2\n", "a = 1\nb = 2", FOLLOWS),
        ("python", "‸\na = 10\n", "c = 1", "c = 1"),
        ("python", "def f():\n    ‸\n    return 1\n", "x = 1\n    return 1", "x = 1"),
        ("typescript", "f();\n‸\ncleanup();\n", "a();\ncleanup();\nb();\n", "a();"),
        ("typescript", "{\n  a();\n  ‸\n}\n", "}\n", FOLLOWS),
        ("go", 'import (\n\t"fmt"\n\t‸\n)\n', '"os"\n)\n', '"os"'),
        # What stands right before.
        ("python", "total = 1\n‸\n", "total = 1\n", PRECEDES),
        ("python", "import os\nimport o‸\n", "s\n", PRECEDES),
        ("python", "alpha = 1\nbeta = 2\n‸\n", "alpha = 1\nbeta = 2\n", PRECEDES),
        ("javascript", "foo(1);\n‸\n", "foo(1);", PRECEDES),
        ("ruby", "def f\n  if a\n    b\n  end\n‸\n", "end", "end"),
    ],
)
def test_what_is_there_already_goes(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "def f():\n\tif a:\n\t\t‸\n", "b()\n        c()", "b()\n\t\tc()"),
        ("python", "def f():\n\tif a:\n\t\tb()\n\t‸\n", "if c:\n        d()", "if c:\n\t\td()"),
        ("python", "def f():\n    if a:\n        b()\n    ‸\n", "if c:\n\t\td()", "if c:\n        d()"),
        ("python", "def f():\n  if a:\n    b()\n  ‸\n", "if c:\n      d()", "if c:\n    d()"),
        ("python", "def f():\n‸\n", "return 1\n", "    return 1"),
        ("python", "def f():\n    a()\n    ‸\n", "    b()\n", "b()"),
        ("python", "def f():\n    ‸\n", "    a()\n        b()\n", "a()\n    b()"),
        ("python", "if a:\n    if b:\n        c()\n‸\n", "      d()\n", "    d()"),
        ("python", "x = f(a,\n      ‸\n", "b,\n      c)\n", "b,\n      c)"),
        ("go", "func f() {\n\ta()\n\t‸\n}\n", "if b {\n        c()\n    }\n", "if b {\n\t\tc()\n\t}"),
        ("typescript", "function f() {\n  a();\n  ‸\n}\n", "if (b) {\n      c();\n  }\n", "if (b) {\n    c();\n  }"),
        ("typescript", "function f() {\n‸\n}\n", "return 1;\n", "    return 1;"),
        (
            "java",
            "class A {\n    void f() {\n        a();\n        ‸\n    }\n}\n",
            "if (b) {\n          c();\n        }\n",
            "if (b) {\n            c();\n        }",
        ),
        # Strings that span lines are no layout.
        ("python", "def f():\n\ta = 1\n\t‸\n", 'b = """\n    x\n"""\n', 'b = """\n    x\n"""'),
        ("typescript", "function f() {\n\ta();\n\t‸\n}\n", "b(`\n    x\n`);\n", "b(`\n    x\n`);"),
    ],
)
def test_the_indentation_is_the_documents(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "x = ‸\n", "1)", "1"),
        ("python", "x = 1\n‸\n", "y = 2\nz = = 3\n", "y = 2"),
        ("python", "x = 1\n‸\n", "y = 2\nz = (\n", "y = 2"),
        ("python", "x = 1\n‸\n", ")", Reason.SYNTAX_ERROR),
        ("typescript", "const a = ‸;\n", "b) + c", "b"),
        ("typescript", "f();\n‸\n", "const a = 1;\nconst b = };\n", "const a = 1;"),
        ("go", "package a\n\nfunc f() {\n\t‸\n}\n", "a := 1\n\tb := }\n", "a := 1"),
        ("java", "class A {\n    ‸\n}\n", "int a = 1;\n    int b = ];\n", "int a = 1;"),
        ("rust", "fn f() {\n    ‸\n}\n", "let a = 1;\n    let b = );\n", "let a = 1;"),
        ("c", "int a = ‸;\n", "1 + (2", "1"),
        ("php", "<?php\n$a = ‸;\n", "1]", "1"),
        ("ruby", "a = ‸\n", "1)", "1"),
        # An error that was there before may stay.
        ("python", "x = f(‸\n\n\ndef g():\n    pass\n", "a", "a"),
        ("typescript", "foo(‸\nbar();\n", "a", "a"),
    ],
)
def test_no_syntax_error_is_added(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        # Loops.
        ("python", "def f():\n    ‸\n", "a.append(1)\n    a.append(1)\n    a.append(1)\n", "a.append(1)"),
        ("python", "‸\n", "first(1)\nsecond(2)\nfirst(1)\nsecond(2)\n", "first(1)\nsecond(2)"),
        ("python", "x = ‸\n", "a.b.c.b.c.b.c.b.c.b.c.b.c.b.c.b.c.b.c.b.c.b.c", "a.b.c"),
        ("python", "# ‸\n", "-" * 60, "-" * 60),
        ("typescript", "{\n  a();\n  ‸\n}\n", "{\n    {\n      b();\n    }\n  }\n", "{\n    {\n      b();\n    }\n  }"),
        # Nothing.
        ("python", "a = ‸", "", Reason.EMPTY),
        ("python", "a = ‸", "  \n", Reason.EMPTY),
        ("python", "‸", "\n\n", Reason.EMPTY),
        ("python", "f(a‸)", "\n)", Reason.EMPTY),
        ("python", "def f():‸\n", "\nx = 1\n", Reason.EMPTY),
        # What is no text.
        ("python", "s = ‸", "'é' + a\N{REPLACEMENT CHARACTER}", "'é' + a"),
        ("python", "s = ‸", "'é\N{REPLACEMENT CHARACTER}'", Reason.SYNTAX_ERROR),
        ("python", "a = ‸", "1<|fim_suffix|>2", "1"),
        ("python", "a = ‸", "1<|endoftext|>", "1"),
        ("python", "a = ‸", "<|fim_pad|>1", Reason.EMPTY),
        ("python", "a = ‸", "1<fim_middle>", "1"),
        ("python", "a = ‸", "1</s>", "1"),
        ("python", "a = ‸", "1\x00", "1"),
        ("python", "a = ‸", "b\ud83d", "b"),
        # White space.
        ("python", "def f():\n    ‸\n", "a = 1  \n    b = 2\t\n", "a = 1\n    b = 2"),
        ("python", "def f():‸\n", "  \n    return 1\n", "\n    return 1"),
        ("python", "a = 1‸\n", "\r\nb = 2\r\n", "\nb = 2"),
        # Half a block.
        ("python", "def f():\n    ‸\n", "a = 1\n    if a:\n", "a = 1"),
        ("python", "a = 1\n‸\n", "def f():\n", Reason.HALF_BLOCK),
        ("python", "a = 1\n\n\n‸\n    return 1\n", "def f():\n", "def f():"),
        ("python", "for a in ‸\n", "range(3):\n", "range(3):"),
        ("python", "def f():\n    a = 1\n    ‸\n", "if a:\n        b()\n    else:\n", "if a:\n        b()"),
        # Text outside of ASCII.
        ("python", "s = '日本‸'\n", "語'", "語"),
        ("python", "s = '😀‸'\n", "😁')", "😁"),
        ("typescript", "const s = 'a‸';\n", "é';", "é"),
    ],
)
def test_what_no_user_wants_to_see(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "def f():\n    ‸", "x = 1\n    y = x.met", "x = 1"),
        ("python", "def f():\n    ‸", "x = one_long_line", "x = one_long_line"),
        ("python", "a = ‸", "value", "value"),
        ("typescript", "f();\n‸\n", "a();\nb(c", "a();"),
        ("python", "def f():\n    ‸", "x = 1\n    if x:\n        y", "x = 1"),
    ],
)
def test_what_a_limit_cut_off_ends_with_a_whole_line(language: str, marked: str, raw: str, expected: str) -> None:
    check_cut_off(language, marked, raw, expected)
