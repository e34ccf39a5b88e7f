"""The test beside a file and the file beside its test, by their names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.modules import files
from lsp_server.context.names import base_of, directory_of, stem_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.context.modules.interface import Language
    from lsp_server.context.names import Names

MOST_COMPANIONS = 5
# Where more files are called alike, only those next to the asked one are looked at.
_MOST_ALIKE = 200
# Directories of tests; what they test stands on the other sides of the same tree.
_TESTS = frozenset(("test", "tests", "__tests__", "spec", "specs", "androidTest"))
_SIDES = _TESTS | {"src", "main", "lib", "app", "include"}


def companions(names: Names, name: str, language: Language) -> tuple[str, ...]:
    """Return a header's implementation or the other way round, then the tests of a file or what a test tests.

    The nearest come first, at most `MOST_COMPANIONS`; empty where no name fits.
    """
    found = {other: None for base in _bases(name, language) for other in _close(names.called(base), name)}
    if "*" in language.tests:
        found.update(dict.fromkeys(_across(names, name)))
    found.pop(name, None)
    ranked = sorted((-_nearness(name, other), other.count("/"), other) for other in found)
    if len(ranked) > MOST_COMPANIONS:
        # A name that many share says nothing of a pair, but for those few that lie nearest.
        ranked = [row for row in ranked if row[0] == ranked[0][0]]
        ranked = ranked if len(ranked) <= MOST_COMPANIONS else []
    every = dict.fromkeys([*files.pair(names, name), *(other for _, _, other in ranked)])
    return tuple(every)[:MOST_COMPANIONS]


def _bases(name: str, language: Language) -> Iterator[str]:
    """Yield what the companions of a file may be called: its tests, and what it tests."""
    stem = stem_of(name)
    patterns = [pattern.partition("*") for pattern in language.tests if pattern != "*"]
    stems = [head + stem + tail for head, _, tail in patterns]
    for head, _, tail in patterns:
        if len(stem) > len(head) + len(tail) and stem.startswith(head) and stem.endswith(tail):
            stems.append(stem[len(head) : len(stem) - len(tail)])
    yield from (one + suffix for one in stems for suffix in language.suffixes)


def _across(names: Names, name: str) -> list[str]:
    """Return the files with the same last part at the same place on the other side: of tests or of what they test."""
    place, is_test = _place(name), _is_test(name)
    alike = _close(names.called(base_of(name)), name)
    return [other for other in alike if _place(other) == place and _is_test(other) != is_test]


def _close(alike: Sequence[str], name: str) -> Sequence[str]:
    if len(alike) <= _MOST_ALIKE:
        return alike
    around = directory_of(directory_of(name))
    return [other for other in alike if other.startswith(f"{around}/")][:_MOST_ALIKE]


def _is_test(name: str) -> bool:
    return not _TESTS.isdisjoint(name.split("/"))


def _place(name: str) -> list[str]:
    """Return the directories of a file without those that only tell the sides of a tree apart."""
    return [part for part in name.split("/")[:-1] if part not in _SIDES]


def _nearness(left: str, right: str) -> int:
    """Return how many directories two files share from the root, and at the end of their places."""
    ends = _common(_place(left)[::-1], _place(right)[::-1])
    return _common(left.split("/")[:-1], right.split("/")[:-1]) + ends


def _common(left: list[str], right: list[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))
