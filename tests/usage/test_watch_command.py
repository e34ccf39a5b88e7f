"""The command that some clients run when one accepts: it and the change that comes with it are one accept."""

from __future__ import annotations

import pytest

from lsp_server.usage.events import Kind
from lsp_server.usage.watch import COMMAND_SECONDS
from tests.usage.scene import Scene

SHOWN, ACCEPTED = Kind.SHOWN, Kind.ACCEPTED
THERE = [Kind.THERE_30, Kind.THERE_120]
GONE = [Kind.GONE_30, Kind.GONE_120]
LONG = 500.0


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
