"""llama.cpp: load a model, tokenize, evaluate. The only module that imports llama_cpp.

Speaks tokens and positions; knows no prompt, no cache policy and no threads. One context with a
unified KV buffer; everything here happens in its sequence 0.
"""

from __future__ import annotations

import ctypes
import logging
import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

import llama_cpp
import numpy as np

from lsp_server.engine.interface import ModelInfo
from lsp_server.errors import EngineError, ModelDamaged, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lsp_server.engine.interface import LoadOptions

log = logging.getLogger(__name__)

SEQUENCE = 0
# The size of a piece of text that a token stands for has no bound; the longest of Qwen2.5's are
# runs of 128 blanks, and llama.cpp says how much it needs where this is too small.
PIECE_BYTES = 256
GGUF_MAGIC = b"GGUF"
_SPECIAL_ATTRIBUTES = (
    llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
)


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes function type
def _log_line(_level: int, text: bytes, _data: object) -> None:
    # llama.cpp writes to standard error by itself; all of it is detail for the log.
    log.debug("%s", text.decode("utf-8", "replace").rstrip())


def _start_backend() -> None:
    llama_cpp.llama_log_set(_log_line, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def threads_for(cores: int) -> int:
    """Return how many threads to evaluate with: all cores of a small machine, one less of a larger."""
    return cores if cores <= 2 else cores - 1  # noqa: PLR2004  two cores are what "small" means


def check_file(path: Path) -> None:
    """Look at a model file before llama.cpp does.

    Raises:
        ModelNotFound: there is no such file, or it cannot be read.
        ModelDamaged: it is not a GGUF.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelNotFound(
            f"The model file {path} cannot be read ({error.strerror}): set `model` to the path of a GGUF file."
        ) from error
    if magic != GGUF_MAGIC:
        raise ModelDamaged(f"{path} is not a GGUF file: set `model` to a model in llama.cpp's GGUF format.")


class Llama:
    """A loaded model with one context. Owned by one thread, but for the tokenizer's methods."""

    def __init__(self, path: Path, options: LoadOptions, on_progress: Callable[[float], None]) -> None:
        """Load a model; ``on_progress`` is told shares from 0 to 1 on the loading thread.

        Raises:
            ModelNotFound: there is no such file, or it cannot be read.
            ModelDamaged: llama.cpp cannot load it.
        """
        check_file(path)
        _start_backend()
        self._closed = False
        self._model = _load_model(path, options, on_progress)
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        try:
            self._context, self.info = self._open_context(path, options)
        except ModelDamaged:
            llama_cpp.llama_model_free(self._model)
            raise
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch_tokens = int(llama_cpp.llama_n_batch(self._context))
        self._batch = llama_cpp.llama_batch_init(self._batch_tokens, 0, 1)

    def _open_context(self, path: Path, options: LoadOptions) -> tuple[object, ModelInfo]:
        trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
        length = min(options.context_tokens or trained, trained)
        threads = options.threads or threads_for(os.cpu_count() or 1)
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = length
        params.n_batch = params.n_ubatch = min(length, 512)
        params.n_threads = params.n_threads_batch = threads
        params.n_seq_max = 1
        params.kv_unified = True
        params.no_perf = True
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            raise ModelDamaged(
                f"There is not enough memory for {path.name}: choose a smaller model, or a smaller `contextTokens`."
            )
        info = ModelInfo(
            name=self._metadata("general.name") or path.stem,
            path=path,
            context_length=length,
            vocabulary_size=int(llama_cpp.llama_vocab_n_tokens(self._vocab)),
            parameters=int(llama_cpp.llama_model_n_params(self._model)),
        )
        return context, info

    def _metadata(self, key: str) -> str:
        buffer = ctypes.create_string_buffer(256)
        length = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if length > 0 else ""

    # --- the tokenizer: reads the vocabulary only, so any thread may ask ---------------------------

    @cached_property
    def _special_texts(self) -> re.Pattern[str]:
        size = self.info.vocabulary_size
        special = (i for i in range(size) if llama_cpp.llama_vocab_get_attr(self._vocab, i) & _SPECIAL_ATTRIBUTES)
        texts = ((llama_cpp.llama_vocab_get_text(self._vocab, i) or b"").decode("utf-8", "replace") for i in special)
        # Longer ones first, so that of two that start alike the whole one is found.
        alternatives = "|".join(re.escape(t) for t in sorted(texts, key=len, reverse=True) if len(t) > 1)
        return re.compile(alternatives or "(?!)")

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of plain text.

        llama.cpp keeps control tokens out of plain text, but not the tokens that a vocabulary calls
        user-defined. Text that looks like any of them is cut behind its first character, so that no
        special token can come of it.
        """
        cuts = [match.start() + 1 for match in self._special_texts.finditer(text)]
        borders = zip([0, *cuts], [*cuts, len(text)], strict=True)
        return [token for start, end in borders for token in self._tokenize(text[start:end], is_special=False)]

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
        # A token stands for one byte at least.
        buffer = (llama_cpp.llama_token * len(data))()
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), buffer, len(data), False, is_special)  # noqa: FBT003  C has no names for arguments
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

    # --- evaluation: the owning thread only --------------------------------------------------------

    def evaluate(self, tokens: Sequence[int], position: int) -> None:
        """Evaluate tokens at ``[position, position + len(tokens))``, behind what the memory holds.

        Raises:
            EngineError: llama.cpp reported a failure.
        """
        batch = self._batch
        if len(tokens) > self._batch_tokens:
            raise EngineError(f"A slice of {len(tokens)} tokens is larger than the batch of {self._batch_tokens}.")
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = position + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = SEQUENCE
            batch.logits[index] = index == len(tokens) - 1
        status = llama_cpp.llama_decode(self._context, batch)
        if status != 0:
            raise EngineError(
                f"llama.cpp could not evaluate {len(tokens)} tokens at position {position} (status {status})."
            )

    def most_likely(self) -> int:
        """Return the token with the highest logit behind what was evaluated last."""
        logits = llama_cpp.llama_get_logits_ith(self._context, -1)
        return int(np.ctypeslib.as_array(logits, shape=(self.info.vocabulary_size,)).argmax())

    def trim(self, length: int) -> None:
        """Forget all positions from ``length`` on."""
        llama_cpp.llama_memory_seq_rm(self._memory, SEQUENCE, length, -1)

    def close(self) -> None:
        """Give the memory back. Closing twice does nothing; nothing else may be called afterwards."""
        if self._closed:
            return
        self._closed = True
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)


def _load_model(path: Path, options: LoadOptions, on_progress: Callable[[float], None]) -> object:
    @llama_cpp.llama_progress_callback  # type: ignore[untyped-decorator]  # a ctypes function type
    def report(share: float, _data: object) -> bool:
        on_progress(share)
        return True

    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = options.gpu_layers
    params.progress_callback = report
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise ModelDamaged(
            f"llama.cpp cannot load {path}: the file is damaged or cut short, or its architecture is unknown. "
            "Get it again, or choose another model."
        )
    return model
