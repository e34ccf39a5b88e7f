"""The prompt formats, to the letter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Chunk
from lsp_server.errors import ModelUnsuitable
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.engine.worker import Worker

CHUNKS = (Chunk("a.py", "A = 1", ""), Chunk("pkg/b.py", "B = 2\n", ""))
AROUND = fim.Surroundings("app", "main.py", CHUNKS)
PREFIX, SUFFIX = "def f():\n", "\n\nf()\n"


def spelled(segments: Iterable[fim.Segment]) -> str:
    return "".join(segment.text for segment in segments)


HOLES = {
    "qwen2.5-coder": "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>",
    "starcoder2": "<fim_prefix>P<fim_suffix>S<fim_middle>",
    "codeqwen1.5": "<fim_prefix>P<fim_suffix>S<fim_middle>",
    "deepseek-coder": "<｜begin▁of▁sentence｜><｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>",
    "codestral": "<s>[SUFFIX]S[PREFIX]P",
    "codellama": "<s>▁<PRE>P▁<SUF>S▁<MID>",
    "granite-code": "<fim_prefix>P<fim_suffix>S<fim_middle>",
}
IN_A_WORKSPACE = {
    "qwen2.5-coder": (
        "<|repo_name|>app\n<|file_sep|>a.py\nA = 1\n<|file_sep|>pkg/b.py\nB = 2\n\n<|file_sep|>main.py\n"
        "<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>"
    ),
    "starcoder2": (
        "<repo_name>app<file_sep>a.py\nA = 1<file_sep>pkg/b.py\nB = 2\n<file_sep>"
        "<fim_prefix>main.py\nP<fim_suffix>S<fim_middle>"
    ),
    "codeqwen1.5": (
        "<reponame>app\n<file_sep>a.py\nA = 1\n<file_sep>pkg/b.py\nB = 2\n\n<file_sep>main.py\n"
        "<fim_prefix>P<fim_suffix>S<fim_middle>"
    ),
    "deepseek-coder": (
        "<｜begin▁of▁sentence｜><｜fim▁begin｜>#a.py\nA = 1\n#pkg/b.py\nB = 2\n\n#main.py\nP"
        "<｜fim▁hole｜>S<｜fim▁end｜>"
    ),
    "codestral": "<s>[SUFFIX]S[PREFIX]+++++ a.py\nA = 1\n+++++ pkg/b.py\nB = 2\n\n+++++ main.py\nP",
    "codellama": "<s>▁<PRE># a.py\nA = 1\n# pkg/b.py\nB = 2\n\n# main.py\nP▁<SUF>S▁<MID>",
    "granite-code": "<fim_prefix># a.py\nA = 1\n# pkg/b.py\nB = 2\n\n# main.py\nP<fim_suffix>S<fim_middle>",
}

each_format = pytest.mark.parametrize("form", fim.FORMATS, ids=lambda form: form.name)


@each_format
def test_a_document_without_a_name(form: fim.FimFormat) -> None:
    assert spelled(fim.prompt(form, None, "P", "S")) == HOLES[form.name]


@each_format
def test_a_document_in_a_workspace(form: fim.FimFormat) -> None:
    assert spelled(fim.prompt(form, AROUND, "P", "S")) == IN_A_WORKSPACE[form.name]


@each_format
def test_the_frame_is_what_stands_before_the_prefix(form: fim.FimFormat) -> None:
    for around, whole in ((None, HOLES), (AROUND, IN_A_WORKSPACE)):
        before = whole[form.name].replace("]S[", "][").rpartition("P" if form.name != "codellama" else "P▁")[0]
        assert spelled(fim.frame(form, around)) == before.removesuffix("P<")


@each_format
def test_the_code_s_tokens_do_not_depend_on_what_stands_beside_it(form: fim.FimFormat) -> None:
    segments = fim.prompt(form, AROUND, PREFIX, SUFFIX)
    assert fim.Plain(PREFIX) in segments
    assert fim.Plain(SUFFIX) in segments


@each_format
def test_text_that_looks_special_stays_text(form: fim.FimFormat) -> None:
    for text in form.stop:
        chunk = Chunk(text, text, "")
        segments = fim.prompt(form, fim.Surroundings(text, text, (chunk,)), text, text)
        plain = fim.prompt(form, fim.Surroundings("x", "x", (Chunk("x", "x", ""),)), "x", "x")
        assert [s for s in segments if isinstance(s, fim.Special)] == [s for s in plain if isinstance(s, fim.Special)]


@each_format
def test_each_format_stops_at_its_own_tokens(form: fim.FimFormat) -> None:
    own = {"<s>", "<reponame>", "<repo_name>"} & form.needed
    assert form.needed - own <= set(form.stop)
    assert len(set(form.stop)) == len(form.stop)
    assert form.source


@each_format
def test_a_vocabulary_is_recognised_by_its_tokens(form: fim.FimFormat) -> None:
    vocabulary: dict[str, int] = {text: number for number, text in enumerate(sorted(form.needed))}
    assert fim.recognise(partial(dict.get, vocabulary)) is form
    for text in form.needed:
        others = {other: number for other, number in vocabulary.items() if other != text}
        assert fim.recognise(partial(dict.get, others)) in {None, fim.GRANITE} - {form}


def test_a_vocabulary_without_such_tokens_is_not_recognised() -> None:
    assert fim.recognise(lambda _text: None) is None


def test_a_prompt_becomes_token_ids_segment_by_segment() -> None:
    special = {text: -1 - number for number, text in enumerate(fim.QWEN25_CODER.stop)}
    segments = (fim.Special("<|fim_suffix|>"), fim.Plain(SUFFIX))
    tokens = fim.encode(segments, lambda text: tuple(map(ord, text)), partial(dict.get, special))
    assert tokens == (special["<|fim_suffix|>"], *map(ord, SUFFIX))


def test_a_vocabulary_without_a_token_is_named() -> None:
    segments = fim.prompt(fim.QWEN25_CODER, None, PREFIX, SUFFIX)
    with pytest.raises(ModelUnsuitable, match=r"no token <\|fim_prefix\|>"):
        fim.encode(segments, lambda _text: (), lambda _text: None)


def test_the_embedded_model_has_every_token_of_qwen(tiny: Worker) -> None:
    assert fim.recognise(tiny.special) is fim.QWEN25_CODER
    assert None not in map(tiny.special, fim.QWEN25_CODER.stop)
