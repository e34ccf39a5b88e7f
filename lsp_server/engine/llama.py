"""llama.cpp: load a model, tokenize, evaluate. The only module that imports llama_cpp.

Speaks tokens, sequences and positions; knows no prompt, no cache policy and no threads. One context with
a KV buffer that all sequences share.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import mmap
import os
import re
import sys
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import psutil

# The threads of an evaluation wait for each other many hundred times. By default they spin meanwhile, and where
# another program wants one of the cores, each wait lasts until the system takes the core away: a token took 2.7 s
# instead of 25 ms. So they spin briefly and then sleep. OpenMP reads this once, when it is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import llama_cpp

from lsp_server.engine.interface import ModelInfo
from lsp_server.engine.vocabulary import Vocabulary
from lsp_server.errors import EngineError, ModelDamaged, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from lsp_server.engine.interface import LoadOptions

log = logging.getLogger(__name__)

# Prompts that are kept at once: the anchors of a few documents, and what is being prepared. For each llama.cpp sets
# memory aside for the logits of a whole vocabulary.
SEQUENCES = 8
# Cells of the KV cache where the settings leave it to midfill: two of the longest prompts that it chooses
# by itself. With a 0.5B model they take 100 MB, with a 7B model 470 MB.
CELLS = 8192
# Tokens of one llama_decode at the most. Processors gain nothing from more, and llama.cpp sets memory aside for as
# many; graphics cards do.
BATCH_ON_CPU, BATCH_ON_GPU = 32, 512
# The size of a piece of text that a token stands for has no bound; the longest of Qwen2.5's are
# runs of 128 blanks, and llama.cpp says how much it needs where this is too small.
PIECE_BYTES = 256
GGUF_MAGIC = b"GGUF"
# What llama_decode returns when the abort callback has ended it (llama.h).
ABORTED = 2
SAMPLE_BYTES = 1 << 20
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
    """Return how many threads to evaluate with: all physical cores of a small machine, one less of a larger."""
    return cores if cores <= 2 else cores - 1  # noqa: PLR2004  two cores are what "small" means


def _physical_cores() -> int:
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


class Step(NamedTuple):
    """A token to evaluate at a position of a sequence."""

    token: int
    sequence: int
    position: int


class _Abort:
    """Tells llama.cpp from any thread to cut an evaluation short.

    llama.cpp asks its callback before each of hundreds of operations of an evaluation. A callback in Python would
    wait for the interpreter's lock each time, so the callback is C's ``strlen`` on a string that is empty
    or one character long: 0 says to go on, 1 to abort.
    """

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)
        library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        address = ctypes.cast(library.strlen, ctypes.c_void_p).value
        self.callback = llama_cpp.ggml_abort_callback(address or 0)
        self.data = ctypes.cast(self._flag, ctypes.c_void_p)

    def set(self) -> None:
        self._flag[0] = b"x"

    def clear(self) -> None:
        self._flag[0] = b"\0"


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
        self._abort = _Abort()
        try:
            self._context, self.info = self._open_context(path, options)
        except ModelDamaged:
            llama_cpp.llama_model_free(self._model)
            raise
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self.batch, 0, 1)

    def _open_context(self, path: Path, options: LoadOptions) -> tuple[object, ModelInfo]:
        cells = options.cells or CELLS
        self.threads = options.threads or threads_for(_physical_cores())
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = cells
        is_offloading = llama_cpp.llama_supports_gpu_offload() and options.gpu_layers != 0
        self.batch = BATCH_ON_GPU if is_offloading else BATCH_ON_CPU
        # Flash attention keeps the values in another order.
        self._layout = "f16 as llama.cpp decides" if is_offloading else "f16 without flash attention"
        params.n_batch = params.n_ubatch = self.batch
        params.n_threads = params.n_threads_batch = self.threads
        # On a processor llama.cpp's flash attention is slower: behind 1,792 tokens 32 ms for a token instead of 28,
        # and 207 ms for 16 instead of 144 (0.5B, 2 threads). On a graphics card llama.cpp decides.
        if not is_offloading:
            params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.n_seq_max = SEQUENCES
        # llama.cpp wants one for each sequence; every one more would take room for as many logits.
        params.n_outputs_max = SEQUENCES
        params.kv_unified = True
        params.no_perf = True
        params.abort_callback = self._abort.callback
        params.abort_callback_data = self._abort.data
        context = llama_cpp.llama_init_from_model(self._model, params)
        if not context:
            raise ModelDamaged(
                f"There is not enough memory for {path.name}: choose a smaller model, or a smaller `promptTokens`."
            )
        # llama.cpp rounds the number of cells up.
        self.cells = int(llama_cpp.llama_n_ctx(context))
        trained = int(llama_cpp.llama_model_n_ctx_train(self._model))
        info = ModelInfo(
            name=self._metadata("general.name") or path.stem,
            path=path,
            context_length=min(self.cells, trained),
            vocabulary_size=int(llama_cpp.llama_vocab_n_tokens(self._vocab)),
            parameters=int(llama_cpp.llama_model_n_params(self._model)),
        )
        return context, info

    @property
    def fingerprint(self) -> str:
        """What a saved state or a measured speed belongs to: the model's file and how it is run."""
        path = self.info.path
        digest = hashlib.blake2b(str(path.stat().st_size).encode(), digest_size=16)
        with path.open("rb") as file:
            # Names, shapes and vocabulary stand in front, weights behind: both ends tell two models apart.
            digest.update(file.read(SAMPLE_BYTES))
            file.seek(-min(SAMPLE_BYTES, path.stat().st_size), os.SEEK_END)
            digest.update(file.read(SAMPLE_BYTES))
        return f"{digest.hexdigest()} llama-cpp-python {llama_cpp.__version__} {self._layout}"

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

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The bytes of all tokens; making the table takes a third of a second, so one thread asks before all others."""
        return Vocabulary([self.piece(token) for token in range(self.info.vocabulary_size)])

    # --- evaluation: the owning thread only --------------------------------------------------------

    def evaluate(self, tokens: Sequence[int], sequence: int, position: int, outputs: int) -> bool:
        """Evaluate at most ``batch`` tokens at ``[position, position + len(tokens))``, behind what a sequence holds.

        With ``outputs`` of 1 the logits of the last are computed too, which costs as much as a quarter of a small
        model's layers; 0 leaves them out. Returns whether it was done: an evaluation that :meth:`abort` has cut
        short has changed nothing.

        Raises:
            EngineError: llama.cpp reported a failure.
        """
        steps = [Step(token, sequence, position + index) for index, token in enumerate(tokens)]
        return self._decode(steps, outputs)

    def evaluate_each(self, steps: Sequence[Step]) -> bool:
        """Evaluate one token of each of several sequences together, and compute the logits of all.

        Returns whether it was done: an evaluation that
        :meth:`abort` has cut short has changed no sequence.

        Raises:
            EngineError: llama.cpp reported a failure; what any of the sequences holds is not known.
        """
        return self._decode(steps, len(steps))

    def _decode(self, steps: Sequence[Step], outputs: int) -> bool:
        batch = self._batch
        batch.n_tokens = len(steps)
        for index, step in enumerate(steps):
            batch.token[index] = step.token
            batch.pos[index] = step.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = step.sequence
            batch.logits[index] = index >= len(steps) - outputs
        status = llama_cpp.llama_decode(self._context, batch)
        if status == ABORTED:
            for sequence, first in {step.sequence: step.position for step in reversed(steps)}.items():
                self.trim(sequence, first)
            return False
        if status != 0:
            raise EngineError(
                f"llama.cpp could not evaluate {len(steps)} tokens at position {steps[0].position} (status {status})."
            )
        return True

    def abort(self) -> None:
        """Cut the evaluation under way short, and all that come until :meth:`go_on`. Any thread may call it.

        Backends other than the processor's and Metal's finish what they have begun.
        """
        self._abort.set()

    def go_on(self) -> None:
        """Evaluate again."""
        self._abort.clear()

    def logits(self, output: int = -1) -> npt.NDArray[np.float32]:
        """Return the logits of the whole vocabulary behind one of the tokens that were evaluated last.

        ``output`` counts the tokens whose logits were computed from the end, -1 for the last. They are
        llama.cpp's own memory: not to be written to, and there until the next evaluation.
        """
        logits = llama_cpp.llama_get_logits_ith(self._context, output)
        return np.ctypeslib.as_array(logits, shape=(self.info.vocabulary_size,))

    def trim(self, sequence: int, length: int) -> None:
        """Forget all positions of a sequence from ``length`` on."""
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, length, -1)

    def copy(self, source: int, target: int, length: int) -> None:
        """Make the empty ``target`` share the cells of the first ``length`` positions of ``source``."""
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def state(self, sequence: int) -> memoryview:
        """Return the keys and values of a sequence, in a form that :meth:`restore` takes."""
        size = llama_cpp.llama_state_seq_get_size(self._context, sequence)
        # Tens of megabytes that come and go: memory from the heap would stay with the process.
        buffer = mmap.mmap(-1, size)
        target = (ctypes.c_uint8 * size).from_buffer(buffer)
        return memoryview(buffer)[: llama_cpp.llama_state_seq_get_data(self._context, target, size, sequence)]

    def restore(self, sequence: int, state: bytes) -> bool:
        """Give an empty sequence the state of another, unchanged since :meth:`state`; return whether that worked.

        llama.cpp ends the process over some states that it did not write, so only checked ones may come here.
        """
        source = ctypes.cast(ctypes.c_char_p(state), ctypes.POINTER(ctypes.c_uint8))
        return bool(llama_cpp.llama_state_seq_set_data(self._context, source, len(state), sequence))

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
