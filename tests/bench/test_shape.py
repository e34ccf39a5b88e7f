"""The benchmark of shaping, from end to end."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from bench import shape
from bench.shaping import asking, held_out
from lsp_server.models.catalogue import EMBEDDED_FILE
from tests.bench.shaping.made import GO, SHOP

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
