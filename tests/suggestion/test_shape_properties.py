"""What holds for any text in place of a model's, at any cursor, in any language, with and without its grammar."""

from __future__ import annotations

import re
import time
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.context.syntax.document import parsed
from lsp_server.core import Place
from lsp_server.suggestion.ends import stopper
from lsp_server.suggestion.hole import Extent, Hole, extent
from lsp_server.suggestion.language import language_of
from lsp_server.suggestion.lines import is_telling
from lsp_server.suggestion.shape import Raw, Shaped, shape
from lsp_server.suggestion.soundness import lone_brackets
from lsp_server.suggestion.structure import reader
from tests.suggestion.documents import Source, cuts, sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.context.syntax.document import Parsed

SOURCES = sources()
SECONDS = 0.05
MULTILINE = ("auto", "never", "always")
# What no code is made of, and what breaks code.
ODD = (
    *("<|fim_suffix|>", "<|endoftext|>", "<|", "<fim_middle>", "</s>", "<"),
    *(
        "\N{REPLACEMENT CHARACTER}",
        "\ud83d",
        "\x00",
        "\x1b",
        "\x85",
        "\u2028",
        "\u00a0",
        "\N{ZERO WIDTH NO-BREAK SPACE}",
    ),
    *("(", ")", "[", "]", "{", "}", ");", "})", "};", "]}", '"', "'", "`", '"""', "/*", "*/", "//", "#", "--"),
    *("\n", "\n\n", "\r\n", "\r", "\n    ", "\n\t", "\n  ", "\t", "  ", " \n", "        "),
    *(
        "end",
        "else",
        "fi",
        "done",
        "</div>",
        "\n}\n",
        "\nend\n",
        "\n)\n",
        "é",
        "日本",
        "😀",
        "a",
        "_",
        "1",
        ";",
        ":",
        ",",
    ),
    *("ab" * 30, "x = 1\n" * 5, "- " * 40, "foo(bar(" * 8, ")" * 20, "a" * 600),
)


class Case(NamedTuple):
    """A hole, what a model writes there, and whether the grammar of the language is at hand."""

    language: str
    place: Place
    multiline: str
    is_read: bool
    raw: str

    @property
    def hole(self) -> Hole:
        language = language_of(self.language, "")
        return Hole(self.place, language, extent(self.place, language, self.multiline))

    def parsed(self, text: str = "") -> Parsed | None:
        """Return the document with a text at the cursor, read anew."""
        suffix = language_of(self.language, "").suffix
        return parsed(self.place.before + text + self.place.after, suffix) if self.is_read else None

    def shaped(self, raw: str, *, is_cut_off: bool = False) -> Shaped:
        return shape(Raw(raw, is_cut_off), self.hole, self.parsed())


@st.composite
def places(draw: st.DrawFn, source: Source) -> Place:
    """Draw a cursor: where something has been cut out of a document, at any offset, or at its end."""
    text = source.text
    kind = draw(st.sampled_from(["cut", "anywhere", "end of line", "new line", "end"]))
    offset = draw(st.integers(0, len(text)))
    line_end = (text + "\n").index("\n", offset)
    match kind:
        case "cut":
            found = cuts(source, Random(draw(st.integers(0, 999))), 6)
            return draw(st.sampled_from(found)).place(text) if found else Place(text, "")
        case "anywhere":
            return Place(text[:offset], text[offset:])
        case "end of line":
            return Place(text[:line_end], text[line_end:])
        case "new line":
            space = re.match(r"[ \t]*", text[text.rfind("\n", 0, line_end) + 1 :])
            return Place(f"{text[:line_end]}\n{space[0] if space else ''}", text[line_end:])
        case _:
            return Place(text[:offset], "")


def pieces(source: Source, place: Place) -> st.SearchStrategy[str]:
    """Draw a part of what a model writes: code of that language, what is around the cursor, or what is odd."""
    text = source.text
    start = len(place.before)
    hole = text[start : len(text) - len(place.after)] or text[start : start + 200]
    lines = [line for line in text.split("\n") if line.strip()]
    slices = st.builds(lambda at, size: text[at : at + size], st.integers(0, len(text)), st.integers(1, 200))
    return st.one_of(
        st.sampled_from([hole, place.after[:150], place.before[-150:], place.line, place.after.partition("\n")[0]]),
        slices,
        st.sampled_from(lines).map(lambda line: f"{line}\n"),
        st.sampled_from(lines).map(lambda line: f"\n{line.strip()}"),
        st.sampled_from(ODD),
        st.text(max_size=8),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a hole in one of the documents and a raw text."""
    source = draw(st.sampled_from(SOURCES))
    place = draw(places(source))
    raw = "".join(draw(st.lists(pieces(source, place), min_size=1, max_size=6)))
    multiline = draw(st.sampled_from(MULTILINE))
    return Case(source.language, place, multiline, draw(st.booleans()), raw)


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """Let parsing take its time: what it gives up on a busy machine is shaped without the grammar."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lsp_server.context.syntax.document.SOON", 60.0)
        yield


