"""Make fill-in-the-middle examples from source files, in the product's own prompt format.

A hole is a half-open range ``[start, end)`` of a file's text; the middle is what stands in it. Most
holes start at the start of a line, because that is where the product's prompt splits a document:
what the user has typed of the line stands at the head of the middle.
"""

from __future__ import annotations

import ast
import bisect
import re
import string
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from lsp_server.core import Chunk
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.tiny_model.corpus import Source

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
DEFINITION = re.compile(r"^(?:class|def|async def) ([A-Za-z_]\w{3,})|^([A-Z][A-Z0-9_]{3,}) = ", re.MULTILINE)
LONGEST_MIDDLE = 600


@dataclass(frozen=True, slots=True)
class Hole:
    """One example: what the prompt shows, and the middle that a model should write."""

    repository: str
    path: str
    chunks: tuple[Chunk, ...]
    prefix: str
    suffix: str
    middle: str

    def segments(self) -> tuple[fim.Segment, ...]:
        """Return the prompt with the middle, as the product would build it."""
        around = fim.Surroundings(self.repository, self.path, self.chunks) if self.repository else None
        return (*fim.prompt(fim.QWEN25_CODER, around, self.prefix, self.suffix), fim.Plain(self.middle))


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line starts."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


# --- Where holes lie -------------------------------------------------------------------------------


def whole_line(text: str, random: Random) -> tuple[int, int] | None:
    """Return a line that is not blank, without its line break."""
    return _lines(text, random, 1)


def some_lines(text: str, random: Random) -> tuple[int, int] | None:
    """Return two to six lines."""
    return _lines(text, random, random.randint(2, 6))


def _lines(text: str, random: Random, count: int) -> tuple[int, int] | None:
    starts = line_starts(text)
    for _ in range(8):
        number = random.randrange(len(starts))
        last = min(number + count, len(starts))
        end = starts[last] - 1 if last < len(starts) else len(text)
        if text[starts[number] : end].strip():
            return starts[number], end
    return None


def line_up_to_token(text: str, random: Random) -> tuple[int, int] | None:
    """Return the head of a line, up to the start of one of its tokens: the rest of it follows the cursor."""
    if (line := whole_line(text, random)) is None:
        return None
    borders = [m.start() for m in re.finditer(r"(?<=\w)\W|[\])}:,]", text[line[0] : line[1]])]
    return (line[0], line[0] + random.choice(borders)) if borders else line


def from_token(text: str, random: Random) -> tuple[int, int] | None:
    """Return the rest of a line, from the start of one of its tokens."""
    if (line := whole_line(text, random)) is None:
        return None
    borders = [m.start() for m in re.finditer(r"\b\w|[^\w\s]", text[line[0] : line[1]])]
    return (line[0] + random.choice(borders), line[1]) if borders else line


def characters(text: str, random: Random) -> tuple[int, int] | None:
    """Return a range with no regard to lines or tokens."""
    start = random.randrange(len(text))
    return start, min(len(text), start + 1 + int(random.expovariate(1 / 80)))


def node(text: str, random: Random) -> tuple[int, int] | None:
    """Return a statement or a body of the syntax tree, from the start of its first line."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    starts = line_starts(text)
    bodies = [
        n.body for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.If, ast.For, ast.With, ast.ClassDef))
    ]
    for _ in range(8 if bodies else 0):
        body = random.choice(bodies)
        first = random.randrange(len(body)) if random.random() < 0.5 else 0
        start, end_line = starts[body[first].lineno - 1], body[-1].end_lineno or 0
        end = starts[end_line] - 1 if end_line < len(starts) else len(text)
        if 0 < end - start <= LONGEST_MIDDLE:
            return start, end
    return None


# A kind of hole: from a text and dice to a range of the text, or nothing.
HoleKind: TypeAlias = Callable[[str, Random], tuple[int, int] | None]
KINDS: tuple[tuple[HoleKind, float], ...] = (
    (whole_line, 0.36),
    (line_up_to_token, 0.16),
    (some_lines, 0.14),
    (node, 0.18),
    (from_token, 0.11),
    (characters, 0.05),
)


# --- What is shown around them ----------------------------------------------------------------------


def window(text: str, start: int, end: int, before: int, after: int) -> tuple[str, str]:
    """Return whole lines of about ``before`` characters ahead of a hole, and ``after`` behind it."""
    starts = line_starts(text)
    first = starts[bisect.bisect_left(starts, max(0, start - before))] if start > before else 0
    last = starts[bisect.bisect_right(starts, end + after) - 1] if end + after < len(text) else len(text)
    return text[min(first, start) : start], text[end : max(last, end)]


class Corpus:
    """Files by directory, and the definitions that each directory holds."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self._directories: dict[str, list[Source]] = defaultdict(list)
        self._definitions: dict[str, dict[str, list[tuple[Source, int]]]] = {}
        for source in sources:
            self._directories[source.path.rpartition("/")[0]].append(source)

    def siblings(self, source: Source) -> list[Source]:
        """Return the other files of the same directory."""
        return [s for s in self._directories[source.path.rpartition("/")[0]] if s.path != source.path]

    def definitions(self, source: Source) -> dict[str, list[tuple[Source, int]]]:
        """Return the names that top-level definitions in the directory of ``source`` give, and where they stand."""
        directory = source.path.rpartition("/")[0]
        if directory not in self._definitions:
            found: dict[str, list[tuple[Source, int]]] = defaultdict(list)
            for sibling in self._directories[directory]:
                for match in DEFINITION.finditer(sibling.text):
                    found[match[1] or match[2]].append((sibling, match.start()))
            self._definitions[directory] = found
        return self._definitions[directory]


