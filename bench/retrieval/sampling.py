"""Make holes from any repository, in the form of the public ones."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from bench.problems import Unmeasurable
from bench.retrieval.code_text import is_balanced, only_code
from bench.retrieval.common_names import uncommon
from bench.retrieval.holes import Hole
from bench.retrieval.languages import family, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bench.retrieval.definitions import Definitions
    from bench.retrieval.repository import Sources

# The kinds, and how much of a sample each one makes; as in the public holes.
KINDS = {"mid": 0.5, "line": 0.25, "block": 0.25}
_BLOCK_LINES = range(2, 9)
# A name that more files define than this says little of which of them is meant.
_MOST_DEFINING_FILES = 4
# Shorter ones are variables of loops more often than what another file means by them.
_SHORTEST_NAME = 3
# No file gives more than this share of a sample, or so many where that is more.
_LARGEST_SHARE_OF_FILE = 0.1
_ALWAYS_FROM_FILE = 3
_VENDORED = frozenset({
    *("vendor", "vendored", "_vendor", "node_modules", "bower_components", "third_party", "third-party"),
    *("thirdparty", "site-packages"),
})  # fmt: skip
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class _Text:
    """A file that may have holes. ``raw`` is its text with all its line ends; ``code`` has blanks for what is none."""

    path: str
    language: str
    sha256: str
    raw: str
    code: str
    counts: Mapping[str, int]
    lines: tuple[tuple[int, int], ...]


class _Span(NamedTuple):
    start: int
    end: int


class _Gold(NamedTuple):
    """The names of a hole that a few other files define, and those of them that only the hole has."""

    crossfile: tuple[str, ...]
    hard: tuple[str, ...]


class _Place(NamedTuple):
    text: _Text
    kind: str
    span: _Span
    gold: _Gold


def sample(sources: Sources, definitions: Definitions, seed: int, count: int) -> list[Hole]:
    """Return at most ``count`` holes, the same ones for the same seed and commit, in the order of files and places.

    Fewer where the repository does not have so many places that need a name of another file.

    Raises:
        Unmeasurable: there is no such place.
    """
    dice = random.Random(seed)
    texts = [text for path in sources.files if not _is_vendored(path) and (text := _read(sources, path))]
    elsewhere = _Elsewhere(definitions, {})
    lines = [(text, number) for text in texts for number in range(len(text.lines))]
    found: dict[tuple[str, int], _Place] = {}
    room = Counter({text.path: max(_ALWAYS_FROM_FILE, round(_LARGEST_SHARE_OF_FILE * count)) for text in texts})
    for kind, quota in _quotas(count).items():
        dice.shuffle(lines)
        wanted = len(found) + quota
        for text, number in lines:
            if len(found) == wanted:
                break
            if (text.path, number) in found or not room[text.path]:
                continue
            span = _SPANS[kind](text, number, dice)
            if span and _names(text, span, elsewhere).hard:
                found[text.path, number] = _Place(text, kind, span, _names(text, span, elsewhere))
                room[text.path] -= 1
    if not found:
        raise Unmeasurable(f"Nothing in {sources.name} needs a name that another of its files defines.")
    return [_hole(f"{sources.name}#{seed}.{index}", sources, found[key]) for index, key in enumerate(sorted(found))]


def _quotas(count: int) -> dict[str, int]:
    quotas = {kind: int(share * count) for kind, share in KINDS.items()}
    quotas["mid"] += count - sum(quotas.values())
    return quotas


def _is_vendored(path: str) -> bool:
    return not _VENDORED.isdisjoint(PurePosixPath(path).parts)


def _read(sources: Sources, path: str) -> _Text | None:
    content = (sources.root / path).read_bytes()
    try:
        raw = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    language = language_of(path)
    lines = tuple((found.start(), found.end()) for found in re.finditer(r"[^\r\n]+|(?<=\n)(?=\r?\n)", raw))
    digest = hashlib.sha256(content).hexdigest()
    return _Text(path, language, digest, raw, only_code(raw, language), Counter(_WORD.findall(raw)), lines)


# --- where a hole may be -----------------------------------------------------------------------------


def _mid(text: _Text, number: int, dice: random.Random) -> _Span | None:
    """Return the rest of a line from a border of tokens within its code."""
    start, end = text.lines[number]
    borders = [start + token.start() for token in _TOKEN.finditer(text.code[start:end])][1:]
    return _Span(dice.choice(borders), end) if borders else None


def _line(text: _Text, number: int, _dice: random.Random) -> _Span | None:
    """Return a line of code without its indentation."""
    start, end = text.lines[number]
    line = text.raw[start:end]
    return _Span(start + len(line) - len(line.lstrip()), end) if text.code[start:end].strip() else None


def _block(text: _Text, number: int, dice: random.Random) -> _Span | None:
    """Return some lines of a block that belong together: nothing in them is opened or closed elsewhere."""
    first = _line(text, number, dice)
    if first is None:
        return None
    indentation = first.start - text.lines[number][0]
    for length in dice.sample(_BLOCK_LINES, len(_BLOCK_LINES)):
        lines = text.lines[number : number + length]
        behind = text.lines[number + length : number + length + 1]
        if (
            len(lines) == length
            and all(_indentation(text, line) >= indentation for line in lines)
            and all(_indentation(text, line) <= indentation for line in behind)
            and is_balanced(text.code[first.start : lines[-1][1]])
        ):
            return _Span(first.start, lines[-1][1])
    return None


def _indentation(text: _Text, line: tuple[int, int]) -> int:
    """Return how far a line is indented; -1 for a blank one, which ends every block."""
    content = text.raw[line[0] : line[1]]
    return len(content) - len(content.lstrip()) if content.strip() else -1


_SPANS: Mapping[str, Callable[[_Text, int, random.Random], _Span | None]] = {
    "mid": _mid,
    "line": _line,
    "block": _block,
}


# --- what it needs from elsewhere --------------------------------------------------------------------


@dataclass(frozen=True)
class _Elsewhere:
    """Who else defines a name, remembered by language family and name."""

    definitions: Definitions
    known: dict[tuple[str, str], frozenset[str]]

    def files(self, name: str, text: _Text) -> frozenset[str]:
        key = family(text.language), name
        if key not in self.known:
            self.known[key] = frozenset(self.definitions.files(name, text.language))
        return self.known[key] - {text.path}


def _names(text: _Text, span: _Span, elsewhere: _Elsewhere) -> _Gold:
    crossfile = tuple(sorted(_few(_WORD.findall(text.code[span.start : span.end]), text, elsewhere)))
    within = Counter(_WORD.findall(text.raw[span.start : span.end]))
    only_here = (name for name in crossfile if text.counts[name] == within[name])
    return _Gold(crossfile, uncommon(only_here, text.language))


def _few(names: Iterable[str], text: _Text, elsewhere: _Elsewhere) -> Iterator[str]:
    for name in set(names):
        if len(name) >= _SHORTEST_NAME and 1 <= len(elsewhere.files(name, text)) <= _MOST_DEFINING_FILES:
            yield name


def _hole(identity: str, sources: Sources, place: _Place) -> Hole:
    text, span = place.text, place.span
    start, end = (len(text.raw[:offset].encode()) for offset in span)
    return Hole(
        id=identity,
        repo=sources.name,
        commit=sources.commit,
        path=text.path,
        file_sha256=text.sha256,
        kind=place.kind,
        start_byte=start,
        end_byte=end,
        gold_crossfile=place.gold.crossfile,
        gold_hard=place.gold.hard,
        lang=text.language,
        line=text.raw[: span.start].count("\n"),
    )
