"""The syntax of ignore files, beside git itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.ignore import LONGEST_LINE, parse
from tests.context.tree import listed, write

GIT = shutil.which("git") or ""
needs_git = pytest.mark.skipif(not GIT, reason="git is not installed")
NO_CASE = re.RegexFlag(0)


def verdict(lines: str, path: str) -> bool | None:
    name = path.rstrip("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return parse(lines.split("\n"), NO_CASE).verdict(path, name)


@pytest.mark.parametrize(
    ("lines", "left_out", "others"),
    [
        ("a", ["a", "a/", "x/a", "x/a/"], ["ab", "a/b", "A"]),
        ("a/", ["a/", "x/a/"], ["a", "a/b"]),
        ("/a", ["a", "a/"], ["x/a"]),
        ("a/b", ["a/b", "a/b/"], ["x/a/b", "a/b/c", "a/"]),
        ("*", ["a", "a/", "x/a"], []),
        ("**", ["a", "a/", "x/a"], []),
        ("**/", ["a/", "x/a/"], ["a", "x/a"]),
        ("*.py", ["a.py", ".py", "x/a.py"], ["a.pyi", "a_py"]),
        ("a*", ["a", "ab", "x/abc"], ["ba", "x/ba"]),
        ("a*c*e", ["ace", "abcde", "acce"], ["ae", "aec", "acf"]),
        ("?.py", ["a.py", "é.py"], [".py", "ab.py"]),
        ("a/*", ["a/b", "a/b/"], ["a/", "a/b/c"]),
        ("a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]),
        ("**/a", ["a", "x/a", "x/y/a/"], ["xa"]),
        ("**/a/b", ["a/b", "x/a/b"], ["a/x/b", "xa/b"]),
        ("a/**", ["a/b", "a/b/", "a/b/c"], ["a/", "a", "xa/b"]),
        ("a/**/", ["a/b/", "a/b/c/"], ["a/", "a/b"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "x/a/b"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/c", "a/b/b/c/c"], ["a/c", "a/c/b"]),
        ("/**/a", ["a", "x/a"], ["ab"]),
        ("a**b", ["ab", "axb"], ["a/b"]),
        ("x/a**b", ["x/ab", "x/axb"], ["x/a/b"]),
        ("a/***/b", ["a/b", "a/x/b"], []),
        ("[ab].py", ["a.py", "b.py"], ["c.py", "ab.py"]),
        ("[!ab]", ["c", "]"], ["a", "b"]),
        ("[^ab]", ["c", "^"], ["a", "b"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("[a-c-]", ["a", "b", "-"], ["d"]),
        ("[--0]", ["-", ".", "0"], ["1", ","]),
        ("[\\]]", ["]"], ["\\"]),
        ("[\\a-\\c]", ["b"], ["\\", "-"]),
        ("[[:digit:]x]", ["0", "9", "x"], ["a", ":", "[", "d"]),
        ("[![:space:]]", ["a"], [" "]),
        ("[[:upper:][:digit:]]", ["A", "7"], ["a"]),
        ("[[a]", ["[", "a"], []),
        ("[a&&b]", ["&", "a", "b"], []),
        ("x[!y]z", ["xaz"], ["x/z", "xyz"]),
        ("x[+-9]z", ["x.z"], ["x/z"]),
        ("\\#a", ["#a"], ["a", "\\#a"]),
        ("\\!a", ["!a"], ["a"]),
        ("\\*", ["*"], ["a", "\\*"]),
        ("a\\bc", ["abc"], ["a\\bc"]),
        ("a.b+(c)|d$", ["a.b+(c)|d$"], ["aab+(c)|d$"]),
        ("a  ", ["a"], ["a  "]),
        ("a\\ ", ["a "], ["a", "a\\ "]),
        ("a\\  ", ["a "], ["a", "a  "]),
        ("a\\\\ ", ["a\\"], ["a\\ "]),
        (" a", [" a"], ["a"]),
        ("a\t", ["a\t"], ["a"]),
        ("été", ["été"], ["ete"]),
        ("a\nb", ["a", "b"], []),
    ],
)
def test_what_a_pattern_matches(lines: str, left_out: list[str], others: list[str]) -> None:
    assert [verdict(lines, path) for path in left_out] == [True] * len(left_out)
    assert [verdict(lines, path) for path in others] == [None] * len(others)


@pytest.mark.parametrize(
    "line",
    [
        *("", " ", "#", "# a", "!", "/", "!/", "//", "a//b", "a//"),
        *("[", "a[b", "[]", "[!]", "[z-a]", "[[:nonsense:]]", "[[::]]", "a\\", "\\"),
        "a" * (LONGEST_LINE + 1),
    ],
)
def test_what_is_no_pattern_matches_nothing_and_harms_no_other(line: str) -> None:
    for path in ("a", "a/", "a/b", "[", "a[b", "]", "\\", ":", line.strip("/ !").replace("//", "/") or "x"):
        assert verdict(line, path) is None
    assert verdict(f"a\n{line}\nb", "a") is True
    assert verdict(f"a\n{line}\nb", "b") is True


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        ("*.py\n!a.py", "a.py", False),
        ("*.py\n!a.py", "b.py", True),
        ("!a.py\n*.py", "a.py", True),
        ("*\n!*/\n!*.py", "x/", False),
        ("*\n!*/\n!*.py", "x/a.py", False),
        ("*\n!*/\n!*.py", "x/a.js", True),
        ("/*\n!/src", "src/", False),
        ("/*\n!/src", "src/a.py", None),
        ("a\n!x/a", "x/a", False),
        ("a\n!x/a", "y/a", True),
        ("a\n!a/", "a", True),
        ("a\n!a/", "a/", False),
    ],
)
def test_the_last_line_that_matches_decides(lines: str, path: str, expected: bool | None) -> None:
    assert verdict(lines, path) is expected


def test_cases_matter_or_do_not() -> None:
    assert parse(["*.PY"], re.IGNORECASE).verdict("a.py", "a.py") is True
    assert parse(["*.PY"], NO_CASE).verdict("a.py", "a.py") is None


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("*a" * 50 + "b", "a" * 250),
        ("/" + "*a" * 50 + "b", "a" * 250),
        ("**/a/" * 30 + "b", "a/" * 1000 + "c"),
        ("*/" * 100 + "b", "a/" * 1000 + "c"),
        ("?*" * 100, "a/"),
    ],
)
def test_no_pattern_takes_ages(line: str, path: str) -> None:
    assert verdict(line, path) is None


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed")
@pytest.mark.parametrize("name", ["a\n.py", "a\nb", "\udcff.py"])
def test_any_name_can_be_judged(name: str) -> None:
    assert verdict("*.py", name) is (True if name.endswith(".py") else None)
    assert verdict("b", name) is None


DIRECTORIES = ("", "a/", "b/", "a/a/", "a/b/", "b/a b/", "a/b/c/", "a/b/c/a/")
FILES = [f"{directory}{name}.py" for directory in DIRECTORIES for name in ("a", "ab", "[a]", "b c")]
# Two things are left out: letters of several bytes, of which git's ? takes one byte, and stars such as those of a**/b,
# which git treats otherwise than gitignore(5) says.
PIECES = ("a", "b", "c", "*", "?", ".py", "[ab]", "[!a]", "[a-c]*", "[[:alpha:]]", "\\a", "\\[", " ")
SEGMENTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join).filter(lambda text: "**" not in text)
LINES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.just("**") | SEGMENTS, min_size=1, max_size=4).map("/".join),
    st.sampled_from(["", "", "/", " ", "\\ ", "\r"]),
)
IGNORE_FILES = st.lists(LINES, max_size=5).map("\n".join)


@needs_git
@given(
    st.dictionaries(st.sampled_from(DIRECTORIES), IGNORE_FILES, max_size=4),
    IGNORE_FILES,
)
def test_the_workspace_lists_what_git_lists(ignore_files: dict[str, str], exclude: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), FILES)
        write(Path(folder), {f"{directory}.gitignore": text for directory, text in ignore_files.items()})
        write(Path(folder), {".git/objects/": "", ".git/refs/": "", ".git/HEAD": "ref: refs/heads/main\n"})
        write(Path(folder), {".git/info/exclude": exclude})
        command = [GIT, "-C", folder, "ls-files", "-coz", "--exclude-standard", "*.py"]
        by_git = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        assert sorted(listed(Path(folder))) == sorted(by_git[:-1])
