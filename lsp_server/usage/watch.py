r"""What becomes of the suggestions that are shown, told from the documents' own changes.

Every editor reports changes, whatever it does when one accepts; the item's command adds what changes cannot tell. Knows
no disk and no clock: times are seconds that the caller gives, from any start, never going back.

What is counted:

- *shown*: each suggestion once. What is left of it after typing along, and one that begins alike and has more behind
  it, are the same suggestion. One that was left behind and comes again is another. A client that says of one that it
  is on the screen says so of all: from then on only those are shown of which it says so, or which are accepted.
- *accepted*: all that was left came in at once, and no single key can have brought it; or the command says so.
- *accepted in part*: a part came in like that, and the rest did not follow so within `DECIDED_SECONDS`. Parts one after
  the other until all is in are one accept, and not one in part besides. Each suggestion is at most one of both.
- *still there*: the lines of what came in stand in the document as often as right after the accept, or more often. A
  document that is closed before the time to look comes was not looked at.

What cannot be told apart: a word that a menu of the editor inserts, or that is pasted, and that is the suggestion's
next one, counts as accepted in part, unless it is known that the menu offers it. A bracket pair or a line break that is
all of a suggestion counts as typed, unless the command says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lsp_server.usage.events import LOOKS, About, Event, Kind, Look
from lsp_server.usage.follow import Course, Step, follow
from lsp_server.usage.still import occurrences, stripped_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.core import Place

# After an accept in part, this long for the rest to follow: until the first time to look.
DECIDED_SECONDS = LOOKS[0].seconds
# After the end of a suggestion, this long for the item's command to say that it was accepted.
COMMAND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Standing:
    """Lines that came in by accepting at a time, and how often they stood in the document then."""

    lines: tuple[str, ...]
    count: int
    since: float
    characters: int


@dataclass(frozen=True, slots=True)
class _DueLook:
    """A look at an accepted text that is to come."""

    id: int
    about: About
    standing: _Standing
    look: Look

    @property
    def at(self) -> float:
        return self.standing.since + self.look.seconds

    def taken(self, text: str) -> Event:
        """Return what is seen in the document's text."""
        is_there = occurrences(self.standing.lines, text) >= self.standing.count
        kind = self.look.there if is_there else self.look.gone
        return Event(kind, self.id, self.about, self.standing.characters, len(self.standing.lines))


@dataclass(slots=True)
class _Suggestion:
    """A suggestion that is shown or was until just now.

    ``came`` characters of it came in at once, all of them within ``first..last`` of its text; ``part`` is what stood
    there after the last time. ``is_decided`` where nothing more is to be said of it.
    """

    id: int
    about: About
    course: Course
    came: int = 0
    first: int = 0
    last: int = 0
    part: _Standing | None = None
    decided_at: float | None = None
    is_decided: bool = False
    awaits_change: bool = False
    is_seen: bool = False

    def take(self, start: int, end: int) -> None:
        """Note that ``start..end`` of its text came in at once; what was undone or said before counts once."""
        self.came += max(0, end - max(start, self.last))
        self.first = min(self.first, start) if self.last else start
        self.last = max(self.last, end)

    def standing(self, text: str, now: float) -> _Standing:
        """Return what has come in at once as it stands in the document's text."""
        lines = stripped_lines(self.course.text[self.first : self.last])
        return _Standing(lines, occurrences(lines, text), now, self.came)

    def is_continued_by(self, offset: int, shown: str, text: str) -> bool:
        """Return whether what is shown at an offset of the document's text is this suggestion, or more of it."""
        along = offset - self.course.start
        if along < 0 or text[self.course.start : offset] != self.course.text[:along]:
            return False
        left = self.course.text[along:]
        return bool(left) and (left.startswith(shown) or shown.startswith(left))


