r"""Fill-in-the-middle formats, and the prompt as a row of segments.

Knows no tokenizer and no file: text goes in, segments come out. A segment is either a special token, named by its text,
or plain text, which whoever tokenizes must never turn into special tokens.

A format is a table row of templates. Qwen2.5-Coder's, filled:

    <|repo_name|>NAME\n
    <|file_sep|>PATH1\nCONTENT1\n
    <|file_sep|>PATH2\nCONTENT2\n
    <|file_sep|>CURRENT PATH\n
    <|fim_prefix|>PREFIX<|fim_suffix|>SUFFIX<|fim_middle|>MIDDLE

Some models want the suffix before the prefix; the middle, which is what has been typed and what the model writes, comes
last in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
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


class Slot(Enum):
    """What a template leaves open."""

    REPOSITORY = "the workspace's name"
    CHUNKS = "pieces of other files, each by the format's own template"
    PATH = "a file's path"
    TEXT = "the text of a piece"
    PREFIX = "what stands before the middle"
    SUFFIX = "what follows the cursor"


Template: TypeAlias = tuple[Special | Slot | str, ...]


@dataclass(frozen=True, slots=True)
class FimFormat:
    """The prompt of one family of models.

    ``hole`` is the prompt of a document without a name, ``repository`` of one in a workspace, ``chunk`` of a piece of
    another file in it. ``stop`` are the texts of the tokens that end a middle, those of the templates among them;
    not every vocabulary has all of these. ``source`` says where the format is described.
    """

    name: str
    hole: Template
    repository: Template
    chunk: Template
    stop: tuple[str, ...]
    source: str

    @property
    def needed(self) -> frozenset[str]:
        """The special tokens that a vocabulary must have for the format to be its own."""
        parts = (*self.hole, *self.repository, *self.chunk)
        return frozenset(part.text for part in parts if isinstance(part, Special))

    @property
    def begins_with_prefix(self) -> bool:
        """Whether the prefix stands before the suffix, so that a prompt with another suffix begins alike."""
        return self.hole.index(Slot.PREFIX) < self.hole.index(Slot.SUFFIX)


def _prefix_first(prefix: str, suffix: str, middle: str, *before_prefix: Slot | str) -> Template:
    return (Special(prefix), *before_prefix, Slot.PREFIX, Special(suffix), Slot.SUFFIX, Special(middle))


_BEFORE_HOLE = (Slot.CHUNKS, Special("<|file_sep|>"), Slot.PATH, "\n")
_QWEN_HOLE = _prefix_first("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
QWEN25_CODER = FimFormat(
    name="qwen2.5-coder",
    hole=_QWEN_HOLE,
    repository=(Special("<|repo_name|>"), Slot.REPOSITORY, "\n", *_BEFORE_HOLE, *_QWEN_HOLE),
    chunk=(Special("<|file_sep|>"), Slot.PATH, "\n", Slot.TEXT, "\n"),
    stop=(
        *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>"),
        *("<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
    ),
    source="arXiv 2409.12186, section 3, and the repository's README",
)

_STARCODER_STOP = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<file_sep>")
_STARCODER_HOLE = _prefix_first("<fim_prefix>", "<fim_suffix>", "<fim_middle>")
CODEQWEN15 = FimFormat(
    name="codeqwen1.5",
    hole=_STARCODER_HOLE,
    repository=(
        *(Special("<reponame>"), Slot.REPOSITORY, "\n", Slot.CHUNKS, Special("<file_sep>"), Slot.PATH, "\n"),
        *_STARCODER_HOLE,
    ),
    chunk=(Special("<file_sep>"), Slot.PATH, "\n", Slot.TEXT, "\n"),
    stop=(*_STARCODER_STOP, "<reponame>", "<|im_start|>", "<|im_end|>"),
    source="the model card of CodeQwen1.5-7B",
)
STARCODER2 = FimFormat(
    name="starcoder2",
    hole=_STARCODER_HOLE,
    repository=(
        *(Special("<repo_name>"), Slot.REPOSITORY, Slot.CHUNKS, Special("<file_sep>")),
        # The path of the file with the hole stands in its prefix.
        *_prefix_first("<fim_prefix>", "<fim_suffix>", "<fim_middle>", Slot.PATH, "\n"),
    ),
    chunk=(Special("<file_sep>"), Slot.PATH, "\n", Slot.TEXT),
    stop=(*_STARCODER_STOP, "<repo_name>"),
    source="arXiv 2402.19173, section 5.1",
)


def _commented(mark: str, *prefix: Special) -> tuple[Template, Template]:
    """Return a start of the prefix with pieces of other files in it, each below its path, and a piece's template."""
    return (*prefix, Slot.CHUNKS, mark, Slot.PATH, "\n", Slot.PREFIX), (mark, Slot.PATH, "\n", Slot.TEXT, "\n")


_GRANITE_PREFIX, _GRANITE_CHUNK = _commented("# ", Special("<fim_prefix>"))
GRANITE = FimFormat(
    name="granite-code",
    hole=_STARCODER_HOLE,
    repository=(*_GRANITE_PREFIX, Special("<fim_suffix>"), Slot.SUFFIX, Special("<fim_middle>")),
    chunk=_GRANITE_CHUNK,
    stop=("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>"),
    source="arXiv 2405.04324, section 3; it names no format for several files",
)