def thorough(count: int) -> settings:
    return settings(max_examples=count, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@thorough(300)
@given(cases(), st.booleans())
def test_what_is_shown_can_be_shown(case: Case, is_cut_off: bool) -> None:
    text = case.shaped(case.raw, is_cut_off=is_cut_off).text
    if text is None:
        return
    assert text.strip()
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd\u2028\u2029\ud800-\udfff]", text.replace("\t", " "))
    assert not re.search(r"<\|\w+\|>|<fim_\w+>|</s>", text)
    if case.place.after.partition("\n")[0].strip():
        assert "\n" not in text
    if case.multiline == "never":
        assert "\n" not in text.strip()


@thorough(300)
@given(cases(), st.booleans())
def test_no_document_gets_less_sound(case: Case, is_cut_off: bool) -> None:
    text = case.shaped(case.raw, is_cut_off=is_cut_off).text
    before, after = case.parsed(), case.parsed(text or "")
    if text is None:
        return
    grown = case._replace(place=Place(case.place.before + text, case.place.after)).hole
    is_better = before is not None and after is not None and after.errors < before.errors
    if not is_better:
        assert len(lone_brackets(grown, after)) <= len(lone_brackets(case.hole, before))
    if before is not None and after is not None and not before.errors:
        assert not after.errors


@thorough(300)
@given(cases(), st.booleans())
def test_what_follows_never_comes_twice(case: Case, is_cut_off: bool) -> None:
    text = case.shaped(case.raw, is_cut_off=is_cut_off).text
    if text is None:
        return
    rest = case.hole.rest
    if is_telling(rest):
        assert not text.endswith(rest)
    lines = text.split("\n")
    last = (case.place.line if len(lines) == 1 else "") + lines[-1]
    if not rest and case.hole.below and is_telling(last) and not case.hole.language.closes(last.strip()):
        assert last.strip() != case.hole.below[0].strip()


@thorough(300)
@given(cases())
def test_what_is_shaped_stays_as_it_is(case: Case) -> None:
    text = case.shaped(case.raw).text
    if text is not None:
        assert case.shaped(text).text == text


@thorough(100)
@given(cases(), st.booleans())
def test_the_same_comes_of_the_same(case: Case, is_cut_off: bool) -> None:
    assert case.shaped(case.raw, is_cut_off=is_cut_off) == case.shaped(case.raw, is_cut_off=is_cut_off)


@thorough(300)
@given(cases(), st.integers(0, 40))
def test_a_text_that_is_stopped_loses_nothing(case: Case, late: int) -> None:
    document = case.parsed()
    is_complete = stopper(case.hole, reader(document, len(case.place.before)))
    stop = next((end for end in range(1, len(case.raw)) if is_complete(case.raw[:end])), None)
    if stop is None:
        return
    whole = case.shaped(case.raw).text
    assert case.shaped(case.raw[:stop]).text == whole
    # Tokens are several characters, so that it is stopped somewhat later.
    assert case.shaped(case.raw[: stop + late]).text == whole


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.language)
def test_shaping_is_quick(source: Source) -> None:
    repeated = Source(source.language, (source.text * (500 // source.text.count("\n") + 1)))
    times = []
    for cut in cuts(repeated, Random(3), 30):
        place = cut.place(repeated.text)
        case = Case(source.language, place, "auto", is_read=True, raw=repeated.text[cut.start : cut.end + 300])
        document, hole = case.parsed(), case.hole
        # Of this thread alone: the machine may be busy with something else.
        start = time.thread_time()
        shape(Raw(case.raw, is_cut_off=False), hole, document)
        times.append(time.thread_time() - start)
    assert sorted(times)[len(times) * 9 // 10] < SECONDS


def test_every_extent_is_drawn() -> None:
    found: set[Extent] = set()
    for source in SOURCES:
        for cut in cuts(source, Random(1), 30):
            place = cut.place(source.text)
            found |= {Case(source.language, place, how, is_read=False, raw="").hole.extent for how in MULTILINE}
    assert found == set(Extent)
