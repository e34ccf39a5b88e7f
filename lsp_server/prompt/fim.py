r"""Fill-in-the-middle formats, and the prompt as a row of segments.

Knows no tokenizer and no file: text goes in, segments come out. A segment is either a special token,
named by its text, or plain text, which whoever tokenizes must never turn into special tokens.

    <|repo_name|>NAME\n
    <|file_sep|>PATH1\nCONTENT1\n
    <|file_sep|>PATH2\nCONTENT2\n
    <|file_sep|>CURRENT PATH\n<|fim_prefix|>PREFIX<|fim_suffix|>SUFFIX<|fim_middle|>MIDDLE

The format is the one of the Qwen2.5-Coder technical report (arXiv 2409.12186, section 3) and of its
repository's README.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lsp_server.errors import ModelUnsuitable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lsp_server.core import Chunk


@dataclass(frozen=True, slots=True)
class Special:
    """One special token, by its text in the vocabulary."""

    text: str


@dataclass(frozen=True, slots=True)
class Plain:
    """Text from files or the user; it is text even where it looks like a special token."""

    text: str


Segment: TypeAlias = Special | Plain


@dataclass(frozen=True, slots=True)
class FimFormat:
    """The special tokens of one family of models, by their texts.

    ``stop`` are the tokens that end a middle. A model must have all the others in its vocabulary for
    the format to be its own.
    """

    name: str
    prefix: str
    suffix: str
    middle: str
    repository: str
    file: str
    stop: tuple[str, ...]


QWEN25_CODER = FimFormat(
    name="qwen2.5-coder",
    prefix="<|fim_prefix|>",
    suffix="<|fim_suffix|>",
    middle="<|fim_middle|>",
    repository="<|repo_name|>",
    file="<|file_sep|>",
    stop=(
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<|fim_prefix|>",
        "<|fim_middle|>",
        "<|fim_suffix|>",
        "<|fim_pad|>",
        "<|repo_name|>",
        "<|file_sep|>",
    ),
)

FORMATS = (QWEN25_CODER,)


def recognise(special: Callable[[str], int | None]) -> FimFormat | None:
    """Return the format whose tokens a vocabulary has; ``None`` where it is no format of the table.

    ``special`` returns the id of the special token with a text, ``None`` where there is none.
    """
    for form in FORMATS:
        if None not in map(special, (form.prefix, form.suffix, form.middle, form.repository, form.file)):
            return form
    return None


def encode(
    segments: Iterable[Segment], tokenize: Callable[[str], Sequence[int]], special: Callable[[str], int | None]
) -> tuple[int, ...]:
    """Return the token ids of a prompt.

    ``tokenize`` returns the tokens of plain text, ``special`` the id of a special token by its text.

    Raises:
        ModelUnsuitable: the vocabulary lacks one of the special tokens.
    """
    tokens: list[int] = []
    for segment in segments:
        match segment:
            case Plain(text):
                tokens.extend(tokenize(text))
            case Special(text):
                token = special(text)
                if token is None:
                    raise ModelUnsuitable(f"The model has no token {text}: choose a base model of Qwen2.5-Coder.")
                tokens.append(token)
    return tuple(tokens)


def file_level(form: FimFormat, prefix: str, suffix: str, middle: str) -> tuple[Segment, ...]:
    """Return the prompt of a document that has no name and no neighbours."""
    return (
        Special(form.prefix),
        Plain(prefix),
        Special(form.suffix),
        Plain(suffix),
        Special(form.middle),
        Plain(middle),
    )


def repository_level(
    form: FimFormat, repository: str, chunks: Sequence[Chunk], path: str, hole: Sequence[Segment]
) -> tuple[Segment, ...]:
    """Return ``hole`` (from :func:`file_level`) behind the workspace's name and pieces of its files.

    The content of a chunk is taken to the letter, and one line break follows it.
    """
    return (*_header(form, repository, chunks), Special(form.file), Plain(f"{path}\n"), *hole)


def _header(form: FimFormat, repository: str, chunks: Sequence[Chunk]) -> Iterator[Segment]:
    yield Special(form.repository)
    yield Plain(f"{repository}\n")
    for chunk in chunks:
        yield Special(form.file)
        yield Plain(f"{chunk.path}\n{chunk.text}\n")
