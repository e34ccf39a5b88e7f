"""What is counted, from documents as they change."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Place
from lsp_server.usage.events import Kind
from lsp_server.usage.watch import COMMAND_SECONDS, DECIDED_SECONDS
from tests.cursor import CURSOR
from tests.usage.scene import ABOUT, DOCUMENT, Scene

SHOWN, ACCEPTED, IN_PART = Kind.SHOWN, Kind.ACCEPTED, Kind.IN_PART
THERE = [Kind.THERE_30, Kind.THERE_120]
GONE = [Kind.GONE_30, Kind.GONE_120]
LONG = 500.0


def after(marked: str, text: str, *changes: str) -> Scene:
    """Show a suggestion at the mark, let the document change, and wait until nothing more is to come."""
    scene = Scene()
    scene.shown(marked, text)
    scene.became(*changes)
    scene.wait(LONG)
    scene.check_integrity()
    return scene


@pytest.mark.parametrize(
    ("marked", "text", "changes", "said"),
    [
        # Nothing, and what is no accept.
        ("re‸\n", "turn x", [], [SHOWN]),
        ("re‸\n", "turn x", ["re\n"], [SHOWN]),
        ("re‸\n", "turn x", ["ret\n", "retu\n", "retur\n", "return\n", "return \n", "return x\n"], [SHOWN]),
        ("re‸\n", "turn x", ["ret\n", "res\n", "return x\n"], [SHOWN]),
        ("re‸\n", "turn x", ["res\n", "re\n", "return x\n"], [SHOWN]),
        ("f‸\n", "()", ["f()\n"], [SHOWN]),
        ("re‸\n", "turn x", ["re\nreturn x\n"], [SHOWN]),
        # All at once.
        ("re‸\n", "turn x", ["return x\n"], [SHOWN, ACCEPTED, *THERE]),
        ("re‸\n", "turn x", ["ret\n", "return x\n"], [SHOWN, ACCEPTED, *THERE]),
        ("a\nre‸\n", "turn x", ["ab\nre\n", "ab\nreturn x\n"], [SHOWN, ACCEPTED, *THERE]),
        ("f‸\n", "(a, b)", ["f()\n", "f(a, b)\n"], [SHOWN, ACCEPTED, *THERE]),
        ("if a:‸\n", "\n    b()\n    c()", ["if a:\n\tb()\n\tc()\n"], [SHOWN, ACCEPTED, *THERE]),
        ("if a:‸\n", " {\n  b();", ["if a: {\n  b();\n}\n"], [SHOWN, ACCEPTED, *THERE]),
        # In parts.
        ("re‸\n", "turn x", ["return\n"], [SHOWN, IN_PART, *THERE]),
        ("re‸\n", "turn x", ["return\n", "return y\n"], [SHOWN, IN_PART, *THERE]),
        ("re‸\n", "turn x", ["return\n", "return \n", "return x\n"], [SHOWN, IN_PART, *THERE]),
        ("re‸\n", "turn x", ["return\n", "return x\n"], [SHOWN, ACCEPTED, *THERE]),
        ("x‸\n", " = a + b", ["x = a\n", "x = a +\n", "x = a + b\n"], [SHOWN, ACCEPTED, *THERE]),
        ("x‸\n", " = a + b", ["x \n", "x = a\n", "x = a \n", "x = a + b\n"], [SHOWN, ACCEPTED, *THERE]),
        # Taken back.
        ("re‸\n", "turn x", ["return x\n", "re\n"], [SHOWN, ACCEPTED, *GONE]),
        ("re‸\n", "turn x", ["return\n", "re\n"], [SHOWN, IN_PART, *GONE]),
        ("re‸\n", "turn x", ["return\n", "re\n", "return x\n"], [SHOWN, ACCEPTED, *THERE]),
        ("re‸\nreturn x\n", "turn x", ["return x\nreturn x\n", "re\nreturn x\n"], [SHOWN, ACCEPTED, *GONE]),
    ],
)
def test_what_is_counted(marked: str, text: str, changes: list[str], said: list[Kind]) -> None:
    assert after(marked, text, *changes).said == said


@pytest.mark.parametrize(
    ("later", "is_there"),
    [
        ("def f():\n    a()\n    b()\n", True),
        ("class C:\n    def f():\n\n        a()\n\n        b()\n", True),
        ("def f():\n    a()\n    b() or c()\n", True),
        ("def g():\n    pass\n\n\ndef f():\n    a()\n    b()\n", True),
        ("def f():\n    a(1)\n    b()\n", False),
        ("def f():\n    a()\n    x = 1\n    b()\n", False),
        ("def f():\n    b()\n    a()\n", False),
        ("def f():\n    a()\n", False),
        ("", False),
    ],
)
def test_what_counts_as_still_there(later: str, is_there: bool) -> None:
    scene = after("def f():‸\n", "\n    a()\n    b()", "def f():\n    a()\n    b()\n", later)
    assert scene.said == [SHOWN, ACCEPTED, *(THERE if is_there else GONE)]


def test_it_is_looked_at_twice() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("return x\n")
    scene.wait(29.9)
    assert scene.said == [SHOWN, ACCEPTED]
    scene.wait(0.2)
    assert scene.said == [SHOWN, ACCEPTED, Kind.THERE_30]
    scene.became("return y\n")
    scene.wait(89.7)
    assert scene.said == [SHOWN, ACCEPTED, Kind.THERE_30]
    scene.wait(0.2)
    assert scene.said == [SHOWN, ACCEPTED, Kind.THERE_30, Kind.GONE_120]
    assert scene.watch.next_due() is None
    assert not scene.watch.is_watching(DOCUMENT)


def test_what_is_closed_was_not_looked_at() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("return x\n")
    scene.wait(60)
    scene.close()
    scene.close()
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, Kind.THERE_30]


def test_a_part_is_counted_when_the_document_is_closed() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("return\n")
    assert scene.said == [SHOWN]
    scene.close()
    assert scene.said == [SHOWN, IN_PART]


def test_a_part_is_decided_when_the_rest_does_not_follow() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("return\n")
    scene.wait(DECIDED_SECONDS)
    assert scene.said == [SHOWN, IN_PART, Kind.THERE_30]
    scene.became("return x\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, IN_PART, *THERE]


def test_each_part_gives_the_rest_new_time() -> None:
    scene = Scene()
    scene.shown("x‸\n", " = a + b + c")
    for text in ("x = a\n", "x = a + b\n", "x = a + b + c\n"):
        scene.wait(DECIDED_SECONDS - 1)
        scene.became(text)
    assert scene.said == [SHOWN, ACCEPTED]


class Counted(NamedTuple):
    """A suggestion with what is counted of its accept."""

    text: str
    changes: list[str]
    characters: int
    lines: int


@pytest.mark.parametrize(
    "counted",
    [
        Counted("turn x", ["return x\n"], 6, 1),
        Counted("turn x", ["ret\n", "return x\n"], 5, 1),
        Counted("turn x", ["return\n"], 4, 1),
        Counted("turn x", ["return\n", "return \n", "return x\n"], 4, 1),
        Counted("turn x", ["return\n", "return \n", "return y\n"], 4, 1),
        Counted("turn a + b", ["return\n", "return \n", "return a + b\n"], 9, 1),
        Counted("turn x", ["return\n", "re\n", "return x\n"], 6, 1),
        Counted("(\n\n    a,\n)", ["re(\n\n    a,\n)\n"], 10, 3),
    ],
)
def test_characters_are_those_that_came_in_at_once(counted: Counted) -> None:
    scene = after("re‸\n", counted.text, *counted.changes)
    [event] = [event for event in scene.events if event.kind in {ACCEPTED, IN_PART}]
    assert (event.characters, event.lines) == (counted.characters, counted.lines)


# --- what is the same suggestion ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "marked", "text", "is_same"),
    [
        ("re\n", "re‸\n", "turn x", True),
        ("ret\n", "ret‸\n", "urn x", True),
        ("ret\n", "ret‸\n", "urn x + y", True),
        ("ret\n", "ret‸\n", "urn x\n    return y", True),
        ("ret\n", "ret‸\n", "urn", True),
        ("return\n", "return‸\n", " x", True),
        ("a\nret\n", "a\nret‸\n", "urn x", False),
        ("ret\n", "ret‸\n", "urn y", False),
        ("res\n", "res‸\n", "ult", False),
        ("r\n", "r‸\n", "eturn x", False),
        ("re\n", "‸re\n", "turn x", False),
        ("re\n", "re\n‸", "turn x", False),
    ],
)
def test_what_is_the_same_suggestion(change: str, marked: str, text: str, is_same: bool) -> None:
    scene = Scene()
    first = scene.shown("re‸\n", "turn x")
    scene.became(change)
    second = scene.shown(marked, text)
    assert (second == first) is is_same
    assert len(scene.of(SHOWN)) == (1 if is_same else 2)


def test_one_that_grows_is_accepted_as_it_is_now() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("ret\n")
    scene.shown("ret‸\n", "urn x + y")
    scene.became("return x + y\n")
    assert scene.said == [SHOWN, ACCEPTED]
    assert scene.events[0].characters == 6
    assert scene.events[1].characters == 9


def test_one_behind_a_bracket_that_was_closed() -> None:
    scene = Scene()
    number = scene.shown("f‸\n", "(a, b)")
    scene.became("f()\n")
    assert scene.shown("f(‸)\n", "a, b") == number
    scene.became("f(a, b)\n")
    assert scene.said == [SHOWN, ACCEPTED]


def test_where_the_cursor_is_before_a_bracket_that_is_part_of_it() -> None:
    scene = Scene()
    number = scene.shown("f‸\n", "() {\n  x();\n}")
    scene.became("f()\n")
    assert scene.shown("f(‸)\n", ") {\n  x();\n}") == number
    assert scene.shown("f()‸\n", " {\n  x();\n}") == number
    scene.became("f() {\n  x();\n}\n")
    assert scene.said == [SHOWN, ACCEPTED]


def test_typing_back_shows_the_same_one() -> None:
    scene = Scene()
    number = scene.shown("re‸\n", "turn x")
    for text in ("ret", "retu", "ret", "re"):
        scene.became(f"{text}\n")
        assert scene.shown(f"{text}{CURSOR}\n", "return x"[len(text) :]) == number
    assert scene.said == [SHOWN]


def test_another_one_ends_the_first() -> None:
    scene = Scene()
    scene.shown("re‸\nx\n", "turn x")
    scene.shown("re\nx‸\n", " = 1")
    scene.became("return x\nx\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, SHOWN]


def test_a_change_that_was_not_told_is_noticed() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.shown("return x\n‸", "return y")
    assert scene.said == [SHOWN, ACCEPTED, SHOWN]


def test_documents_do_not_meet() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x", document="a")
    scene.shown("re‸\n", "turn x", document="b")
    scene.became("return x\n", document="b")
    scene.became("res\n", document="a")
    scene.became("return x\n", document="c")
    scene.close("a")
    scene.wait(LONG)
    assert scene.said == [SHOWN, SHOWN, ACCEPTED, *THERE]
    assert {event.id for event in scene.events[2:]} == {scene.events[1].id}


def test_an_empty_suggestion_is_none() -> None:
    scene = Scene()
    assert scene.shown("re‸\n", "") is None
    assert scene.said == []


# --- the item's command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "text", "new"),
    [
        ("re‸\n", "turn x", "return x\n"),
        ("f(a‸\n", ")", "f(a)\n"),
        ("f‸\n", "()", "f()\n"),
        ("if a {‸", "\n}", "if a {\n}"),
    ],
)
def test_the_command_and_its_change_are_one_accept(marked: str, text: str, new: str) -> None:
    for order in ("command first", "change first"):
        scene = Scene()
        number = scene.shown(marked, text)
        if order == "command first":
            scene.command(number)
            scene.became(new)
        else:
            scene.became(new)
            scene.command(number)
        scene.command(number)
        scene.wait(LONG)
        scene.command(number)
        assert scene.said == [SHOWN, ACCEPTED, *THERE], order
        assert scene.events[1].characters == len(text)
        scene.check_integrity()


def test_the_command_after_the_next_suggestion() -> None:
    scene = Scene()
    number = scene.shown("f(a‸\n", ")")
    scene.became("f(a)\n")
    scene.shown("f(a)‸\n", "\ng(a)")
    scene.command(number)
    scene.wait(LONG)
    assert scene.said == [SHOWN, SHOWN, ACCEPTED, *THERE]
    assert scene.events[2].id == number


def test_the_command_after_parts() -> None:
    scene = Scene()
    number = scene.shown("re‸\n", "turn x)")
    scene.became("return x\n", "return x)\n")
    scene.command(number)
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *THERE]
    assert scene.events[1].characters == 7


def test_the_command_of_what_the_editor_has_rewritten() -> None:
    scene = Scene()
    number = scene.shown("x‸\n", " = [1,2]")
    scene.became("x = [1, 2]\n")
    scene.command(number)
    scene.wait(LONG)
    # It cannot be found again, so it is not looked at.
    assert scene.said == [SHOWN, ACCEPTED]


def test_other_lines_between_the_command_and_its_change() -> None:
    scene = Scene()
    number = scene.shown("a\nre‸\n", "turn x")
    scene.command(number)
    scene.became("import a\na\nre\n", "import a\na\nreturn x\n", "")
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *GONE]


def test_a_command_that_comes_too_late_or_for_nothing() -> None:
    scene = Scene()
    number = scene.shown("re‸\n", "t")
    scene.became("ret\n")
    scene.wait(COMMAND_SECONDS + 1)
    scene.command(number)
    scene.command(17)
    assert scene.said == [SHOWN]


def test_a_command_before_the_suggestion_is_typed() -> None:
    scene = Scene()
    number = scene.shown("re‸\n", "turn")
    scene.command(number)
    scene.became("ret\n", "retu\n", "retur\n", "return\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *THERE]


# --- whatever happens ---------------------------------------------------------------------------------


def test_nothing_is_held_once_all_is_said() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("res\n")
    assert scene.watch.is_watching(DOCUMENT)
    scene.wait(COMMAND_SECONDS)
    assert not scene.watch.is_watching(DOCUMENT)
    assert scene.watch.next_due() is None


CODE = st.text("ab()\n ", max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("show"), CODE),
        st.tuples(st.just("accept"), st.integers(1, 8)),
        st.tuples(st.just("type"), CODE),
        st.tuples(st.just("delete"), st.integers(1, 4)),
        st.tuples(st.just("elsewhere"), CODE),
        st.tuples(st.just("undo"), st.integers(1, 3)),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, 100])),
        st.tuples(st.just("command"), st.integers(0, 3)),
        st.tuples(st.just("close"), st.none()),
    ),
    max_size=30,
)


class Editor:
    """Does what users and editors do, in any order."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.before, self.after, self.suggestion = "a\n", "\nb", ""
        self.states = [(self.before, self.after)]

    def do(self, what: str, argument: object) -> None:
        """Do one step."""
        match what, argument:
            case "show", str(text):
                self.suggestion = text
                place = Place(self.before, self.after)
                self.scene.watch.shown(DOCUMENT, place, text, ABOUT, self.scene.now)
            case "accept", int(length):
                came, self.suggestion = self.suggestion[:length], self.suggestion[length:]
                self.write(self.before + came, self.after)
            case "type", str(text):
                self.write(self.before + text, self.after)
            case "delete", int(length):
                self.write(self.before[:-length], self.after)
            case "elsewhere", str(text):
                self.write(f"{text}\n{self.before}", f"{self.after}\n{text}")
            case "undo", int(steps):
                self.write(*self.states[-min(steps, len(self.states))])
            case "wait", int(seconds):
                self.scene.wait(seconds)
            case "command", int(number):
                self.scene.watch.accepted(number, self.scene.now)
            case "close", _:
                self.scene.close()

    def write(self, before: str, after: str) -> None:
        """Change the document."""
        self.states.append((self.before, self.after))
        self.before, self.after = before, after
        self.scene.became(before + after)


@given(STEPS)
def test_whatever_happens_each_is_counted_once(steps: list[tuple[str, object]]) -> None:
    scene = Scene()
    editor = Editor(scene)
    for what, argument in steps:
        editor.do(what, argument)
        scene.check_integrity()
    scene.wait(LONG)
    scene.close()
    scene.check_integrity()
    assert scene.watch.next_due() is None
    assert not scene.watch.is_watching(DOCUMENT)
    assert len(scene.of(ACCEPTED)) + len(scene.of(IN_PART)) <= len(scene.of(SHOWN))


@given(STEPS)
def test_closing_at_any_time_leaves_nothing(steps: list[tuple[str, object]]) -> None:
    scene = Scene()
    editor = Editor(scene)
    for what, argument in steps:
        editor.do(what, argument)
    scene.watch.close(scene.now)
    said = len(scene.events)
    assert scene.watch.next_due() is None
    scene.wait(LONG)
    assert len(scene.events) == said
