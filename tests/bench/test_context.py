"""The context benchmark from end to end, on a tiny repository."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bench import context
from bench.problems import Unmeasurable
from bench.retrieval.holes import dump, load
from tests.bench.retrieval.clones import HOLE, SHOP, clone, hole_in

if TYPE_CHECKING:
    from pathlib import Path

PEERS = ("recent", "bm25", "skeletons")
TOKENS = ("--tokenizer", "approximate")


@pytest.fixture
def holes(tmp_path: Path) -> Path:
    """Two holes, of which one is no longer there."""
    hole = hole_in(SHOP, "shop/cart.py", HOLE, clone(tmp_path / "repos", SHOP), ("add_price", "price_of", "append"))
    other = hole_in(SHOP, "shop/cart.py", HOLE, "0" * 40, ("add_price",))
    file = tmp_path / "holes.jsonl"
    file.write_text(dump([hole, other]), encoding="utf-8")
    return file


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", ["context", *map(str, arguments)])
    context.main()


def result(capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, Any]]:
    *shown, last = capsys.readouterr().out.splitlines()
    return "\n".join(shown), json.loads(last)


def test_all_figures(
    holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repos = ("--repos", tmp_path / "repos", "--budgets", "512,64")
    details = ("--details", tmp_path / "details.jsonl")
    run(monkeypatch, "--holes", holes, *repos, *TOKENS, *details, "--strategy", *PEERS, "--strategy", "oracle_bm25")
    shown, found = result(capsys)
    assert found["benchmark"] == "context"
    assert found["machine"]["processor"]
    assert found["tokenizer"] == "pieces of text, not tokens"
    assert found["budgets"] == [64, 512]
    assert (found["given"], found["holes"], found["told"]) == (2, 1, ["oracle_bm25"])
    assert found["skipped"] == {"the clone does not have the commit": ["acme/shop#0"]}
    assert set(found["strategies"]) == {*PEERS, "oracle_bm25"}
    for name, strategy in found["strategies"].items():
        means = strategy["overall"]["all"]
        assert set(means) == {"64", "512"}
        assert all(mean["tokens"] <= int(budget) for budget, mean in means.items())
        assert found["largest"]["strategies"][name]["seconds"] >= 0
    assert found["strategies"]["skeletons"]["overall"]["all"]["512"]["signatures"] == 1
    assert found["against"] == {}
    assert len((tmp_path / "details.jsonl").read_text(encoding="utf-8").splitlines()) == 2 * (len(PEERS) + 1)
    for text in ("oracle_bm25 (told)", "Measured: 1 of 2 holes", "pieces of text", "python", "shop"):
        assert text in shown


def test_samples_are_written_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone(tmp_path / "repos", SHOP)
    sample = ("--sample", "acme+shop", "--repos", tmp_path / "repos", "--count", "8", "--seed", "5")
    run(monkeypatch, *sample, "--out", tmp_path / "out.jsonl")
    made = load(tmp_path / "out.jsonl")
    assert made
    capsys.readouterr()
    run(monkeypatch, *sample, *TOKENS, "--strategy", "bm25", "--limit", "2")
    _, found = result(capsys)
    assert found["holes"] == min(2, len(made))


def test_the_picture(holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="optional")
    arguments = ("--holes", holes, "--repos", tmp_path / "repos", *TOKENS, "--strategy", "bm25")
    run(monkeypatch, *arguments, "--picture", tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_measure_is_said(
    holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--holes", holes, "--repos", tmp_path / "none", *TOKENS, "--strategy", "bm25")
    shown, found = result(capsys)
    assert "No hole could be measured." in shown
    assert found["skipped"] == {"there is no clone of the repository": ["acme/shop#0", "acme/shop#0"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--holes", "none.jsonl", *TOKENS], "none.jsonl cannot be read"),
        (["--holes", "none.jsonl"], "--tokenizer takes"),
        (["--sample", "acme+none", *TOKENS], "acme/none: there is no clone"),
        (["--holes", "none.jsonl", *TOKENS, "--strategy", "best"], "no strategy best"),
        (["--holes", "none.jsonl", "--out", "x"], "--out takes"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unmeasurable, match=message):
        run(monkeypatch, *arguments, "--repos", tmp_path)


@pytest.mark.parametrize("budgets", ["0", "x", "512,-1", ""])
def test_what_is_no_budget(budgets: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, "--holes", "none", "--repos", tmp_path, "--budgets", budgets)


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(5, None, [0, 1, 2, 3, 4]), (5, 9, [0, 1, 2, 3, 4]), (5, 2, [0, 2]), (6, 3, [0, 2, 4]), (3, 0, [])],
)
def test_a_limit_takes_evenly(count: int, most: int | None, expected: list[int]) -> None:
    assert list(context.evenly(range(count), most)) == expected
