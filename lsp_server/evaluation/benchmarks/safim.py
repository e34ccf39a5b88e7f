"""SAFIM (arXiv 2403.04814): blocks, control-flow expressions and calls of an API, told by syntax trees.

A row holds ``task_id`` ("block_completion_000075"), ``lang``, ``prompt``, the problem and the program with a comment in
place of what is missing, ``eval_prompt``, the program with ``{{completion}}`` there, ``ground_truth``, and
``unit_tests``, JSON within JSON: a list of ``{"input": "...", "output": ["...", ...]}``, empty for calls.

A text is cut by the rule of its kind, and executed where there are tests; a call has to match by its syntax. The
authors' pass@1 takes both together. They pass a text that is the missing one without executing it, and execute Python
by PyPy; time limits here are those of the interpreters that are used (ntunlp/ExecEval@dd69386, config.yaml: two seconds
times a factor).
"""

from __future__ import annotations

import ast
import json
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lsp_server.evaluation.benchmarks.blocks import until_block
from lsp_server.evaluation.benchmarks.reading import Row, tasks
from lsp_server.evaluation.task import Benchmark, Check, Limits, Run, Task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WHAT = "a split of SAFIM"
SYNTAX_MATCH = "syntax match"
COMPLETION = "{{completion}}"
# As the authors' configurations are called.
_KINDS = ("block", "control", "api")


class _Language(NamedTuple):
    """``missing`` is the comment in place of what is missing, ``seconds`` the time that a run may take."""

    suffix: str
    missing: str
    seconds: float


_LANGUAGES = {
    "python": _Language(".py", "# TODO: Your code here", 6.0),
    "java": _Language(".java", "/* TODO: Your code here */", 6.0),
    "cpp": _Language(".cpp", "/* TODO: Your code here */", 2.0),
    "csharp": _Language(".cs", "/* TODO: Your code here */", 6.0),
}


def load(path: Path) -> list[Task]:
    """Return the holes of a split, or of several in one file.

    Raises:
        InputError: the file is no such split.
    """
    return tasks(path, WHAT, partial(_task, file=path.name))


def _task(row: Row, file: str) -> Task:
    name, language = row.text("task_id"), row.text("lang")
    if language not in _LANGUAGES:
        row.refuse(f'"{language}" is none of the languages {", ".join(_LANGUAGES)}')
    before, after = _parts(row, "prompt", _LANGUAGES[language].missing)
    return Task(
        id=name,
        kind=_kind(row, name, file),
        language=language,
        before=before,
        after=after,
        truth=row.text("ground_truth"),
        check=_check(row, language),
    )


def _kind(row: Row, name: str, file: str) -> str:
    """Return what is missing, as the hole's name tells, or else its file's."""
    kinds = [kind for told in (name, file) for kind in _KINDS if told.startswith(kind)]
    if not kinds:
        row.refuse(f'neither "{name}" nor the name of the file begins with one of {", ".join(_KINDS)}')
    return kinds[0]


def _parts(row: Row, name: str, mark: str) -> tuple[str, str]:
    """Return what stands before a mark in a field, and what stands after it."""
    parts = row.text(name).split(mark)
    if len(parts) != 2:  # noqa: PLR2004 (before and after)
        row.refuse(f'"{mark}" stands {len(parts) - 1} times in "{name}" and not once')
    return parts[0], parts[1]


def _check(row: Row, language: str) -> Check | None:
    """Return how the program is executed, ``None`` where there are no tests."""
    try:
        tests = json.loads(row.get("unit_tests", str) or "[]")
    except ValueError as error:
        row.refuse(f'"unit_tests" is no JSON ({error})')
    runs = tuple(map(_run, Row({"unit_tests": tests}, row.place).rows("unit_tests")))
    if not runs:
        return None
    head, tail = _parts(row, "eval_prompt", COMPLETION)
    return Check(language, head, tail, runs, _LANGUAGES[language].seconds)


def _run(row: Row) -> Run:
    outputs = row.get("output", list)
    if not all(isinstance(output, str) for output in outputs):
        row.refuse('"output" is no list of texts')
    # ExecEval drops every carriage return.
    return Run(row.get("input", str).replace("\r", ""), tuple(output.replace("\r", "") for output in outputs))


def cut(task: Task, text: str) -> str:
    """Return what of a text is the block, the expression or the call; the text where it has no end of that kind."""
    if task.kind == "api":
        return _call(text)
    if task.kind == "control":
        return _first_line(text) if task.language == "python" else _within_parentheses(text)
    check = task.check
    return until_block(check.head, text, check.tail, _LANGUAGES[task.language].suffix) if check else text


def _first_line(text: str) -> str:
    """Return the first line that is not blank, without its line break; empty where there is none."""
    return next((line for line in text.splitlines() if line.strip()), "")


def _within_parentheses(text: str) -> str:
    """Return a text up to a parenthesis that it did not open; those in strings are as good as others."""
    for at, depth in _depths(text):
        if depth < 0:
            return text[:at]
    return text


def _call(text: str) -> str:
    """Return a text with the first parenthesis that closes all before it, or was never opened."""
    for at, depth in _depths(text):
        if depth <= 0 and text[at] == ")":
            return text[: at + 1]
    return text


def _depths(text: str) -> list[tuple[int, int]]:
    """Return the places of parentheses, each with how many are open behind it."""
    depth, found = 0, []
    for at, character in enumerate(text):
        if character in "()":
            depth += 1 if character == "(" else -1
            found.append((at, depth))
    return found


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return whether a text matches by its syntax; nothing where it is executed."""
    return {} if task.check else {SYNTAX_MATCH: float(matches(text, task.truth, task.language))}


def matches(text: str, truth: str, language: str) -> bool:
    """Return whether two texts are the same without any white space.

    In Python, calls match where their arguments do, those with names in any order; what is called does not count.
    """
    text, truth = "".join(text.split()), "".join(truth.split())
    if language == "python" and (given := _arguments(text)) and (wanted := _arguments(truth)):
        return given == wanted
    return text == truth


def _arguments(code: str) -> tuple[list[str], dict[Any, str]] | None:
    """Return the arguments of a call, ``None`` where the code, without its white space, is none."""
    try:
        with warnings.catch_warnings():
            # Of a model's code, nobody needs to hear that an escape sequence in it is invalid.
            warnings.simplefilter("ignore")
            call = ast.parse(code, mode="eval").body
        if not isinstance(call, ast.Call):
            return None
        return [ast.dump(value) for value in call.args], {word.arg: ast.dump(word.value) for word in call.keywords}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The parser runs out of memory, it says, where code is nested too deeply.
        return None


BENCHMARK = Benchmark(
    name="safim",
    title="SAFIM",
    source="gonglinyuan/safim@9543286: prompt_utils.py, evaluate.py",
    data="block_completion.jsonl.gz, control_completion.jsonl.gz or api_completion.jsonl.gz of gonglinyuan/safim on "
    "the hub, or one file of all of them",
    hub=None,
    load=load,
    cut=cut,
    score=score,
    metrics=(SYNTAX_MATCH,),
    report=Limits(
        sequence=8192,
        after=2048,
        chunks=0,
        generated=128,
        note="The harness of the report does not hold SAFIM: 8192 and 2048 are its sizes for whole files, 128 is what "
        "SAFIM's authors let a model write, at temperature 0.2 and top-p 0.95; the report is greedy.",
    ),
)
