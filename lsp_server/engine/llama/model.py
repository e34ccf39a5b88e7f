"""A loaded model with its context: evaluate tokens, read logits, and move what sequences hold."""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import llama_cpp
import numpy as np

from lsp_server.engine.llama import loading
from lsp_server.engine.llama.tokenizer import Tokenizer
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from lsp_server.engine.interface import LoadOptions

# What llama_decode returns when the abort callback has ended it (llama.h).
ABORTED = 2
SAMPLE_BYTES = 1 << 20


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


class Llama(Tokenizer):
    """A loaded model with one context. Owned by one thread, but for the tokenizer's methods."""

    def __init__(self, path: Path, options: LoadOptions, on_progress: Callable[[float], None]) -> None:
        """Load a model; ``on_progress`` is told shares from 0 to 1 on the loading thread.

        Raises:
            ModelNotFound: there is no such file, or it cannot be read.
            ModelDamaged: llama.cpp cannot load it.
        """
        self._closed = False
        self._abort = _Abort()
        loaded = loading.load(path, options, on_progress, (self._abort.callback, self._abort.data))
        super().__init__(llama_cpp.llama_model_get_vocab(loaded.model))
        self.info, self.cells, self.batch, self.threads = loaded.info, loaded.cells, loaded.batch, loaded.threads
        self._model, self._context, self._layout = loaded.model, loaded.context, loaded.layout
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self.batch, 0, 1)

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
