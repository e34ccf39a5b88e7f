"""The values that travel between the stages of one completion.

Knows nothing of LSP, of llama.cpp or of tree-sitter. Positions are offsets in Unicode code points
of a Python string, ranges are half-open.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from pathlib import Path


# What ends a line in LSP and in every editor (LSP 3.17, "Text Documents"), and not what Python's splitlines adds.
LINE_END = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text, each with its ``\n``; form feeds and the like do not end a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def plain(text: str) -> str:
    r"""Return the text with ``\n`` for each of LSP's line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class Trigger(Enum):
    """Why a completion is asked for."""

    TYPING = "the user is typing"
    INVOKED = "the user has asked for it"


@dataclass(frozen=True, slots=True)
class Popup:
    """What the editor's own completion popup has selected: its text would replace the range of it before the cursor.

    ``replaced`` is what stands in that range now, ``original`` the document's text.
    """

    text: str
    replaced: str
    original: str


# Languages of notebooks whose files can be told by their names.
SUFFIX_OF_CELLS = {
    "python": ".py",
    "javascript": ".js",
    "typescript": ".ts",
    "csharp": ".cs",
    "rust": ".rs",
    "go": ".go",
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document and the cursor in it, at the moment when a completion was asked for.

    ``path`` is the document's file, ``None`` for one that has none (an untitled buffer); ``root`` is
    the folder of the workspace that holds it, or its own directory. ``offset`` is the cursor, in
    ``[0, len(text)]``. ``uri`` is empty where no editor has opened the document, and ``language`` where none has
    named its language (LSP 3.17, "TextDocumentItem"). Where ``popup`` is there, ``text`` has the popup's choice in
    place of what it would replace, and the cursor stands behind it. Where ``cell`` is there, the document is that part
    of ``text``, a cell of the notebook ``path``, and the others of its language stand around it.
    """

    path: Path | None
    root: Path | None
    text: str
    offset: int
    uri: str = ""
    language: str = ""
    trigger: Trigger = Trigger.TYPING
    popup: Popup | None = None
    cell: range | None = None

    @property
    def document(self) -> str:
        """What tells this document from others: the editor's URI, or the path where there is no editor."""
        return self.uri or str(self.path)

    @property
    def name(self) -> str:
        """What the prompt calls the file: its path below ``root`` with forward slashes; empty without a file."""
        return self.source.relative_to(self.root).as_posix() if self.source and self.root else ""

    @property
    def source(self) -> Path | None:
        """The file as a model knows it: a notebook's cells as one file of their language beside it."""
        if self.path is None or self.cell is None:
            return self.path
        return self.path.with_suffix(SUFFIX_OF_CELLS.get(self.language, self.path.suffix))

    @property
    def alone(self) -> Snapshot:
        """The document without what stands around it, as the editor has it."""
        if self.cell is None:
            return self
        text = self.text[self.cell.start : self.cell.stop]
        return replace(self, text=text, offset=self.offset - self.cell.start, cell=None)

    @property
    def repository(self) -> str:
        """What the prompt calls the workspace: the name of ``root``; empty without a file."""
        return self.root.name if self.root else ""


# What editors write behind the cursor by themselves while one types: closing brackets and quotes, and the line
# break and indentation before them. Longer ones are somebody's code.
_CLOSING = frozenset(")]}>\"'`;, \t\n")
_LONGEST_CLOSING = 40


def closing_before(after: str, rest: str, end: int | None) -> str | None:
    """Return what an editor has closed between the cursor and ``rest``, ``None`` where ``after`` is something else.

    ``after`` is what follows the cursor; ``rest`` is what followed it earlier. ``end`` is where ``rest`` has to end,
    counted from the end of ``after``; ``None`` where it may go on differently behind it.
    """
    for length in range(min(len(after), _LONGEST_CLOSING) + 1):
        if length and after[length - 1] not in _CLOSING:
            return None
        if after.startswith(rest, length) and (end is None or length + len(rest) + end == len(after)):
            return after[:length]
    return None


@dataclass(frozen=True, slots=True)
class Place:
    r"""A cursor in a document as the model sees it, with ``\n`` for every line end: what is before and after it."""

    before: str
    after: str

    @property
    def line(self) -> str:
        """What stands before the cursor on its line."""
        return self.before[self.before.rfind("\n") + 1 :]


def place_of(snapshot: Snapshot) -> Place:
    """Return the cursor in the text that the model sees: plain line breaks and no byte order mark."""
    before = snapshot.text[: snapshot.offset].removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    return Place(plain(before), plain(snapshot.text[snapshot.offset :]))


def dominant_line_break(text: str) -> str:
    r"""Return the line end that most lines of a text have; ``\n`` where there are none or as many of each."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of another file that the model is shown before the current one.

    ``path`` is relative to the workspace, with forward slashes. ``text`` goes into the prompt as it
    is. ``reason`` says in a few words why the piece was chosen, ``score`` what it is worth beside the others (a sum
    of chances that its names are needed); ``midfill.explain`` shows both.
    """

    path: str
    text: str
    reason: str
    score: float = 0.0


class Reason(Enum):
    """Why nothing is shown; each value is a sentence for ``midfill.explain``."""

    SWITCHED_OFF = "midfill is switched off in the settings"
    LANGUAGE_OFF = "the settings switch this language off"
    FILE_OFF = "the settings switch this file off"
    GENERATED = "the file is generated, so nobody writes it"
    MIDDLE_OF_WORD = "the cursor is in the middle of a word"
    LONG_LINE = "the cursor's line is too long to be written by hand"
    NOT_OPEN = "the editor has not opened this document"
    TOO_LARGE = "the document is larger than midfill reads"
    NO_MODEL = "no model is loaded"
    ENGINE_FAILED = "the model failed"
    SUPERSEDED = "the request was cancelled, or a newer one took its place"
    EMPTY = "the model wrote nothing here"
    HALF_BLOCK = "the model wrote what begins a block, and not the lines in it"
    UNSURE = "the model is not sure enough"
    FAILED = "midfill failed; its log says more"
    REPEATS_WHAT_FOLLOWS = "the model wrote what already follows the cursor"
    REPEATS_WHAT_PRECEDES = "the model wrote what already stands before the cursor"
    GROWS_INTO_WORD = "what the model wrote would grow together with the word behind the cursor"
    SYNTAX_ERROR = "no part of what the model wrote leaves the document without a new syntax error"


def sentence(reason: Reason, detail: str = "") -> str:
    """Return a reason as people read it, without the full stop."""
    return f"{reason.value}: {detail}" if detail else reason.value


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that changed what the model wrote: its name, what it does, and the text behind it."""

    rule: str
    what: str
    text: str


class Source(Enum):
    """Where a suggestion comes from."""

    MEMORY = "memory"
    MODEL = "model"


class ChunkReport(TypedDict):
    """What ``midfill.explain`` says of a chunk."""

    path: str
    tokens: int
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Report:
    """One request from end to end: what the prompt held, what it cost, and what came of it.

    ``source`` says whether the suggestion had been made before or the model was asked. ``reused_tokens`` of the
    prompt were in the KV cache, ``evaluated_tokens`` were not; they add up to ``prompt_tokens`` unless the request
    ended early. ``background_tokens`` of other prompts were evaluated since the document's last request, ahead of
    need or for requests that were superseded. ``milliseconds`` is by stage, in the order of the stages.

    ``raw`` is what the model wrote, ``steps`` are the rules that changed it; ``chances`` the probabilities of its first
    tokens. Either ``suggestion`` or ``reason`` is ``None``; ``detail`` adds to a reason. ``alternatives`` are other
    suggestions for the same place, the better first.
    """

    model: str
    source: Source = Source.MODEL
    chunks: tuple[ChunkReport, ...] = ()
    prompt_tokens: int = 0
    reused_tokens: int = 0
    evaluated_tokens: int = 0
    background_tokens: int = 0
    generated_tokens: int = 0
    milliseconds: dict[str, float] = field(default_factory=dict)
    raw: str = ""
    chances: tuple[float, ...] = ()
    steps: tuple[Step, ...] = ()
    suggestion: str | None = None
    alternatives: tuple[str, ...] = ()
    reason: Reason | None = None
    detail: str = ""

    def without_suggestion(self, reason: Reason, detail: str = "") -> Report:
        """Return the same report, ending in ``reason``."""
        return replace(self, suggestion=None, alternatives=(), reason=reason, detail=detail)

    def to_json(self) -> dict[str, object]:
        """Return what ``midfill.explain`` and ``midfill complete --json`` give."""
        return {
            "model": self.model,
            "source": self.source.value,
            "chunks": [dict(chunk) for chunk in self.chunks],
            "promptTokens": self.prompt_tokens,
            "reusedTokens": self.reused_tokens,
            "evaluatedTokens": self.evaluated_tokens,
            "backgroundTokens": self.background_tokens,
            "generatedTokens": self.generated_tokens,
            "milliseconds": {stage: round(value, 3) for stage, value in self.milliseconds.items()},
            "raw": self.raw,
            "chances": [round(chance, 4) for chance in self.chances],
            "rules": [asdict(step) for step in self.steps],
            "suggestion": self.suggestion,
            "alternatives": list(self.alternatives),
            "reason": None if self.reason is None else sentence(self.reason, self.detail),
        }
