"""The one exception of the benchmarks."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unmeasurable(Exception):
    """Something that a benchmark needs is missing or has failed; the message is a sentence for who runs it."""


@contextlib.contextmanager
def one_sentence() -> Iterator[None]:
    """Leave the program with the sentence of an :class:`Unmeasurable` and without a traceback."""
    try:
        yield
    except Unmeasurable as problem:
        sys.exit(str(problem))
