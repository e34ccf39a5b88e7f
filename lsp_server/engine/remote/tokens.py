r"""Text to tokens and to the server's idea of a prompt, with the server's tokenizer or without one.

A file may hold the text of a special token, ``<|fim_middle|>``, and it must stay text. A server's tokenizer makes a
special token of it, so such a text is handed over in two parts, cut behind its first character. Where the whole prompt
is text there are no parts: a blank goes in behind the bracket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

# What special tokens look like: Qwen's, StarCoder's, DeepSeek's, CodeLlama's and Mistral's.
SPECIAL_LOOKING = re.compile(
    r"<\|[^\s<>|]{1,48}\|>|<\uff5c[^\s<>\uff5c]{1,48}\uff5c>|<[A-Za-z]+[_\u2581][\w\u2581]*>"
    r"|</?s>|<(?:unk|pad|bos|eos|mask)>|\u2581?<(?:PRE|SUF|MID|EOT)>|<(?:reponame|filename|issue|jupyter)\w*>"
    r"|\[/?(?:PREFIX|SUFFIX|MIDDLE|INST)\]"
)
_BRACKET = re.compile(r"[<\[]")
# About as much as a token of source code holds; rather too short, so that no prompt is longer than it seems. Behind a
# blank there is a word or nothing.
_PIECE = re.compile(r" ?[A-Za-z]{1,4}|\d|[ \t]{1,4}|\r?\n|_|[!-/:-@\[-^`{-~]{1,2}|.", re.DOTALL)


class Tokenizer(Protocol):
    """Makes tokens for one server."""

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text; special tokens' texts become ordinary tokens."""
        ...

    async def special(self, text: str) -> int | None:
        """Return the number of the special token with this text, ``None`` where there is none."""
        ...

    def prompt(self, tokens: Sequence[int]) -> list[int] | str:
        """Return a prompt as the server takes it."""
        ...


class ServerTokenizer:
    """A server's own tokenizer, for prompts of token ids.

    ``ask_plain`` and ``ask_special`` send a text and return its tokens, the latter with special tokens for their texts;
    where a server knows no difference, they are the same.
    """

    def __init__(
        self, ask_plain: Callable[[str], Awaitable[list[int]]], ask_special: Callable[[str], Awaitable[list[int]]]
    ) -> None:
        self._ask_plain, self._ask_special = ask_plain, ask_special
        self._specials: dict[str, int | None] = {}

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text, the same as of the model in this process."""
        text = _whole(text)
        cuts = [
            match.start() + 1
            for match in SPECIAL_LOOKING.finditer(text)
            if await self.special(match.group()) is not None
        ]
        tokens: list[int] = []
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            if start < end:
                tokens += await self._ask_plain(text[start:end])
        return tuple(tokens)

    async def special(self, text: str) -> int | None:
        """Return the id of a text that is one token."""
        if text not in self._specials:
            tokens = await self._ask_special(text)
            self._specials[text] = tokens[0] if len(tokens) == 1 else None
        return self._specials[text]

    def prompt(self, tokens: Sequence[int]) -> list[int]:
        """Return the ids."""
        return list(tokens)


class TextTokenizer:
    """Tokens of our own making, for servers that take text alone.

    A token is the bytes of a few characters as a number, a special token the same below 0, so that
    nothing has to be remembered. ``is_special`` says whether the server's model has a special token.
    """

    def __init__(self, is_special: Callable[[str], Awaitable[bool]]) -> None:
        self._is_special = is_special
        self._specials: dict[str, bool] = {}

    async def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the numbers of the pieces of a text."""
        return tuple(_number(piece) for piece in _PIECE.findall(_whole(text)))

    async def special(self, text: str) -> int | None:
        """Return a number below 0."""
        if text not in self._specials:
            self._specials[text] = await self._is_special(text)
        return -_number(text) if self._specials[text] else None

    def prompt(self, tokens: Sequence[int]) -> str:
        """Return the text; what looks like a special token and is none has a blank behind its bracket."""
        text: list[str] = []
        plain: list[str] = []
        for token in tokens:
            if token >= 0:
                plain.append(_text(token))
            else:
                text += _harmless(plain), _text(-token)
                plain = []
        return "".join((*text, _harmless(plain)))


def _harmless(pieces: Iterable[str]) -> str:
    """Return a text of which no server makes a special token."""
    return SPECIAL_LOOKING.sub(lambda match: _BRACKET.sub(r"\g<0> ", match.group(), count=1), "".join(pieces))


def _number(text: str) -> int:
    # The byte in front keeps zeros at the start.
    return int.from_bytes(b"\x01" + text.encode(), "big")


def _text(number: int) -> str:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")[1:].decode()


def _whole(text: str) -> str:
    """Return a text as UTF-8 can carry it: half a surrogate pair, which JSON lets through, becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")
