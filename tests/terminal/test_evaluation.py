"""The figures of an evaluation as people get them."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from lsp_server.evaluation.intervals import Interval
from lsp_server.evaluation.summarize import summarize
from lsp_server.evaluation.summary import ALL, Comparison, Summary
from lsp_server.evaluation.wording import conditions, difference, percent
from lsp_server.terminal.evaluation import draw
from tests.evaluation import made
from tests.evaluation.made import CONDITIONS, published, record, task


def drawn(found: Summary, width: int = 100, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    draw(Console(file=stream, width=width, color_system=None), found)
    stream.seek(0)
    return stream.read()


def rows(text: str, title: str) -> list[str]:
    """Return the lines below a title until the next empty one, with single blanks."""
    lines = text.splitlines()
    start = lines.index(title) + 1
    end = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
    return [" ".join(line.split()) for line in lines[start:end]]


def test_figures_stand_with_their_intervals_and_numbers() -> None:
    found = rows(drawn(made.summary()), "Measured here, in per cent")
    assert found[0] == "holes of asked holes exact match edit similarity silent"
    assert found[1:5] == [
        "all product 8 75.0 [25.0, 100.0] 100.0 [100.0, 100.0] 0.0 [0.0, 0.0]",
        "bare 8 0.0 [0.0, 0.0] 0.0 [0.0, 0.0] 100.0 [100.0, 100.0]",
        "line product 4 75.0 [25.0, 100.0] 100.0 [100.0, 100.0] 0.0 [0.0, 0.0]",
        "bare 4 0.0 [0.0, 0.0] 0.0 [0.0, 0.0] 100.0 [100.0, 100.0]",
    ]


def test_differences_say_which_are_clear() -> None:
    found = rows(drawn(made.summary()), "Differences from product, in points")
    assert found[1] == "all bare 8 -75.0 [-100.0, -25.0] * -100.0 [-100.0, -100.0] *"
    # Four holes are too few to tell.
    assert found[2] == "line bare 4 -75.0 [-100.0, -25.0] -100.0 [-100.0, -100.0]"


def test_time_and_tokens() -> None:
    found = rows(drawn(made.summary()), "Time and tokens of a text")
    assert found[1] == "all product 8 100 100 40 4.0"


def test_published_figures_are_said_to_be_so() -> None:
    text = drawn(made.summary())
    found = rows(text, "Beside published figures, in per cent")
    assert found[1] == "all, exact match tiny, product 75.0 [25.0, 100.0] measured here, 8 holes"
    assert found[3] == "Large 50.0 published: Table 7"
    assert found[4] == "java, exact match tiny, product 50.0 [0.0, 100.0] measured here, 4 holes"
    assert "A report, Table 7: https://example.org/report" in text.splitlines()
    lonely = summarize(CONDITIONS, [task("a")], [record("a", exact_match=1.0)], [published(kind="chunk")])
    assert "chunk, exact match tiny - no such figure here" in rows(
        drawn(lonely), "Beside published figures, in per cent"
    )


def test_conditions_stand_above_all_figures() -> None:
    text = drawn(made.summary())
    assert text.startswith("Made holes\n")
    said = (
        "8 holes of a test",
        "tiny (12.3 million parameters), tiny.gguf",
        "1 text a hole, greedy (temperature 0), seed 7",
    )
    assert all(text.index(words) < text.index("Measured here") for words in said)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"parameters": 1_540_000_000}, "tiny (1.54 billion parameters), tiny.gguf"),
        ({"parameters": None}, "tiny, tiny.gguf"),
        ({"samples": 10, "temperature": 0.2}, "10 texts a hole, temperature 0.2, top p 1, seed 7"),
    ],
)
def test_conditions_in_words(changed: dict[str, float | None], expected: str) -> None:
    assert expected in dict(conditions(replace(CONDITIONS, **changed))).values()  # type: ignore[arg-type]


def test_of_many_arms_two_stand_beside_each_other() -> None:
    arms = ("product", "bare", "without suffix", "without chunks")
    tasks = [task("a"), task("b", "block")]
    records = [record(one.id, arm, exact_match=1.0) for one in tasks for arm in arms]
    text = drawn(summarize(replace(CONDITIONS, arms=arms), tasks, records))
    found = rows(text, "Measured here, in per cent")
    assert [line.split()[0] for line in found[1:]] == [
        "all",
        "bare",
        "without",
        "without",
        "line",
        "bare",
        "block",
        "bare",
    ]
    assert [line.split()[0] for line in rows(text, "Differences from product, in points")[1:]] == [
        *("all", "without", "without"),
        *("line", "block"),
    ]


@pytest.mark.parametrize("width", [60, 76, 100, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_all_of_it_fits_into_the_width(width: int, encoding: str) -> None:
    text = drawn(made.summary(), width, encoding)
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in text
    whole = drawn(made.summary(), 200)
    for figure in ("75.0 [25.0, 100.0]", "-75.0 [-100.0, -25.0] *", "-100.0 [-100.0, -100.0] *"):
        assert text.count(figure) == whole.count(figure) > 0


@pytest.mark.parametrize("width", [1, 20, 40])
def test_a_terminal_that_is_too_narrow_does_no_harm(width: int) -> None:
    assert drawn(made.summary(), width)


def test_names_are_no_markup() -> None:
    name = "[bold]name[/nothing]"
    found = summarize(
        replace(CONDITIONS, title=name, kinds=(name,), arms=(name,), metrics=(name,)),
        [task("a", name), task("b")],
        [replace(record(one, name), scores={name: 1.0}) for one in ("a", "b")],
        [replace(published(kind=name, metric=name, model=name), note=name)],
    )
    text = drawn(found, 200)
    assert text.count(name) > 5


def test_nothing_measured() -> None:
    text = drawn(summarize(CONDITIONS, [], []))
    assert text.endswith("\nNothing has been measured.\n")
    assert "8 holes of a test" in text


@pytest.mark.parametrize(
    ("interval", "is_clear", "expected"),
    [
        (Interval(0.021, 0.004, 0.039), True, "+2.1 [+0.4, +3.9] *"),
        (Interval(-0.0001, -0.01, 0.0), False, "+0.0 [-1.0, +0.0]  "),
        (Interval(1, 1, 1), False, "+100.0 [+100.0, +100.0]  "),
    ],
)
def test_differences_have_signs(interval: Interval, is_clear: bool, expected: str) -> None:
    assert difference(Comparison(ALL, "bare", "product", "x", 9, interval, is_clear)) == expected


def test_shares_are_per_cents() -> None:
    assert percent(Interval(0.412, 0.381, 0.44)) == "41.2 [38.1, 44.0]"
