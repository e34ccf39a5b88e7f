"""The benchmark of answers: what is asked, what counts as right, and the command from end to end."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bench import answers
from bench.problems import Unmeasurable
from bench.retrieval import answer, answer_report
from bench.retrieval.cases import Case
from bench.retrieval.holes import dump
from bench.retrieval.strategy import Query
from lsp_server.core import Chunk, Place
from lsp_server.engine.worker import Worker
from tests.bench.retrieval.clones import HOLE, SHOP, clone, hole_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.retrieval.answer import Answer, Model, Question

BEFORE = "from shop import prices\n\n\ndef checkout(cart, item):\n    total = "
AFTER = "\n    return cart\n"
CHUNKS = (Chunk("shop/prices.py", "def price_of(item):\n    return item.price", ""),)


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with answers.loaded("tiny") as found:
        yield found


def case(text: str, before: str = BEFORE, after: str = AFTER, names: tuple[str, ...] = ("price_of",)) -> Case:
    query = Query("shop/cart.py", before, after)
    return Case("acme/shop#0", "acme/shop", "python", "mid", query, text, names, {})


def text_of(tokens: tuple[int, ...], model: Model) -> str:
    """Return a prompt in words, with the special tokens' names in place of them."""
    names = {model.engine.special(name): name for name in model.form.stop}
    assert isinstance(model.engine, Worker)
    piece = model.engine._llama.piece
    return "".join(names[token] if token in names else piece(token).decode() for token in tokens)


def test_the_prompt_is_the_products(model: Model) -> None:
    question = answer.question_of(case("price_of(item)"), "shop", model, 64)
    expected = (
        "<|repo_name|>shop\n<|file_sep|>shop/prices.py\ndef price_of(item):\n    return item.price\n"
        "<|file_sep|>shop/cart.py\n<|fim_prefix|>from shop import prices\n\n\ndef checkout(cart, item):\n"
        "<|fim_suffix|>\n    return cart\n<|fim_middle|>    total = "
    )
    assert text_of(answer.prompt(question, CHUNKS, model), model) == expected
    assert text_of(answer.prompt(question, CHUNKS, model, "pr"), model) == f"{expected}pr"


@pytest.mark.parametrize(
    ("text", "expected", "names", "name"),
    [
        ("price_of(item)", "price_of(item)", ("price_of",), ("price_of", "pr")),
        ("price_of(item)  \n    more = 1", "price_of(item)", ("price_of",), ("price_of", "pr")),
        ("[price_of(item)]", "[price_of(item)]", ("price_of",), ("price_of", "[pr")),
        ("first(\n    price_of(item))", "first(", (), None),
        ("price_of_all", "price_of_all", (), None),
    ],
)
def test_what_is_asked_is_the_first_line(
    text: str, expected: str, names: tuple[str, ...], name: tuple[str, str] | None, model: Model
) -> None:
    question = answer.question_of(case(text), "shop", model, 64)
    assert (question.expected, question.names, question.name) == (expected, names, name)
    assert question.typed == "    total = "


@pytest.mark.parametrize("text", ["", "\n    x = 1", "   \nx"])
def test_a_line_with_nothing_to_write_is_not_asked(text: str, model: Model) -> None:
    with pytest.raises(Unmeasurable, match="nothing to write"):
        answer.question_of(case(text), "shop", model, 64)


@pytest.mark.parametrize("budget", [0, 256, 512, 850, 2000])
def test_every_prompt_fits_the_models_context(budget: int, model: Model) -> None:
    lines = "".join(f"    value{number} = compute({number}, 'é')\n" for number in range(500))
    long = case("price_of(item)", before=f"def f():\n{lines}    total = ", after=f"\n{lines}")
    length = model.engine.info.context_length
    if budget > 512:
        with pytest.raises(Unmeasurable, match="no room"):
            answer.question_of(long, "shop", model, budget)
        return
    question = answer.question_of(long, "shop", model, budget)
    asked = answer.prompt(question, (), model)
    assert answer.SMALLEST_WINDOW / 2 < len(asked) <= length - answer.MAX_TOKENS - budget
    assert question.anchor.prefix.endswith("\n")
    assert model.count(question.anchor.suffix) <= answer.LARGEST_SUFFIX


def test_windows_leave_no_more_than_their_room(model: Model) -> None:
    place = Place("x = 'é'\n" * 300 + "y", "\nz = 'ü'\n" * 300)
    for room in (1, 10, 100, 300):
        anchor = answer.windows(place, room, model.count)
        assert model.count(anchor.prefix) + model.count(anchor.suffix) <= room


def answered(question: Question, text: str, strategy: str = "midfill", word: str | None = None) -> Answer:
    return answer.Answer(
        question, strategy, text, word, context=5, prompt=9, is_ended=True, choosing=1.0, generating=2.0
    )


