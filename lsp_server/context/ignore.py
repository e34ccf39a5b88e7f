r"""Ignore patterns in the syntax of gitignore(5): from lines to a verdict on a path. Knows no disk.

A verdict is on one path alone. That a directory which is left out takes all below it along is for the walk to see
to, as in git, where "it is not possible to re-include a file if a parent directory of that file is excluded".
pathspec judges whole paths instead, so with ``*``, ``!*/``, ``!*.py`` it leaves out every directory, and one
line that it cannot read (``[z-a]``, a lone backslash) fails the whole file.

A path that is judged is relative to where the patterns stand, with forward slashes, and a directory's ends with one.
A wildcard stands for characters, where git takes bytes: ``?`` matches ``é``. In ``a**/b`` the two stars are as good as
one, as gitignore(5) says, though git itself (2.39) takes them for directories.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# git sets core.ignoreCase where it finds such a disk, and these systems come with one.
SYSTEM_CASE = re.IGNORECASE if sys.platform in {"win32", "darwin"} else re.RegexFlag(0)
# Characters; no path is as long, so a line beyond is no pattern.
LONGEST_LINE = 4096

# One piece of a segment: stars, any character, a set of characters, an escaped character, or a plain one.
_TOKEN = re.compile(
    r"(?P<stars>\*+)|(?P<any>\?)|\[(?P<sign>[!^]?)(?P<set>\]?(?:\[:[^\]]*:\]|\\.|[^\]\\])*)\]|\\(?P<escaped>.)|(?P<plain>[^\\\[])",
    re.DOTALL,
)
# What stands in a set: a class such as [:digit:], a character, or a range of them.
_SET_ITEM = re.compile(r"\[:(?P<name>[^\]]*):\]|(?P<low>\\.|[^\\])(?:-(?P<high>\\.|[^\\]))?", re.DOTALL)
# The names are those of git's wildmatch.c, the characters those of ASCII.
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_ANY_DIRECTORIES = re.compile(r"\*\*+")


class _MatchesNothing(Exception):
    """A line that is no pattern, such as one with an open bracket. Git passes over it too."""


class _Rule(NamedTuple):
    """One line: whether it leaves out or brings back, whether it judges whole paths or names, and what it matches."""

    leaves_out: bool
    judges_paths: bool
    regex: str


class _Group(NamedTuple):
    """Lines that follow each other and do the same, as one expression."""

    leaves_out: bool
    judges_paths: bool
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one ignore file; its last lines come first."""

    groups: tuple[_Group, ...] = ()

    def verdict(self, path: str, name: str) -> bool | None:
        """Return whether the last line that matches leaves a path out; ``None`` where no line matches.

        ``name`` is the last part of the path, a directory's with its slash.
        """
        for group in self.groups:
            if group.regex.fullmatch(path if group.judges_paths else name):
                return group.leaves_out
        return None


def parse(lines: Iterable[str], flags: re.RegexFlag = SYSTEM_CASE) -> Patterns:
    """Return the patterns of the lines of an ignore file. What is no pattern is passed over. Never raises."""
    numbers = count()
    rules = [rule for line in lines if (rule := _rule(line, numbers))]
    rules.reverse()
    return Patterns(
        tuple(
            _Group(leaves_out, judges_paths, re.compile("|".join(rule.regex for rule in alike), flags | re.DOTALL))
            for (leaves_out, judges_paths), alike in groupby(rules, lambda rule: rule[:2])
        )
    )


def _rule(line: str, numbers: Iterator[int]) -> _Rule | None:
    pattern = _without_trailing_spaces(line)
    if pattern.startswith("#") or len(pattern) > LONGEST_LINE:
        return None
    glob = pattern.removeprefix("!")
    end = "/?"
    if glob.endswith("/"):
        glob, end = glob[:-1], "/"
    if not glob:
        return None
    try:
        regex = _path(glob.removeprefix("/").split("/"), numbers) if "/" in glob else _segment(glob, numbers)
    except _MatchesNothing:
        return None
    return _Rule(not pattern.startswith("!"), "/" in glob, regex + end)


def _without_trailing_spaces(line: str) -> str:
    r"""Return a line without the spaces at its end; one behind a backslash stays."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if backslashes % 2 else bare


def _path(segments: list[str], numbers: Iterator[int]) -> str:
    """Return the expression for a pattern with slashes; ``**`` as a segment stands for any number of directories."""
    runs: list[list[str]] = [[]]
    for segment in segments:
        if _ANY_DIRECTORIES.fullmatch(segment):
            runs.append([])
        else:
            runs[-1].append(_segment(segment, numbers))
    first, *others = runs
    if not others:
        return "/".join(first)
    *middle, last = others
    regex = "".join(f"{segment}/" for segment in first)
    for run in filter(None, middle):
        regex += _nearest("(?:[^/]+/)*?" + "".join(f"{segment}/" for segment in run), numbers)
    return regex + ("(?:[^/]+/)*" + "/".join(last) if last else ".+")


def _segment(glob: str, numbers: Iterator[int]) -> str:
    pieces = [""]
    position = 0
    while position < len(glob):
        token = _TOKEN.match(glob, position)
        if token is None:
            raise _MatchesNothing
        position = token.end()
        if token["stars"]:
            pieces.append("")
        else:
            pieces[-1] += _character(token)
    first, *others = pieces
    if not others:
        return first
    if not any(pieces):
        return "[^/]+"
    *middle, last = others
    return first + "".join(_nearest("[^/]*?" + piece, numbers) for piece in middle) + "[^/]*" + last


def _character(token: re.Match[str]) -> str:
    if token["any"]:
        return "[^/]"
    if token["set"] is None:
        return re.escape(token["escaped"] or token["plain"])
    characters = "".join(_set_item(item) for item in _SET_ITEM.finditer(token["set"]))
    if not token["set"]:
        raise _MatchesNothing
    if token["sign"]:
        return f"[^/{characters}]"
    return f"(?!/)[{characters}]" if characters else "(?!)"


def _set_item(item: re.Match[str]) -> str:
    if item["name"] is not None:
        if item["name"] not in _CLASSES:
            raise _MatchesNothing
        return _CLASSES[item["name"]]
    low = item["low"][-1]
    high = (item["high"] or low)[-1]
    return f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""


def _nearest(regex: str, numbers: Iterator[int]) -> str:
    """Return an expression for the first place where another matches, and no later one.

    The first is enough for what stands between two stars, and trying the later ones too would take ages over
    ``*a*a*a*a*b``. Python has atomic groups from 3.11; a look ahead that is repeated does the same.
    """
    number = next(numbers)
    return f"(?=(?P<n{number}>{regex}))(?P=n{number})"