_DEEPSEEK_START, _DEEPSEEK_CHUNK = _commented("#", Special("<｜begin▁of▁sentence｜>"), Special("<｜fim▁begin｜>"))
_DEEPSEEK_END: Template = (Special("<｜fim▁hole｜>"), Slot.SUFFIX, Special("<｜fim▁end｜>"))
DEEPSEEK_CODER = FimFormat(
    name="deepseek-coder",
    hole=(Special("<｜begin▁of▁sentence｜>"), Special("<｜fim▁begin｜>"), Slot.PREFIX, *_DEEPSEEK_END),
    repository=(*_DEEPSEEK_START, *_DEEPSEEK_END),
    chunk=_DEEPSEEK_CHUNK,
    stop=(
        *("<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
        "<|EOT|>",
    ),
    source="the repository's README: code insertion, and repository-level completion",
)

_CODESTRAL_START: Template = (Special("<s>"), Special("[SUFFIX]"), Slot.SUFFIX)
_CODESTRAL_PREFIX, _CODESTRAL_CHUNK = _commented("+++++ ", Special("[PREFIX]"))
CODESTRAL = FimFormat(
    name="codestral",
    hole=(*_CODESTRAL_START, Special("[PREFIX]"), Slot.PREFIX),
    repository=(*_CODESTRAL_START, *_CODESTRAL_PREFIX),
    chunk=_CODESTRAL_CHUNK,
    stop=("</s>", "<s>", "[SUFFIX]", "[PREFIX]", "[MIDDLE]"),
    source="mistral-common, encode_fim; the marks of files as in Mistral's editor plugins",
)

_CODELLAMA_START, _CODELLAMA_CHUNK = _commented("# ", Special("<s>"), Special("▁<PRE>"))
_CODELLAMA_END: Template = (Special("▁<SUF>"), Slot.SUFFIX, Special("▁<MID>"))
CODELLAMA = FimFormat(
    name="codellama",
    hole=(Special("<s>"), Special("▁<PRE>"), Slot.PREFIX, *_CODELLAMA_END),
    repository=(*_CODELLAMA_START, *_CODELLAMA_END),
    chunk=_CODELLAMA_CHUNK,
    stop=("▁<EOT>", "</s>", "<s>", "▁<PRE>", "▁<SUF>", "▁<MID>"),
    source="arXiv 2308.12950, section 2.3; it names no format for several files",
)

# A vocabulary may have the tokens of several; the first that fits is its own.
FORMATS = (QWEN25_CODER, STARCODER2, CODEQWEN15, DEEPSEEK_CODER, CODESTRAL, CODELLAMA, GRANITE)


def recognise(special: Callable[[str], int | None]) -> FimFormat | None:
    """Return the format whose tokens a vocabulary has; ``None`` where it is no format of the table.

    ``special`` returns the id of the special token with a text, ``None`` where there is none.
    """
    return next((form for form in FORMATS if None not in map(special, form.needed)), None)


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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a prompt tells besides the document: the workspace's name, the document's path, pieces of other files."""

    repository: str
    path: str
    chunks: tuple[Chunk, ...] = ()


def prompt(form: FimFormat, around: Surroundings | None, prefix: str, suffix: str) -> tuple[Segment, ...]:
    """Return a prompt up to its middle; without surroundings that of a document that has no name and no neighbours.

    The content of a chunk is taken to the letter.
    """
    template = form.hole if around is None else form.repository
    return tuple(_segments(_expanded(template, form, around), {Slot.PREFIX: prefix, Slot.SUFFIX: suffix}))


def frame(form: FimFormat, around: Surroundings | None) -> tuple[Segment, ...]:
    """Return all of a prompt that stands before the prefix, with an empty suffix where that comes first."""
    template = form.hole if around is None else form.repository
    before = template[: template.index(Slot.PREFIX)]
    return tuple(_segments(_expanded(before, form, around), {Slot.SUFFIX: ""}))


def _expanded(template: Template, form: FimFormat, around: Surroundings | None) -> Iterator[Special | Slot | str]:
    """Yield the parts of a template with all its names and chunks in it; only the code's slots are left."""
    for part in template:
        if part is Slot.CHUNKS and around is not None:
            for chunk in around.chunks:
                values = {Slot.PATH: chunk.path, Slot.TEXT: chunk.text}
                yield from (values[inner] if isinstance(inner, Slot) else inner for inner in form.chunk)
        elif part is Slot.REPOSITORY and around is not None:
            yield around.repository
        elif part is Slot.PATH and around is not None:
            yield around.path
        else:
            yield part


def _segments(parts: Iterable[Special | Slot | str], code: dict[Slot, str]) -> Iterator[Segment]:
    """Yield the segments of parts: text in one piece, tokens and the document's code each by itself."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield Plain(text)
            text = ""
        yield part if isinstance(part, Special) else Plain(code[part])
    if text:
        yield Plain(text)
