"""The benchmark of shaping: where holes are, what counts as a fault, its figures, and the command from end to end."""

from __future__ import annotations

import json
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from bench import shape
from bench.problems import Unmeasurable
from bench.retrieval.answer import Model
from bench.shaping import asking, faults, figures, grading, healing, held_out, rule_figures, samples, sources, truth
from bench.shaping.samples import Sample
from bench.shaping.truth import Outcome
from bench.tiny_model.corpus import Source
from lsp_server.engine.interface import Generation, Stop
from lsp_server.models.catalogue import EMBEDDED_FILE
from lsp_server.prompt.fim import QWEN25_CODER
from tests.cursor import place
from tests.scripted import SPECIAL, ScriptedEngine, spelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODE = '''"""Shops."""

import sys


def price(item, tax):
    """Return what an item costs."""
    total = item.price * (1 + tax)
    if total < 0:
        raise ValueError("a price below nothing")
    return round(total, 2)


def names(items):
    found = []
    for item in items:
        found.append(item.name)

    return sorted(found, key=lambda name: name.lower())


print(names(sys.argv[1:]))
'''
GO = """package shop

import "errors"

// Price is what an item costs.
func Price(item Item, tax float64) (float64, error) {
	total := item.Price * (1 + tax)
	if total < 0 {
		return 0, errors.New("a price below nothing")
	}
	return total, nil
}

func Names(items []Item) []string {
	found := make([]string, 0, len(items))
	for _, item := range items {
		found = append(found, item.Name)
		count(found)
	}
	return found
}
"""
SHOP = Source("shop", "shop/prices.py", CODE)


def words(line: str) -> set[int]:
    """Return the borders of a tokenizer that cuts at each space, which the word behind it takes along."""
    return {0, len(line), *(at for at, character in enumerate(line) if character == " ")}


def sample(marked: str, text: str = "x", kind: str = "line") -> Sample:
    return Sample(f"{kind}#0", kind, "shop", "shop/prices.py", place(marked), text)


# --- where holes are ---------------------------------------------------------------------------------


def test_holes_are_balanced_and_the_same_for_the_same_dice() -> None:
    found = samples.samples([SHOP], 13, words, Random("a"))
    assert [one.kind for one in found] == [*["token"] * 3, *(k for k in list(KINDS)[1:] for _ in range(2))]
    assert found == samples.samples([SHOP], 13, words, Random("a"))
    assert found != samples.samples([SHOP], 13, words, Random("b"))
    with pytest.raises(Unmeasurable, match="no 900 holes of the kind"):
        samples.samples([SHOP], 900 * len(KINDS), words, Random("a"))


def is_rest(one: Sample) -> bool:
    return "\n" not in one.text and one.place.after.startswith("\n") and bool(one.place.line.strip())


def is_inside(one: Sample) -> bool:
    line = one.place.line + one.text
    return is_rest_of_line(one) and len(one.place.line) not in words(line)


def is_rest_of_line(one: Sample) -> bool:
    return "\n" not in one.text and one.place.after.startswith("\n")


def is_line(one: Sample) -> bool:
    return is_rest_of_line(one) and not one.place.line.strip() and one.text[0] != " "


def is_closed(one: Sample) -> bool:
    return one.place.after[0] in ")]}\"'" and "\n" not in one.text


def is_block(one: Sample) -> bool:
    count = one.text.count("\n") + 1
    return is_cut_from_whole_lines(one) and 2 <= count <= 8 and "\n\n" not in one.text


def is_body(one: Sample) -> bool:
    header = one.place.before.rstrip().rpartition("\n")[2]
    return is_cut_from_whole_lines(one) and header.startswith("def ") and one.text.strip() != ""


def is_cut_from_whole_lines(one: Sample) -> bool:
    stands_at_start = not one.place.line.strip() or one.text.startswith("\n")
    return stands_at_start and one.place.after[:1] in {"\n", ""}


KINDS: dict[str, Callable[[Sample], bool]] = {
    "token": is_rest,
    "inside": is_inside,
    "line": is_line,
    "closed": is_closed,
    "block": is_block,
    "body": is_body,
}


def test_holes_are_what_their_kind_says() -> None:
    for seed in range(12):
        for one in samples.samples([SHOP], 2 * len(KINDS), words, Random(seed)):
            assert one.text.strip()
            assert KINDS[one.kind](one), one
            if one.kind != "closed":
                assert one.place.before + one.text + one.place.after == CODE


