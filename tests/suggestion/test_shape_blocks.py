"""Several lines, as good models write them: where they end, and which of them are there already."""

from __future__ import annotations

import pytest

from lsp_server.core import Reason
from tests.suggestion.shaping import check

FOLLOWS = Reason.REPEATS_WHAT_FOLLOWS


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        (
            "python",
            "try:\n    a()\n‸\n",
            "except A as e:\n    b()\nelse:\n    c()\nd()\n",
            "except A as e:\n    b()\nelse:\n    c()",
        ),
        (
            "python",
            "match x:\n    ‸\n",
            "case 1:\n        a()\n    case _:\n        b()\nc()\n",
            "case 1:\n        a()\n    case _:\n        b()",
        ),
        (
            "python",
            "match x:\n    case 1:\n        ‸\n    case 2:\n        b()\n",
            "a()\n    case 2:\n        b()\n",
            "a()",
        ),
        ("python", "def f():\n    ‸\n", "x = 1\n    return x\n\n# For example:\nprint(f())\n", "x = 1\n    return x"),
        ("python", "def f():\n    ‸\n", "x = 1\n# x = 2\n    return x\n\nf()\n", "x = 1\n# x = 2\n    return x"),
        (
            "python",
            "‸\n",
            "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        pass\n\n\nclass B:\n",
            "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        pass",
        ),
        (
            "python",
            "class A:\n    a = 1\n\n    ‸\n",
            "@property\n    def f(self):\n        return 1\n\n    def g(self):\n",
            "@property\n    def f(self):\n        return 1",
        ),
        (
            "python",
            "def f():\n    return [\n        ‸\n    ]\n",
            "1,\n        2,\n    ]\n\n\ndef g():\n",
            "1,\n        2,",
        ),
        ("python", "def f(\n    a,\n    ‸\n", "b,\n) -> int:\n    return a\n", "b,\n) -> int:"),
        (
            "python",
            'def f():\n    """Do it.\n    ‸\n    """\n',
            '\n    Args:\n        a: one (or two).\n    """\n    return 1\n',
            "\n    Args:\n        a: one (or two).",
        ),
        (
            "python",
            'def f():\n    q = """\n    SELECT *\n    ‸\n    """\n',
            'FROM a\n    WHERE b = 1\n    """\n    c(q)\n',
            "FROM a\n    WHERE b = 1",
        ),
        ("typescript", "{\n  if (a) {\n    ‸\n  }\n}\n", "b();\n  } else {\n    c();\n  }\n}\n", "b();"),
        ("typescript", "{\n  if (a) {‸\n}\n", "\n    b();\n  } else {\n    c();\n  }\n}\n", "\n    b();\n  }"),
        ("typescript", "{\n  if (a) {\n    b();\n  ‸\n}\n", "} else {\n    c();\n  }\n}\n", "} else {\n    c();\n  }"),
        ("typescript", "f(() => {‸\n", "\n  a();\n}, [b]);\n\nc();\n", "\n  a();\n}, [b]);"),
        (
            "typescript",
            "f(() => {\n  ‸\n}, [b]);\n",
            "if (c) {\n    d();\n  }\n  a();\n}, [b]);\n",
            "if (c) {\n    d();\n  }\n  a();",
        ),
        (
            "typescript",
            "switch (a) {\n  case 1:\n    ‸\n  default:\n    c();\n}\n",
            "b();\n    break;\n  default:\n    c();\n}\n",
            "b();\n    break;",
        ),
        (
            "typescript",
            "f(a)\n  ‸\n",
            ".then((b) => {\n    c(b);\n  })\n  .catch(d);\n\ne();\n",
            ".then((b) => {\n    c(b);\n  })\n  .catch(d);",
        ),
        (
            "typescript",
            "function f(\n  a: A,\n  ‸\n",
            "b: B,\n) {\n  return a;\n}\n\nf();\n",
            "b: B,\n) {\n  return a;\n}",
        ),
        (
            "typescriptreact",
            "const a = (\n  <p>\n    ‸\n  </p>\n);\n",
            "<ul>\n      {b.map((c) => (\n        <li>{c}</li>\n      ))}\n    </ul>\n  </p>\n);\n",
            "<ul>\n      {b.map((c) => (\n        <li>{c}</li>\n      ))}\n    </ul>",
        ),
        (
            "typescriptreact",
            "const a = (\n  <B\n    c={1}\n    ‸\n  />\n);\n",
            'd={2}\n    e="f"\n  />\n);\n',
            'd={2}\n    e="f"',
        ),
        (
            "javascript",
            "describe('a', () => {\n  ‸\n});\n",
            "it('b', () => {\n    c();\n  });\n\n  it('d', () => {\n    e();\n  });\n});\n",
            "it('b', () => {\n    c();\n  });\n\n  it('d', () => {\n    e();\n  });",
        ),
        (
            "java",
            "class A {\n    @Override\n    ‸\n}\n",
            "public int f() {\n        return 1;\n    }\n\n    @Override\n    public",
            "public int f() {\n        return 1;\n    }",
        ),
        (
            "java",
            "class A\n{\n    void f()\n    {\n        ‸\n    }\n}\n",
            "if (a)\n        {\n            b();\n        }\n    }\n}\n",
            "if (a)\n        {\n            b();\n        }",
        ),
        ("go", "package a\n\nfunc f() {\n\tgo func() {‸\n}\n", "\n\t\tb()\n\t}()\n\tc()\n}\n", "\n\t\tb()\n\t}()"),
        (
            "go",
            "package a\n\nfunc f() {\n\tq := `SELECT *\n\t‸\n`\n}\n",
            "FROM a (b)\n\tWHERE c = 1\n`\n\td(q)\n}\n",
            "FROM a (b)\n\tWHERE c = 1",
        ),
        (
            "rust",
            "fn f() {\n    match x {\n        ‸\n    }\n}\n",
            "Some(y) => {\n            y + 1\n        }\n        None => 0,\n    }\n}\n",
            "Some(y) => {\n            y + 1\n        }\n        None => 0,",
        ),
        (
            "rust",
            "fn f() {\n    let x = y\n        .iter()\n        ‸\n}\n",
            ".map(|x| x + 1)\n        .collect::<Vec<_>>();\n    x\n}\n",
            ".map(|x| x + 1)\n        .collect::<Vec<_>>();",
        ),
        (
            "c",
            "int f(void) {\n    ‸\n}\n",
            "if (a)\n        goto out;\n    b();\nout:\n    c();\n    return 0;\n}\n",
            "if (a)\n        goto out;\n    b();\nout:\n    c();\n    return 0;",
        ),
        (
            "c",
            "int f(void) {\n    ‸\n}\n",
            "#ifdef A\n    b();\n#endif\n    return 0;\n}\n",
            "#ifdef A\n    b();\n#endif\n    return 0;",
        ),
        ("c", "typedef struct {\n    int a;\n‸\n", "    int b;\n} foo_t;\n\nint x;\n", "    int b;\n} foo_t;"),
        ("cpp", "A::A(int x)\n    : x_(x),\n      ‸\n", "y_(0) {\n  f();\n}\n\nint A::x() {", "y_(0) {\n  f();\n}"),
        (
            "csharp",
            "class A\n{\n    void F()\n    ‸\n}\n",
            "{\n        B();\n    }\n\n    void G()\n    {\n    }\n}\n",
            "{\n        B();\n    }",
        ),
        (
            "csharp",
            "var s = x switch\n{\n    1 => a,\n    ‸\n};\n",
            "2 => b,\n    _ => throw new E(),\n};\n",
            "2 => b,\n    _ => throw new E(),",
        ),
        (
            "php",
            "<?php\n$x = [\n    'a' => 1,\n    ‸\n];\n",
            "'b' => [\n        'c' => 2,\n    ],\n];\n",
            "'b' => [\n        'c' => 2,\n    ],",
        ),
        (
            "php",
            "<?php\n$s = <<<SQL\n    SELECT *\n    ‸\nSQL;\n",
            "FROM a (b)\n    WHERE c = 1\nSQL;\n$d = 1;\n",
            "FROM a (b)\n    WHERE c = 1",
        ),
        ("ruby", "if a\n  b\n‸\nend\n", "elsif c\n  d\nelse\n  e\nend\n", "elsif c\n  d\nelse\n  e"),
        ("ruby", "if a\n  b\n‸\n", "elsif c\n  d\nend\nputs 1\n", "elsif c\n  d\nend"),
        (
            "ruby",
            "def f\n  ‸\nend\n",
            "x = if a\n        1\n      else\n        2\n      end\n  x\nend\n",
            "x = if a\n        1\n      else\n        2\n      end\n  x",
        ),
        (
            "ruby",
            "class A\n  ‸\nend\n",
            "def f\n    1\n  end\n\n  def g\n    2\n  end\nend\n",
            "def f\n    1\n  end\n\n  def g\n    2\n  end",
        ),
        (
            "shellscript",
            'case "$1" in\n    ‸\nesac\n',
            "a)\n        b\n        ;;\n    *)\n        c\n        ;;\nesac\n",
            "a)\n        b\n        ;;\n    *)\n        c\n        ;;",
        ),
        ("shellscript", "cat <<EOF\n‸\nEOF\n", "a (b\n  c\nEOF\necho d\n", "a (b\n  c"),
        ("shellscript", "while read -r a; do\n    ‸\n", 'echo "$a"\ndone < "$1"\n\necho b\n', 'echo "$a"\ndone < "$1"'),
        ("lua", "f(function()\n  ‸\nend)\n", "g()\nend)\nh()\n", "g()"),
        ("lua", "f(function()‸\n", "\n  g()\nend)\nh()\n", "\n  g()\nend)"),
        (
            "lua",
            "for i = 1, #t do\n  ‸\nend\n",
            "print(t[i]) -- it's (\n  x = #t\nend\n",
            "print(t[i]) -- it's (\n  x = #t",
        ),
        ("kotlin", "list.map { y ->‸\n}\n", "\n    y + 1\n}\nval z = 1\n", "\n    y + 1"),
        (
            "kotlin",
            "class A(\n    val a: Int,\n    ‸\n)\n",
            "val b: String? = null,\n)\n\nfun f",
            "val b: String? = null,",
        ),
        ("markdown", "Items:\n‸\n", "- a\n- b\n\nMore.\n", "- a\n- b"),
        ("markdown", "It's (not\n‸\n", "so bad) as they don't say\n", "so bad) as they don't say"),
        (
            "json",
            '{\n  "a": 1,\n  ‸\n}\n',
            '"b": [1, 2],\n  "c": {\n    "d": null\n  }\n}\n',
            '"b": [1, 2],\n  "c": {\n    "d": null\n  }',
        ),
        ("yaml", "a:\n  ‸\n", "b: 1\n  c:\n    - d\ne: 2\n", "b: 1\n  c:\n    - d"),
        ("makefile", "all:\n\t‸\n", "gcc a.c\n\nclean:\n\trm a\n", "gcc a.c"),
    ],
)
def test_a_block_ends_where_a_reader_would_end_it(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        # What closes one block, and what closes the next.
        ("javascript", "{\n  {\n    a();\n  ‸\n}\n", "}\n", "}"),
        ("javascript", "{\n  {\n    a();\n  ‸\n  }\n}\n", "}\n", FOLLOWS),
        ("lua", "do\n  if a then\n    b()\n  ‸\nend\n", "end\n", "end"),
        (
            "typescript",
            "{\n  ‸\n}\n",
            "if (a) {\n    if (b) {\n      c();\n    }\n  }\n}\n",
            "if (a) {\n    if (b) {\n      c();\n    }\n  }",
        ),
        # A line further in is another one, if it says little or closes something.
        ("python", "def f():\n    ‸\n    pass\n", "if a:\n        pass\n    pass\n", "if a:\n        pass"),
        (
            "typescript",
            "{\n  if (x) {\n    ‸\n  } else {\n    c();\n  }\n}\n",
            "if (a) {\n      b();\n    } else {\n      d();\n    }\n",
            "if (a) {\n      b();\n    } else {\n      d();\n    }",
        ),
        (
            "typescriptreact",
            "const a = (\n  <p>\n    ‸\n  </p>\n);\n",
            "<b>\n      <p>\n        c\n      </p>\n    </b>\n  </p>\n",
            "<b>\n      <p>\n        c\n      </p>\n    </b>",
        ),
        # A text that meets what follows in its middle.
        ("python", "a = 10\n‸\nc = 30\nd = 40\n", "b = 20\nc = 30\nd = 40\ne = 50\n", "b = 20"),
        ("go", "package a\n\nfunc f() {\n\t‸\n\treturn\n}\n", "a()\n\treturn\n}\n\nfunc g() {\n", "a()"),
        # A comment that is not closed would take in what follows.
        ("typescript", "a();\n‸\nb();\n/* c */\n", "/* d\n", Reason.SYNTAX_ERROR),
    ],
)
def test_what_closes_a_block_is_told_from_what_follows(
    language: str, marked: str, raw: str, expected: str | Reason
) -> None:
    check(language, marked, raw, expected)
