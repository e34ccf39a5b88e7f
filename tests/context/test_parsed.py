"""A document's text as its grammar reads it: errors, strings and comments, brackets, and how it follows edits."""

from __future__ import annotations

import gc
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsp_server
from lsp_server.context.grammars import GRAMMARS, grammar_of
from lsp_server.context.syntax import document, parser
from lsp_server.context.syntax.document import Parsed, parsed
from tests.context.chosen import WORKSPACE

# For each grammar texts that parse, with « and » around what is no code: strings with and without code in them, over
# several lines, and raw ones, characters, regular expressions, comments.
SOUND = (
    (".py", """a = «f"漢😀(»{x«:»{w(y)}«>»{z}}«({{"» «# it's (»\nb = «r'''(\n{'''», «b'('», «"("» «'['», x[(1)]\n"""),
    (".py", """f(«"("»«'('»)\n«"("»«'a'»«# (»\n"""),
    (".ts", """let a = «`漢😀(»${x[«`(»${y}«`»]}«(\n`», b = «"(\\"("» + «'('»; «// it's (»\n«/* (\n */»\n"""),
    (".ts", """type A = «`(»${B}«(`»; let r = x.split(«/[(/]{2}/g»)[0]; «<!-- (»\n"""),
    (".tsx", """let a = <p b=«"漢😀("» c={«`(»${d}«`»}>«it's (\n  »{e(f)}« »</p>; «// (»\nlet r = «/[(]/»;\n"""),
    (".tsx", """«/* (\n */»\nlet a = f<T>(«"("», «'('»);\n"""),
    (".js", """«#!/usr/bin/node (»\nlet a = «`漢😀(»${x}«(\n`», b = «"("» + «'('»; «// (»\n«/* (\n */»\n"""),
    (".js", """let r = «/[/(]\\/(/», a = <p b=«'('»>«(»{c}</p>;\n"""),
    (".go", """package a\n«// it's (»\nvar x = «"漢😀(\\"("» + «`(\n`» + string(«'('»)\n«/* (\n*/»\n"""),
    (".java", """class A { String a = «"漢😀(\\"("», b = «\"""\n ("\n\"""»; char c = «'('»; «// it's (»\n }\n"""),
    (".java", """«/** (\n */»\nclass A { String a = STR.«"(»\\{x + «"("»}«("»; }\n"""),
    (".rs", """«/// it's (»\nfn f<'a>() { g(«"漢😀(\\"(\n"», «r#"("#», «'('», «b'\\''», «b"("»); h![«'('»] }\n"""),
    (".rs", """«#!/bin/x (»\n«//! (»\n«/* ( /* ( */\n ( */»\nfn f() {} «// (»\n"""),
    (".c", """#include «<(>»\n«/* (\n */»\nchar *a = «L"漢😀(\\"("» «"("»; char b = «'('»; «// it's ( \\\n ( »\n"""),
    (".c", """#define OPEN(x) f((x), «'('», «"(\\"("») «// (»\n#if defined(X)\n#endif\nint x[1];\n"""),
    (".cpp", """auto a = «R"x(("漢😀(\n)x"» + «u8"("»s; char b = «'('»; «// (»\n«/* (\n */»\n"""),
    (".cpp", """struct A { [[a]] int operator[](int); int operator()(); };\n#define B(x) (R«"((()"»)\n"""),
    (".cs", """class A { string a = «"漢😀(\\"("», b = «@"(\n""("», c = «\"""\n("(\n\"""»; «// it's (»\n }\n"""),
    (".cs", """#region «it's (»\nclass A { string a = «$"(»{x[0]«:0(»}«({{"», b = «$@"(»{x}«("»; }\n"""),
    (".cs", """class A { string a = «$$\"""(»{{x}}«{(\"""»; char b = «'('»; «/* (\n */» }\n"""),
    (".php", """«<p>漢😀(»<?php $a = «'('» . «"(»$x«(»{$y[«'('»]}«(»$z[0]«(\\{"»; «// it's (»\n«# (»\n«/* (\n */»\n"""),
    (".php", """<?php\n$a = «<<<A\n(»{$x}«\n( »$y«\nA»;\n$b = «<<<'A'\n(\nA»;\n"""),
    (".php", """<?php\n#[A(1)]\nfunction f() { g(«`(»$x«`»); } ?>\n«(\n»"""),
    (".rb", """a = «"漢😀(»#{x[«"("»]}«(\n"», «'('», «/(»#{x}«\\(/», «?(», «:"(»#{x}«("» «# it's (»\n"""),
    (".rb", """a = f(<<~A, 1)«\n  ( »#{x}«\nA»\nb = «%w(a (b))», [«%q{({})}», «`ls ( »#{x}«`»]\n"""),
    (".rb", """def [](i); end\n«=begin\n(\n=end»\n__END__«\n(\n»"""),
    (".sh", """a=«"漢😀( »${x} $(f «"("»)« (\n"» b=«'('» c=«$'\\'('» «# it's (»\nd=(1 2); f() { g; }\n"""),
    (".sh", """cat <<A\n«( »${x}« »$(f)«\n»A\n$((1 + (2)))\n"""),
    (".sh", """[[ $x =~ «^\\(a$» ]]; case $x in a«)» b;; «(»c«)» d;; esac; echo ${x//«\\(»/}\n"""),
)
# Texts that do not parse, in how many places, and what is still known of them.
BROKEN = (
    (".py", "def f(:\n    return g([1)\n«# (»\n", 2),
    (".py", "x = g(«'('», [«\"{\"»\n", 1),
    # A missing token within an error counts, another error does not.
    (".py", "\n,:", 2),
    (".ts", "(}`", 1),
    (".ts", "(;`", 2),
    (".ts", "let a = f(«'('», {\n«// (»\n", 1),
    (".go", 'package a\nfunc f() {\n\tg(«"("», [\n«// (»\n}\n', 1),
    (".java", 'class A { void f() { g(«"("»; «// (»\n } }\n', 1),
    (".rs", 'fn f() { g(«"("»; «// (»\n', 1),
    (".c", 'int f() { g(«"("»; «// (»\n}\n', 1),
    (".rb", "def f\n  g(«'('»\n", 1),
)
MARKS = re.compile("[«»]")
BRACKETS = "()[]{}"
# Bits of code, whole and broken, of several languages, for edits.
BITS = (
    *"()[]{}\"'`\n\r\t;x\\\0é漢😀\ud800",
    *("e\u0301", "\r\n", '"""', "# c\n", "// c\n", "/*", "*/", "${", "#{", "x = f(1)\n", "if (a) {\n", "}\n", "end\n"),
)


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its marks, and the ranges that they were around; those that touched are one."""
    places = [match.start() - number for number, match in enumerate(MARKS.finditer(marked.replace("»«", "")))]
    return MARKS.sub("", marked), list(zip(places[::2], places[1::2], strict=True))


def check(suffix: str, marked: str, errors: int) -> None:
    text, opaque = unmarked(marked)
    found = parsed(text, suffix)
    assert found is not None
    assert (found.text, found.errors) == (text, errors)
    assert found.opaque(0, len(text)) == opaque
    hidden = {offset for start, end in opaque for offset in range(start, end)}
    assert found.brackets(0, len(text)) == [
        (offset, character) for offset, character in enumerate(text) if character in BRACKETS and offset not in hidden
    ]


def seen(found: Parsed | None) -> tuple[str, int, list[tuple[int, int]], list[tuple[int, str]]]:
    """Return all that there is to know of a text."""
    assert found is not None
    whole = (0, len(found.text))
    return found.text, found.errors, found.opaque(*whole), found.brackets(*whole)


def read(text: str, suffix: str) -> Parsed:
    found = parsed(text, suffix)
    assert found is not None
    return found


def sources() -> list[tuple[str, str]]:
    """Return real texts that parse, each with its suffix."""
    files = [*WORKSPACE.rglob("*.*"), *(Path(lsp_server.__file__).parent / "context").rglob("*.py")]
    texts = [(path.suffix, path.read_text(encoding="utf-8")) for path in sorted(files) if grammar_of(path.name)]
    return texts + [(suffix, unmarked(marked)[0] * 3) for suffix, marked in SOUND]


# The grammar of Bash reads some texts in one way or another, depending on what it goes on from.
UNSURE = {".sh"}
SOURCES = [(suffix, text) for suffix, text in sources() if not read(text, suffix).errors]
SURE = [source for source in SOURCES if source[0] not in UNSURE]


# --- what is told of a text --------------------------------------------------------------------------


def test_every_grammar_has_a_sample() -> None:
    assert {grammar_of(suffix) for suffix, _ in SOUND} == set(GRAMMARS)


@pytest.mark.parametrize(("suffix", "marked"), SOUND)
def test_strings_comments_and_brackets(suffix: str, marked: str) -> None:
    check(suffix, marked, 0)


@pytest.mark.parametrize(("suffix", "marked", "errors"), BROKEN)
def test_broken_texts(suffix: str, marked: str, errors: int) -> None:
    check(suffix, marked, errors)


@pytest.mark.parametrize(("suffix", "marked"), SOUND)
def test_a_part_of_a_text_is_told_as_it_is_in_the_whole(suffix: str, marked: str) -> None:
    text, opaque = unmarked(marked)
    found = read(text, suffix)
    brackets = found.brackets(0, len(text))
    for start in range(len(text) + 1):
        for end in range(start, min(start + 6, len(text)) + 1):
            assert found.opaque(start, end) == [span for span in opaque if span[0] < end and start < span[1]]
            assert found.brackets(start, end) == [bracket for bracket in brackets if start <= bracket[0] < end]


def test_escaped_brackets_of_a_shell_are_none() -> None:
    assert read("echo \\( a\\)b (\n", ".sh").brackets(0, 14) == [(13, "(")]


@pytest.mark.parametrize("suffix", [grammar.suffixes[0] for grammar in GRAMMARS])
def test_an_empty_text(suffix: str) -> None:
    empty = read("", suffix)
    assert seen(empty) == ("", 0, [], [])
    assert empty.opaque(0, 0) == []
    assert seen(empty.inserted(0, "(")) == seen(parsed("(", suffix))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    text = f'let a = "(";{end}let b = `({end}`;{end}let c = [1];{end}'
    found = read(text, ".ts")
    assert [text[start:stop] for start, stop in found.opaque(0, len(text))] == ['"("', f"`({end}`"]
    assert found.errors == 0
    changed = found.inserted(text.index("1"), f"2,{end}")
    assert seen(changed) == seen(parsed(text.replace("1", f"2,{end}1"), ".ts"))


def test_lone_surrogates_are_one_character_each() -> None:
    text = '"\ud83d\ude00(" "\udfff" (\ud800) é ['
    assert read(text, ".py").opaque(0, len(text)) == [(0, 5), (6, 9)]
    assert [offset for offset, _ in read(text, ".py").brackets(0, len(text))] == [10, 12, 16]


# --- where there is nothing to tell ------------------------------------------------------------------


def test_a_language_without_a_grammar() -> None:
    assert parsed("a", ".txt") is None


def test_a_text_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LONGEST_PARSED", 5)
    assert parsed("x = 10", ".py") is None
    found = read("x = 1", ".py")
    assert found.inserted(5, "0") is None
    assert found.changed("x = 10") is None
    assert found.changed("x = 2") is not None


def test_a_text_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x = 1\n" * 20_000
    found = read("", ".py")
    monkeypatch.setattr(document, "SOON", -1.0)
    assert parsed(text, ".py") is None
    assert found.inserted(0, text) is None
    assert found.changed(text) is None


def test_a_text_of_nothing_but_brackets_is_told_at_once() -> None:
    # A query ties up the process for a minute here.
    text = "{(\n" * 100_000 + "'('"
    found = read(text[:-1], ".c").inserted(len(text) - 1, "'")
    assert found is not None
    start = perf_counter()
    assert found.opaque(len(text) - 10, len(text)) == [(len(text) - 3, len(text))]
    assert found.brackets(len(text) - 6, len(text)) == [(len(text) - 6, "{"), (len(text) - 5, "(")]
    assert perf_counter() - start < 10


def test_too_much_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read("f('(')", ".py")
    monkeypatch.setattr(document, "SOON", -1.0)
    assert found.opaque(0, 6) == []
    assert [offset for offset, _ in found.brackets(0, 6)] == [1, 3, 5]


# --- edits -------------------------------------------------------------------------------------------


def check_edit(found: Parsed, suffix: str, text: str, edited: Parsed | None) -> None:
    """Fail where an edited text is not what a fresh look at it gives.

    A parser that goes on from another tree may recover from errors in another way than one that begins anew, so for
    texts with errors all that is held is that both find some.
    """
    assert edited is not None
    fresh = read(text, suffix)
    assert edited.text == text
    assert (edited.errors == 0) == (fresh.errors == 0)
    if fresh.errors == 0:
        assert seen(edited) == seen(fresh)
    assert seen(found) == seen(parsed(found.text, suffix))


@settings(max_examples=200)
@given(st.sampled_from(SURE), st.lists(st.tuples(st.floats(0, 1), st.sampled_from(BITS)), min_size=1, max_size=4))
def test_insertions_are_told_as_by_a_fresh_look(source: tuple[str, str], edits: list[tuple[float, str]]) -> None:
    suffix, text = source
    found = read(text, suffix)
    for place, bit in edits:
        offset = round(place * len(text))
        after = text[:offset] + bit + text[offset:]
        edited = found.inserted(offset, bit)
        check_edit(read(text, suffix), suffix, after, edited)
        assert edited is not None
        found, text = edited, after


@settings(max_examples=200)
@given(
    st.sampled_from(SURE),
    st.floats(0, 1),
    st.integers(0, 300),
    st.lists(st.sampled_from(BITS), max_size=3),
    st.sampled_from(SURE),
)
def test_changes_are_told_as_by_a_fresh_look(
    source: tuple[str, str], place: float, removed: int, bits: list[str], other: tuple[str, str]
) -> None:
    suffix, text = source
    start = round(place * len(text))
    for new in ("".join(bits), other[1][:200]):
        after = text[:start] + new + text[start + removed :]
        found = read(text, suffix)
        check_edit(found, suffix, after, found.changed(after))


@pytest.mark.parametrize(("suffix", "text"), SOURCES)
def test_a_line_taken_out_and_put_back_leaves_no_trace(suffix: str, text: str) -> None:
    whole = read(text, suffix)
    lines = text.splitlines(keepends=True)
    for number in range(0, len(lines), 7):
        start = len("".join(lines[:number]))
        without = whole.changed(text[:start] + text[start + len(lines[number]) :])
        assert without is not None
        assert seen(without.inserted(start, lines[number])) == seen(whole)


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_what_differs_is_found_in_repetitive_texts_too(old: str, new: str) -> None:
    same = document._alike(min(len(old), len(new)), lambda start, end: old[start:end] == new[start:end])
    assert old[:same] == new[:same]
    assert old == new or old[same : same + 1] != new[same : same + 1]
    assert seen(read(f"({old})", ".py").changed(f"({new})")) == seen(parsed(f"({new})", ".py"))


def test_rows_and_columns_are_those_of_the_parser() -> None:
    source = "é(\r\n\ré".encode()
    assert [document._point(source, byte) for byte in (0, 2, 3, 4, 5, 6, 8)] == [
        *((0, 0), (0, 2), (0, 3), (0, 4), (1, 0), (1, 1), (1, 3)),
    ]
    assert read(source.decode(), ".py")._tree.root_node.end_point == document._point(source, len(source))


def test_an_edit_is_less_work_than_a_fresh_look(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ("def f(a):\n" + "    b = [(a, 1), {a: 2}, f(a)]\n" * 20) * 30
    looks = 0

    def count() -> float:
        nonlocal looks
        looks += 1
        return 0.0

    # The parser looks at the clock every so many steps.
    for module in (parser, document):
        monkeypatch.setattr(module, "thread_time", count)
    found = read(text, ".py")
    whole, looks = looks, 0
    assert found.inserted(len(text), "a = 1\n") is not None
    assert found.changed(text.replace("2", "3", 1)) is not None
    assert looks < whole / 4


def test_no_change_is_no_work() -> None:
    found = read("x = 1\n", ".py")
    assert found.changed("x = 1\n") is found


def test_threads_may_edit_one_text() -> None:
    found = read("def f(a):\n    return (a)\n" * 200, ".py")
    bits = ["(", "x = 1\n", '"', "# (\n"] * 16
    expected = [seen(found.inserted(10, bit)) for bit in bits]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda bit: seen(found.inserted(10, bit)), bits)) == expected


def test_edits_leave_nothing_in_memory() -> None:
    found = read("def f(a):\n    return (a)\n" * 200, ".py")

    def edit() -> int:
        for number in range(300):
            edited = found.inserted(number, "(")
            assert edited is not None
            assert edited.errors
        # What Python keeps for objects to come is given back, too.
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = edit()
        # A chunk of the text that is not given back is 5 kB each time, and an empty one 60 bytes.
        assert edit() - before < 300 * 20
    finally:
        tracemalloc.stop()