def test_an_editor_closes_all_that_is_open_on_the_line() -> None:
    file = samples._File(Source("a", "a.py", 'call(first[second("third")], last)\n'))
    found = samples._of_kind([file], "closed", 11, samples._closed, Random(0))
    after = {one.place.before: one.place.after for one in found}
    assert after['call(first[second("'] in {'")])\n', '")], last)\n'}
    assert after["call("] == ")\n"


def test_holes_in_other_languages_are_told_by_lines_and_brackets(tmp_path: Path) -> None:
    (tmp_path / "shop.go").write_text(GO, encoding="utf-8")
    (tmp_path / "bread.go").write_text(GO.replace("Price", "Pr\u00e4is"), encoding="utf-8")
    found = sources.samples(tmp_path, 12, Random(0))
    assert {one.path for one in found} == {(tmp_path / "shop.go").as_posix()}
    kinds = {kind: [one for one in found if one.kind == f"go {kind}"] for kind in ("line", "closed", "block", "body")}
    assert all(KINDS[kind](one) for kind in ("line", "closed", "block") for one in kinds[kind])
    bodies = {(one.place.before.rstrip()[-1], one.text.rstrip()[-1] == "}") for one in kinds["body"]}
    assert bodies == {("{", True), ("{", False)}
    with pytest.raises(Unmeasurable, match="no source file"):
        sources.samples(tmp_path / "none", 1, Random(0))


def test_cursors_between_tokens_are_at_their_borders() -> None:
    for one in samples.lines_cut([SHOP], 20, words, Random(0), inside=False):
        assert len(one.place.line) in words(one.place.line + one.text)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\nb", "a"), ("\n    a  \nb", "\n    a"), ("a  ", "a"), ("", ""), ("\n\n a", "\n\n a")],
)
def test_the_first_line_of_a_text(text: str, line: str) -> None:
    assert samples.first_line(text) == line


def test_held_out_files_are_told_by_their_digests(tmp_path: Path) -> None:
    other = Source("inn", "inn/beds.py", "beds = 1\n")
    listed = tmp_path / "listed.txt"
    listed.write_text(
        "".join(f"{one.digest[:16]} {one.package} {one.path}\n" for one in (SHOP, other)), encoding="utf-8"
    )
    for folder, text in (("old", "another version\n"), ("new", CODE.replace("\n", "\r\n"))):
        (tmp_path / folder / "shop").mkdir(parents=True)
        (tmp_path / folder / SHOP.path).write_text(text, encoding="utf-8", newline="")
    assert held_out.installed([tmp_path / "old", tmp_path / "new"], listed) == [SHOP]
    with pytest.raises(Unmeasurable, match=r"None of the 2 held-out files of listed\.txt is in .*old: install some"):
        held_out.installed([tmp_path / "old"], listed)
    with pytest.raises(Unmeasurable, match=r"There is no .*held\.jsonl\.gz"):
        held_out.found(tmp_path, None)


# --- what is a fault ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marked", "text", "repeats"),
    [
        # What the editor has closed comes a second time.
        ("call(‸)\n", "a)", True),
        ("call(‸)\n", "f(a)", False),
        ("call(‸)\n", "a", False),
        ("call((‸)\n", "a)", False),
        ("x = [‸]\n", "1, 2]", True),
        ('call("‸")\n', 'a"', True),
        ('call("‸")\n', "it's", False),
        ('call("‸")\n', 'a" + "b', False),
        # So does all that follows on the line, where it says something.
        ("x = ‸ + tax\n", "1 + tax", True),
        ("x = ‸ + tax\n", "1", False),
        ("if call(‸):\n    pass\n", "a):", False),
        # And the next line, indentation and all.
        ("‸\ntotal = 1\n", "total = 1", True),
        ("tot‸\n\ntotal = 1\n", "al = 1\nmore = 2", True),
        ("if x:\n    ‸\nreturn None\n", "return None", False),
        ("x\n‸\n)\n", ")", False),
        ("total = 1‸\ntotal = 1\n", "\nmore = 2", False),
        ("x\n‸\ntotal = 1\n", "", False),
    ],
)
def test_what_repeats_the_suffix(marked: str, text: str, *, repeats: bool) -> None:
    assert faults.Insertion(place(marked)).repeats_what_follows(text) is repeats


@pytest.mark.parametrize(
    ("marked", "text", "errors", "broken"),
    [
        ("x = 1\n‸\n", "y = 2", False, False),
        ("x = 1\n‸\n", "y = (2", True, True),
        ("x = 1\n‸\n", "", False, False),
        # What was broken before is none of the text's doing, unless it breaks more.
        ("x = (‸\n", "1)", False, False),
        ("x = (‸\n", "1", False, False),
        ("x = = 1\ny = 2\n‸\n", "z = ((", True, False),
        # Python minds what its grammar does not.
        ("def f():\n    x = 1\n‸\n", "  y = 2", False, True),
    ],
)
def test_what_adds_an_error(marked: str, text: str, *, errors: bool, broken: bool) -> None:
    insertion = faults.Insertion(place(marked))
    assert (insertion.adds_errors(text), insertion.breaks_python(text)) == (errors, broken)


