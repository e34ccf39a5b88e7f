"""What the server is doing, as one value that the client is told whenever it changes. Knows no LSP.

The notification is the one that the Copilot language server made common, ``didChangeStatus`` with the members ``kind``,
``busy`` and ``message``; ``state``, ``model`` and ``percent`` are midfill's own, for clients that show more.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

METHOD = "didChangeStatus"
# An answer that comes sooner is not worth a word: the client would flicker at each key.
THINKING_SECONDS = 0.2


class State(Enum):
    """What the server is doing; clients have a sign for each."""

    LOADING = "loading"
    DOWNLOADING = "downloading"
    READY = "ready"
    THINKING = "thinking"
    PAUSED = "paused"
    ERROR = "error"


_BUSY = {State.LOADING, State.DOWNLOADING, State.THINKING}
_KINDS = {State.ERROR: "Error", State.PAUSED: "Inactive"}


@dataclass(frozen=True, slots=True)
class Status:
    """The server at one moment.

    ``model`` is the one in use, empty before there is one. ``message`` is one sentence for the user: what is wrong,
    or why nothing is suggested; empty where there is nothing to say. ``percent`` is of what is loaded or downloaded,
    ``None`` where that is unknown or nothing is.
    """

    state: State
    model: str = ""
    message: str = ""
    percent: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return the notification's parameters; a server that works and has something to say is a Warning."""
        return {
            "kind": _KINDS.get(self.state, "Warning" if self.message else "Normal"),
            "busy": self.state in _BUSY,
            "message": self.message,
            "state": self.state.value,
            "model": self.model,
            "percent": self.percent,
        }


class StatusLine:
    """The status that the client shows: what the model does, unless the settings switch all off."""

    def __init__(self, tell: Callable[[Status], None]) -> None:
        """``tell`` is called on the event loop with each status that differs from the one before."""
        self._tell = tell
        self._told: Status | None = None
        self._of_model = Status(State.LOADING)
        self._switched_off: str | None = None
        self._downloaded: int | None = None
        self._elsewhere: str | None = None
        self._thinking = 0

    @property
    def current(self) -> Status:
        """What holds now."""
        base = Status(State.READY, self._elsewhere) if self._elsewhere is not None else self._of_model
        if self._switched_off is not None:
            return Status(State.PAUSED, base.model, self._switched_off)
        if self._downloaded is not None and base.state is State.READY:
            return replace(base, state=State.DOWNLOADING, percent=self._downloaded)
        if self._thinking and base.state is State.READY:
            return replace(base, state=State.THINKING)
        return base

    def set_model(self, status: Status) -> None:
        """Note what the model does."""
        self._of_model = status
        self._show()

    def set_switched_off(self, why: str | None) -> None:
        """Note why nothing at all is suggested, ``None`` where something is."""
        self._switched_off = why
        self._show()

    def set_elsewhere(self, model: str | None) -> None:
        """Note which model of a server elsewhere answers, ``None`` where the local one does."""
        self._elsewhere = model
        self._show()

    def set_downloading(self, percent: int | None) -> None:
        """Note how much of a model has been downloaded, ``None`` where none is being downloaded."""
        self._downloaded = percent
        self._show()

    @contextlib.contextmanager
    def thinking(self) -> Iterator[None]:
        """Show that an answer is being made, if it takes longer than :data:`THINKING_SECONDS`."""
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            self._thinking += 1
            self._show()

        timer = asyncio.get_running_loop().call_later(THINKING_SECONDS, begin)
        try:
            yield
        finally:
            timer.cancel()
            if begun:
                self._thinking -= 1
                self._show()

    def _show(self) -> None:
        if self.current != self._told:
            self._told = self.current
            self._tell(self.current)
