"""A watch whose time is told by the test, and what it says."""

from __future__ import annotations

from collections import Counter

from lsp_server.core import Source
from lsp_server.usage.events import About, Event, Kind
from lsp_server.usage.watch import Watch
from tests.cursor import place

DOCUMENT = "file:///a.py"
ABOUT = About("python", "a model", Source.MODEL, 120.0)


class Scene:
    """Documents in which suggestions are shown. ``now`` is in seconds."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.watch = Watch(self.events.append)
        self.now = 1000.0

    def shown(self, marked: str, text: str, document: str = DOCUMENT) -> int | None:
        """Show a suggestion at the cursor mark."""
        return self.watch.shown(document, place(marked), text, ABOUT, self.now)

    def became(self, *texts: str, document: str = DOCUMENT) -> None:
        """Let a document become one text after the other."""
        for text in texts:
            self.watch.changed(document, text, self.now)

    def command(self, number: int | None) -> None:
        """Let the client run the item's command."""
        assert number is not None
        self.watch.accepted(number, self.now)

    def seen(self, number: int | None, text: str | None = None) -> None:
        """Let the client say that a suggestion is on the screen."""
        assert number is not None
        self.watch.seen(number, text)

    def part(self, number: int | None, length: int) -> None:
        """Let the client say that a suggestion was accepted up to a length."""
        assert number is not None
        self.watch.accepted_in_part(number, length, self.now)

    def wait(self, seconds: float) -> None:
        """Let time go by, and everything be done when it is due."""
        end = self.now + seconds
        while (due := self.watch.next_due()) is not None and due <= end:
            self.now = max(self.now, due)
            self.watch.due(self.now)
            assert (self.watch.next_due() or due + 1) > due
        self.now = end

    def close(self, document: str = DOCUMENT) -> None:
        """Close a document."""
        self.watch.closed(document, self.now)

    @property
    def said(self) -> list[Kind]:
        """What has been said, in its order."""
        return [event.kind for event in self.events]

    def of(self, kind: Kind) -> list[Event]:
        """Return what has been said of one kind."""
        return [event for event in self.events if event.kind is kind]

    def check_integrity(self) -> None:
        """Check what holds at any time, of each suggestion by itself."""
        for number in {event.id for event in self.events}:
            count = Counter(event.kind for event in self.events if event.id == number)
            accepted = count[Kind.ACCEPTED] + count[Kind.IN_PART]
            assert count[Kind.SHOWN] == 1
            assert accepted <= 1
            assert count[Kind.THERE_30] + count[Kind.GONE_30] <= accepted
            assert count[Kind.THERE_120] + count[Kind.GONE_120] <= accepted
        assert all(event.characters > 0 and event.lines >= 0 for event in self.events)
