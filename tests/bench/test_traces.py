"""Typing traces: whatever is typed in between, the files end as they were."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import traces
from bench.problems import Unmeasurable
from bench.traces import KINDS, Trace, applied, bodies, digest, dump, load, make, replay
from bench.typist import BRACKETS, Hole, Typist, straight_on, with_corrections
from tests.cursor import CURSOR

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKED_IN = sorted(Path(traces.__file__).with_name("traces").glob("*.json"))
SHOP = '''\
"""A shop."""

import config


class Shop:
    def __init__(self, name):
        """Open it."""
        if not name:
            raise ValueError(f"no {name!r}, it's \\"closed\\"")

        # A comment (with a bracket, and "quotes".
        self.settings = config.load(
            name,
            [1, 2, {"a": 3}],
        )

        for price in self.settings:
            print("(", price, ')')


def outer(values):
    @staticmethod
    def inner(value):
        first = value
        second = first
        if second:
            return """three
    quotes"""
        third = second
        return third

    return [inner(value) for value in values]
'''
CONFIG = """\
def load(name, values):
    result = {}
    for value in values:
        result[name] = value
        if value:
            continue
        result[value] = "ünï🙂ode"
    return result


short = 1
""".replace("\treturn_nothing = None\n", "")
SIX_LINES = "\n    a\n    b\n    c\n    d\n    e\n    f"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    files = {"shop/shop.py": SHOP, "shop/config.py": CONFIG, "shop/empty.py": "", ".hidden/x.py": SHOP * 30}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


# --- traces as a whole -------------------------------------------------------------------------------


@given(kind=st.sampled_from(KINDS), keys=st.integers(1, 400), seed=st.integers(0, 10_000))
def test_every_trace_ends_with_the_files_as_they_were(repository: Path, kind: str, keys: int, seed: int) -> None:
    trace = make(repository, kind, keys, seed)
    texts = dict(trace.files)
    for step in trace.steps:
        assert 0 <= step.offset <= step.offset + step.delete <= len(texts[step.file])
        texts[step.file] = applied(texts[step.file], step)
        assert 0 <= step.cursor <= len(texts[step.file])
    assert texts == {name: (repository / name).read_bytes().decode() for name in texts}
    assert trace.keys <= keys
    assert all(step.pause_ms >= 100 for step in trace.steps if step.ask)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_trace_and_another_one_another(repository: Path, kind: str) -> None:
    assert make(repository, kind, 40, 1) == make(repository, kind, 40, 1)
    assert make(repository, kind, 40, 1).steps != make(repository, kind, 40, 2).steps


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_keys_as_asked_for(repository: Path, kind: str) -> None:
    assert make(repository, kind, 40, 0).keys == 40


def test_a_mixed_trace_corrects_itself_and_goes_to_other_places(repository: Path) -> None:
    trace = make(repository, "mixed", 150, 0)
    assert len({step.file for step in trace.steps}) == 2
    assert sum(step.delete > 0 for step in trace.steps if step.ask) > 5
    first = [step for step in trace.steps if step.file == trace.steps[0].file]
    assert any(abs(b.offset - a.cursor) > 20 for a, b in itertools.pairwise(first))


def test_the_workspace_has_the_files_beside_it_and_no_hidden_ones(repository: Path) -> None:
    assert list(make(repository, "forward", 10, 0).files) == ["shop/shop.py", "shop/config.py"]


def test_a_repository_without_functions_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(Unmeasurable, match="no Python file with a function of 6 lines"):
        make(tmp_path, "forward", 10, 0)


def test_large_files_with_siblings_come_first(tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "huge.py").write_text(SHOP * 40)
    (tmp_path / "large.py").write_text(SHOP * 17)
    (tmp_path / "small.py").write_text(CONFIG)
    assert next(iter(make(tmp_path, "forward", 10, 3).files)) == "large.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n    a\n    b\n    c\n    d\n    e\n    f\n", ["\n    a\n    b\n    c\n    d\n    e\n    f"]),
        (
            'def f():\n    """Doc."""\n    a\n    b\n    c\n    d\n    e\n    f',
            ["\n    a\n    b\n    c\n    d\n    e\n    f"],
        ),
        ("def f():\n    a\n", []),
        ("def f(): a\n", []),
        ('def f():\n    """Doc,\n\n\n\n\n\nlong."""\n', []),
        ("def f(:\n", []),
        ("", []),
    ],
)
def test_bodies(text: str, expected: list[str]) -> None:
    assert [text[body.start : body.end] for body in bodies(text)] == expected


# --- on disk -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_comes_back_from_its_file(repository: Path, tmp_path: Path, kind: str) -> None:
    trace, path = make(repository, kind, 30, 0), tmp_path / "trace.json"
    path.write_text(dump(trace), encoding="utf-8")
    assert load(path) == trace


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("", "is not a trace"),
        ("[]", "is not a trace"),
        ('{"name": "x"}', "is not a trace"),
        ('{"steps": [{"file": "a"}]}', "is not a trace"),
    ],
)
def test_what_is_no_trace(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "trace.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Unmeasurable, match=message):
        load(path)


def test_a_trace_that_does_not_come_to_its_end(repository: Path, tmp_path: Path) -> None:
    trace, path = make(repository, "forward", 10, 0), tmp_path / "trace.json"
    path.write_text(json.dumps({**json.loads(dump(trace)), "steps": []}))
    with pytest.raises(Unmeasurable, match="do not lead to its end"):
        load(path)


def test_three_traces_are_checked_in() -> None:
    assert {load(path).kind for path in CHECKED_IN} == set(KINDS)


@pytest.mark.parametrize("path", CHECKED_IN, ids=lambda path: path.stem)
def test_the_checked_in_traces_are_small_and_come_to_their_end(path: Path) -> None:
    trace: Trace = load(path)
    assert path.stat().st_size < 150_000
    assert trace.keys == 60
    assert {name: digest(text) for name, text in replay(trace).items() if name in trace.ends} == dict(trace.ends)


# --- the typist --------------------------------------------------------------------------------------


def screens(before: str, todo: str, closers: Mapping[str, str], after: str = "\nend\n") -> list[str]:
    """Return the text with the cursor after each key."""
    hole = Hole("a.py", len(before), todo)
    typist = Typist({"a.py": before + after}, [hole], 1000, random.Random(0), closers)
    straight_on(typist)
    typist.finish(hole)
    assert typist.texts["a.py"] == before + todo + after
    text, seen = before + after, []
    for step in typist.steps:
        text = applied(text, step)
        seen.append((text[: step.cursor] + CURSOR + text[step.cursor :]).removesuffix(after))
    return seen


def test_enter_brings_the_indentation_along() -> None:
    assert screens("def f():", "\n    a\n    b", {}) == [
        f"def f():\n    {CURSOR}",
        f"def f():\n    a{CURSOR}",
        f"def f():\n    a\n    {CURSOR}",
        f"def f():\n    a\n    b{CURSOR}",
    ]


def test_a_line_that_is_left_empty_loses_its_blanks() -> None:
    assert screens("  a", "\n\n  b", {}) == [
        f"  a\n  {CURSOR}",
        f"  a\n\n  {CURSOR}",
        f"  a\n\n  b{CURSOR}",
    ]


def test_indentation_that_the_editor_does_not_know_takes_one_key() -> None:
    assert screens("    a", "\nb\n        c", {}) == [
        f"    a\n    {CURSOR}",
        f"    a\n{CURSOR}",
        f"    a\nb{CURSOR}",
        f"    a\nb\n{CURSOR}",
        f"    a\nb\n        {CURSOR}",
        f"    a\nb\n        c{CURSOR}",
    ]


def test_brackets_and_quotes_are_closed_and_typed_over() -> None:
    assert screens("", 'f("a")', BRACKETS) == [
        f"f{CURSOR}",
        f"f({CURSOR})",
        f'f("{CURSOR}")',
        f'f("a{CURSOR}")',
        f'f("a"{CURSOR})',
        f'f("a"){CURSOR}',
    ]


@pytest.mark.parametrize(
    ("todo", "screen"),
    [
        ("# (", f"# ({CURSOR}"),
        ("'(", f"'({CURSOR}'"),
        ("it's", f"it's{CURSOR}"),
        ("f'", f"f'{CURSOR}'"),
    ],
)
def test_where_editors_close_nothing(todo: str, screen: str) -> None:
    assert screen in screens("", todo, BRACKETS)


def test_corrections_take_back_and_type_again() -> None:
    todo = "\n    first = 1\n    if first:\n        second = 2\n    return first\n" * 20
    hole = Hole("a.py", 8, todo)
    typist = Typist({"a.py": "def f():\nend\n"}, [hole], 400, random.Random(0), {})
    with_corrections(typist)
    sizes = [step.delete for step in typist.steps]
    assert max(sizes) <= 8
    assert 20 < sum(size > 0 for size in sizes) < 200
    typist.finish(hole)
    assert typist.texts["a.py"] == f"def f():{todo}\nend\n"
