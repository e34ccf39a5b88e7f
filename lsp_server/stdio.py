"""Standard input as an asyncio stream, on every system.

asyncio cannot wait for a pipe on all of them, so a thread reads. pygls' own reader has a thread read each header line
and each body by itself, three hand-overs a message; here there is one for whatever has arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

CHUNK = 1 << 16
# A header line that is longer than this is none; a body has no limit.
LONGEST_LINE = 1 << 20


class InputStream(asyncio.StreamReader):
    """What has been read so far; an end in the middle of a message is an end."""

    async def readexactly(self, n: int) -> bytes:
        """Return the next ``n`` bytes, none where the input ends before."""
        try:
            return await super().readexactly(n)
        except asyncio.IncompleteReadError:
            return b""


def stream_of(stdin: BinaryIO) -> InputStream:
    """Return a stream of all that comes in from now on. Needs a running event loop."""
    loop = asyncio.get_running_loop()
    stream = InputStream(limit=LONGEST_LINE, loop=loop)

    def read() -> None:
        # The loop may have been closed while the thread was waiting.
        with contextlib.suppress(RuntimeError):
            while chunk := os.read(stdin.fileno(), CHUNK):
                loop.call_soon_threadsafe(stream.feed_data, chunk)
            loop.call_soon_threadsafe(stream.feed_eof)

    threading.Thread(target=read, name="midfill-input", daemon=True).start()
    return stream
