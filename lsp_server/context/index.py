"""The workspace in numbers: which words stand in which blocks of which files, and what the files define.

Knows digests and file names, no disk and no cursor. A file that changes gets new rows; its old ones stay behind, dead,
until :meth:`Index.is_worn` says that building the index anew would pay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lsp_server.context.digest import ARRAYS, BLOCK_LINES, Digest
from lsp_server.context.postings import Column, Lists, Postings, Table
from lsp_server.context.readable import language
from lsp_server.context.words import key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.context.outline import How


_TEST = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|testing)/|(?:^|/)(?:test_|conftest\.)|(?:[._-](?:test|spec)s?|Tests?|IT)\.\w+$"
)
# Rows of blocks; fewer are no burden, however many of them are dead.
FEW_BLOCKS = 4096
# The columns of definitions that come out of a digest; the parents there count from its first definition.
_COLUMNS = ("name", "owner", "kind", "start", "header", "end", "parent", "tokens")


@dataclass(frozen=True, slots=True)
class File:
    """An indexed file. ``blocks`` and ``definitions`` are half-open ranges of rows of the index's tables."""

    name: str
    how: How
    blocks: tuple[int, int]
    definitions: tuple[int, int]


class Index:
    """All files of a workspace; a file's number is its place in :attr:`files`, which has ``None`` where one is gone."""

    def __init__(self) -> None:
        self.files: list[File | None] = []
        self.numbers: dict[str, int] = {}
        self._alive = Column(np.bool_)
        self._languages = Column(np.uint32)
        self._tests = Column(np.bool_)
        self.blocks = Table({"file": np.uint32, "start": np.uint32, "tokens": np.uint16, "words": np.uint16})
        self.block_words = Lists()
        self.definitions = Table({"file": np.uint32, **{name: ARRAYS[f"definition_{name}"] for name in _COLUMNS}})
        self.signature_words = Lists()
        self.pieces = Lists()
        self.blocks_by_word = Postings()
        self.by_name = Postings()
        self.by_owner = Postings()
        self.by_piece = Postings()
        # Of the files that are there; tables have rows of others as well.
        self.block_count = 0
        self.word_count = 0
        self.definition_count = 0

    @property
    def alive(self) -> NDArray[np.bool_]:
        """For each file number, whether the file is there."""
        return self._alive.values

    @property
    def languages(self) -> NDArray[np.uint32]:
        """For each file number, the key of its language."""
        return self._languages.values

    @property
    def tests(self) -> NDArray[np.bool_]:
        """For each file number, whether it holds tests, by its name."""
        return self._tests.values

    @property
    def is_worn(self) -> bool:
        """Whether more than half of the rows are dead, and they are enough to matter."""
        return len(self.blocks) > max(FEW_BLOCKS, 2 * self.block_count)

    def put(self, name: str, digest: Digest) -> None:
        """Add a file, or a new version of one that is there."""
        self.drop(name)
        number = len(self.files)
        blocks = self._put_blocks(number, digest)
        definitions = self._put_definitions(number, digest)
        self.files.append(File(name, digest.how, _range(blocks), _range(definitions)))
        self.numbers[name] = number
        self._alive.extend(np.ones(1, np.bool_))
        self._languages.extend(np.array([language_key(name)], np.uint32))
        self._tests.extend(np.array([is_test(name)], np.bool_))
        self._count(blocks, definitions, 1)

    def _count(self, blocks: NDArray[Any], definitions: NDArray[Any], sign: int) -> None:
        self.block_count += sign * len(blocks)
        self.word_count += sign * int(self.blocks["words"][blocks].sum())
        self.definition_count += sign * len(definitions)

    def drop(self, name: str) -> None:
        """Forget a file; one that is not there is no error."""
        number = self.numbers.pop(name, None)
        if number is None:
            return
        file = self.files[number]
        assert file is not None  # noqa: S101  numbers holds those that are there
        self.files[number] = None
        self._alive.values[number] = False
        blocks, definitions = np.arange(*file.blocks), np.arange(*file.definitions)
        self._count(blocks, definitions, -1)
        # What is gone is not counted any more: how rare a word is must not hang on what was deleted.
        self.blocks_by_word.remove(self.block_words.of(blocks).values)
        self.by_name.remove(self.definitions["name"][definitions])
        owners = self.definitions["owner"][definitions]
        self.by_owner.remove(owners[owners > 0])
        self.by_piece.remove(self.pieces.of(definitions).values)

    def _put_blocks(self, number: int, digest: Digest) -> NDArray[np.uint32]:
        count = len(digest.block_tokens)
        rows = self.blocks.extend(
            file=np.full(count, number, np.uint32),
            start=np.arange(count, dtype=np.uint32) * BLOCK_LINES,
            tokens=digest.block_tokens,
            words=digest.block_lengths,
        )
        self.block_words.extend(digest.block_words, digest.block_lengths)
        self.blocks_by_word.add(digest.block_words, np.repeat(rows, digest.block_lengths))
        return rows

    def _put_definitions(self, number: int, digest: Digest) -> NDArray[np.uint32]:
        first = len(self.definitions)
        parents = digest.definition_parent
        columns = {name: getattr(digest, f"definition_{name}") for name in _COLUMNS}
        columns["parent"] = np.where(parents < 0, -1, parents + first)
        rows = self.definitions.extend(file=np.full(len(parents), number, np.uint32), **columns)
        self.signature_words.extend(digest.signature_words, digest.signature_lengths)
        self.pieces.extend(digest.piece_words, digest.piece_lengths)
        self.by_name.add(digest.definition_name, rows)
        has_owner = digest.definition_owner > 0
        self.by_owner.add(digest.definition_owner[has_owner], rows[has_owner])
        self.by_piece.add(digest.piece_words, np.repeat(rows, digest.piece_lengths))
        return rows

    def digest_of(self, number: int) -> Digest | None:
        """Return what was put for a file, by its number; ``None`` where it is gone."""
        file = self.files[number]
        if file is None:
            return None
        blocks, definitions = np.arange(*file.blocks), np.arange(*file.definitions)
        lists = {
            "block": (self.block_words, blocks),
            "signature": (self.signature_words, definitions),
            "piece": (self.pieces, definitions),
        }
        found = {name: listed.of(rows) for name, (listed, rows) in lists.items()}
        lengths = {name: np.bincount(found[name].asked, minlength=len(rows)) for name, (_, rows) in lists.items()}
        table = self.definitions
        parents = table["parent"][definitions]
        arrays = {
            "block_tokens": self.blocks["tokens"][blocks],
            **{f"definition_{column}": table[column][definitions] for column in _COLUMNS},
            "definition_parent": np.where(parents < 0, -1, parents - file.definitions[0]),
            **{f"{name}_words": one.values for name, one in found.items()},
            **{f"{name}_lengths": one for name, one in lengths.items()},
        }
        return Digest(how=file.how, **{name: arrays[name].astype(kind) for name, kind in ARRAYS.items()})

    @property
    def bytes(self) -> int:
        """About the memory that the numbers take."""
        lists = self.signature_words.bytes + self.pieces.bytes + self.block_words.bytes
        postings = (self.blocks_by_word, self.by_name, self.by_owner, self.by_piece)
        return self.blocks.bytes + self.definitions.bytes + lists + sum(p.bytes for p in postings)


