"""The page: what stands on it, and that nothing on it is more than text."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.evaluation import page_cases
from lsp_server.evaluation.markup import element, joined
from lsp_server.evaluation.page import html
from lsp_server.evaluation.page_pictures import _steps
from lsp_server.evaluation.summarize import summarize
from tests.evaluation import made
from tests.evaluation.made import CONDITIONS, published, record, task

if TYPE_CHECKING:
    from lsp_server.evaluation.task import Record

HOSTILE = "</pre></style><script>alert('\"')</script><img src=x onerror=alert(1)> & &lt; `${x}` <!-- ]]>"
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "section", "article", "div", "details", "summary"),
    *("h1", "h2", "h3", "h4", "p", "pre", "a", "b", "i", "span", "del", "ins", "dl", "dt", "dd"),
    *("table", "caption", "tr", "th", "td", "svg", "g", "rect", "path", "circle", "text"),
}


class Page(HTMLParser):
    """A page as a browser reads it: its elements and attributes, its text, and those of its elements by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.texts)

    def of(self, name: str) -> list[str]:
        return [text for tag, text in self.texts if tag == name]

    def count(self, name: str, class_: str) -> int:
        return sum(tag == name and class_ in (attributes.get("class") or "").split() for tag, attributes in self.found)


def page_of_two_arms() -> Page:
    tasks, records = made.two_arms()
    return Page(html(made.summary(), tasks, records))


def test_figures_conditions_pictures_and_cases() -> None:
    page = page_of_two_arms()
    assert page.of("h1") == ["Made holes"]
    assert page.of("h2") == [
        "Measured here: exact match, in per cent",
        "What sets the others apart from product",
        "How long it took",
        "All figures",
        "All differences from product, in points",
        "Beside published figures",
        "The worst cases of product",
    ]
    assert [text for text in page.of("b") if "%" in text] == ["75.0 %", "0.0 %"]
    text = page.text
    conditions = (
        "8 holes of a test",
        "tiny (12.3 million parameters), tiny.gguf",
        "seed 7",
        "2048 tokens",
        "1.2.3",
        "2 cores",
    )
    assert all(said in text for said in conditions)
    assert all(said in text for said in ("Larger", "published: Table 7", "measured here, 4 holes"))
    assert [tag for tag, _ in page.found].count("svg") == 4
    # Five parts by two arms.
    assert (page.count("rect", "arm0"), page.count("rect", "arm1")) == (5, 5)
    assert page.of("h3") == ["f6", "f7"]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = page_of_two_arms()
    assert {tag for tag, _ in page.found} <= ELEMENTS
    assert not [attributes for _, attributes in page.found if {"src", "srcset", "xlink:href"} & set(attributes)]
    assert [attributes["href"] for tag, attributes in page.found if "href" in attributes] == [made.REPORT.address]
    assert not any(word in text for text in page.of("style") for word in ("url(", "@import", "@font-face"))
    [policy] = [one["content"] for _, one in page.found if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_hostile_text_stays_text() -> None:
    """Wherever text can come from: holes, answers, reasons, names, conditions, published figures."""
    bad = replace(task(HOSTILE, HOSTILE, HOSTILE), before=HOSTILE, after=HOSTILE, truth=HOSTILE)
    bad = replace(bad, path=HOSTILE, repository=HOSTILE)
    silent = replace(bad, id=f"{HOSTILE} 2", kind="line")
    records = [
        replace(record(bad.id, arm, text=f"{HOSTILE} no", exact_match=0.0), raw=HOSTILE, scores={HOSTILE: 0.0})
        for arm in ("product", HOSTILE)
    ]
    records.append(replace(record(silent.id, text="", exact_match=0.0), reason=HOSTILE))
    conditions = replace(CONDITIONS, title=HOSTILE, data=HOSTILE, model=HOSTILE, file=HOSTILE, limits=HOSTILE)
    conditions = replace(conditions, machine=HOSTILE, version=HOSTILE)
    beside = [replace(published(model=HOSTILE), note=HOSTILE)]
    page = Page(html(summarize(conditions, [bad, silent], records, beside), [bad, silent], records))
    assert {tag for tag, _ in page.found} <= ELEMENTS
    assert not [name for _, attributes in page.found for name in attributes if name.startswith("on")]
    assert page.of("h1") == [HOSTILE]
    assert page.text.count("alert(1)") > 20


@given(st.text(), st.text())
def test_an_element_gives_back_its_text_and_attributes(text: str, value: str) -> None:
    """But for characters that show nothing: those are named, and named once."""
    shown, title = (Page(joined(given)).text for given in (text, value))
    page = Page(element("p", text, element("b", text), title=value))
    assert page.text == shown * 2
    assert page.found == [("p", {"title": title}), ("b", {})]
    assert shown == text or "[U+" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x1b[31m", "a[U+0000]b[U+001B][31m"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}x", "[U+202E]x"),
        ("\ud800", "[U+D800]"),
        ("a\tb\nc", "a\tb\nc"),
        ("größer \N{SNOWMAN}", "größer \N{SNOWMAN}"),
        ("<a & b>", "&lt;a &amp; b&gt;"),
    ],
)
def test_what_a_browser_does_not_show_is_named(text: str, shown: str) -> None:
    assert joined(text) == shown
    assert element("p", text).encode() == f"<p>{shown}</p>".encode()


def test_nothing_measured() -> None:
    page = Page(html(summarize(CONDITIONS, [], []), [], []))
    assert "Nothing has been measured." in page.text
    assert "8 holes of a test" in page.text