@pytest.mark.parametrize(
    ("text", "exact", "similarity", "names"),
    [
        ("price_of(item)", 1, 1, 1),
        ("price_of(cart)", 0, 2 * 11 / 28, 1),
        ("price_of_item", 0, None, 0),
        ("", 0, 0, 0),
        (" price_of(item)", 0, 2 * 14 / 29, 1),
    ],
)
def test_what_is_right(text: str, exact: float, similarity: float | None, names: float, model: Model) -> None:
    one = answered(answer.question_of(case("price_of(item)"), "shop", model, 64), text)
    assert (one.exact, one.names) == (exact, names)
    if similarity is not None:
        assert one.similarity == pytest.approx(similarity)


def test_differences_are_paired(model: Model) -> None:
    question = answer.question_of(case("price_of(item)"), "shop", model, 64)
    other = replace(question, case=replace(question.case, id="acme/shop#1", repository="acme/inn"), names=())
    found = [
        answered(question, "price_of(item)", word="price_of"),
        answered(other, "no"),
        answered(question, "no", "siblings", word="price_on"),
        answered(other, "no", "siblings"),
    ]
    figures = answer_report.summary(found, ["midfill", "siblings"], "midfill", 0)
    means = figures["strategies"]["midfill"]["overall"]["all"]
    assert (means["exact"], means["names"], means["name"], means["holes"], means["withNames"]) == (0.5, 1, 1, 2, 1)
    against = figures["against"]["siblings"]["overall"]["all"]
    assert (against["onlyOurs"], against["onlyTheirs"]) == (1, 0)
    assert against["exact"] == {"mean": 0.5, "low": 0.0, "high": 1.0}
    assert against["name"] == {"mean": 1.0, "low": 1.0, "high": 1.0}


# --- the command -------------------------------------------------------------------------------------


@pytest.fixture
def holes(tmp_path: Path) -> Path:
    """A hole, and one that is no longer there."""
    hole = hole_in(SHOP, "shop/cart.py", HOLE, clone(tmp_path / "repos", SHOP), ("add_price", "price_of"))
    file = tmp_path / "holes.jsonl"
    file.write_text(dump([hole, replace(hole, id="acme/shop#1", commit="0" * 40)]), encoding="utf-8")
    return file


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> None:
    monkeypatch.setattr(sys, "argv", ["answers", *map(str, arguments)])
    answers.main()


def result(capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, Any]]:
    *shown, last = capsys.readouterr().out.splitlines()
    return "\n".join(shown), json.loads(last)


def test_all_figures(
    holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    details = tmp_path / "details.jsonl"
    run(monkeypatch, "--holes", holes, "--repos", tmp_path / "repos", "--budget", "128", "--details", details)
    shown, found = result(capsys)
    assert (found["benchmark"], found["given"], found["holes"]) == ("answers", 2, 1)
    assert found["skipped"] == {"the clone does not have the commit": ["acme/shop#1"]}
    assert list(found["strategies"]) == ["midfill", "siblings", "none"]
    assert list(found["against"]) == ["siblings", "none"]
    assert found["machine"]["processor"]
    sizes = {name: strategy["contextTokens"]["mean"] for name, strategy in found["strategies"].items()}
    assert sizes["none"] == 0
    assert 0 < sizes["siblings"] <= 128
    assert 0 < sizes["midfill"] <= 128
    rows = [json.loads(line) for line in details.read_text(encoding="utf-8").splitlines()]
    assert [(row["strategy"], row["expected"]) for row in rows] == [
        (name, HOLE) for name in ("midfill", "siblings", "none")
    ]
    for text in ("acme/shop", "Measured: 1 of 2 holes", "difflib", "siblings, all"):
        assert text in shown


def test_samples_and_languages(
    holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ("--repos", tmp_path / "repos", "--count", "4", "--strategy", "siblings")
    run(monkeypatch, "--sample", "acme+shop", *few)
    _, found = result(capsys)
    assert found["holes"] > 0
    assert found["against"] == {}
    run(monkeypatch, "--holes", holes, "--sample", "acme+shop", "--language", "go", *few)
    shown, found = result(capsys)
    assert (found["given"], found["holes"]) == (0, 0)
    assert "No hole could be measured." in shown


def test_what_cannot_be_measured_is_one_sentence(
    holes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repos = ("--repos", tmp_path / "repos")
    with pytest.raises(Unmeasurable, match="no model 'nothing'"):
        run(monkeypatch, "--holes", holes, *repos, "--model", "nothing")
    with pytest.raises(SystemExit):
        run(monkeypatch, *repos)
    with pytest.raises(SystemExit):
        run(monkeypatch, "--holes", holes, *repos, "--strategy", "oracle_bm25")
    assert "invalid choice" in capsys.readouterr().err
