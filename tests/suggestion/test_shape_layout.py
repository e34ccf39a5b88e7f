"""Where the lines of a suggestion begin: the step of the document, and how far in they have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.suggestion.shaping import check

if TYPE_CHECKING:
    from lsp_server.core import Reason


@pytest.mark.parametrize(
    ("language", "marked", "raw", "expected"),
    [
        # The step of the lines around the cursor, and not that of what is aligned.
        (
            "cpp",
            "int f() {\n  return g(a,\n           b);\n}\n\nint h() {‸\n}\n",
            "\n  return 1;\n}\n",
            "\n  return 1;",
        ),
        (
            "java",
            "class A {\n  int f() {\n    return a\n        .b()\n        .c();\n  }\n  ‸\n}\n",
            "int g() {\n    return 1;\n  }\n}\n",
            "int g() {\n    return 1;\n  }",
        ),
        (
            "go",
            "package a\n\nfunc f() {\n\t‸\n}\n\nvar s = `\n    a\n    b\n    c\n`\n",
            "if b {\n\t\tc()\n\t}\n}\n",
            "if b {\n\t\tc()\n\t}",
        ),
        ("typescript", "const a = {\n\t‸\n};\n", "b: 1,\n\tc: 2,\n};\n", "b: 1,\n\tc: 2,"),
        (
            "rust",
            "fn f(\n    a: u8,\n) -> A {‸\n}\n",
            "\n    A {\n        a,\n        b,\n    }\n}\n",
            "\n    A {\n        a,\n        b,\n    }",
        ),
        # Comments say nothing of how far in the next line is.
        (
            "python",
            "def f():‸\n",
            "\n    # One, two,\n    # three,\n    a = 1\n    if a:\n        # Why?\n        b()\n",
            "\n    # One, two,\n    # three,\n    a = 1\n    if a:\n        # Why?\n        b()",
        ),
        (
            "python",
            "class A(B):‸\n",
            '\n    def f(self):\n        ...\n\n    def g(self):\n        """C."""\n',
            '\n    def f(self):\n        ...\n\n    def g(self):\n        """C."""',
        ),
        ("c", "struct a {\n‸\n};\n", "#if B\n    int c;\n#endif\n", "#if B\n    int c;\n#endif"),
        ("cpp", "namespace a {\n‸\n}\n", "int f();\n}\n", "int f();"),
        ("java", "/**\n * class A {\n ‸\n */\n", "*   int b;\n * }\n", "*   int b;\n * }"),
        # Some models count from the cursor.
        ("typescript", "{\n    a();\n    ‸\n}\n", "if (b) {\n    c();\n}\n", "if (b) {\n        c();\n    }"),
        ("python", "def f():\n    a = ‸\n", "[\n    1,\n]\n", "[\n        1,\n    ]"),
        # A head of several lines begins further up.
        (
            "java",
            "class A {\n    int f(\n            int a) {‸\n    }\n}\n",
            "\n        return a;\n    }\n",
            "\n        return a;",
        ),
        (
            "java",
            "class A {\n  int f()\n      throws B {\n    ‸\n  }\n}\n",
            "g();\n    return 1;\n  }\n",
            "g();\n    return 1;",
        ),
    ],
)
def test_the_indentation_is_right(language: str, marked: str, raw: str, expected: str | Reason) -> None:
    check(language, marked, raw, expected)
