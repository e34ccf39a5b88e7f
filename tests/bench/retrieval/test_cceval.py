"""Records of CrossCodeEval beside their published chunks."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.problems import Unmeasurable
from bench.retrieval import cceval, registry, run, tokens
from tests.bench.retrieval.clones import HOLE, NAME, SHOP, clone

if TYPE_CHECKING:
    from pathlib import Path


def record(identity: str, commit: str, hole: str = HOLE, **changes: Any) -> dict[str, Any]:
    before, after = SHOP["shop/cart.py"].split(hole)
    chunks = [
        {"retrieved_chunk": "def price_of(item):\n    return item.price", "filename": "shop/prices.py", "score": 1}
    ]
    about = {"task_id": identity, "github": NAME, "commit": commit, "file": "shop/cart.py"}
    given = {"prompt": before, "groundtruth": hole, "right_context": after, "crossfile_context": {"list": chunks}}
    return given | {"metadata": about} | changes


def written(folder: Path, records: list[dict[str, Any]]) -> Path:
    file = folder / "records.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(one) + "\n" for one in records)
    return file


def test_the_published_chunks_set_the_budget(tmp_path: Path) -> None:
    commit = clone(tmp_path, SHOP)
    records = [
        record("a", commit),
        record("b", commit, "return cart"),
        record("c", "0" * 40),
        record("d", commit, crossfile_context={"list": []}),
    ]
    given = cceval.load(written(tmp_path, records))
    conditions = run.Conditions(registry.chosen(["bm25"]), (run.AS_GIVEN,), tokens.load("approximate"), tmp_path)
    results = cceval.measure(given, conditions, print)
    assert {skipped.hole: skipped.reason for skipped in results.skipped} == {
        "b": "no name that only other files have",
        "c": "the clone does not have the commit",
        "d": "nothing was published to compare with",
    }
    bm25, published = results.choices
    assert (bm25.strategy, published.strategy) == ("bm25", cceval.PUBLISHED)
    assert published.case.names == ("add_price", "price_of")
    assert published.found == (0.5, 0, 0.5)
    assert published.milliseconds is None
    assert 0 < bm25.tokens <= published.tokens


@pytest.mark.parametrize("content", [b"", gzip.compress(b"{}\n"), gzip.compress(b"\xff"), gzip.compress(b"[]\n")])
def test_what_is_no_such_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "records.jsonl.gz"
    if content:
        file.write_bytes(content)
    with pytest.raises(Unmeasurable, match="cannot be read as records"):
        cceval.load(file)
