"""What holds for the outline of any text: broken and odd ones, and those of languages without a grammar."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.context.grammars import GRAMMARS
from lsp_server.context.outline import How, Kind, Outline, outline
from lsp_server.context.syntax import captures
from tests.context.outlined import check, table

# One for each grammar.
SUFFIXES = tuple(grammar.suffixes[0] for grammar in GRAMMARS)
# Pieces of source code, whole and broken, of several languages.
PIECES = (
    "class A:\n",
    "class A(B):\n    def m(self):\n        self.x = 1\n",
    "def f(a,\n      b):\n    return a\n",
    "@lead\n",
    "x = [\n    1,\n]\n",
    "export const x = () => {\n};\n",
    "struct S { int a; };\n",
    "typedef struct { int a; } t;\n",
    "fn f() {}\nimpl A for S { fn g(&self) {} }\n",
    "func (s *S) M() {}\n",
    "module M\n  def m\n  end\nend\n",
    "use a::{b, c};\n",
    "import a.b\n",
    "/** Says. */\n",
    "# Says.\n",
    "{\n",
    "}\n",
    "(",
    ")",
    '"',
    "é\u2028\x00\r\ud800",
    "\n",
)


def test_a_language_without_a_grammar() -> None:
    assert outline("class A: pass\n", ".txt") == Outline(How.LINES)
    assert outline("all:\n", "Makefile") == Outline(How.LINES)


def test_imports_of_an_init_file_are_exports() -> None:
    source = "from .shop import Order\nfrom . import *\n"
    assert not any(statement.is_export for statement in outline(source, ".py").imports)
    assert table(outline(source, "__init__.py")) == "0 import .shop: Order as export\n1 import .: * as export"


def test_definitions_whose_signature_does_not_parse_are_left_out() -> None:
    check(
        ".py",
        """
        LIMIT = 1
        class Shop:
            def broken(self, = 1):
                pass
            def whole(self):
                self.orders = 1
                sell(
            def next(self): ...
        def last(): ...
        """,
        """
        0-1-1 value LIMIT
        1-2-8 type Shop
          4-5-7 method Shop.whole
          5-6-6 value Shop.orders
          7-8-8 method Shop.next
        8-9-9 function last
        """,
        How.ERRORS,
    )


def test_what_a_broken_class_held() -> None:
    found = outline("class Shop(\n    def sell(self):\n        local = 1\n    limit = 3\nTOP = 1\n", ".py")
    assert found.how is How.ERRORS
    assert "Shop" not in {this.name for this in found.definitions}
    assert "local" not in {this.name for this in found.definitions}


def test_a_file_that_does_not_parse_as_a_whole_keeps_what_stands_at_the_margin() -> None:
    check(
        ".ts",
        """
        const limit = 1;
        export const api = {
          get() {},
        };
        if (x {{{
          const local = 1;
        function sell() {}
        """,
        """
        0-1-1 value limit
        1-2-4 value api
          2-3-3 method api.get
        6-7-7 function sell
        """,
        How.ERRORS,
    )


def test_locals_are_no_definitions() -> None:
    check(
        ".ts",
        """
        export function whole() {
          class Local { field = 1; method() {} }
          const inner = () => { function deep() {} };
        }
        describe("it", () => {
          class Local {}
          interface Shape { size: number }
        });
        """,
        "0-1-4 function whole",
    )


def test_overloads_are_kept_and_a_value_is_told_once() -> None:
    check(
        ".py",
        """
        @overload
        def pick(a: int) -> int: ...
        @overload
        def pick(a: str) -> str: ...
        def pick(a): return a
        limit = 1
        limit = 2
        """,
        """
        0-2-2 function pick
        2-4-4 function pick
        4-5-5 function pick
        5-6-6 value limit
        """,
    )


def test_decorators_belong_to_what_follows_them_directly() -> None:
    check(
        ".ts",
        """
        @A() class One {
          x = 1;
          @Input()
          // Why it is one.
          @Other()
          y = 2;
        }
        """,
        """
        0-1-7 type One
          1-2-2 value One.x
          2-6-6 value One.y
        """,
    )


def test_a_method_whose_type_is_defined_below_or_elsewhere_has_an_owner_and_no_parent() -> None:
    check(
        ".go",
        """
        package a
        func (o Order) Sum() int { return 0 }
        type Order struct{}
        var _ Summed = Order{}
        """,
        """
        package a
        1-2-2 method Order.Sum
        2-3-3 type Order
        """,
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "\ud800 def \udfff",
        "\ufeffimport a\n",
        "(" * 5_000,
        "{" * 5_000 + "}" * 5_000,
        "class A { " * 2_000,
        "a." * 1_000,
        "\n" * 100_000,
        "def f(a):\r\n    return a\r\n",
        "x" * 1_000_000,
    ],
    ids=["empty", "nul", "surrogates", "bom", "open", "nested", "classes", "chain", "lines", "crlf", "long"],
)
def test_odd_texts(text: str, suffix: str) -> None:
    check_ranges(text, suffix)


def test_a_text_that_takes_too_long_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "LONGEST", -1.0)
    text = "def f(): ...\n" * 20_000
    assert outline(text, ".py") == Outline(How.ERRORS)
    assert captures.borders(text, ".py") == list(range(20_001))


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(PIECES), max_size=12).map("".join), suffix=st.sampled_from(SUFFIXES))
def test_ranges_of_code(text: str, suffix: str) -> None:
    check_ranges(text, suffix)


@settings(deadline=None)
@given(text=st.text(max_size=60), suffix=st.sampled_from(SUFFIXES))
def test_ranges_of_any_text(text: str, suffix: str) -> None:
    check_ranges(text, suffix)


def check_ranges(text: str, suffix: str) -> None:
    found = outline(text, suffix)
    assert found == outline(text, suffix)
    last = text.count("\n") + 1
    for index, this in enumerate(found.definitions):
        assert 0 <= this.start < this.header <= this.end <= last
        assert -1 <= this.parent < index
        assert this.name
        assert this.owner or this.kind is not Kind.METHOD
    assert all(0 <= statement.line < last and statement.module for statement in found.imports)