@pytest.mark.parametrize(
    ("text", "is_unprintable"),
    [("x = 1\n\ty", False), ("x<|endoftext|>", True), ("x\ufffd", True), ("x\x00", True), ("x <| y |> z", False)],
)
def test_what_cannot_be_shown(text: str, *, is_unprintable: bool) -> None:
    assert faults.has_unprintable(text, QWEN25_CODER.stop) is is_unprintable


@pytest.mark.parametrize(
    ("text", "exact", "line"),
    [("a = 1\nb = 2\n", 1, 1), ("a = 1\nc = 3", 0, 1), ("a = 1", 0, 1), (" a = 1\nb = 2", 0, 0), ("", 0, 0)],
)
def test_what_is_exact(text: str, exact: float, line: float) -> None:
    one = sample("‸\n", "a = 1\nb = 2")
    marks = grading.grades(text, one, faults.Insertion(one.place), ())
    assert (marks.exact, marks.line, marks.shown) == (exact, line, float(bool(text)))
    assert (marks.similarity == 1) == bool(exact)


# --- figures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "saved"),
    [([(64, 16), (64, 64)], 0.375), ([(10, 10)], 0.0), ([(64, 0), (1, 1)], 0.9846), ([], None)],
)
def test_tokens_are_saved_of_all(counts: list[tuple[int, int]], saved: float | None) -> None:
    assert figures.saved(counts)["saved"] == saved


def written(text: str, stop: Stop, chance: float = 1.0) -> Generation:
    return Generation(text, tuple(map(ord, text)), 0, 1, stop, (chance,))


def graded(marked: str, right: str, raw: str, stopped: str, chance: float = 1.0) -> grading.Graded:
    answer = asking.Answer(
        sample(marked, right), written(raw, Stop.TOKENS, chance), written(stopped, Stop.RULE, chance)
    )
    return grading.graded(answer, QWEN25_CODER.stop)


def answers() -> list[grading.Graded]:
    return [
        graded("x = call(‸)\n", "a, b", "a, b)\nprint(x)", "a, b)\n"),
        graded("x = call(‸)\n", "a", "b\nb", "b\n", chance=0.04),
    ]


def test_texts_stand_side_by_side() -> None:
    found = figures.side_by_side(answers(), 0)["all"]
    assert (found["raw"]["exact"], found["stopped"]["exact"], found["shaped"]["exact"]) == (0, 0, 0.5)
    assert (found["stopped"]["repeated"], found["stopped"]["errors"], found["shaped"]["errors"]) == (0.5, 0.5, 0)
    assert found["shapedLessRaw"]["exact"]["mean"] == 0.5


def test_what_the_stop_rules_save_and_cost() -> None:
    found = figures.tokens(answers(), 0)
    assert found["byKind"]["all"] == {"raw": 17, "stopped": 8, "saved": 0.5294}
    assert (found["shownAlike"], found["exactOnlyStopped"], found["exactOnlyCut"]) == (2, 0, 0)
    assert found["stoppedIsStartOfRaw"] == 2


def test_a_threshold_keeps_what_is_sure() -> None:
    rows = {row["threshold"]: row for row in figures.thresholds(answers())}
    assert (rows[2]["shown"], rows[2]["silent"], rows[2]["exact"]) == (2, 0, 0.5)
    assert (rows[5]["shown"], rows[5]["silent"], rows[5]["exact"], rows[5]["exactLost"]) == (1, 0.5, 1, 0)


def test_rules_are_judged_by_the_texts_that_they_changed() -> None:
    found = rule_figures.rules(answers(), "shaped", QWEN25_CODER.stop, 0)
    cut = found["REPEATED_END"]
    assert (cut["changed"], cut["won"], cut["lost"], cut["emptied"]) == (1, 1, 0, 0)
    assert (cut["exact"]["before"], cut["exact"]["after"], cut["errors"]["before"], cut["errors"]["after"]) == (
        0,
        1,
        1,
        0,
    )
    assert not cut["harms"]


@pytest.mark.parametrize(
    ("shown", "right", "outcome"),
    [
        ("a\nb", "a  \nb\n", Outcome.SAME),
        ("a", "a\nb", Outcome.FEWER),
        ("a(", "a(b)", Outcome.CUT),
        ("a\n    b", "a\n  b", Outcome.ALTERED),
        (None, "a", Outcome.DROPPED),
    ],
)
def test_what_is_left_of_a_right_text(shown: str | None, right: str, outcome: Outcome) -> None:
    assert truth.outcome_of(shown, right) is outcome


