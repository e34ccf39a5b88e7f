"""From what a user asks for to what is measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lsp_server.evaluation.ask.asked import Drawing
from lsp_server.evaluation.benchmarks.table import BENCHMARKS
from lsp_server.evaluation.plans import PRESETS, all_ablations, benchmark, chosen, limits_of

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.evaluation.evaluate import Plan


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file of SantaCoder's form with ten holes."""
    file = tmp_path / "fim_singleline.jsonl"
    rows = [
        {"name": f"made_{number}", "language": "py", "prompt": "a", "suffix": "", "canonical_solution": f"b{number}"}
        for number in range(10)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def planned(data: Path, count: int = 0, seed: int = 0, preset: str = "report") -> Plan:
    drawing = Drawing(seed=seed)
    return benchmark(
        "santacoder", data, count=count, samples=1, ks=(1,), drawing=drawing, arms=("bare",), preset=preset
    )


def test_all_holes_or_some_by_dice_in_the_order_of_the_file(data: Path) -> None:
    whole = [task.id for task in planned(data).tasks]
    some = [task.id for task in planned(data, count=4).tasks]
    assert len(whole) == 10
    assert len(some) == 4
    assert some == [name for name in whole if name in some]
    assert some == [task.id for task in planned(data, count=4).tasks]
    assert any([task.id for task in planned(data, count=4, seed=seed).tasks] != some for seed in range(1, 5))
    assert [task.id for task in planned(data, count=99).tasks] == whole


def test_figures_say_how_many_holes_of_which_file_they_are_of(data: Path) -> None:
    assert planned(data, count=4).data.startswith("4 of 10 of fim_singleline.jsonl; ")


def test_every_preset_says_whose_it_is(data: Path) -> None:
    assert planned(data).limits == BENCHMARKS["santacoder"].report
    for row in BENCHMARKS.values():
        for preset in PRESETS:
            limits = limits_of(row, preset)
            assert limits.note, (row.name, preset)
            assert limits.generated + limits.after + limits.chunks < limits.sequence
    assert planned(data, preset="8k").limits.generated == 50


def test_ways_to_ask_come_once_and_the_product_first() -> None:
    assert chosen([], ["product"]) == ("product",)
    assert chosen(["bare"], ["product"]) == ("bare",)
    assert chosen(["bare", "product", "bare"], []) == ("bare", "product")
    assert chosen([], ["product"], *all_ablations())[0] == "product"
    assert len(set(all_ablations())) == len(all_ablations())
