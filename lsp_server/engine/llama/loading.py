"""From a file to a model in memory with its context: on which devices, with how many threads."""

from __future__ import annotations

import ctypes
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import llama_cpp
import psutil
from llama_cpp._ggml import libggml

from lsp_server.engine import devices
from lsp_server.engine.devices import Size, fewer, layers_that_fit
from lsp_server.engine.interface import ModelInfo
from lsp_server.errors import ModelDamaged, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lsp_server.engine.interface import LoadOptions

log = logging.getLogger(__name__)

# llama.cpp's own pointers, which only it can read.
Model: TypeAlias = Any
Context: TypeAlias = Any
Vocab: TypeAlias = Any

# Prompts that are kept at once: the anchors of a few documents, and what is being prepared. For each llama.cpp sets
# memory aside for the logits of a whole vocabulary.
SEQUENCES = 8
# Cells of the KV cache where the settings leave it to midfill: two of the longest prompts that it chooses
# by itself. With a 0.5B model they take 100 MB, with a 7B model 470 MB.
CELLS = 8192
# Tokens of one llama_decode at the most. Processors gain nothing from more, and llama.cpp sets memory aside for as
# many; graphics cards do.
BATCH_ON_CPU, BATCH_ON_GPU = 32, 512
GGUF_MAGIC = b"GGUF"
# Bytes of a value in the KV cache: in q8_0, 34 for 32 values.
CACHE_TYPES = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}
BYTES_OF_VALUES = {"f16": 2.0, "q8_0": 34 / 32}
FLASH_ATTENTION = {
    "auto": llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO,
    "on": llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model with its context. ``layout`` names how the keys and values of a saved state are arranged."""

    model: Model
    context: Context
    info: ModelInfo
    cells: int
    batch: int
    threads: int
    layout: str


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes function type
def _log_line(_level: int, text: bytes, _data: object) -> None:
    # llama.cpp writes to standard error by itself; all of it is detail for the log.
    log.debug("%s", text.decode("utf-8", "replace").rstrip())


def _start_backend() -> None:
    llama_cpp.llama_log_set(_log_line, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def available_devices() -> tuple[devices.Device, ...]:
    """Return the devices that this build of llama.cpp can compute on."""
    _start_backend()
    return devices.devices(libggml)


def system_info() -> str:
    """Return what this build of llama.cpp says of its features."""
    _start_backend()
    return str(llama_cpp.llama_print_system_info().decode("utf-8", "replace"))


def threads_for(cores: int) -> int:
    """Return how many threads to evaluate with: all physical cores of a small machine, one less of a larger."""
    return cores if cores <= 2 else cores - 1  # noqa: PLR2004  two cores are what "small" means


def _physical_cores() -> int:
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1


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


def load(
    path: Path,
    options: LoadOptions,
    on_progress: Callable[[float], None],
    abort: tuple[Any, ctypes.c_void_p],
) -> Loaded:
    """Load a model with its context; ``abort`` is llama.cpp's abort callback and what it is called with.

    Layers go to the graphics card as far as they fit. Where that has less room than it said, fewer are tried and
    at last none; ``info.note`` says so then.

    Raises:
        ModelNotFound: there is no such file, or it cannot be read.
        ModelDamaged: llama.cpp cannot load it, or there is not enough memory.
    """
    check_file(path)
    _start_backend()
    wanted = _layers_for_card(path, options)
    for layers in fewer(wanted):
        model = _load_model(path, layers, on_progress)
        if model is None:
            continue
        context = _open_context(model, options, layers, abort)
        if context is not None:
            note = _less_than_wanted(path, wanted, layers) if layers < wanted else ""
            return _loaded(path, options, layers, note, model, context)
        llama_cpp.llama_model_free(model)
    if model is None:
        raise ModelDamaged(
            f"llama.cpp cannot load {path}: the file is damaged or cut short, or its architecture is unknown. "
            "Get it again, or choose another model."
        )
    raise ModelDamaged(
        f"There is not enough memory for {path.name}: choose a smaller model, a smaller `promptTokens`, "
        "or q8_0 as `kvCache`."
    )


def _less_than_wanted(path: Path, wanted: int, layers: int) -> str:
    return (
        f"The graphics card has no room for {wanted} layers of {path.name}: {layers} are on it, the others run on the "
        f"processor. Set `gpuLayers` to {layers} to load it faster, or choose a smaller model."
    )


def _layers_for_card(path: Path, options: LoadOptions) -> int:
    """Return how many layers to put on graphics cards: as many as the options say, or else as fit."""
    if not llama_cpp.llama_supports_gpu_offload() or options.gpu_layers == 0:
        return 0
    if options.gpu_layers > 0:
        return options.gpu_layers
    size = _size(path, options)
    return layers_that_fit(size, devices.devices(libggml)) if size else 0


def _size(path: Path, options: LoadOptions) -> Size | None:
    """Return what a model will take, without reading its weights; ``None`` where llama.cpp cannot load it."""
    params = llama_cpp.llama_model_default_params()
    # Memory that is not allocated cannot be mapped either; llama.cpp would end the process.
    params.no_alloc, params.load_mode = True, llama_cpp.LLAMA_LOAD_MODE_NONE
    model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        return None
    layers = int(llama_cpp.llama_model_n_layer(model))
    width = llama_cpp.llama_model_n_embd(model) // max(1, llama_cpp.llama_model_n_head(model))
    values = 2 * layers * llama_cpp.llama_model_n_head_kv(model) * width * (options.cells or CELLS)
    size = Size(int(llama_cpp.llama_model_size(model)), layers, int(values * BYTES_OF_VALUES[options.cache_type]))
    llama_cpp.llama_model_free(model)
    return size


def _load_model(path: Path, layers: int, on_progress: Callable[[float], None]) -> Model | None:
    @llama_cpp.llama_progress_callback  # type: ignore[untyped-decorator]  # a ctypes function type
    def report(share: float, _data: object) -> bool:
        on_progress(share)
        return True

    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = layers
    params.progress_callback = report
    return llama_cpp.llama_model_load_from_file(os.fsencode(path), params) or None


def _open_context(
    model: Model, options: LoadOptions, layers: int, abort: tuple[Any, ctypes.c_void_p]
) -> Context | None:
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = options.cells or CELLS
    params.n_batch = params.n_ubatch = _batch(layers)
    params.n_threads = params.n_threads_batch = _threads(options)
    params.flash_attn_type = FLASH_ATTENTION[_flash_attention(options, layers)]
    params.type_k = params.type_v = CACHE_TYPES[options.cache_type]
    params.n_seq_max = SEQUENCES
    # llama.cpp wants one for each sequence; every one more would take room for as many logits.
    params.n_outputs_max = SEQUENCES
    params.kv_unified = True
    params.no_perf = True
    params.abort_callback, params.abort_callback_data = abort
    return llama_cpp.llama_init_from_model(model, params) or None


def _batch(layers: int) -> int:
    return BATCH_ON_GPU if layers else BATCH_ON_CPU


def _threads(options: LoadOptions) -> int:
    return options.threads or threads_for(_physical_cores())


def _flash_attention(options: LoadOptions, layers: int) -> str:
    """Return what to load with: on a processor llama.cpp's flash attention is slower, on a card it decides.

    Behind 1,792 tokens 32 ms for a token instead of 28, and 207 ms for 16 instead of 144 (0.5B, 2 threads). Values of
    the KV cache that are not f16 need it.
    """
    if options.cache_type != "f16":
        return "on"
    return "off" if options.flash_attention == "auto" and not layers else options.flash_attention


def _loaded(  # noqa: PLR0913, PLR0917  all that is known of it
    path: Path, options: LoadOptions, layers: int, note: str, model: Model, context: Context
) -> Loaded:
    # llama.cpp rounds the number of cells up.
    cells = int(llama_cpp.llama_n_ctx(context))
    info = ModelInfo(
        name=_metadata(model, "general.name") or path.stem,
        path=path,
        context_length=min(cells, int(llama_cpp.llama_model_n_ctx_train(model))),
        vocabulary_size=int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))),
        parameters=int(llama_cpp.llama_model_n_params(model)),
        gpu_layers=layers,
        note=note,
    )
    # Flash attention keeps the values in another order.
    layout = f"{options.cache_type}, flash attention {_flash_attention(options, layers)}"
    return Loaded(model, context, info, cells, _batch(layers), _threads(options), layout)


def _metadata(model: Model, key: str) -> str:
    buffer = ctypes.create_string_buffer(256)
    length = llama_cpp.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace") if length > 0 else ""
