"""A model's vocabulary: text to tokens and back. Any thread may ask, since nothing here changes anything."""

from __future__ import annotations

import ctypes
import re
from functools import cached_property
from typing import TYPE_CHECKING

import llama_cpp

from lsp_server.engine.vocabulary import Vocabulary
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from lsp_server.engine.llama.loading import Vocab

# The size of a piece of text that a token stands for has no bound; the longest of Qwen2.5's are
# runs of 128 blanks, and llama.cpp says how much it needs where this is too small.
PIECE_BYTES = 256
_SPECIAL_ATTRIBUTES = (
    llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
)
# Text that no vocabulary joins with what follows it.
_LEAD = "\n"


class Tokenizer:
    """The tokenizer of a loaded model."""

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self.vocabulary_size = int(llama_cpp.llama_vocab_n_tokens(vocab))

    @cached_property
    def _special_texts(self) -> re.Pattern[str]:
        size = self.vocabulary_size
        special = (i for i in range(size) if llama_cpp.llama_vocab_get_attr(self._vocab, i) & _SPECIAL_ATTRIBUTES)
        texts = ((llama_cpp.llama_vocab_get_text(self._vocab, i) or b"").decode("utf-8", "replace") for i in special)
        # Longer ones first, so that of two that start alike the whole one is found.
        alternatives = "|".join(re.escape(t) for t in sorted(texts, key=len, reverse=True) if len(t) > 1)
        return re.compile(alternatives or "(?!)")

    @cached_property
    def _lead(self) -> list[int]:
        """The tokens of `_LEAD` where the vocabulary puts a blank before each text; none where it does not."""
        tokens = self._tokenize("a", is_special=False)
        return self._tokenize(_LEAD, is_special=False) if self._spelled(tokens) != b"a" else []

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of plain text.

        llama.cpp keeps control tokens out of plain text, but not the tokens that a vocabulary calls
        user-defined. Text that looks like any of them is cut behind its first character, so that no
        special token can come of it.
        """
        cuts = [match.start() + 1 for match in self._special_texts.finditer(text)]
        borders = zip([0, *cuts], [*cuts, len(text)], strict=True)
        return [token for start, end in borders for token in self._plain(text[start:end])]

    def _plain(self, text: str) -> list[int]:
        if not text or not self._lead:
            return self._tokenize(text, is_special=False)
        # SentencePiece's blank goes before what leads the text, and is left out with it.
        return self._tokenize(_LEAD + text, is_special=False)[len(self._lead) :]

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where there is none."""
        if not self._special_texts.fullmatch(text):
            return None
        tokens = self._tokenize(text, is_special=True)
        return tokens[0] if len(tokens) == 1 else None

    def _tokenize(self, text: str, *, is_special: bool) -> list[int]:
        if not text:
            return []
        # Half a surrogate pair, which JSON can carry, has no UTF-8: a replacement stands for it.
        data = text.encode("utf-8", "replace")
        # A token stands for one byte at least, but for a blank that the vocabulary puts in front.
        size = len(data) + 1
        buffer = (llama_cpp.llama_token * size)()
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), buffer, size, False, is_special)  # noqa: FBT003  C has no names for arguments
        if count < 0:
            raise EngineError(f"llama.cpp could not tokenize {len(data)} bytes.")
        return list(buffer[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; a special token stands for none."""
        buffer = ctypes.create_string_buffer(PIECE_BYTES)
        length = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, PIECE_BYTES, 0, False)  # noqa: FBT003  C has no names for arguments
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, -length, 0, False)  # noqa: FBT003  C has no names for arguments
        return buffer.raw[:length]

    def _spelled(self, tokens: list[int]) -> bytes:
        return b"".join(map(self.piece, tokens))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The bytes of all tokens; making the table takes a third of a second, so one thread asks before all others."""
        return Vocabulary([self.piece(token) for token in range(self.vocabulary_size)])
