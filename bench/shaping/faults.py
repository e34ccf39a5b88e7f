"""What is wrong with a text where it is inserted, seen independently of the code that shapes it.

Nothing of `lsp_server/suggestion` is used here: the whole document is parsed from scratch, brackets and quotes are
counted by the scan of `bench/retrieval/code_text.py`.
"""

from __future__ import annotations

import ast
import re
import warnings
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval.code_text import only_code
from bench.shaping.samples import first_line
from lsp_server.context.syntax.document import parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.core import Place

# A parse is given up after a quarter of a second: on a busy machine the next one may be done.
_TRIES = 5
# Shorter lines, as `pass` or `)`, may well stand twice.
_SHORTEST_TELLING = 5
_WORD = re.compile(r"\w")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
_OPENING = {")": "(", "]": "[", "}": "{"}
_QUOTES = "\"'"


def is_exact(text: str, truth: str) -> bool:
    """Return whether a text is the hole's, white space at the ends of both left aside."""
    return text.rstrip() == truth.rstrip()


def is_line_exact(text: str, truth: str) -> bool:
    """Return whether the first line of a text is that of the hole's, white space at their ends left aside."""
    return first_line(text) == first_line(truth)


def similarity(text: str, truth: str) -> float:
    """Return how alike two texts are, in ``[0, 1]``: difflib's ratio, twice what matches by all characters."""
    return SequenceMatcher(None, truth.rstrip(), text.rstrip(), autojunk=False).ratio()


def has_unprintable(text: str, special: Iterable[str]) -> bool:
    """Return whether a text has one of the model's special tokens as text, a control character or U+FFFD."""
    return _CONTROL.search(text) is not None or any(token in text for token in special)


class Insertion:
    """A place in a document of Python. What was found of a text is remembered, so that asking twice costs nothing."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._errors: dict[str, int] = {}
        self._readable: dict[str, bool] = {}

    def adds_errors(self, text: str) -> bool:
        """Return whether tree-sitter counts more places that do not parse, or are missing, with the text than without.

        Raises:
            Unmeasurable: the document takes too long to parse.
        """
        return bool(text) and self.errors(text) > self.errors("")

    def errors(self, text: str) -> int:
        """Return how many places of the document do not parse with a text in it.

        Raises:
            Unmeasurable: the document takes too long to parse.
        """
        if text not in self._errors:
            self._errors[text] = _errors(self._inserted(text))
        return self._errors[text]

    def breaks_python(self, text: str) -> bool:
        """Return whether Python could read the document without the text and cannot with it."""
        return bool(text) and self._is_readable("") and not self._is_readable(text)

    def repeats_what_follows(self, text: str) -> bool:
        """Return whether something stands twice with the text that stood behind the cursor once.

        That is so in three cases:

        - what follows on the cursor's line begins with a closing bracket or a quote, the text ends with the same one,
          and the document has more closing brackets that close nothing and quotes without partner than before;
        - the text ends with all that follows on the cursor's line, and that has a letter or digit in it;
        - one of the lines that the text makes together with what is typed and what follows is the next line of the
          document that is not blank, the indentation included, and has at least five characters and a letter or digit.

        White space at the ends of texts and lines is left aside.
        """
        return bool(text.strip()) and (self._ends_twice(text.rstrip()) or self._has_next_line(text))

    def _ends_twice(self, text: str) -> bool:
        rest = self._rest
        if not rest:
            return False
        if rest[0] in _OPENING or rest[0] in _QUOTES:
            is_doubled = text.endswith(rest[0]) and self._without_partner(text) > self._without_partner("")
            if is_doubled:
                return True
        return bool(_WORD.search(rest)) and text.endswith(rest)

    def _has_next_line(self, text: str) -> bool:
        below = next((line.rstrip() for line in self._below if line.strip()), "")
        if len(below.strip()) < _SHORTEST_TELLING or not _WORD.search(below):
            return False
        typed = "" if text.startswith("\n") else self._place.line
        made = f"{typed}{text}{self._rest}"
        return below in [line.rstrip() for line in made.split("\n")]

    def _without_partner(self, text: str) -> int:
        """Return how many closing brackets close nothing, and how many quotes have no partner."""
        waiting: list[str] = []
        alone = 0
        code = only_code(self._inserted(text), "python")
        for character in re.findall(r"[()\[\]{}\"']", code):
            if character in _QUOTES:
                alone += 1
            elif character not in _OPENING:
                waiting.append(character)
            elif _OPENING[character] in waiting:
                # What is open within is broken anyhow, and closes nothing further out.
                while waiting.pop() != _OPENING[character]:
                    pass
            else:
                alone += 1
        return alone

    @cached_property
    def _rest(self) -> str:
        return self._place.after.partition("\n")[0].strip()

    @cached_property
    def _below(self) -> list[str]:
        return self._place.after.split("\n")[1:]

    def _inserted(self, text: str) -> str:
        return f"{self._place.before}{text}{self._place.after}"

    def _is_readable(self, text: str) -> bool:
        if text not in self._readable:
            self._readable[text] = _is_python(self._inserted(text))
        return self._readable[text]


def _errors(document: str) -> int:
    for _ in range(_TRIES):
        found = parsed(document, ".py")
        if found is not None:
            return found.errors
    raise Unmeasurable("A document takes more than a quarter of a second to parse: is something else running?")


def _is_python(document: str) -> bool:
    try:
        with warnings.catch_warnings():
            # What Python warns of, as of unknown escapes, is the document's own.
            warnings.simplefilter("ignore")
            ast.parse(document)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
