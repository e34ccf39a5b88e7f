"""Which models there are, and how they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import ModelNotFound
from lsp_server.models import catalogue

if TYPE_CHECKING:
    from pathlib import Path


def test_the_embedded_model_is_there_and_small() -> None:
    assert catalogue.EMBEDDED_FILE.read_bytes()[:4] == b"GGUF"
    assert catalogue.EMBEDDED_FILE.stat().st_size <= 16_000_000


def test_the_embedded_model_comes_first_and_own_files_by_name() -> None:
    assert [model.name for model in catalogue.available()] == ["tiny"]
    catalogue.folder().mkdir(parents=True)
    for name in ("b.gguf", "a.gguf", "notes.txt"):
        (catalogue.folder() / name).touch()
    assert [model.name for model in catalogue.available()] == ["tiny", "a", "b"]
    assert catalogue.find("b") == catalogue.folder() / "b.gguf"


def test_a_model_is_found_by_name_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.gguf").touch()
    monkeypatch.chdir(tmp_path)
    assert catalogue.find("tiny") == catalogue.EMBEDDED_FILE
    assert catalogue.find("own.gguf") == tmp_path / "own.gguf"
    assert catalogue.find(str(tmp_path / "own.gguf")) == tmp_path / "own.gguf"


@pytest.mark.parametrize("model", ["", "no-such-model", "/no/such/file.gguf", "."])
def test_what_is_no_model_is_named_with_a_remedy(model: str) -> None:
    with pytest.raises(ModelNotFound, match="set `model` to one of tiny"):
        catalogue.find(model)


def test_only_the_embedded_model_comes_with_advice(tmp_path: Path) -> None:
    assert "Qwen2.5-Coder" in catalogue.advice(catalogue.EMBEDDED_FILE)
    assert catalogue.advice(tmp_path / "qwen.gguf") == ""
