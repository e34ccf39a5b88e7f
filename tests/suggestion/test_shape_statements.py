"""Within a line: statements with what they open, what is typed already, and what follows the cursor on its line."""

from __future__ import annotations

import pytest

from lsp_server.core import Reason
from tests.suggestion.shaping import check, check_cut_off

FOLLOWS, PRECEDES = Reason.REPEATS_WHAT_FOLLOWS, Reason.REPEATS_WHAT_PRECEDES


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", "items = ‸\n", "[\n    1,\n    2,\n]\nprint(items)\n", "[\n    1,\n    2,\n]"),
        ("python", "x = {‸\n", '"a": 1, "b": 2}\ny = 1\n', '"a": 1, "b": 2}'),
        ("python", "def f(a, ‸\n", "b):\n    return a\n", "b):"),
        ("python", "key = lambda x: ‸\n", "x + 1\ny = 2\n", "x + 1"),
        ("python", "text = ‸\n", '"""\n  a (\n"""\nb = 1\n', '"""\n  a (\n"""'),
        ("typescript", "const f = ‸\n", "() => {\n  return 1;\n};\nf();\n", "() => {\n  return 1;\n};"),
        ("typescript", "if (a ‸\n", "&& b) {\n  c();\n}\nd();\n", "&& b) {\n  c();\n}"),
        ("typescript", "{\n  if (a) {\n    b();\n  }‸\n}\n", " else {\n    c();\n  }\n}\n", " else {\n    c();\n  }"),
        (
            "typescript",
            "{\n  try {\n    a();\n  } ‸\n}\n",
            "catch (e) {\n    b(e);\n  }\n}\n",
            "catch (e) {\n    b(e);\n  }",
        ),
        ("typescriptreact", "const A = () => ‸\n", "<div>a</div>;\nconst B", "<div>a</div>;"),
        ("javascript", "f(‸\n", "function () {\n  a();\n});\nb();\n", "function () {\n  a();\n});"),
        (
            "go",
            "package a\n\nfunc f() {\n\tif err ‸\n}\n",
            "!= nil {\n\t\treturn\n\t}\n}\n",
            "!= nil {\n\t\treturn\n\t}",
        ),
        (
            "rust",
            "fn f() {\n    let a = ‸\n}\n",
            "|x: u8| {\n        x\n    };\n    a(1);\n",
            "|x: u8| {\n        x\n    };",
        ),
        ("cpp", "auto f = [&]‸\n", "(int a) {\n  return a;\n};\nf(1);\n", "(int a) {\n  return a;\n};"),
        ("c", "#define MAX(a, b) ‸\n", "((a) > (b) ? (a) : (b))\n\nint x;\n", "((a) > (b) ? (a) : (b))"),
        ("kotlin", "fun f() = ‸\n", "list.map {\n    it + 1\n}\n\nfun g", "list.map {\n    it + 1\n}"),
        # Words close blocks, too.
        ("ruby", "x = list.map ‸\n", "do |y|\n  y + 1\nend\nputs x\n", "do |y|\n  y + 1\nend"),
        ("ruby", "if a\n  b\nels‸\nend\n", "if c\n  d\nelse\n  e\nend\n", "if c\n  d\nelse\n  e"),
        ("lua", "local f = ‸\n", "function(a)\n  return a\nend\nf(1)\n", "function(a)\n  return a\nend"),
        ("shellscript", "if‸\n", " [ -f a ]; then\n    b\nfi\nc\n", " [ -f a ]; then\n    b\nfi"),
    ],
)
def test_a_statement_comes_with_what_it_opens(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("typescript", "const f = ‸\n", "() => {\n  return 1;\n", Reason.SYNTAX_ERROR),
        ("python", "items = ‸\n", "[\n    1,\n    2", Reason.SYNTAX_ERROR),
        ("python", "x = ‸\n", "value.na", "value.na"),
    ],
)
def test_a_statement_that_is_cut_off_is_whole_or_nothing(
    language: str, marked: str, raw: str, expected: str | Reason
) -> None:
    check_cut_off(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        # The model begins the line, or the word, anew.
        ("python", "x = fo‸\n", "foo(1)\n", "o(1)"),
        ("python", "x = fo‸\n", "x = foo(1)\n", "o(1)"),
        ("python", "    x = fo‸\n", "    x = foo(1)\n", "o(1)"),
        ("python", "return‸\n", "return x\n", " x"),
        ("typescript", "import { ‸ } from 'a';\n", "import { b } from 'a';\n", "b"),
        ("go", "package a\n\nfunc f() {\n\tfmt.Pri‸\n}\n", 'fmt.Println("a")\n}\n', 'ntln("a")'),
        ("python", "import os‸\n", "import os\n", PRECEDES),
        # One letter may well come twice, and so may what is no word.
        ("python", "a‸\n", "aa = 1\n", "aa = 1"),
        ("python", "x = [[0], ‸]\n", "[0]]\n", "[0]"),
        # Lines above the cursor.
        ("python", "def f():\n    a = 10\n    b = 20\n    ‸\n", "a = 10\n    b = 20\n    c = 30\n", PRECEDES),
        ("java", "class A {\n    int a;\n    ‸\n}\n", "int a;\n    int b;\n}\n", PRECEDES),
        ("typescriptreact", "<p>\n  <b>\n    <i>\n    </i>\n  </‸\n</p>\n", "b>\n", "b>"),
    ],
)
def test_what_is_typed_is_not_said_again(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        ("python", 'print(f"{‸}")\n', 'name}")\n', "name"),
        ("python", 'print(f"{name‸")\n', '}")\n', "}"),
        ("python", 'def f():\n    """‸"""\n', 'Say "a", twice."""\n    return 1\n', 'Say "a", twice.'),
        ("python", 'q = """\nSELECT ‸"""\n', '* FROM a"""\n', "* FROM a"),
        ("python", "x = a if ‸ else c\n", "b else c\n", "b"),
        ("python", "# see (‸)\n", "above)\n", "above"),
        ("typescript", "const x = items.map((item) => ‸);\n", "item.name);\nconst y", "item.name"),
        ("typescript", "const x = f((‸) => {\n  a();\n});\n", "a, b) => {\n  a();\n", "a, b"),
        ("typescript", "const x: Map<‸>\n", "string, number> = new Map();\n", "string, number"),
        ("typescript", "const s = `a ${b‸}`;\n", ".c} ${d}`;\n", ".c"),
        ("typescript", "console.log('it‸');\n", "\\'s');\n", "\\'s"),
        ("typescript", "const a = b ? ‸ : d;\n", "c : d;\n", "c"),
        ("typescriptreact", "const a = <p ‸>b</p>;\n", 'id="c" on={() => d()}>b</p>;\n', 'id="c" on={() => d()}'),
        ("javascript", "a.b(‸).to.be(c);\n", "d()).to.be(c);\n", "d()"),
        ("java", "class A {\n    Map<String, ‸> x;\n}\n", "List<Integer>> x = new HashMap<>();\n", "List<Integer>"),
        ("rust", "fn f<'a>(x: &'a str) -> ‸ {\n}\n", "&'a str {\n    x\n}\n", "&'a str"),
        ("rust", "#[derive(‸)]\nstruct A;\n", "Debug, Clone)]\nstruct A;\n", "Debug, Clone"),
        ("c", "#include <‸>\n", "stdio.h>\n#include <stdlib.h>\n", "stdio.h"),
        ("cpp", "template <‸>\nT f(T a) {}\n", "typename T>\nT f(T a) {}\n", "typename T"),
        ("csharp", "var x = y.Where(z => ‸);\n", "z.A > 1).ToList();\n", "z.A > 1"),
        ("csharp", "class A\n{\n    int X { ‸ }\n}\n", "get; set; }\n", "get; set;"),
        ("php", '<?php\n$s = "a {‸}";\n', '$b->c}";\n', "$b->c"),
        ("ruby", "x = list.map { ‸ }\n", "|y| y + 1 }\n", "|y| y + 1"),
        ("shellscript", "if [ ‸ ]; then\n    a\nfi\n", '-f "$x" ]; then\n', '-f "$x"'),
        ("lua", 'map("n", "a", ‸)\n', "function() b() end)\n", "function() b() end"),
        ("kotlin", 'println("${‸}")\n', 'x.y(1)}")\n', "x.y(1)"),
        ("json", '{"a": "‸"}\n', 'b", "c": 1}\n', "b"),
        # Twice what follows is once too often.
        ("typescript", "f(‸).g(a);\n", "b).g(a);).g(a);\n", "b"),
        ("python", "f(‸, b)\n", "a, b), b)\n", "a"),
    ],
)
def test_what_follows_on_the_line_goes(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)
