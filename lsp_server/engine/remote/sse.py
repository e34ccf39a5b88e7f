"""Server-sent events: from pieces of bytes, cut anywhere, to the data of whole events.

The format is that of the HTML standard, section 9.2.6 "Interpreting an event stream", without what no completions
server sends: lines that end in a carriage return alone, and fields other than ``data``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# An event holds a few tokens; llama-server's last one repeats the whole prompt.
LONGEST_EVENT = 4 << 20


class Events:
    """A stream that is under way."""

    def __init__(self) -> None:
        # What has come of the line that has not ended; up to ``_searched`` there is no line end in it.
        self._line = bytearray()
        self._searched = 0
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, received: bytes) -> Iterator[str]:
        """Yield the data of each event that these bytes complete. Comments and events without data are passed over.

        Raises:
            ValueError: an event is larger than any answer, or it is not UTF-8.
        """
        self._line += received
        while (end := self._line.find(b"\n", self._searched)) >= 0:
            line = bytes(self._line[:end]).removesuffix(b"\r")
            del self._line[: end + 1]
            self._searched = 0
            if event := self._take(line):
                yield event.decode("utf-8")
        self._searched = len(self._line)
        if self._searched + self._size > LONGEST_EVENT:
            raise ValueError(f"an event of more than {LONGEST_EVENT} bytes")

    def _take(self, line: bytes) -> bytes:
        """Return the data of the event that a line ends, nothing where it ends none."""
        if not line:
            event, self._data, self._size = b"\n".join(self._data), [], 0
            return event
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(line)
        return b""
