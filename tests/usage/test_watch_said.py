"""What clients say themselves: that a suggestion is on the screen, and that a part of it was accepted."""

from __future__ import annotations

import pytest

from lsp_server.usage.events import Kind
from tests.usage.scene import Scene

SHOWN, ACCEPTED, IN_PART = Kind.SHOWN, Kind.ACCEPTED, Kind.IN_PART
THERE = [Kind.THERE_30, Kind.THERE_120]
LONG = 500.0


@pytest.fixture
def scene() -> Scene:
    """A client that has said once what it shows."""
    scene = Scene()
    scene.seen(scene.shown("a‸\n", "bc"))
    scene.close()
    scene.events.clear()
    return scene


def test_the_first_that_is_said_to_be_shown_counts_once() -> None:
    scene = Scene()
    number = scene.shown("a‸\n", "bc")
    scene.seen(number)
    scene.seen(number)
    assert scene.said == [SHOWN]


def test_what_is_answered_and_not_seen_is_not_shown(scene: Scene) -> None:
    scene.shown("re‸\n", "turn x")
    scene.shown("re\nret‸\n", "urn y")
    scene.wait(LONG)
    assert scene.said == []


def test_what_is_accepted_was_shown(scene: Scene) -> None:
    scene.shown("re‸\n", "turn x")
    scene.became("return x\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *THERE]


def test_an_alternative_that_is_seen_is_the_one_that_comes_in(scene: Scene) -> None:
    number = scene.shown("re‸\n", "turn x")
    scene.seen(number, "turn x")
    scene.seen(number, "ad(file)")
    scene.became("read\n", "read(file)\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *THERE]
    assert scene.of(ACCEPTED)[0].characters == len("ad(file)")


def test_an_alternative_to_what_is_partly_in_already_begins_alike(scene: Scene) -> None:
    number = scene.shown("re‸\n", "turn x")
    scene.became("ret\n")
    scene.seen(number, "ad(file)")
    scene.became("return x\n")
    scene.wait(LONG)
    assert scene.said == [SHOWN, ACCEPTED, *THERE]
    assert scene.of(ACCEPTED)[0].characters == len("urn x")


@pytest.mark.parametrize(
    ("marked", "text", "happens", "characters"),
    [
        # One character, which a key could have brought as well.
        ("add‸\n", "(a, b)", ["add(\n", 1], 1),
        # A word that the change has told already.
        ("re‸\n", "turn x", ["return\n", 4], 4),
        # Said before the change is heard.
        ("re‸\n", "turn x", [4, "return\n"], 4),
        # Typed along first.
        ("re‸\n", "turn x", ["ret\n", "retu\n", "retur\n", 3], 1),
        # One part after the other.
        ("f‸\n", "(a)", ["f(\n", 1, "f(a\n", 2], 2),
        # More than there is.
        ("re‸\n", "turn x", [1000], 6),
    ],
)
def test_a_part_that_is_said_to_be_accepted(marked: str, text: str, happens: list[str | int], characters: int) -> None:
    scene = Scene()
    number = scene.shown(marked, text)
    for what in happens:
        if isinstance(what, str):
            scene.became(what)
        else:
            scene.part(number, what)
    scene.wait(LONG)
    assert scene.said[:2] == [SHOWN, IN_PART]
    assert scene.of(IN_PART)[0].characters == characters


@pytest.mark.parametrize("length", [0, -5])
def test_no_part_is_none(scene: Scene, length: int) -> None:
    number = scene.shown("re‸\n", "turn x")
    scene.part(number, length)
    scene.wait(LONG)
    scene.close()
    assert scene.said == []


def test_what_is_not_known_is_passed_over(scene: Scene) -> None:
    scene.seen(99)
    scene.part(99, 3)
    scene.wait(LONG)
    assert scene.said == []