@dataclass(slots=True)
class _Document:
    """A document as it is now, with what is to be known of it."""

    text: str
    live: _Suggestion | None = None
    ended: list[_Suggestion] = field(default_factory=list)
    looks: list[_DueLook] = field(default_factory=list)

    def undecided(self) -> Iterator[_Suggestion]:
        """Yield the suggestions of which something may still be said."""
        everyone = [*self.ended, self.live] if self.live else self.ended
        return (suggestion for suggestion in everyone if not suggestion.is_decided)

    def times(self) -> Iterator[float]:
        """Yield when something is due."""
        yield from (look.at for look in self.looks)
        yield from (s.decided_at for s in self.undecided() if s.decided_at is not None)


class Watch:
    """The suggestions that are shown in the open documents. ``tell`` is called with each event as it happens."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._documents: dict[str, _Document] = {}
        self._last_id = 0
        self._is_told_what_is_seen = False

    def is_watching(self, document: str) -> bool:
        """Return whether the changes of a document matter; of others :meth:`changed` need not be told."""
        return document in self._documents

    def shown(  # noqa: PLR0913  each is a thing of its own
        self, document: str, place: Place, text: str, about: About, now: float, *, offered: int = 0
    ) -> int | None:
        """Note that a suggestion is shown at a place of a document; return its number, ``None`` for an empty one.

        The place holds the document's whole text as it is now. ``offered`` characters at the suggestion's start are
        what the editor's own popup has selected to insert: where it does, that is no accept.
        """
        if not text:
            return None
        whole = place.before + place.after
        self.changed(document, whole, now)
        known = self._documents.setdefault(document, _Document(whole))
        offset, live = len(place.before), known.live
        if live and live.is_continued_by(offset, text, whole):
            along = offset - live.course.start
            whole_text = live.course.text[:along] + text
            live.course = Course(whole_text, live.course.start, along, offered=along + offered if offered else 0)
            return live.id
        self._end(known, now)
        self._last_id += 1
        known.live = _Suggestion(self._last_id, about, Course(text, offset, offered=offered))
        if not self._is_told_what_is_seen:
            self._see(known.live)
        return self._last_id

    def seen(self, number: int, text: str | None) -> None:
        """Note that the client says a suggestion is on the screen, with this text where it is one of several.

        One that is not known any more is no error.
        """
        self._is_told_what_is_seen = True
        for known in self._documents.values():
            live = known.live
            if live is not None and live.id == number:
                if text and not live.is_decided and text[: live.course.along] == live.course.text[: live.course.along]:
                    live.course = replace(live.course, text=text)
                self._see(live)
                return

    def accepted_in_part(self, number: int, length: int, now: float) -> None:
        """Note that the client says the first ``length`` characters of a suggestion were accepted all in all.

        What its change has told already counts once. One that is not known any more is no error.
        """
        for known in self._documents.values():
            for suggestion in known.undecided():
                length = min(length, len(suggestion.course.text))
                if suggestion.id == number and length > suggestion.last:
                    # A change that one key could have brought as well has been followed as typed.
                    suggestion.take(min(suggestion.course.along, length - 1), length)
                    suggestion.part = suggestion.standing(known.text, now)
                    suggestion.decided_at = now + DECIDED_SECONDS

    def changed(self, document: str, text: str, now: float) -> None:
        r"""Note a document's new text, with ``\n`` line ends.

        Editors send several keys at once: each of their changes has to be told by itself, or they look like an accept.
        """
        known = self._documents.get(document)
        if known is None or known.text == text:
            return
        old, known.text = known.text, text
        if known.live:
            self._move(known, known.live, old, now)
        self._tidy(document, known)

    def accepted(self, number: int, now: float) -> None:
        """Note that the client has run the command of a suggestion; one that is not known any more is no error."""
        for known in self._documents.values():
            for suggestion in known.undecided():
                if suggestion.id == number:
                    suggestion.take(suggestion.course.along, len(suggestion.course.text))
                    self._accept(suggestion)
                    if suggestion is known.live:
                        suggestion.awaits_change = True
                    else:
                        self._look_later(known, suggestion, suggestion.standing(known.text, now))
                    return

    def closed(self, document: str, now: float) -> None:
        """Forget a document; what was accepted in part stays so, and what was to be looked at is unknown."""
        known = self._documents.pop(document, None)
        if known is not None:
            self._end(known, now)
            for suggestion in known.undecided():
                self._decide(suggestion)

    def close(self, now: float) -> None:
        """Forget all documents."""
        for document in list(self._documents):
            self.closed(document, now)

    def due(self, now: float) -> None:
        """Decide all that is due."""
        for name, known in list(self._documents.items()):
            for suggestion in list(known.undecided()):
                if suggestion.decided_at is not None and suggestion.decided_at <= now:
                    self._decide(suggestion)
                    if suggestion.part:
                        self._look_later(known, suggestion, suggestion.part)
            known.ended = [suggestion for suggestion in known.ended if not suggestion.is_decided]
            for look in known.looks:
                if look.at <= now:
                    self._tell(look.taken(known.text))
            known.looks = [look for look in known.looks if look.at > now]
            self._tidy(name, known)

    def next_due(self) -> float | None:
        """Return when to call :meth:`due` next, ``None`` while nothing is to come."""
        return min((time for known in self._documents.values() for time in known.times()), default=None)

    def _tidy(self, document: str, known: _Document) -> None:
        """Forget the text of a document of which nothing more is to be known."""
        if not known.live and not known.ended and not known.looks:
            del self._documents[document]

    # --- how suggestions end ---------------------------------------------------------------------------

    def _move(self, known: _Document, live: _Suggestion, old: str, now: float) -> None:
        """Note what the change from ``old`` to the document's text did to the suggestion that is shown in it."""
        step, course = follow(live.course, old, known.text)
        if step in {Step.STAYED, Step.WENT_BACK, Step.TYPED}:
            live.course = course
            return
        if step is Step.CAME_IN_PART:
            live.take(live.course.along, course.along)
            live.course, live.part = course, live.standing(known.text, now)
            live.decided_at = now + DECIDED_SECONDS
            return
        if step is Step.CAME_WHOLE and not live.is_decided:
            live.take(live.course.along, len(live.course.text))
            self._accept(live)
            live.awaits_change = True
        if live.awaits_change:
            self._look_later(known, live, live.standing(known.text, now))
        self._end(known, now)

    def _end(self, known: _Document, now: float) -> None:
        """Note that the suggestion that was shown in a document is not shown any more."""
        ended, known.live = known.live, None
        if ended is not None and not ended.is_decided:
            soon = now + COMMAND_SECONDS
            ended.decided_at = soon if ended.decided_at is None else min(soon, ended.decided_at)
            known.ended.append(ended)

    def _see(self, suggestion: _Suggestion) -> None:
        if suggestion.is_seen:
            return
        suggestion.is_seen = True
        text = suggestion.course.text
        self._tell(Event(Kind.SHOWN, suggestion.id, suggestion.about, len(text), len(stripped_lines(text))))

    def _accept(self, suggestion: _Suggestion) -> None:
        suggestion.is_decided = True
        self._say(Kind.ACCEPTED, suggestion)

    def _decide(self, suggestion: _Suggestion) -> None:
        """Say the last of a suggestion that was not accepted as a whole."""
        suggestion.is_decided = True
        if suggestion.part is not None:
            self._say(Kind.IN_PART, suggestion)

    def _say(self, kind: Kind, suggestion: _Suggestion) -> None:
        self._see(suggestion)
        lines = stripped_lines(suggestion.course.text[suggestion.first : suggestion.last])
        self._tell(Event(kind, suggestion.id, suggestion.about, suggestion.came, len(lines)))

    def _look_later(self, known: _Document, suggestion: _Suggestion, standing: _Standing) -> None:
        # What the editor made of it so that it cannot be found cannot be looked for.
        if standing.count:
            known.looks += [_DueLook(suggestion.id, suggestion.about, standing, look) for look in LOOKS]
