"""Whatever users and editors do, in any order: nothing is counted twice, and nothing is held for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.core import Place
from lsp_server.usage.events import Kind
from tests.usage.scene import ABOUT, DOCUMENT, Scene

LONG = 500.0
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
    assert len(scene.of(Kind.ACCEPTED)) + len(scene.of(Kind.IN_PART)) <= len(scene.of(Kind.SHOWN))


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
