"""Completions that have been made already, and typing through them. Knows no model and no LSP."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cachetools import LRUCache

from lsp_server.core import Place, closing_before
from lsp_server.suggestion.shape import Extent

# Completions of one document: as many as one may delete back through.
PER_DOCUMENT = 48
# Characters of all documents' texts around them together.
REMEMBERED_CHARACTERS = 30_000_000


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote at a place, raw.

    ``extent`` is how much of it is shown. ``is_cut_off`` where a limit ended it and not the model or a rule.
    """

    document: str
    place: Place
    text: str
    extent: Extent
    is_cut_off: bool

    def at(self, place: Place) -> Completion | None:
        """Return what is left of it at a place where some of it has been typed, ``None`` where something else was.

        Typing along keeps the extent, so that a block does not shrink to a line while one types its first.
        """
        left = remaining(self.place, self.text, place)
        if left is None:
            return None
        # What the editor has closed meanwhile stands behind the cursor now: the line has a rest.
        extent = self.extent if place.after == self.place.after else Extent.REST
        return replace(self, place=place, text=left, extent=extent)


def remaining(origin: Place, text: str, place: Place) -> str | None:
    """Return what is left of a text that was suggested at ``origin``, at a place where some of it has been typed.

    ``None`` where something else was typed, or anything else has changed. Empty where all of it was typed.
    """
    typed = place.before[len(origin.before) :]
    if len(place.before) < len(origin.before) or not text.startswith(typed):
        return None
    if closing_before(place.after, origin.after, 0) is None or not place.before.startswith(origin.before):
        return None
    return text[len(typed) :]


class Completions:
    """The completions that were made last, by document."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, Place], Completion] = LRUCache(REMEMBERED_CHARACTERS, getsizeof=_size)

    def add(self, completion: Completion) -> None:
        """Remember a completion; one of the same place is replaced."""
        key = (completion.document, completion.place)
        self._kept.pop(key, None)
        if _size(completion) <= self._kept.maxsize:
            self._kept[key] = completion
        of_document = [k for k in self._kept if k[0] == completion.document]
        for old in of_document[:-PER_DOCUMENT]:
            del self._kept[old]

    def find(self, document: str, place: Place) -> Completion | None:
        """Return the newest completion, as of ``place``, that what was typed there lies along; ``None`` without one.

        Of one of which all has been typed nothing is left to show. One that was made at this very place is returned
        even where it is empty: the model has nothing to say there.
        """
        for key in reversed(list(self._kept)):
            if key[0] != document:
                continue
            completion = self._kept[key]
            left = completion.at(place)
            if left and (left.text.strip() or completion.place == place):
                return left
        return None

    def forget(self, document: str) -> None:
        """Forget all completions of a document."""
        for key in [key for key in self._kept if key[0] == document]:
            del self._kept[key]


def _size(completion: Completion) -> int:
    return len(completion.place.before) + len(completion.place.after) + len(completion.text)
