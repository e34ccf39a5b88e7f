"""Wait for a condition, with a limit of time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_SECONDS = 20.0


async def until(is_so: Callable[[], bool]) -> None:
    """Let the event loop run until a condition holds."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "what was waited for has not come"
        await asyncio.sleep(0.002)
