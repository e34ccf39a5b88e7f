"""Waiting for what no event tells of."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Value = TypeVar("Value")
# What the status bar says first when suggestions come.
READY = "midfill: ready"
# Between two looks.
PAUSE = 0.03
# A busy machine takes its time; what never comes is a failure all the same.
SECONDS = 40.0


@overload
async def until(condition: Callable[[], Awaitable[Value]], what: str, seconds: float = SECONDS) -> Value: ...
@overload
async def until(condition: Callable[[], Value], what: str, seconds: float = SECONDS) -> Value: ...
async def until(condition: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Return the first value of a condition that is true; fail with ``what`` was waited for and the last value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}; there is {value!r}"
        await asyncio.sleep(PAUSE)
