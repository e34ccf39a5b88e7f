r"""Somebody who types text back that was cut out of files, key by key, as editors have it.

    before the hole| done, typed again |cursor| pending, closers of the editor's |after the hole
                    \_________ the hole _________________________/   todo is what is still to come

Whatever happens in between, once the holes are finished every file is what it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

# Milliseconds between keys of a fluent typist (Dhakal et al., CHI 2018: 60 words a minute are 200), and
# when they stop to think or look for another place.
FLUENT = (120, 220)
THINKING = (800, 2000)
THINKING_SHARE = 0.04
# What editors close by themselves in Python.
BRACKETS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}
QUOTES = "\"'"
# Behind any other character editors do not add a closer.
CLOSED_BEFORE = re.compile(r"[\s)\]}\"':;,.=]")
STRING_PREFIX = re.compile(r"(^|\W)[rbfuRBFU]{0,2}$")
TAB = 4
LONGEST_CORRECTION = 8
LETTERS = "etaoinshrdlu"


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a file, and where the cursor stands after it; a key, or several where an editor adds some.

    ``delete`` characters from ``offset`` on are replaced by ``insert``; offsets are code points in the
    text before the step, ``cursor`` is one in the text after it. The step comes ``pause_ms`` after the
    one before. ``ask`` says whether the editor asks for a completion after it.
    """

    file: str
    offset: int
    delete: int
    insert: str
    cursor: int
    pause_ms: int
    ask: bool


@dataclass(slots=True)
class Hole:
    """A place that is being typed into; see the picture above.

    ``excess`` is white space before the cursor that the editor has put there and the file does not have.
    """

    file: str
    cursor: int
    todo: str
    done: str = ""
    pending: str = ""
    excess: str = ""


class Typist:
    """Types into holes of several files, and keeps the steps.

    ``texts`` are the files with their holes empty; they change with every step. ``closers`` are what the
    editor adds behind an opener, none for an editor that adds nothing. After ``keys`` steps no more
    completions are asked for.
    """

    def __init__(
        self, texts: dict[str, str], holes: list[Hole], keys: int, dice: random.Random, closers: Mapping[str, str]
    ) -> None:
        self.texts = texts
        self.holes = holes
        self.steps: list[Step] = []
        self.keys = keys
        self.dice = dice
        self._closers = closers
        self._is_elsewhere = True

    @property
    def is_done(self) -> bool:
        """Whether all keys have been typed."""
        return len(self.steps) >= self.keys

    def look_elsewhere(self) -> None:
        """Take the time that it takes to go to another place before the next key."""
        self._is_elsewhere = True

    def key(self, hole: Hole) -> None:
        """Type the next key of a hole; there must be something to do."""
        character = hole.todo[0]
        line = self.line(hole)
        if character == "\n":
            self._enter(hole)
        elif hole.excess:
            self._outdent(hole)
        elif character in " \t" and not line.strip():
            indentation = hole.todo[: len(hole.todo) - len(hole.todo.lstrip(" \t"))]
            self._type(hole, indentation, "")
        elif hole.pending.startswith(character):
            self._edit(hole, hole.cursor, 1, character, hole.cursor + 1)
            hole.pending = hole.pending[1:]
            _advance(hole, 1)
        elif self._closes(hole, character, line):
            self._type(hole, character, self._closers[character])
        else:
            self._type(hole, character, "")

    def backspace(self, hole: Hole) -> None:
        """Delete one character before the cursor, or the blanks up to a tab stop; what was right is to do again."""
        line = self.line(hole)
        count = 1 if line.strip() or not line else (len(line) - 1) % TAB + 1
        self._edit(hole, hole.cursor - count, count, "", hole.cursor - count)
        wrong = min(count, len(hole.excess))
        hole.excess = hole.excess[: len(hole.excess) - wrong]
        right = count - wrong
        hole.todo = hole.done[len(hole.done) - right :] + hole.todo
        hole.done = hole.done[: len(hole.done) - right]

    def slip(self, hole: Hole, count: int) -> None:
        """Type wrong letters and delete them again, one by one."""
        for _ in range(count):
            self._edit(hole, hole.cursor, 0, self.dice.choice(LETTERS), hole.cursor + 1)
        for _ in range(count):
            self._edit(hole, hole.cursor - 1, 1, "", hole.cursor - 1)

    def finish(self, hole: Hole) -> None:
        """Paste what is still to come, in one step without a question, over what only the editor has added."""
        superfluous = len(hole.excess) + len(hole.pending)
        if superfluous or hole.todo:
            start = hole.cursor - len(hole.excess)
            self._edit(hole, start, superfluous, hole.todo, start + len(hole.todo))
            _advance(hole, len(hole.todo))
            hole.excess = hole.pending = ""

    def line(self, hole: Hole) -> str:
        """Return what stands before the cursor on its line."""
        text = self.texts[hole.file]
        return text[text.rfind("\n", 0, hole.cursor) + 1 : hole.cursor]

    def _enter(self, hole: Hole) -> None:
        """Break the line; the editor indents the new one, and takes the blanks off one that is left empty."""
        line = self.line(hole)
        indentation = line[: len(line) - len(line.lstrip())]
        if line.rstrip().endswith((":", "(", "[", "{")):
            indentation += " " * TAB
        start = hole.cursor - len(hole.excess)
        self._edit(hole, start, len(hole.excess), f"\n{indentation}", start + 1 + len(indentation))
        _advance(hole, 1)
        if hole.todo.startswith(indentation):
            hole.excess = ""
            _advance(hole, len(indentation))
        else:
            hole.excess = indentation

    def _outdent(self, hole: Hole) -> None:
        """Delete the blanks of the editor's that the line does not have, with one key."""
        wanted = len(hole.todo) - len(hole.todo.lstrip(" \t"))
        kept = wanted if hole.excess.startswith(hole.todo[:wanted]) else 0
        count = len(hole.excess) - kept
        self._edit(hole, hole.cursor - count, count, "", hole.cursor - count)
        hole.excess = ""
        _advance(hole, kept)

    def _closes(self, hole: Hole, character: str, line: str) -> bool:
        """Return whether the editor adds a closer: not in strings, comments and within words."""
        if character not in self._closers or hole.pending[:1] in tuple(QUOTES) or "#" in line:
            return False
        if character in QUOTES and not STRING_PREFIX.search(line):
            return False
        following = self.texts[hole.file][hole.cursor : hole.cursor + 1]
        return not following or CLOSED_BEFORE.match(following) is not None

    def _type(self, hole: Hole, text: str, closer: str) -> None:
        self._edit(hole, hole.cursor, 0, text + closer, hole.cursor + len(text))
        hole.pending = closer + hole.pending
        _advance(hole, len(text))

    def _edit(self, hole: Hole, offset: int, delete: int, insert: str, cursor: int) -> None:
        text = self.texts[hole.file]
        self.texts[hole.file] = text[:offset] + insert + text[offset + delete :]
        for other in self.holes:
            if other is not hole and other.file == hole.file and other.cursor > offset:
                other.cursor += len(insert) - delete
        hole.cursor = cursor
        pause = 0 if self.is_done else self._pause()
        self.steps.append(Step(hole.file, offset, delete, insert, cursor, pause, ask=not self.is_done))

    def _pause(self) -> int:
        thinks = self._is_elsewhere or self.dice.random() < THINKING_SHARE
        self._is_elsewhere = False
        return self.dice.randint(*(THINKING if thinks else FLUENT))


