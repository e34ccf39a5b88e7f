"""The names of a folder's files, kept while files come and go."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from lsp_server.context.names import Names, join, nearest, stem_of, suffix_of, upward

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@pytest.mark.parametrize(
    ("directory", "path", "expected"),
    [
        ("a/b", "./c.ts", "a/b/c.ts"),
        ("a/b", "../c.ts", "a/c.ts"),
        ("a/b", "../..", ""),
        ("a/b", "../../..", None),
        ("", ".", ""),
        ("", "..", None),
        ("a", "/c", None),
        ("a", "b/../../../c", None),
        ("a", "..b", "a/..b"),
        ("", "..b", "..b"),
    ],
)
def test_join(directory: str, path: str, expected: str | None) -> None:
    assert join(directory, path) == expected


@pytest.mark.parametrize(
    ("name", "stem", "suffix"),
    [
        ("a/x.test.ts", "x.test", ".ts"),
        ("a.b/Makefile", "Makefile", ""),
        (".bashrc", ".bashrc", ""),
        ("", "", ""),
    ],
)
def test_parts(name: str, stem: str, suffix: str) -> None:
    assert (stem_of(name), suffix_of(name)) == (stem, suffix)


def test_upward() -> None:
    assert list(upward("a/b")) == ["a/b", "a", ""]
    assert list(upward("")) == [""]


def test_nearest() -> None:
    names = ["x/t.py", "a/t.py", "a/b/d/t.py", "a/b/t.py", "t.py"]
    assert nearest(names, "a/b/c.py") == ["a/b/t.py", "a/b/d/t.py", "a/t.py", "t.py", "x/t.py"]


def names_of(*every: str) -> Names:
    names = Names()
    for name in every:
        names.add(name)
    return names


def held(names: Names) -> list[dict[str, list[str]]]:
    """Return all that is kept, without the order in which it came."""
    tables: list[Mapping[str, Collection[str]]] = [names._entries, names._files, names._directories, {"": names._all}]
    return [{key: sorted(values) for key, values in table.items()} for table in tables]


def test_look_ups() -> None:
    names = names_of("a/b/x.py", "c/b/x.py", "b/x.py", "ab/x.py", "a/b/y.ts", "a/b/c/d/z.py")
    assert len(names) == 6
    assert "a/b/x.py" in names
    assert "a/b" not in names
    assert list(names.called("y.ts")) == ["a/b/y.ts"]
    assert names.ending("x.py") == ["a/b/x.py", "c/b/x.py", "b/x.py", "ab/x.py"]
    assert sorted(names.ending("b/x.py")) == ["a/b/x.py", "b/x.py", "c/b/x.py"]
    assert names.ending("q/x.py") == names.ending("q.py") == []
    assert sorted(names.directories_ending("b")) == ["a/b", "b", "c/b"]
    assert names.directories_ending("a/b") == ["a/b"]
    assert names.directories_ending("b/c") == ["a/b/c"]
    assert names.files_in("a/b", (".py", ".ts")) == ["a/b/x.py", "a/b/y.ts"]
    assert names.files_in("a/b/c", (".py",)) == names.files_in("nowhere", (".py",)) == []
    assert names.has_directory("a/b/c")
    assert not names.has_directory("q")


@pytest.mark.parametrize("odd", ["", "/", "a/", "//", "/a", "a//b", "\0", ".", "..", "../../x", "a\\b"])
def test_odd_names_come_and_go(odd: str) -> None:
    names = names_of("a/b.py", odd)
    names.remove(odd)
    names.remove(odd)
    names.remove("never/there.py")
    assert held(names) == held(names_of("a/b.py"))


def test_what_is_left_is_as_if_the_rest_had_never_been() -> None:
    dice = random.Random(7)
    every = [
        f"{'/'.join(dice.choices('abc', k=dice.randrange(4)))}/{dice.choice('xyz')}.py".lstrip("/") for _ in range(300)
    ]
    names = names_of(*every)
    gone = set(dice.sample(every, 200))
    for name in gone:
        names.remove(name)
    left = names_of(*(name for name in every if name not in gone))
    assert held(names) == held(left)