@pytest.mark.parametrize(
    "one",
    [
        record("a", exact_match=0.0),
        record("a", exact_match=1.0, milliseconds=0.0),
        record("a", text="", exact_match=0.0),
        record("a", milliseconds=1e6),
        record("a", passed=1.0),
    ],
)
def test_one_hole(one: Record) -> None:
    page = Page(html(summarize(CONDITIONS, [task("a")], [one]), [task("a")], [one]))
    assert "1 hole;" in page.text


def test_needles_are_a_map() -> None:
    kinds = [f"{length:05} tokens, depth {depth:03} %" for length in (512, 16384) for depth in (0, 100)]
    tasks = [task(kind, kind) for kind in kinds]
    records = [record(kind, "bare", exact_match=float(at > 0)) for at, kind in enumerate(kinds)]
    conditions = replace(CONDITIONS, name="needle", kinds=())
    page = Page(html(summarize(conditions, tasks, records), tasks, records))
    start = page.of("th").index("512")
    assert page.of("th")[start : start + 4] == ["512", "16384", "0 %", "100 %"]
    assert page.of("td")[:4] == ["0", "100", "100", "100"]
    assert page.of("caption") == ["bare: exact match in per cent, by tokens of the prompt"]


# --- the worst cases ---------------------------------------------------------------------------------


def test_the_least_like_come_first_and_silent_ones_last() -> None:
    tasks = [task(name) for name in "abcde"]
    tasks[4] = replace(tasks[4], truth="a")
    records = [
        record("a", text="a + c", exact_match=0.0, edit_similarity=0.8),
        record("b", exact_match=1.0, edit_similarity=1.0),
        record("c", text="", exact_match=0.0),
        record("d", text="other", exact_match=0.0, edit_similarity=0.1),
        record("e", text="", exact_match=0.0),
        record("a", "bare", text="", exact_match=0.0),
        record("b", sample=1, text="x", exact_match=0.0),
    ]
    assert [case.task.id for case in page_cases.worst(tasks, records, "product", "exact match")] == list("daec")


def test_a_text_that_passed_is_perfect() -> None:
    records = [record("a", text="sum", exact_match=0.0, passed=1.0), record("b", exact_match=1.0, passed=0.0)]
    found = page_cases.worst([task("a"), task("b")], records, "product", "exact match")
    assert [case.task.id for case in found] == ["b"]


@pytest.mark.parametrize(
    ("shown", "silent", "expected"), [(60, 60, (30, 10)), (60, 3, (37, 3)), (5, 60, (5, 35)), (3, 2, (3, 2))]
)
def test_there_are_forty_at_most(shown: int, silent: int, expected: tuple[int, int]) -> None:
    tasks = [task(f"f{at}") for at in range(shown + silent)]
    records = [record(one.id, text="x" if at < shown else "", exact_match=0.0) for at, one in enumerate(tasks)]
    found = page_cases.worst(tasks, records, "product", "exact match")
    assert (sum(bool(case.record.text) for case in found), sum(not case.record.text for case in found)) == expected


@pytest.mark.parametrize(
    ("truth", "text", "left", "right"),
    [
        ("a + b", "a + b", "a + b", "a + b"),
        ("a + b", "a - b", "a <del>+</del> b", "a <ins>-</ins> b"),
        ("total", "totals", "<del>total</del>", "<ins>totals</ins>"),
        ("f(a)", "f()", "f(<del>a</del>)", "f()"),
        ("a < b", "a > b", "a <del>&lt;</del> b", "a <ins>&gt;</ins> b"),
    ],
)
def test_differences_are_marked_word_by_word(truth: str, text: str, left: str, right: str) -> None:
    assert page_cases.marked(truth, text) == (left, right)


@given(st.text("ab (\n", max_size=40), st.text("ab (\n", max_size=40))
def test_marks_change_no_text(truth: str, text: str) -> None:
    left, right = (Page(side).text for side in page_cases.marked(truth, text))
    assert (left, right) == (truth, text)


def test_endless_texts_are_cut() -> None:
    left, right = page_cases.marked("(" * 5000, "x " * 1000)
    assert left.endswith("\n[and 3000 more characters]")
    assert right == "x " * 1000


def test_a_hole_has_some_lines_around_it() -> None:
    lines = "".join(f"line {at}\n" for at in range(9))
    case = page_cases.Case(
        replace(task("a"), before=f"{lines}x = ", after=f"\n{lines}"), record("a", text="b", exact_match=0.0)
    )
    page = Page(page_cases.drawn(case))
    assert page.text.count("line 6") == 2
    assert "line 5\nline 6\nline 7\nline 8\nx = " not in page.text
    assert page.text.count("line 2") == 2
    assert "line 3" not in page.text


def test_what_the_model_wrote_is_there_where_it_was_changed() -> None:
    changed = replace(record("a", text="", exact_match=0.0), raw="raw text")
    assert "raw text" in Page(page_cases.drawn(page_cases.Case(task("a"), changed))).text
    assert "details" not in page_cases.drawn(page_cases.Case(task("a"), record("a", text="b")))


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [
        (1, 1, [1, 2]),
        (30, 90, [20, 50, 100]),
        (100, 100, [100, 200]),
        (7, 1500, [5, 10, 20, 50, 100, 200, 500, 1000, 2000]),
    ],
)
def test_the_axis_of_times_holds_all_of_them(low: float, high: float, steps: list[float]) -> None:
    assert _steps(low, high) == steps
