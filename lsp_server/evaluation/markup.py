"""HTML and SVG made of elements. What is not an element is text, and text never becomes markup."""

from __future__ import annotations

import html
import re

# Elements without an end tag (HTML Living Standard, "Void elements").
_VOID = frozenset({"br", "meta"})
# What a browser does not show, or by which code can show other than it is: control characters, halves of surrogate
# pairs, and marks of the direction of writing (Boucher and Anderson, "Trojan Source", 2021).
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Markup(str):
    """Text that is HTML already. Nothing but this module makes it."""

    __slots__ = ()


def element(name: str, /, *inside: str, **attributes: str | float) -> Markup:
    """Return an element with what is inside, where plain text is escaped.

    Of an attribute's name, underscores become hyphens and one at its end goes (``class_``). Numbers are rounded to
    tenths of a pixel.
    """
    pairs = "".join(f' {_name(key)}="{html.escape(_value(value))}"' for key, value in attributes.items())
    return Markup(f"<{name}{pairs}>" if name in _VOID else f"<{name}{pairs}>{joined(*inside)}</{name}>")


def joined(*pieces: str) -> Markup:
    """Return pieces one after the other; those that are plain text are escaped."""
    return Markup("".join(piece if isinstance(piece, Markup) else _escaped(piece) for piece in pieces))


def document(head: Markup, body: Markup) -> str:
    """Return a whole page in English."""
    return f'<!DOCTYPE html>\n<html lang="en">\n{element("head", head)}\n{element("body", body)}\n</html>\n'


def style(css: str) -> Markup:
    """Return a style sheet of our own: it is not escaped."""
    return Markup(f"<style>\n{css}</style>")


def _escaped(text: str) -> str:
    return html.escape(_INVISIBLE.sub(_shown, text), quote=False)


def _shown(match: re.Match[str]) -> str:
    """Return a sign for a character that shows none: U+202E becomes "[U+202E]"."""
    return f"[U+{ord(match[0]):04X}]"


def _name(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return _INVISIBLE.sub(_shown, value)
    return f"{value:.1f}".removesuffix(".0")
