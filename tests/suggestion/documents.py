"""Small documents of many languages, and places in them where somebody might write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.core import Place

if TYPE_CHECKING:
    from random import Random

FOLDER = Path(__file__).parent / "sources"
LANGUAGES = {
    ".py": "python",
    ".ts": "typescript",
    ".tsx": "typescriptreact",
    ".js": "javascript",
    ".java": "java",
    ".go": "go",
    ".rs": "rust",
    ".c": "c",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".php": "php",
    ".rb": "ruby",
    ".sh": "shellscript",
    ".lua": "lua",
    ".kt": "kotlin",
    ".md": "markdown",
}
# What opens a block at the end of a line.
_OPENS = {
    "python": r":$",
    "ruby": r"^\s*(?:def|class|module|if|elsif|unless|case|when)\b|\bdo(?: \|.*\|)?$|^\s*(?:else|begin)$",
    "lua": r"\b(?:then|do|else)$|\bfunction\b[^()]*\([^()]*\)$",
    "shellscript": r"(?:\{|\bthen|\bdo|\belse)$",
    "markdown": r"(?!)",
}
_CLOSES = re.compile(r"\s*(?:[)\]}]|</|(?:end|fi|done|esac)\b)")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_INSIDE = re.compile(r"\(([^()\[\]\"'`]+)\)|\[([^()\[\]\"'`]+)\]|\"([^\"\\{}$#]+)\"")


class Source(NamedTuple):
    """A whole document."""

    language: str
    text: str


class Cut(NamedTuple):
    """What is cut out of a document to be suggested again: a range, and what sort of place that leaves."""

    kind: str
    start: int
    end: int

    def place(self, text: str) -> Place:
        """Return the cursor in what is left of a document."""
        return Place(text[: self.start], text[self.end :])


def sources() -> list[Source]:
    """Return a document of each language."""
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in LANGUAGES and path.stem != "__init__")
    return [Source(LANGUAGES[path.suffix], path.read_text(encoding="utf-8")) for path in files]


def own_sources() -> list[Source]:
    """Return the modules of this project."""
    package = Path(__file__).parents[2] / "lsp_server"
    return [Source("python", path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))]


# --- cutting -----------------------------------------------------------------------------------------


class _Lines:
    """The lines of a document and where they begin."""

    def __init__(self, source: Source) -> None:
        self.texts = source.text.split("\n")
        self.starts = [0]
        for text in self.texts:
            self.starts.append(self.starts[-1] + len(text) + 1)
        self.written = [number for number, text in enumerate(self.texts) if text.strip()]

    def indent(self, number: int) -> int:
        text = self.texts[number]
        return len(text) - len(text.lstrip())

    def end(self, number: int) -> int:
        return self.starts[number] + len(self.texts[number].rstrip())

    def last_inner(self, number: int) -> int:
        """Return the last of the lines below one that stand further to the right, itself where there are none."""
        last = number
        for below in range(number + 1, len(self.texts)):
            if self.texts[below].strip():
                if self.indent(below) <= self.indent(number):
                    break
                last = below
        return last


def cuts(source: Source, random: Random, count: int) -> list[Cut]:
    """Return so many cuts of a document, or somewhat fewer, of all kinds."""
    lines = _Lines(source)
    kinds = (_rest_of_line, _inside, _whole_line, _statement, _body, _body_below)
    found = [kinds[number % len(kinds)](source, lines, random) for number in range(count)]
    return [cut for cut in found if cut is not None and source.text[cut.start : cut.end].strip()]


def _rest_of_line(_: Source, lines: _Lines, random: Random) -> Cut | None:
    number = random.choice(lines.written)
    tokens = list(_TOKEN.finditer(lines.texts[number]))[:-1]
    if not tokens:
        return None
    return Cut("rest of line", lines.starts[number] + random.choice(tokens).end(), lines.end(number))


def _inside(source: Source, _: _Lines, random: Random) -> Cut | None:
    found = list(_INSIDE.finditer(source.text))
    found = [match for match in found if "\n" not in match[0]]
    if not found:
        return None
    match = random.choice(found)
    return Cut("inside brackets", match.start() + 1, match.end() - 1)


def _whole_line(_: Source, lines: _Lines, random: Random) -> Cut | None:
    number = random.choice(lines.written)
    return Cut("whole line", lines.starts[number] + lines.indent(number), lines.end(number))


def _statement(_: Source, lines: _Lines, random: Random) -> Cut | None:
    number = random.choice(lines.written)
    if _CLOSES.match(lines.texts[number]):
        return None
    last = lines.last_inner(number)
    after = last + 1
    if last > number and after < len(lines.texts) and lines.indent(after) == lines.indent(number):
        is_end = _CLOSES.match(lines.texts[after]) and not re.search(r"(?:[{(\[]|\bdo)$", lines.texts[after])
        last = after if is_end else last
    return Cut("statement", lines.starts[number] + lines.indent(number), lines.end(last))


def _header(source: Source, lines: _Lines, random: Random) -> int | None:
    opens = re.compile(_OPENS.get(source.language, r"\{$"))
    headers = [n for n in lines.written if opens.search(lines.texts[n].rstrip()) and lines.last_inner(n) > n]
    return random.choice(headers) if headers else None


def _body(source: Source, lines: _Lines, random: Random) -> Cut | None:
    number = _header(source, lines, random)
    return None if number is None else Cut("body", lines.end(number), lines.end(lines.last_inner(number)))


def _body_below(source: Source, lines: _Lines, random: Random) -> Cut | None:
    number = _header(source, lines, random)
    if number is None:
        return None
    first = next(n for n in lines.written if n > number)
    return Cut("body below", lines.starts[first] + lines.indent(first), lines.end(lines.last_inner(number)))
