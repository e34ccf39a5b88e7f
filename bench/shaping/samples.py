"""Holes in files of Python, by dice: where the cursor is, what stands around it, and the text that was there.

=========  =====================================================================================================
``token``   the rest of a line, from a token of the language on; nothing follows on the line
``inside``  the rest of a line, from a character inside one of the model's tokens on
``line``    a whole line; the cursor stands behind its indentation
``closed``  what stands in brackets or quotes of one line, or the rest of it; the editor has closed them, so the
            closing ones follow the cursor. In every second one the rest of the line is there as well.
``block``   two to eight lines, whole statements of one body that no blank line parts; the cursor stands behind the
            indentation of the first
``body``    all lines of a function; the cursor stands behind the indentation of the first or, in every second one, at
            the end of the line of the ``def``, and the text begins with a line break
=========  =====================================================================================================
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bench.problems import Unmeasurable
from bench.tiny_model.holes import LONGEST_MIDDLE, line_starts
from lsp_server.core import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from random import Random

    from bench.tiny_model.corpus import Source

    Borders = Callable[[str], set[int]]

_BLOCK_LINES = range(2, 9)
# Files without any place of a kind are tried in vain; so many times in a row, and there are no more.
_MOST_TRIES = 2000
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_STRING = re.compile(r"([A-Za-z]*)(['\"])(?!\2\2)")


@dataclass(frozen=True)
class Sample:
    """One hole. ``text`` is what stood in it, never blank; ``package`` and ``path`` are the file's."""

    id: str
    kind: str
    package: str
    path: str
    place: Place
    text: str

    @property
    def line(self) -> str:
        """The rest of the first line, a line break before it included."""
        return first_line(self.text)


def first_line(text: str) -> str:
    """Return a text up to the end of its first line that is not blank, without white space at the end."""
    blank = len(text) - len(text.lstrip())
    end = text.find("\n", blank)
    return text[: end if end >= 0 else len(text)].rstrip()


class Span(NamedTuple):
    """A hole in a text, half-open; ``closers`` stand in the place of the rest of its last line, if that is gone."""

    start: int
    end: int
    closers: str | None = None


class _Pair(NamedTuple):
    """The inner side of brackets or quotes on one line, half-open, and what closes it."""

    start: int
    end: int
    closer: str


class _File:
    """One file. What is computed of it is computed once; nothing where Python cannot read it."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.starts = line_starts(source.text)

    def line(self, number: int) -> tuple[int, int]:
        """Return the range of a line, counted from 0, without its line break."""
        last = number + 1 == len(self.starts)
        return self.starts[number], len(self.text) if last else self.starts[number + 1] - 1

    def indented(self, number: int) -> int:
        """Return the offset at which the content of a line begins."""
        start, end = self.line(number)
        return end - len(self.text[start:end].lstrip())

    @cached_property
    def lines(self) -> list[int]:
        """The numbers of the lines that are not blank."""
        return [number for number in range(len(self.starts)) if self.text[slice(*self.line(number))].strip()]

    @cached_property
    def bodies(self) -> list[tuple[ast.AST, list[ast.stmt]]]:
        """All rows of statements, none of them empty, each with what it belongs to."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(self.text)
        except (SyntaxError, ValueError):
            return []
        names = ("body", "orelse", "finalbody")
        rows = ((node, getattr(node, name, None)) for node in ast.walk(tree) for name in names)
        return [(node, row) for node, row in rows if row and isinstance(row, list)]

    @cached_property
    def pairs(self) -> list[_Pair]:
        """Brackets and quotes whose inner side is on one line."""
        found, waiting = [], []
        for kind, text, start, end in self._tokens:
            if kind == tokenize.STRING and (match := _STRING.match(text)) and "\n" not in text:
                found.append(_Pair(start + match.end(), end - 1, match[2]))
            elif kind == tokenize.OP and text in _CLOSER:
                waiting.append((end, text))
            elif kind == tokenize.OP and text in _CLOSER.values() and waiting:
                opened, bracket = waiting.pop()
                found.append(_Pair(opened, start, _CLOSER[bracket]))
        return [pair for pair in found if "\n" not in self.text[pair.start : pair.end]]

    @cached_property
    def _tokens(self) -> list[tuple[int, str, int, int]]:
        try:
            found = list(tokenize.generate_tokens(io.StringIO(self.text).readline))
        except (tokenize.TokenError, SyntaxError):
            return []
        return [(t.type, t.string, self._offset(t.start), self._offset(t.end)) for t in found if t.string]

    def _offset(self, position: tuple[int, int]) -> int:
        return self.starts[position[0] - 1] + position[1] if position[0] <= len(self.starts) else len(self.text)


