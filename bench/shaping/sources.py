"""Holes in source files of any language that `bench/retrieval` knows, told by lines and brackets: for right texts only.

=========  =====================================================================================================
``token``   the rest of a line of code, from a token on
``line``    a whole line of code; the cursor stands behind its indentation
``closed``  what stands in brackets of one line, or the rest of it, as in `bench/shaping/samples.py`
``block``   two to eight lines that no blank line parts, with the brackets that they open, none of them further to the
            left than the first; what follows is not further to the right
``body``    the lines behind one that ends with ``{``; in every second one with the closing line, which is gone then
=========  =====================================================================================================
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval.code_text import is_balanced, only_code
from bench.retrieval.languages import language_of
from bench.shaping.samples import Sample, Span
from bench.tiny_model.holes import LONGEST_MIDDLE
from lsp_server.core import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

_SIZES = range(300, 60_000)
_FEWEST_LINES = 5
_BLOCK_LINES = range(2, 9)
# Tries for a hole before the language counts as one that has no more of the kind.
_MOST_TRIES = 400
_NOT_WRITTEN = re.compile(r"(^|/)(vendor|node_modules|third_party|generated|highlighted)/|\.min\.|\.pb\.|\.d\.ts$")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_CLOSING_LINE = re.compile(r"[)\]}]+[;,]?$")


class _File:
    """One file; ``code`` is its text with blanks for comments and strings."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text

    @cached_property
    def code(self) -> str:
        """The text with blanks for what is no code."""
        return only_code(self.text, language_of(self.path))

    @cached_property
    def lines(self) -> list[tuple[int, int]]:
        """The ranges of the lines that have code, without their line breaks."""
        return [m.span() for m in re.finditer(r"[^\n]+", self.text) if self.code[slice(*m.span())].strip()]

    def indentation(self, number: int) -> int:
        """Return how many characters of white space a line begins with."""
        line = self.text[slice(*self.lines[number])]
        return len(line) - len(line.lstrip())

    def content(self, number: int) -> int:
        """Return the offset at which the content of a line begins."""
        return self.lines[number][0] + self.indentation(number)


def samples(folder: Path, count: int, dice: Random) -> list[Sample]:
    """Return so many holes of each kind in each language that the folder has, fewer where there are not so many.

    Raises:
        Unmeasurable: there is no source file.
    """
    files = _files(folder)
    if not files:
        raise Unmeasurable(f"There is no source file in {folder}.")
    return [
        sample
        for language, some in sorted(files.items())
        for kind in _KINDS
        for sample in _of_kind(some, language, kind, count, dice)
    ]


def _files(folder: Path) -> dict[str, list[Path]]:
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_source = language_of(name) and not _NOT_WRITTEN.search(name)
        if is_source and path.is_file() and path.stat().st_size in _SIZES:
            found[language_of(name)].append(path.relative_to(folder))
    return {language: [folder / path for path in paths] for language, paths in found.items()}


def _of_kind(paths: list[Path], language: str, kind: str, count: int, dice: Random) -> Iterator[Sample]:
    seen: set[tuple[str, Span]] = set()
    tries = 0
    while len(seen) < count and tries < _MOST_TRIES:
        tries += 1
        path = dice.choice(paths)
        file = _read(path)
        span = _KINDS[kind](file, dice) if file else None
        if file is None or span is None or (file.path, span) in seen or span.end - span.start > LONGEST_MIDDLE:
            continue
        tries = 0
        seen.add((file.path, span))
        yield _sample(f"{language} {kind}#{len(seen) - 1}", f"{language} {kind}", language, file, span)


def _read(path: Path) -> _File | None:
    """Return a file of ASCII with some lines of code; ``None`` for any other."""
    try:
        text = path.read_text(encoding="ascii").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
    file = _File(path.as_posix(), text)
    return file if text.isascii() and "\x1b" not in text and len(file.lines) >= _FEWEST_LINES else None


def _sample(name: str, kind: str, language: str, file: _File, span: Span) -> Sample:
    after = file.text[span.end :]
    if span.closers is not None:
        line_end = after.find("\n")
        after = span.closers + (after[line_end:] if line_end >= 0 else "")
    return Sample(
        name, kind, language, file.path, Place(file.text[: span.start], after), file.text[span.start : span.end]
    )


# --- the kinds ---------------------------------------------------------------------------------------


def _token(file: _File, dice: Random) -> Span | None:
    start, end = dice.choice(file.lines)
    starts = [match.start() for match in _TOKEN.finditer(file.text, start, end)][1:]
    return Span(dice.choice(starts), end) if starts else None


def _line(file: _File, dice: Random) -> Span | None:
    number = dice.randrange(len(file.lines))
    return Span(file.content(number), file.lines[number][1])


def _closed(file: _File, dice: Random) -> Span | None:
    pairs = list(_pairs(file.code, *dice.choice(file.lines)))
    if not pairs:
        return None
    chosen = dice.choice(pairs)
    starts = [match.start() for match in _TOKEN.finditer(file.code, chosen[0], chosen[1])]
    start = dice.choice([chosen[0], *starts])
    around = sorted((pair for pair in pairs if pair[0] <= start <= pair[1]), key=lambda pair: pair[1])
    if not file.text[start : around[0][1]].strip():
        return None
    is_alone = dice.random() < 0.5
    return Span(start, around[0][1], "".join(pair[2] for pair in around) if is_alone else None)


def _pairs(code: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield the inner side of each pair of brackets in a range, and what closes it."""
    waiting: list[int] = []
    for at in range(start, end):
        if code[at] in _CLOSER:
            waiting.append(at)
        elif waiting and code[at] == _CLOSER[code[waiting[-1]]]:
            yield waiting.pop() + 1, at, code[at]


def _block(file: _File, dice: Random) -> Span | None:
    top = dice.randrange(len(file.lines))
    count = dice.choice(_BLOCK_LINES)
    end = top + count
    if end > len(file.lines) or file.code[file.content(top)] in ")]}":
        return None
    start, stop = file.lines[top][0], file.lines[end - 1][1]
    indentation = file.indentation(top)
    is_block = (
        all(file.indentation(number) >= indentation for number in range(top, end))
        and (end == len(file.lines) or file.indentation(end) <= indentation)
        and is_balanced(file.code[start:stop])
        and not re.search(r"\n[ \t]*\n", file.text[start:stop])
    )
    return Span(file.content(top), stop) if is_block else None


def _body(file: _File, dice: Random) -> Span | None:
    top = dice.randrange(len(file.lines))
    header = file.code[slice(*file.lines[top])].rstrip()
    if not header.endswith("{"):
        return None
    end = top + 1
    while end < len(file.lines) and file.indentation(end) > file.indentation(top):
        end += 1
    closes = end < len(file.lines) and _CLOSING_LINE.match(file.text[slice(*file.lines[end])].strip())
    if end == top + 1 or not closes or file.indentation(end) != file.indentation(top):
        return None
    if dice.random() < 0.5:
        return Span(file.lines[top][1], file.lines[end][1])
    return Span(dice.choice([file.lines[top][1], file.content(top + 1)]), file.lines[end - 1][1])


_KINDS = {"token": _token, "line": _line, "closed": _closed, "block": _block, "body": _body}