def chunk_at(source: Source, offset: int, size: int, random: Random) -> Chunk:
    """Return whole lines of about ``size`` characters around an offset of a file."""
    before, after = window(source.text, offset, offset, int(size * random.uniform(0.05, 0.5)), size)
    return Chunk(source.path, (before + after)[:size].rpartition("\n")[0], "corpus")


class Examples:
    """An endless row of examples, decided by the seed."""

    def __init__(self, corpus: Corpus, random: Random) -> None:
        self.corpus = corpus
        self.random = random
        self._names = sorted(
            {name for s in corpus.sources[:3000] for name in DEFINITION.findall(s.text) for name in name if name}
        )

    def __iter__(self) -> Iterator[Hole]:
        """Yield a few examples of a file, then of the next."""
        while True:
            source = self.random.choice(self.corpus.sources)
            for _ in range(3):
                if hole := self.example(source):
                    yield hole

    def example(self, source: Source) -> Hole | None:
        """Return one example of a file; ``None`` where the dice found no hole."""
        size = self.random.choices((250, 500, 1000, 1700), (0.3, 0.3, 0.25, 0.15))[0]
        share = self.random.random()
        if share < 0.28:
            return self.cross_file(source, size)
        if share < 0.42:
            return self.needed_by_suffix(source, size)
        kind = self.random.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
        if (span := kind(source.text, self.random)) is None or span[1] - span[0] > LONGEST_MIDDLE:
            return None
        chunks: tuple[Chunk, ...] = ()
        if self.random.random() < 0.2 and (siblings := self.corpus.siblings(source)):
            sibling = self.random.choice(siblings)
            chunks = (chunk_at(sibling, self.random.randrange(len(sibling.text)), size // 3, self.random),)
        return self.hole(source, span, chunks, size - sum(len(c.text) for c in chunks))

    def hole(self, source: Source, span: tuple[int, int], chunks: tuple[Chunk, ...], size: int) -> Hole:
        """Return the example of a span, with about ``size`` characters around it."""
        share = self.random.choice((0.45, 0.65, 0.8))
        prefix, suffix = window(source.text, *span, int(size * share), int(size * (1 - share)))
        is_named = bool(chunks) or self.random.random() < 0.5
        repository = source.path.partition("/")[0].removesuffix(".py") if is_named else ""
        return Hole(repository, source.path, chunks, prefix, suffix, source.text[span[0] : span[1]])

    def cross_file(self, source: Source, size: int) -> Hole | None:
        """Return a line that needs a name that stands only in a sibling, and the sibling's piece that has it.

        In some of the examples the name is replaced by another everywhere, so that it can only be
        copied and not be known by heart.
        """
        definitions = self.corpus.definitions(source)
        uses = [
            match
            for match in IDENTIFIER.finditer(source.text)
            if match[0] in definitions and all(s.path != source.path for s, _ in definitions[match[0]])
        ]
        for _ in range(4 if uses else 0):
            use = self.random.choice(uses)
            start = source.text.rfind("\n", 0, use.start()) + 1
            end = source.text.find("\n", use.start())
            if end < 0 or re.match(r"\s*(from|import) ", source.text[start:end]):
                continue
            place, offset = self.random.choice(definitions[use[0]])
            chunks = [chunk_at(place, offset, size // 3, self.random)]
            hole = self.hole(source, (start, end), (), size // 2)
            if re.search(rf"\b{use[0]}\b", hole.prefix + hole.suffix) or use[0] not in chunks[0].text:
                continue
            siblings = self.corpus.siblings(source)
            for _ in range(self.random.choice((0, 0, 1, 2))):
                other = self.random.choice(siblings)
                chunks.append(chunk_at(other, self.random.randrange(len(other.text)), size // 4, self.random))
            self.random.shuffle(chunks)
            found = Hole(
                place.path.partition("/")[0], source.path, tuple(chunks), hole.prefix, hole.suffix, hole.middle
            )
            return self.renamed(found, use[0]) if self.random.random() < 0.4 else found
        return None

    def renamed(self, hole: Hole, name: str) -> Hole:
        """Return the example with another identifier in place of ``name``."""
        other = self.random.choice(self._names)
        shown = hole.prefix + hole.middle + hole.suffix + "".join(chunk.text for chunk in hole.chunks)
        if self.random.random() < 0.3 or other in shown:
            other = "".join(self.random.choices(string.ascii_lowercase, k=self.random.randint(5, 9)))
        word = re.compile(rf"\b{name}\b")
        return Hole(
            hole.repository,
            hole.path,
            tuple(Chunk(c.path, word.sub(other, c.text), c.reason) for c in hole.chunks),
            word.sub(other, hole.prefix),
            word.sub(other, hole.suffix),
            word.sub(other, hole.middle),
        )

    def needed_by_suffix(self, source: Source, size: int) -> Hole | None:
        """Return a line with a name that the suffix has and the prefix has not: what stands below tells it."""
        for _ in range(12):
            if (span := whole_line(source.text, self.random)) is None:
                return None
            names = set(IDENTIFIER.findall(source.text, *span))
            hole = self.hole(source, span, (), size)
            if (names - set(IDENTIFIER.findall(hole.prefix))) & set(IDENTIFIER.findall(hole.suffix)):
                return hole
        return None