def samples(sources: Sequence[Source], count: int, borders: Borders, dice: Random) -> list[Sample]:
    """Return so many holes, as many of each kind, the same for the same dice; ``borders`` are those of a line's tokens.

    Raises:
        Unmeasurable: the files do not have so many.
    """
    kinds = _kinds(borders)
    shares = {kind: count // len(kinds) + (number < count % len(kinds)) for number, kind in enumerate(kinds)}
    files = [_File(source) for source in sources]
    return [sample for kind, share in shares.items() for sample in _of_kind(files, kind, share, kinds[kind], dice)]


def lines_cut(sources: Sequence[Source], count: int, borders: Borders, dice: Random, *, inside: bool) -> list[Sample]:
    """Return so many rests of lines, from inside of the model's tokens or else from between two of them.

    Raises:
        Unmeasurable: the files do not have so many.
    """

    def cut(file: _File, dice: Random) -> Span | None:
        return _cut_line(file, dice, borders, inside=inside)

    return list(_of_kind([_File(source) for source in sources], "inside" if inside else "border", count, cut, dice))


def _of_kind(
    files: Sequence[_File], kind: str, count: int, find: Callable[[_File, Random], Span | None], dice: Random
) -> Iterator[Sample]:
    seen: set[tuple[str, Span]] = set()
    tries = 0
    while len(seen) < count:
        if tries == _MOST_TRIES:
            raise Unmeasurable(f"The {len(files)} files have no {count} holes of the kind {kind}: ask for fewer.")
        tries += 1
        file = dice.choice(files)
        span = find(file, dice)
        if span is None or (file.source.path, span) in seen:
            continue
        tries = 0
        seen.add((file.source.path, span))
        yield _sample(f"{kind}#{len(seen) - 1}", kind, file, span)


def _sample(name: str, kind: str, file: _File, span: Span) -> Sample:
    text, source = file.text, file.source
    after = text[span.end :]
    if span.closers is not None:
        line_end = after.find("\n")
        after = span.closers + (after[line_end:] if line_end >= 0 else "")
    return Sample(
        name, kind, source.package, source.path, Place(text[: span.start], after), text[span.start : span.end]
    )


# --- the kinds ---------------------------------------------------------------------------------------


def _kinds(borders: Borders) -> Mapping[str, Callable[[_File, Random], Span | None]]:
    def inside(file: _File, dice: Random) -> Span | None:
        return _cut_line(file, dice, borders, inside=True)

    return {"token": _token, "inside": inside, "line": _line, "closed": _closed, "block": _block, "body": _body}


def _token(file: _File, dice: Random) -> Span | None:
    start, end = file.line(dice.choice(file.lines))
    starts = [start + match.start() for match in _TOKEN.finditer(file.text[start:end])][1:]
    return Span(dice.choice(starts), end) if starts else None


def _cut_line(file: _File, dice: Random, borders: Borders, *, inside: bool) -> Span | None:
    number = dice.choice(file.lines)
    start, end = file.line(number)
    ends = borders(file.text[start:end])
    places = [at for at in range(file.indented(number), end) if (at - start in ends) != inside]
    places = [at for at in places if file.text[at:end].strip()]
    return Span(dice.choice(places), end) if places else None


def _line(file: _File, dice: Random) -> Span | None:
    number = dice.choice(file.lines)
    return Span(file.indented(number), file.line(number)[1])


def _closed(file: _File, dice: Random) -> Span | None:
    are_quotes = dice.random() < 1 / 3
    pairs = [pair for pair in file.pairs if (pair.closer in "\"'") == are_quotes]
    if not pairs:
        return None
    chosen = dice.choice(pairs)
    pattern = _WORD if are_quotes else _TOKEN
    starts = [match.start() for match in pattern.finditer(file.text, chosen.start, chosen.end)]
    start = dice.choice([chosen.start, *starts])
    # Of brackets within brackets the inner ones are what the cursor is in.
    around = sorted((p for p in file.pairs if p.start <= start <= p.end), key=lambda other: other.end)
    pair = around[0]
    if not file.text[start : pair.end].strip():
        return None
    if dice.random() < 0.5:
        return Span(start, pair.end)
    # What else is open on the line was closed along with it; what is closed further below was moved there by Enter.
    return Span(start, pair.end, "".join(other.closer for other in around))


def _block(file: _File, dice: Random) -> Span | None:
    if not file.bodies:
        return None
    _, row = dice.choice(file.bodies)
    first = dice.randrange(len(row))
    top = _first_line(row[first])
    start = file.indented(top)
    if not _begins_line(file, row[first], top):
        return None
    ends = []
    for statement in row[first:]:
        bottom = (statement.end_lineno or 0) - 1
        text = file.text[start : file.line(bottom)[1]]
        if bottom - top + 1 not in range(1, _BLOCK_LINES.stop) or re.search(r"\n[ \t]*\n", text):
            break
        if bottom - top + 1 in _BLOCK_LINES and len(text) <= LONGEST_MIDDLE:
            ends.append(file.line(bottom)[1])
    return Span(start, dice.choice(ends)) if ends else None


def _body(file: _File, dice: Random) -> Span | None:
    rows = [row for node, row in file.bodies if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if not rows:
        return None
    row = dice.choice(rows)
    top = _first_line(row[0])
    header_start, header_end = file.line(top - 1)
    is_behind_header = re.search(r":\s*(#.*)?$", file.text[header_start:header_end]) is not None
    if not is_behind_header or not _begins_line(file, row[0], top):
        return None
    end = file.line((row[-1].end_lineno or 0) - 1)[1]
    start = header_end if dice.random() < 0.5 else file.indented(top)
    return Span(start, end) if end - start <= LONGEST_MIDDLE else None


def _first_line(statement: ast.stmt) -> int:
    """Return the number of a statement's first line, counted from 0, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def _begins_line(file: _File, statement: ast.stmt, line: int) -> bool:
    """Return whether nothing but white space and a decorator's sign stands before a statement on its line."""
    has_decorator = bool(getattr(statement, "decorator_list", []))
    return has_decorator or file.starts[line] + statement.col_offset == file.indented(line)
