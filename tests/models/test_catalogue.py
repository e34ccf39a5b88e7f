"""Which models there are, and how they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.synthetic import SHAPES, Shape, tensors
from lsp_server.errors import InputError, ModelNotFound
from lsp_server.models import catalogue, partial
from lsp_server.models.catalogue import ENTRIES, Entry
from lsp_server.models.errors import DownloadRunning

if TYPE_CHECKING:
    from pathlib import Path

# The config.json of the two that are too large to write a file of their shape.
LARGE = {
    "14b": Shape(5120, 48, 40, 8, 13824, 152064, tied=False),
    "32b": Shape(5120, 64, 40, 8, 27648, 152064, tied=False),
}
# Of llama.cpp's quantizations; Q4_K_M mixes some of 4 and of 6.
BITS = {"Q8_0": (8.5, 8.6), "Q4_K_M": (4.8, 4.9)}


def put(*names: str) -> None:
    """Put files of five bytes into the folder of models."""
    catalogue.folder().mkdir(parents=True, exist_ok=True)
    for name in names:
        (catalogue.folder() / name).write_bytes(b"GGUF\0")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_table_says_of_each_model_what_follows_from_its_shape(entry: Entry) -> None:
    shape = {**SHAPES, **LARGE}[entry.size.lower()]
    weights = 0
    for tensor in tensors(shape):
        size = 1
        for length in tensor.sizes:
            size *= length
        weights += size
    assert entry.parameters == weights
    assert (entry.layers, entry.kv_heads) == (shape.layers, shape.kv_heads)
    assert entry.head_dimension == shape.hidden // shape.heads
    lowest, highest = BITS[entry.quantization]
    # The vocabulary of six megabytes counts in the smallest.
    assert lowest < (entry.size_bytes - 6e6) * 8 / entry.parameters < highest


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_table_says_where_each_model_comes_from_and_on_which_terms(entry: Entry) -> None:
    assert entry.repository.startswith(("ggml-org/Qwen2.5-Coder-", "lmstudio-community/Qwen2.5-Coder-"))
    assert f"-{entry.size}-" in entry.repository
    assert "instruct" not in f"{entry.repository}{entry.file}".lower()
    assert f"-{entry.size}-{entry.quantization}.gguf".lower() in entry.file.lower()
    assert entry.context == (32_768 if entry.parameters < 5e9 else 131_072)
    assert entry.licence.address.startswith("https://")
    assert ("research" in entry.licence.note) == (entry.size == "3B")


def test_names_and_sizes_are_unique_and_in_order_of_size() -> None:
    assert [entry.size for entry in ENTRIES] == ["0.5B", "1.5B", "3B", "7B", "14B", "32B"]
    assert [entry.size_bytes for entry in ENTRIES] == sorted({entry.size_bytes for entry in ENTRIES})


@pytest.mark.parametrize("name", ["qwen2.5-coder-1.5b", "Qwen2.5-Coder-1.5B", "1.5b", "1.5B"])
def test_an_entry_is_got_by_its_name_or_size(name: str) -> None:
    assert catalogue.get(name).name == "qwen2.5-coder-1.5b"


@pytest.mark.parametrize("name", ["", "5b", "qwen", "tiny"])
def test_an_unknown_entry_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(ModelNotFound, match=r"choose one of qwen2\.5-coder-0\.5b, .*, qwen2\.5-coder-32b\."):
        catalogue.get(name)


@pytest.mark.parametrize(
    ("size", "kilobytes"), [("0.5b", 12), ("1.5b", 28), ("3b", 36), ("7b", 56), ("14b", 192), ("32b", 256)]
)
def test_memory_is_weights_and_cells(size: str, kilobytes: int) -> None:
    entry = catalogue.get(size)
    assert catalogue.kv_bytes_per_token(entry) == kilobytes * 1024
    assert catalogue.memory_bytes(entry, 0) == entry.size_bytes + catalogue.OVERHEAD_BYTES
    more = catalogue.memory_bytes(entry, 8192) - catalogue.memory_bytes(entry, 4096)
    assert more == 4096 * kilobytes * 1024


def test_the_embedded_model_is_there_and_small() -> None:
    assert catalogue.EMBEDDED_FILE.read_bytes()[:4] == b"GGUF"
    assert catalogue.EMBEDDED_FILE.stat().st_size <= 16_000_000


def test_the_embedded_model_comes_first_and_own_files_by_name() -> None:
    assert [model.name for model in catalogue.available()] == ["tiny"]
    put("b.gguf", "a.gguf", "notes.txt", "qwen2.5-coder-3b.gguf", "qwen2.5-coder-7b.0123456789abcdef.part")
    assert [model.name for model in catalogue.available()] == ["tiny", "a", "b", "qwen2.5-coder-3b"]
    assert [model.note for model in catalogue.available()][2:] == [
        "in your folder of models",
        "Qwen2.5-Coder 3B (Q8_0)",
    ]
    assert catalogue.find("b") == catalogue.folder() / "b.gguf"


def test_a_model_is_found_by_name_size_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.gguf").touch()
    monkeypatch.chdir(tmp_path)
    put("qwen2.5-coder-3b.gguf")
    assert catalogue.find("tiny") == catalogue.EMBEDDED_FILE
    assert catalogue.find("own.gguf") == tmp_path / "own.gguf"
    assert catalogue.find(str(tmp_path / "own.gguf")) == tmp_path / "own.gguf"
    assert catalogue.find("3B") == catalogue.path_of(catalogue.get("3b"))


@pytest.mark.parametrize("model", ["", "no-such-model", "/no/such/file.gguf", "."])
def test_what_is_no_model_is_named_with_a_remedy(model: str) -> None:
    with pytest.raises(ModelNotFound, match="set `model` to one of tiny"):
        catalogue.find(model)


@pytest.mark.parametrize("model", ["1.5b", "qwen2.5-coder-1.5b"])
def test_a_model_that_is_not_downloaded_is_named_with_the_command_that_gets_it(model: str) -> None:
    with pytest.raises(ModelNotFound, match="is not on this machine: get it with `midfill models pull qwen"):
        catalogue.find(model)


@pytest.mark.parametrize("chosen", ["3b", "qwen2.5-coder-3b", "the path"])
def test_clients_are_told_which_model_is_chosen(chosen: str) -> None:
    put("qwen2.5-coder-3b.gguf")
    model = catalogue.available()[-1]
    told = model.to_json(str(model.path) if chosen == "the path" else chosen)
    assert told["isChosen"] is True
    assert catalogue.available()[0].to_json(chosen)["isChosen"] is False


def test_a_removed_model_is_gone_with_what_was_begun_of_it() -> None:
    part = "qwen2.5-coder-3b.0123456789abcdef.part"
    put("qwen2.5-coder-3b.gguf", part, "own.gguf", "qwen2.5-coder-7b.gguf")
    assert catalogue.remove("3B") == 10
    assert catalogue.remove("own") == 5
    assert [model.name for model in catalogue.available()] == ["tiny", "qwen2.5-coder-7b"]
    assert not (catalogue.folder() / part).exists()


def test_what_an_interrupted_download_has_left_can_be_removed() -> None:
    put("qwen2.5-coder-3b.0123456789abcdef.part")
    assert catalogue.remove("3b") == 5
    with pytest.raises(ModelNotFound, match="There is no model '3b' in "):
        catalogue.remove("3b")


def test_a_model_that_is_being_downloaded_is_not_removed() -> None:
    put("qwen2.5-coder-3b.0123456789abcdef.part")
    with partial.only_one(catalogue.folder(), "qwen2.5-coder-3b"), pytest.raises(DownloadRunning):
        catalogue.remove("3b")
    assert len(partial.files(catalogue.folder(), "qwen2.5-coder-3b")) == 1


def test_the_embedded_model_is_not_removed() -> None:
    with pytest.raises(InputError, match="is a part of midfill"):
        catalogue.remove("tiny")
    assert catalogue.EMBEDDED_FILE.exists()


@pytest.mark.parametrize("model", ["../own", "own.gguf", "/the/path", "", "."])
def test_nothing_outside_the_folder_is_removed(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put("a.gguf")
    outside = catalogue.folder().parent / "own.gguf"
    outside.touch()
    monkeypatch.chdir(outside.parent)
    with pytest.raises(ModelNotFound):
        catalogue.remove(str(outside) if model == "/the/path" else model)
    assert outside.exists()


def test_of_a_link_the_link_is_removed(tmp_path: Path) -> None:
    put("a.gguf")
    target = tmp_path / "elsewhere.gguf"
    target.touch()
    try:
        (catalogue.folder() / "link.gguf").symlink_to(target)
    except OSError:
        pytest.skip("this user may make no links")
    catalogue.remove("link")
    assert target.exists()


def test_only_the_embedded_model_comes_with_advice(tmp_path: Path) -> None:
    assert "Qwen2.5-Coder" in catalogue.advice(catalogue.EMBEDDED_FILE)
    assert catalogue.advice(tmp_path / "qwen.gguf") == ""