def test_the_first_rule_that_changes_a_right_text_is_blamed() -> None:
    same = truth.judged(sample("def f(x):\n    ‸\n", "return x"), ["return", " x"])
    # Of what follows already nothing is right, but the benchmark does not know that.
    gone = truth.judged(sample("‸\ntotal = 1\n", "total = 1"), ["total", " = 1"])
    assert (same.outcome, same.rule, same.stopped, len(same.stopping)) == (Outcome.SAME, "", "", 2)
    assert gone.outcome is Outcome.DROPPED
    assert gone.rule
    found = rule_figures.truths([same, gone])
    assert (found["byKind"]["all"]["same"], found["byKind"]["all"]["dropped"]) == (1, 1)
    assert found["byRule"][gone.rule]["dropped"] == 1


def test_a_right_text_that_the_stop_rules_end_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "stopper", lambda _hole, _read: lambda text: text == "a = 1")
    one = sample("‸\n", "a = 1 + 2")
    assert truth.judged(one, ["a", " = 1", " + 2"]).stopped == "a = 1"
    assert truth.judged(one, ["a", " = 1 + 2"]).stopped == ""


# --- asking ------------------------------------------------------------------------------------------


def scripted(text: str, heals: int = 0) -> tuple[ScriptedEngine, Model]:
    engine = ScriptedEngine(text, heals=heals)
    return engine, Model(engine, QWEN25_CODER, frozenset(SPECIAL.values()))


async def test_the_model_is_asked_with_midfills_prompt_and_both_ways() -> None:
    engine, model = scripted("a, b)\nprint(x)\n" * 8)
    answer = await asking.ask(sample("x = 1\ny = call(‸)\n", "a, b"), model)
    assert engine.prompt(0) == engine.prompt(1)
    assert engine.prompt().startswith("<|repo_name|>shop\n<|file_sep|>shop/prices.py\n<|fim_prefix|>x = 1\n")
    assert engine.prompt().endswith("<|fim_middle|>y = call(")
    assert (len(answer.raw.tokens), answer.raw.stop) == (asking.MAX_TOKENS, Stop.TOKENS)
    assert (answer.stopped.text, answer.stopped.stop) == ("a, b)\n", Stop.RULE)


async def test_healing_is_compared_at_the_same_cursor() -> None:
    engine, model = scripted("nt(x)  \nmore", heals=3)
    found = await healing.ask(sample("    pri‸\n", "nt(x)"), model)
    healed, kept = engine.requests
    assert (spelled(healed.tokens)[-4:], healed.forced) == ("    ", b"pri")
    assert (spelled(kept.tokens)[-7:], kept.forced) == ("    pri", b"")
    assert (found.healed, found.kept, found.taken, found.where) == ("nt(x)", "nt(x)", "pri", "word")
    assert figures.healing([found], 0)["all"]["healed"] == 1


@pytest.mark.parametrize(
    ("marked", "text", "where"), [("    ‸\n", "x", "indentation"), ("x =‸\n", " y", "other"), ("a‸\n", "(b)", "other")]
)
def test_where_a_cursor_is(marked: str, text: str, where: str) -> None:
    assert healing.Healed(sample(marked, text), "", "", "").where == where


def test_the_command_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(held_out, "found", lambda _data, _sites: [SHOP])
    monkeypatch.setattr(asking, "MAX_TOKENS", 8)
    details = tmp_path / "details.jsonl"
    (tmp_path / "shop.go").write_text(GO, encoding="utf-8")
    numbers = ("--holes", "6", "--truths", "12", "--healing", "2", "--sources", str(tmp_path), "--of-each", "1")
    vocabulary = ("--vocabulary", str(EMBEDDED_FILE))
    monkeypatch.setattr(sys, "argv", ["shape", *numbers, *vocabulary, "--details", str(details)])
    shape.main()
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"seed", "commit", "model", "machine"} <= found.keys()
    assert found["texts"]["all"]["holes"] == 6
    assert found["truth"]["byKind"]["all"]["holes"] == 12
    assert found["truthElsewhere"]["go"]["byKind"]["all"]["holes"] == 5
    assert found["healing"]["cost"]["free"]["p50"] > 0
    rows = [json.loads(line) for line in details.read_text(encoding="utf-8").splitlines()]
    assert [row["section"] for row in rows].count("hole") == 6
    assert [row["section"] for row in rows].count("healing") == 3
