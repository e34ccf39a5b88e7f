"""The prompt formats, to the letter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Chunk
from lsp_server.errors import ModelUnsuitable
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from lsp_server.engine.worker import Worker


def spelled(segments: tuple[fim.Segment, ...]) -> str:
    return "".join(segment.text for segment in segments)


HOLE = fim.file_level(fim.QWEN25_CODER, "def f():\n", "\n\nf()\n", "    ret")


def test_file_level() -> None:
    assert spelled(HOLE) == "<|fim_prefix|>def f():\n<|fim_suffix|>\n\nf()\n<|fim_middle|>    ret"


def test_repository_level() -> None:
    chunks = (Chunk("a.py", "A = 1", ""), Chunk("pkg/b.py", "B = 2\n", ""))
    assert spelled(fim.repository_level(fim.QWEN25_CODER, "app", chunks, "main.py", HOLE)) == (
        "<|repo_name|>app\n"
        "<|file_sep|>a.py\nA = 1\n"
        "<|file_sep|>pkg/b.py\nB = 2\n\n"
        "<|file_sep|>main.py\n"
        "<|fim_prefix|>def f():\n<|fim_suffix|>\n\nf()\n<|fim_middle|>    ret"
    )


def test_a_prompt_becomes_token_ids_segment_by_segment() -> None:
    special = {text: -1 - number for number, text in enumerate(fim.QWEN25_CODER.stop)}
    tokens = fim.encode(HOLE[2:4], lambda text: tuple(map(ord, text)), partial(dict.get, special))
    assert tokens == (special["<|fim_suffix|>"], *map(ord, "\n\nf()\n"))


def test_a_vocabulary_without_a_token_is_named() -> None:
    with pytest.raises(ModelUnsuitable, match=r"no token <\|fim_prefix\|>"):
        fim.encode(HOLE, lambda _text: (), lambda _text: None)


def test_text_that_looks_special_stays_text() -> None:
    segments = fim.file_level(fim.QWEN25_CODER, "<|fim_middle|>", "", "")
    assert segments[1] == fim.Plain("<|fim_middle|>")


@pytest.mark.parametrize("form", fim.FORMATS, ids=lambda form: form.name)
def test_each_format_stops_at_its_own_tokens(form: fim.FimFormat) -> None:
    assert {form.prefix, form.suffix, form.middle, form.repository, form.file} <= set(form.stop)
    assert len(set(form.stop)) == len(form.stop)


def test_a_vocabulary_is_recognised_by_its_tokens() -> None:
    qwen: dict[str, int] = {text: number for number, text in enumerate(fim.QWEN25_CODER.stop)}
    assert fim.recognise(partial(dict.get, qwen)) is fim.QWEN25_CODER
    assert fim.recognise(lambda _text: None) is None
    del qwen["<|fim_suffix|>"]
    assert fim.recognise(partial(dict.get, qwen)) is None


def test_the_embedded_model_has_every_token_of_qwen(tiny: Worker) -> None:
    assert fim.recognise(tiny.special) is fim.QWEN25_CODER
    assert None not in map(tiny.special, fim.QWEN25_CODER.stop)
