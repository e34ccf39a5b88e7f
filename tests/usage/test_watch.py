"""What is counted, from documents as they change."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from lsp_server.usage.events import Kind
from lsp_server.usage.watch import COMMAND_SECONDS, DECIDED_SECONDS
from tests.cursor import CURSOR, place
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
        Counted("(\n\n    a,\n)", ["re(\n\n    a,\n)\n"], 11, 3),
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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # The popup's own word, however it comes in, and what is typed behind it.
        (["self.total\n"], [SHOWN]),
        (["self.t\n", "self.total\n"], [SHOWN]),
        (["self.total\n", "self.total(\n"], [SHOWN]),
        # More than that.
        (["self.total()\n"], [SHOWN, ACCEPTED]),
        (["self.total\n", "self.total()\n"], [SHOWN]),
        (["self.total\n", "self.total() + 1\n"], [SHOWN, ACCEPTED]),
        (["self.total() +\n"], [SHOWN, IN_PART]),
    ],
)
def test_what_the_popup_of_the_editor_inserts_is_no_accept(changes: list[str], said: list[Kind]) -> None:
    scene = Scene()
    text = "total() + 1" if "+" in "".join(changes) else "total()"
    scene.watch.shown(DOCUMENT, place(f"self.{CURSOR}\n"), text, ABOUT, scene.now, offered=len("total"))
    scene.became(*changes)
    scene.close()
    assert scene.said == said


def test_what_the_popup_offers_of_the_rest() -> None:
    scene = Scene()
    scene.watch.shown(DOCUMENT, place(f"self.{CURSOR}\n"), "total(x)", ABOUT, scene.now)
    scene.became("self.t\n")
    scene.watch.shown(DOCUMENT, place(f"self.t{CURSOR}\n"), "otal(x)", ABOUT, scene.now, offered=len("otal"))
    scene.became("self.total\n")
    scene.watch.shown(DOCUMENT, place(f"self.total{CURSOR}\n"), "(x)", ABOUT, scene.now)
    scene.became("self.total(x)\n")
    assert scene.said == [SHOWN, ACCEPTED]
    assert scene.events[1].characters == 3


def test_nothing_is_held_once_all_is_said() -> None:
    scene = Scene()
    scene.shown("re‸\n", "turn x")
    scene.became("res\n")
    assert scene.watch.is_watching(DOCUMENT)
    scene.wait(COMMAND_SECONDS)
    assert not scene.watch.is_watching(DOCUMENT)
    assert scene.watch.next_due() is None
