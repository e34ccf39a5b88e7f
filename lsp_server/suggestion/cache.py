"""What the model has written and what was shown of it, and typing through both. Knows no model and no LSP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from cachetools import LRUCache

from lsp_server.core import Place, closing_before
from lsp_server.suggestion.hole import Extent

if TYPE_CHECKING:
    from typing_extensions import Self

    from lsp_server.core import Step

# Texts of one document: as many as one may delete back through.
PER_DOCUMENT = 48
# Characters of all documents' texts around them together.
REMEMBERED_CHARACTERS = 30_000_000


class Remembered(Protocol):
    """A text that belongs at a place of a document."""

    @property
    def document(self) -> str:
        """The document's name."""
        ...

    @property
    def place(self) -> Place:
        """Where the text begins."""
        ...

    @property
    def text(self) -> str:
        """The text, which may be empty."""
        ...

    def at(self, place: Place) -> Self | None:
        """Return what is left of it at a place where some of it has been typed, ``None`` where something else was."""
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote at a place, raw.

    ``extent`` is how much of it is shown. ``is_cut_off`` where a limit ended it and not the model or a rule.
    ``chances`` are the probabilities of its first tokens. ``others`` are what else it would have written there, the
    likelier first.
    """

    document: str
    place: Place
    text: str
    extent: Extent
    is_cut_off: bool
    chances: tuple[float, ...] = ()
    others: tuple[Completion, ...] = ()

    def at(self, place: Place) -> Completion | None:
        """Return what is left of it at a place where some of it has been typed, ``None`` where something else was.

        Typing along keeps the extent, so that a block does not shrink to a line while one types its first.
        """
        left = remaining(self.place, self.text, place)
        if left is None:
            return None
        return replace(self, place=place, text=left, extent=kept_extent(self.extent, self.place, place), others=())


def kept_extent(extent: Extent, origin: Place, now: Place) -> Extent:
    """Return the extent of a text after some of it was typed: the same, unless the editor has closed something."""
    has_rest = now.after != origin.after and now.after.partition("\n")[0].strip()
    return Extent.REST if has_rest else extent


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was shown at a place: shaped texts, which stay as they are while one types along.

    They were made at ``origin``; ``place`` has moved on with what was typed since. ``text`` is the first of them,
    ``others`` those that one could turn to, ``None`` where nobody has asked for any. ``completion`` is what the model
    wrote, and ``steps`` are the rules that made the text of it. ``is_growing`` where the model was still writing.
    """

    document: str
    origin: Place
    place: Place
    text: str
    completion: Completion
    steps: tuple[Step, ...] = ()
    others: tuple[str, ...] | None = None
    is_growing: bool = False

    def at(self, place: Place) -> Suggestion | None:
        """Return what is left of it at a place; where another than the first was typed, the first is gone."""
        left = [remaining(self.place, text, place) for text in (self.text, *(self.others or ()))]
        texts = [text for text in left if text is not None]
        if not texts:
            return None
        is_same_place = place == self.place
        return replace(self, place=place, text=texts[0], others=self.others if is_same_place else None)


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


_Text = TypeVar("_Text", bound=Remembered)


class Memory(Generic[_Text]):
    """The texts that came last, by document."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, Place], _Text] = LRUCache(REMEMBERED_CHARACTERS, getsizeof=_size)

    def add(self, text: _Text) -> None:
        """Remember a text; one of the same place is replaced."""
        key = (text.document, text.place)
        self._kept.pop(key, None)
        if _size(text) <= self._kept.maxsize:
            self._kept[key] = text
        of_document = [k for k in self._kept if k[0] == text.document]
        for old in of_document[:-PER_DOCUMENT]:
            del self._kept[old]

    def find(self, document: str, place: Place) -> _Text | None:
        """Return the newest text, as of ``place``, that what was typed there lies along; ``None`` without one.

        Of one of which all has been typed nothing is left to show. One that was made at this very place is returned
        even where it is empty: the model has nothing to say there.
        """
        for key in reversed(list(self._kept)):
            if key[0] != document:
                continue
            text = self._kept[key]
            left = text.at(place)
            if left and (left.text.strip() or text.place == place):
                return left
        return None

    def forget(self, document: str) -> None:
        """Forget all texts of a document."""
        for key in [key for key in self._kept if key[0] == document]:
            del self._kept[key]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _size(text: Remembered) -> int:
    return len(text.place.before) + len(text.place.after) + len(text.text)
