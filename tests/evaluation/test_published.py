"""The file of published figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.published import Published, Source, read

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = {"title": "A report", "address": "https://example.org/report", "where": "Table 7"}
FIGURE = {
    "benchmark": "santacoder",
    "kind": "",
    "language": "java",
    "metric": "exact match",
    "model": "Large",
    "value": 0.625,
    "note": "greedy",
    "source": "report",
}


def test_figures_know_their_sources(tmp_path: Path) -> None:
    file = tmp_path / "published.json"
    file.write_text(json.dumps({"figures": [FIGURE, FIGURE | {"value": 1}], "sources": {"report": SOURCE}}))
    source = Source("A report", "https://example.org/report", "Table 7")
    first = Published("santacoder", "", "java", "exact match", "Large", 0.625, "greedy", source)
    assert read(file) == [first, Published("santacoder", "", "java", "exact match", "Large", 1.0, "greedy", source)]


@pytest.mark.parametrize(
    ("whole", "what"),
    [
        ([], "list"),
        ({}, "'sources' is missing"),
        ({"sources": {}}, "'figures' is missing"),
        ({"sources": [], "figures": []}, "list"),
        ({"sources": {"report": 3}, "figures": []}, "int"),
        ({"sources": {"report": {**SOURCE, "where": 7}}, "figures": []}, '"where" is 7, and no text'),
        ({"sources": {}, "figures": [FIGURE]}, "'report' is missing"),
        ({"sources": {"report": SOURCE}, "figures": [{**FIGURE, "value": 62.5}]}, '"value" is 62.5, and no share'),
        ({"sources": {"report": SOURCE}, "figures": [{**FIGURE, "value": True}]}, '"value" is True, and no share'),
        ({"sources": {"report": SOURCE}, "figures": [{**FIGURE, "value": "1"}]}, "\"value\" is '1', and no share"),
        ({"sources": {"report": SOURCE}, "figures": [{"benchmark": "x"}]}, "'value' is missing"),
        ({"sources": {"report": SOURCE}, "figures": [{**FIGURE, "model": None}]}, '"model" is None, and no text'),
    ],
)
def test_what_is_damaged_is_named(tmp_path: Path, whole: object, what: str) -> None:
    file = tmp_path / "published.json"
    file.write_text(json.dumps(whole))
    with pytest.raises(InputError) as error:
        read(file)
    assert str(file) in str(error.value)
    assert what in str(error.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("{")
    with pytest.raises(InputError, match="no published figures"):
        read(tmp_path / "text.json")
