"""SAFIM: its rows, where a text ends by the rule of its kind, and when a call matches."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.safim import BENCHMARK, matches
from lsp_server.evaluation.task import Check, Run, Task

if TYPE_CHECKING:
    from tests.evaluation.benchmarks.conftest import Written

TESTS = [{"input": "1\r\n2\n", "output": ["3\n", "3.0"]}, {"input": "", "output": ["0"]}]
ROW: dict[str, Any] = {
    "task_id": "block_completion_000001",
    "lang": "python",
    "prompt": '"""Print the sum."""\nfor line in open(0):\n    # TODO: Your code here\nprint(s)\n',
    "eval_prompt": "for line in open(0):\n    {{completion}}\nprint(s)\n",
    "ground_truth": "s += int(line)",
    "unit_tests": json.dumps(TESTS),
}
CALL: dict[str, Any] = {
    "task_id": "api_completion_000001",
    "lang": "java",
    "prompt": "int x = /* TODO: Your code here */;\n",
    "eval_prompt": "int x = {{completion}};\n",
    "ground_truth": "Math.max(a, b)",
    "unit_tests": "[]",
}


def hole(kind: str, language: str) -> Task:
    check = Check(language, "for i in x:\n    ", "\nprint(1)\n", (Run("", ("",)),)) if kind == "block" else None
    return Task("a", kind, language, "", "", "", check=check)


def test_a_row_with_tests(written: Written) -> None:
    [task] = BENCHMARK.load(written(ROW))
    assert (task.id, task.kind, task.language) == ("block_completion_000001", "block", "python")
    assert task.before == '"""Print the sum."""\nfor line in open(0):\n    '
    assert task.after == "\nprint(s)\n"
    assert task.truth == "s += int(line)"
    # What is executed lacks the problem.
    runs = (Run("1\n2\n", ("3\n", "3.0")), Run("", ("0",)))
    assert task.check == Check("python", "for line in open(0):\n    ", "\nprint(s)\n", runs, 6.0)
    assert BENCHMARK.score(task, task.truth) == {}


def test_a_row_without_tests(written: Written) -> None:
    [task] = BENCHMARK.load(written(CALL))
    assert (task.kind, task.before, task.after) == ("api", "int x = ", ";\n")
    assert task.check is None
    assert BENCHMARK.score(task, task.truth) == {"syntax match": 1.0}
    assert BENCHMARK.score(task, "") == {"syntax match": 0.0}


@pytest.mark.parametrize(
    ("name", "file", "kind"),
    [
        ("control_completion_000001", "data.jsonl", "control"),
        ("api_completion_000001", "block_completion.jsonl", "api"),
        ("000001", "control_completion_fixed.jsonl", "control"),
        ("000001", "block_completion_v2.jsonl", "block"),
    ],
)
def test_the_name_of_a_hole_or_of_its_file_tells_the_kind(written: Written, name: str, file: str, kind: str) -> None:
    assert BENCHMARK.load(written({**ROW, "task_id": name}, name=file))[0].kind == kind


@pytest.mark.parametrize(
    ("language", "mark", "seconds"),
    [
        ("python", "# TODO: Your code here", 6.0),
        ("java", "/* TODO: Your code here */", 6.0),
        ("cpp", "/* TODO: Your code here */", 2.0),
        ("csharp", "/* TODO: Your code here */", 6.0),
    ],
)
def test_languages(written: Written, language: str, mark: str, seconds: float) -> None:
    [task] = BENCHMARK.load(written({**ROW, "lang": language, "prompt": f"before {mark} after"}))
    assert (task.before, task.after) == ("before ", " after")
    assert task.check
    assert (task.check.language, task.check.seconds) == (language, seconds)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lang": "php"}, '"php" is none of the languages python, java, cpp, csharp'),
        ({"task_id": "000001"}, 'neither "000001" nor the name of the file begins with one of block, control, api'),
        ({"prompt": "x"}, '"# TODO: Your code here" stands 0 times in "prompt" and not once'),
        ({"eval_prompt": "{{completion}}{{completion}}"}, '"{{completion}}" stands 2 times in "eval_prompt"'),
        ({"unit_tests": "["}, '"unit_tests" is no JSON'),
        ({"unit_tests": TESTS}, '"unit_tests" is not text'),
        ({"unit_tests": "{}"}, '"unit_tests" is not a list'),
        ({"unit_tests": '[{"input": "1"}]'}, 'data.jsonl, line 1, "unit_tests" 1 .* "output" is missing'),
        ({"unit_tests": '[{"input": "1", "output": [1]}]'}, '"output" is no list of texts'),
    ],
)
def test_what_is_no_row(written: Written, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        BENCHMARK.load(written({**ROW, **changes}))


@pytest.mark.parametrize(
    ("kind", "language", "text", "kept"),
    [
        ("block", "python", "a()\n    b()\nprint(1)\n", "a()\n    b()\n"),
        ("block", "python", "a(", ""),
        # Python's control-flow expressions are the rest of a line.
        ("control", "python", "i in range(3):\n    print(i)", "i in range(3):"),
        ("control", "python", "\n  \n  x > 0:  \nelse:", "  x > 0:  "),
        ("control", "python", "\n \n", ""),
        ("control", "python", "", ""),
        # Those of the others end where what is around them is closed.
        ("control", "java", "int i = 0; i < f(n); i++) {\n  a();", "int i = 0; i < f(n); i++"),
        ("control", "cpp", "x > 0", "x > 0"),
        ("control", "csharp", "\n f(x) &&\n g(y)\n) {", "\n f(x) &&\n g(y)\n"),
        ("control", "java", ")", ""),
        ("control", "java", "", ""),
        # Strings and comments are not read.
        ("control", "java", "c == ')' || d)", "c == '"),
        # A call ends with the first parenthesis that closes all.
        ("api", "python", "np.ones((n, n))\nprint(a)", "np.ones((n, n))"),
        ("api", "java", "\n  a.b(c(), d()).e();", "\n  a.b(c(), d())"),
        ("api", "cpp", "x);", "x)"),
        ("api", "cpp", "f(a, (b)", "f(a, (b)"),
        ("api", "python", "x", "x"),
        ("api", "python", "", ""),
        ("api", "python", "  \n", "  \n"),
    ],
)
def test_what_of_a_text_counts(kind: str, language: str, text: str, kept: str) -> None:
    assert BENCHMARK.cut(hole(kind, language), text) == kept


def test_a_block_without_tests_stays_whole() -> None:
    task = replace(hole("block", "python"), check=None)
    assert BENCHMARK.cut(task, "a(") == "a("


@given(st.text("()a \n"), st.sampled_from(["java", "cpp", "csharp"]))
def test_expressions_close_nothing_that_they_did_not_open(text: str, language: str) -> None:
    kept = BENCHMARK.cut(hole("control", language), text)
    assert text.startswith(kept)
    depth = 0
    for character in kept:
        depth += {"(": 1, ")": -1}.get(character, 0)
        assert depth >= 0


@given(st.text("()a \n"))
def test_calls_are_cut_once(text: str) -> None:
    task = hole("api", "python")
    kept = BENCHMARK.cut(task, text)
    assert text.startswith(kept)
    assert BENCHMARK.cut(task, kept) == kept


@pytest.mark.parametrize(
    ("language", "text", "truth", "same"),
    [
        ("java", "Math.max(a, b)", "Math.max(a,\n  b)", True),
        ("java", "Math.max(a, b)", "Math.max(b, a)", False),
        ("java", "f(x) // y", "f(x)", False),
        # White space in strings is white space, too.
        ("cpp", 'f("a b")', 'f("ab")', True),
        ("csharp", "", "f()", False),
        # Python's arguments with names may stand in any order.
        ("python", "f(1, a=2, b=3)", "f(1, b=3, a=2)", True),
        ("python", "f('a')", 'f("a")', True),
        ("python", "f(0x10)", "f(16)", True),
        ("python", "f(1, 2)", "f(2, 1)", False),
        ("python", "f(a=1)", "f(1)", False),
        # What is called does not count for the authors.
        ("python", "f(1)", "g.h(1)", True),
        # Without white space, words become one name, and some code is none any more: that is compared as text.
        ("python", "f(a if b else c)", "f(aifbelsec)", True),
        ("python", "f(lambda x: x)", "f(lambda  x : x)", True),
        ("python", "f(lambda x: x)", "g(lambda x: x)", False),
        ("python", "f(1)", "f(1)+1", False),
        ("python", "x", "x", True),
        ("python", "", "f()", False),
        ("python", "f(", "f(", True),
        # Neither an invalid escape sequence nor depth stops the comparison.
        ("python", r"f('\d')", r'f("\d")', True),
        ("python", "f(" * 10_000, "f()", False),
        ("python", "f('\0')", "f()", False),
    ],
)
@pytest.mark.filterwarnings("error")
def test_calls_that_match(language: str, text: str, truth: str, same: bool) -> None:
    assert matches(text, truth, language) is same
