"""Whether a text still stands in a document, whatever has become of its indentation. Pure functions on strings."""

from __future__ import annotations

import re


def stripped_lines(text: str) -> tuple[str, ...]:
    r"""Return the lines of a text (with ``\n``) that are not blank, without the white space around them."""
    return tuple(line for line in map(str.strip, text.split("\n")) if line)


def occurrences(lines: tuple[str, ...], text: str) -> int:
    """Return how often lines from :func:`stripped_lines` stand in a text as a run; 0 where there are no lines.

    The first may end and the last may begin a longer line; white space around lines and blank lines between them do
    not count. Overlapping runs count once.
    """
    if len(lines) < 2:  # noqa: PLR2004  a single line needs no pattern
        return text.count(lines[0]) if lines else 0
    # Between two lines the pattern can match in one way only, so that long runs of white space cost no more.
    run = r"[^\S\n]*\n\s*".join(map(re.escape, lines))
    return sum(1 for _ in re.finditer(run, text))