def _advance(hole: Hole, count: int) -> None:
    hole.done += hole.todo[:count]
    hole.todo = hole.todo[count:]


def straight_on(typist: Typist) -> None:
    """Type the holes one after the other without a mistake."""
    for hole in typist.holes:
        while hole.todo and not typist.is_done:
            typist.key(hole)


def with_corrections(typist: Typist) -> None:
    """Type in turn into all holes, the first again after each other one, with slips and second thoughts."""
    dice = typist.dice
    first, *others = typist.holes
    turns = [hole for other in others for hole in (first, other)] or [first]
    turn = 0
    while not typist.is_done and any(hole.todo for hole in turns):
        hole = turns[turn % len(turns)]
        turn += 1
        typist.look_elsewhere()
        for _ in range(dice.randint(8, 16) if hole is first else dice.randint(5, 9)):
            if not hole.todo or typist.is_done:
                break
            typist.key(hole)
            _correct(typist, hole)


def _correct(typist: Typist, hole: Hole) -> None:
    roll = typist.dice.random()
    is_new_line = not typist.line(hole).strip() and "\n" in hole.done
    if is_new_line and roll < 0.15:
        # Back over the border of the lines, and some of the line before.
        while not typist.line(hole).strip() and hole.done:
            typist.backspace(hole)
        _back(typist, hole, typist.dice.randint(0, 3))
    elif roll < 0.05:
        _back(typist, hole, typist.dice.randint(1, LONGEST_CORRECTION))
    elif roll < 0.08:
        typist.slip(hole, typist.dice.randint(1, 3))


def _back(typist: Typist, hole: Hole, count: int) -> None:
    for _ in range(count):
        if hole.done and hole.done != "\n":
            typist.backspace(hole)
