"""`midfill eval`: what a user types, with the embedded model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.evaluation.own.kinds import KINDS
from tests.test_cli import midfill

if TYPE_CHECKING:
    from pathlib import Path

CODE = '''"""Sums and products."""


def total(values, start=0):
    """Add all values."""
    result = start
    for value in values:
        result = result + value
        result = result + start
    return result


def product(values, start=1):
    """Multiply all values."""
    result = start
    for value in values:
        result = result * value
        result = result * start
    return result
'''


# What a shell starts in the background is deaf to interrupts, and so is all that it starts.
INTERRUPTIBLE = """
import signal
from lsp_server.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "sums"
    folder.mkdir()
    for name in ("sums.py", "more.py", "test_sums.py"):
        (folder / name).write_text(CODE.replace("total", f"total_{name[0]}"))
    for command in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(command, cwd=folder, check=True)
    return folder


@pytest.fixture
def humaneval(tmp_path: Path) -> Path:
    """A file of HumanEval-Infilling's form with two problems of its own."""
    file = tmp_path / "HumanEval-SingleLineInfilling.jsonl"
    rows = [
        {
            "task_id": f"SingleLineInfilling/HumanEval/{number}/L0",
            "entry_point": "add",
            "prompt": "def add(a, b):\n",
            "suffix": "",
            "canonical_solution": f"    return a + b + {number}\n",
            "test": f"\ndef check(candidate):\n    assert candidate(1, 2) == 3 + {number}\n",
        }
        for number in range(2)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def figures(*arguments: str) -> dict[str, Any]:
    """Return the JSON line of an evaluation."""
    [line] = midfill("eval", *arguments, "--json").stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_holes_of_a_repository(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = figures("own", str(repository), "--count", "10", "--arm", "product", "--arm", "bare", "--out", str(out))
    rows = {(row["kind"], row["language"], row["arm"]): row for row in found["figures"]}
    whole = rows["", "", "product"]
    assert whole["holes"] == 10
    assert set(whole["metrics"]) == {"exact match", "edit similarity", "exact first line", "added errors", "silent"}
    assert {kind for kind, _, _ in rows if kind} == set(KINDS)
    assert ("", "", "bare") in rows
    assert found["conditions"]["model"] == "midfill tiny"
    assert {one["metric"] for one in found["comparisons"]} >= {"exact match", "edit similarity"}
    page = (out / "page.html").read_text(encoding="utf-8")
    assert "Holes of sums" in page
    assert json.loads((out / "figures.json").read_text()) == found


def test_the_same_command_asks_nobody_twice(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("own", str(repository), "--count", "4", "--out", str(out))
    first = figures(*arguments)
    before = (out / "answers.jsonl").read_bytes()
    assert figures(*arguments) == first, "times too: nothing was measured anew"
    assert (out / "answers.jsonl").read_bytes() == before
    more = figures(*arguments, "--arm", "product", "--arm", "without suffix")
    assert (out / "answers.jsonl").read_bytes().startswith(before)
    assert {row["arm"] for row in more["figures"]} == {"product", "without suffix"}


def test_a_folder_of_something_else_is_left_alone(repository: Path, tmp_path: Path) -> None:
    arguments = ("eval", "own", str(repository), "--count", "2", "--out", str(tmp_path / "out"))
    midfill(*arguments)
    done = midfill(*arguments, "--seed", "1", status=1)
    assert done.stdout == ""
    assert "holds another evaluation: choose another folder, or delete it." in done.stderr


def test_tests_are_left_out_unless_they_are_asked_for(repository: Path, tmp_path: Path) -> None:
    def paths(out: str, *more: str) -> set[str]:
        figures("own", str(repository), "--count", "12", "--kind", "line", "--out", str(tmp_path / out), *more)
        lines = (tmp_path / out / "answers.jsonl").read_text().splitlines()[1:]
        return {json.loads(line)["task"].partition(":")[0] for line in lines}

    assert paths("without") == {"sums.py", "more.py"}
    assert paths("with", "--with-tests") == {"sums.py", "more.py", "test_sums.py"}


def test_each_part_left_out(repository: Path, tmp_path: Path) -> None:
    found = figures("own", str(repository), "--count", "2", "--kind", "block", "--ablate", "--out", str(tmp_path / "o"))
    arms = [row["arm"] for row in found["figures"] if not row["kind"] and not row["language"]]
    assert arms[0] == "product"
    assert {"without suffix", "without healing", "without shaping", "without imports", "without uses"} <= set(arms)
    assert all(one["against"] == "product" for one in found["comparisons"])


def test_a_benchmark_that_is_executed(humaneval: Path, tmp_path: Path) -> None:
    arguments = ("benchmark", "humaneval-infilling", "--data", str(humaneval), "--out", str(tmp_path / "out"))
    assert "pass@1" not in figures(*arguments)["figures"][0]["metrics"], "nothing runs without the flag"
    found = figures(*arguments, "--execute")
    assert found["figures"][0]["metrics"]["pass@1"]["mean"] in {0.0, 0.5, 1.0}
    lines = (tmp_path / "out" / "verdicts.jsonl").read_text().splitlines()[1:]
    assert len(lines) == 2
    assert any(row["model"] == "FIM50 6.9B" for row in found["published"]), "what others have published stands beside"


def test_controls_on_what_is_executed(humaneval: Path, tmp_path: Path) -> None:
    found = figures(
        *("benchmark", "humaneval-infilling", "--data", str(humaneval), "--out", str(tmp_path / "out"), "--execute"),
        *("--arm", "truth", "--arm", "nothing"),
    )
    assert {row["arm"]: row["metrics"]["pass@1"]["mean"] for row in found["figures"]} == {"truth": 1.0, "nothing": 0.0}


def test_several_texts_of_a_hole(humaneval: Path, tmp_path: Path) -> None:
    found = figures(
        *("benchmark", "humaneval-infilling", "--data", str(humaneval), "--out", str(tmp_path / "out"), "--execute"),
        *("--samples", "3", "-k", "1", "-k", "3", "--temperature", "1.5", "--count", "1"),
    )
    [row] = found["figures"]
    assert {"pass@1", "pass@3"} <= set(row["metrics"])
    assert (row["holes"], row["texts"]) == (1, 3)
    texts = {json.loads(line)["raw"] for line in (tmp_path / "out" / "answers.jsonl").read_text().splitlines()[1:]}
    assert len(texts) > 1


def test_needles(tmp_path: Path) -> None:
    found = figures("needle", "--per-place", "1", "--longest", "600", "--out", str(tmp_path / "out"))
    assert found["figures"][0]["holes"] == 10
    assert found["figures"][0]["metrics"]["exact match"]["mean"] >= 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["own", "nowhere"], "nowhere is no folder"),
        (["own", ".", "--kind", "novel"], "There is no kind of holes called 'novel'"),
        (["own", ".", "--arm", "best"], "There is no way to ask called 'best'"),
        (["own", ".", "--model", "none"], "none"),
        (["benchmark", "all"], 'There is no benchmark "all"; there are humaneval-infilling'),
        (["benchmark", "safim"], "name one with --data"),
        (["benchmark", "safim", "--preset", "wide"], "There is no preset 'wide'; there are: report, 8k."),
        (["benchmark", "santacoder", "--samples", "2"], "use --temperature"),
        (["benchmark", "santacoder", "-k", "5"], "use --samples 5 or more"),
        (["needle", "--longest", "100"], "choose a longer context"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(
    repository: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(repository)
    done = midfill("eval", *arguments, status=1)
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert sentence in line


def test_the_list() -> None:
    assert "humaneval-infilling: HumanEval-Infilling" in midfill("eval", "list").stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no interrupts for single processes")
def test_an_interrupted_one_goes_on(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("own", str(repository), "--count", "30", "--out", str(out))
    command = [sys.executable, "-c", INTERRUPTIBLE, "eval", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and _lines(out / "answers.jsonl") <= 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert "The same command goes on from here" in said
    before = (out / "answers.jsonl").read_bytes()
    assert figures(*arguments)["figures"][0]["holes"] > 3
    assert (out / "answers.jsonl").read_bytes().startswith(before)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