class Renewal:
    """Builds an index anew in small steps, without the rows of what is gone. The old one may change meanwhile."""

    def __init__(self, old: Index) -> None:
        """Begin with an empty index, :attr:`index`, which is ready when :meth:`step` says so."""
        self.index = Index()
        self._old = old
        self._copied: dict[str, int] = {}
        self._waiting: list[str] = []

    def step(self) -> bool:
        """Copy one file; return whether there is more to do, now that the old index is as it is."""
        if not self._waiting:
            now = self._old.numbers
            self._waiting = [name for name, number in now.items() if self._copied.get(name) != number]
            for name in [name for name in self._copied if name not in now]:
                self.index.drop(name)
                del self._copied[name]
            if not self._waiting:
                return False
        name = self._waiting.pop()
        number = self._old.numbers.get(name)
        known = None if number is None else self._old.digest_of(number)
        if number is not None and known is not None:
            self.index.put(name, known)
            self._copied[name] = number
        return True


def _range(rows: NDArray[np.uint32]) -> tuple[int, int]:
    return (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)


# Languages that use each other's files count as one.
_FAMILY = {"JavaScript": "TypeScript", "Vue": "TypeScript", "Svelte": "TypeScript", "C": "C++", "Kotlin": "Java"}


def language_key(name: str) -> int:
    """Return the number of a file's language, by its name."""
    own = language(name.rpartition("/")[2])
    return key(_FAMILY.get(own, own))


def is_test(name: str) -> bool:
    """Return whether a file holds tests, as far as its path says."""
    return _TEST.search(name) is not None
