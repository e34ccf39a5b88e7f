"""What of a completion is shown in a document, and that it stays the same while one types along."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.suggestion.cache import Completion, Memory, Suggestion, kept_extent
from lsp_server.suggestion.shape import Raw, Shaped, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.config import Settings
    from lsp_server.core import Place
    from lsp_server.reading import Reading

# What a user who asks for suggestions can turn through.
CANDIDATES = 3


def shaped(reading: Reading, completion: Completion) -> Shaped:
    """Return what fits of a completion into the document as it is at the completion's place."""
    raw = Raw(completion.text, completion.is_cut_off)
    return shape(raw, reading.hole(completion.place, completion.extent), reading.at_hand(completion.place))


class Showing:
    """The suggestions that were shown last, of all documents, by the settings in force."""

    def __init__(self) -> None:
        self._written: Memory[Completion] = Memory()
        self._shown: Memory[Suggestion] = Memory()
        self._settings: object = None

    def heed(self, settings: Settings) -> None:
        """Forget what other settings have made of a text."""
        shaping = (settings.multiline, dict(settings.multiline_by_language), settings.confidence)
        if shaping != self._settings:
            self._written.clear()
            self._shown.clear()
        self._settings = shaping

    def forget(self, document: str) -> None:
        """Forget a document."""
        self._written.forget(document)
        self._shown.forget(document)

    def note(self, completion: Completion) -> None:
        """Remember what the model has written."""
        self._written.add(completion)

    def written(self, document: str, place: Place) -> Completion | None:
        """Return what is left at a place of what the model has written, ``None`` where nothing is."""
        return self._written.find(document, place)

    def known(self, document: str, place: Place, reading: Reading) -> Suggestion | None:
        """Return what is left at a place of what was shown, ``None`` where nothing is."""
        shown = self._shown.find(document, place)
        if shown is None or not shown.text.strip():
            return None
        if shown.origin.after == place.after:
            return shown
        # The editor has closed something behind the cursor: what is left must fit before that.
        hole = reading.hole(place, kept_extent(shown.completion.extent, shown.origin, place))
        left = shape(Raw(shown.text, is_cut_off=False), hole)
        return replace(shown, text=left.text, steps=(*shown.steps, *left.steps)) if left.text else None

    def show(self, completion: Completion, made: Shaped, *, is_growing: bool) -> Suggestion | None:
        """Remember what is shown of a completion; ``None`` where nothing is."""
        if made.text is None:
            return None
        where, place = completion.document, completion.place
        suggestion = Suggestion(where, place, place, made.text, completion, made.steps, is_growing=is_growing)
        self._shown.add(suggestion)
        return suggestion

    def show_several(
        self, completion: Completion, made: Sequence[Shaped], known: Suggestion | None
    ) -> Suggestion | None:
        """Remember different ones of several texts; what is on the screen already comes first. ``None`` for none."""
        texts = [known.text] if known else []
        texts += [each.text for each in made if each.text]
        if not texts:
            return None
        text, *others = list(dict.fromkeys(texts))[:CANDIDATES]
        where, place = completion.document, completion.place
        suggestion = Suggestion(where, place, place, text, completion, made[0].steps, tuple(others))
        self._shown.add(suggestion)
        return suggestion
