"""What an editor can show of what a model writes: no special tokens, no control characters, no broken ones."""

from __future__ import annotations

import re

from lsp_server.core import plain

# Half a character comes out of the decoder as U+FFFD; the others no editor shows, or shows as a line break.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff\ud800-\udfff]")
# What a model writes for a special token where it does not use the token itself; of all families of models.
_SPECIAL = re.compile(
    r"<[|\uff5c][\w\u2581-]{1,40}[|\uff5c]>|</?s>|<(?:fim|file|repo)[_-]?(?:prefix|suffix|middle|pad|sep|name)>"
)
# The end of a text that may yet become one.
_PERHAPS_SPECIAL = re.compile(r"<(?:[|\uff5c][\w\u2581-]{0,40}[|\uff5c]?|/?s?|[a-z_-]{0,12})\Z")


def printable(text: str) -> str:
    r"""Return a text up to the first thing that cannot be shown, with ``\n`` for every line end."""
    found = [match.start() for match in (_UNPRINTABLE.search(text), _SPECIAL.search(text)) if match]
    return plain(text[: min(found, default=len(text))])


def is_printable(text: str) -> bool:
    """Return whether all of a text can be shown."""
    return not (_UNPRINTABLE.search(text) or _SPECIAL.search(text))


def certain(text: str) -> str:
    """Return a text under way without what may yet turn out to be a special token."""
    return _PERHAPS_SPECIAL.sub("", text)
