"""Which models there are and where they lie.

The table has what midfill can download: Qwen2.5-Coder in six sizes, base models all of them, which their makers advise
for fill-in-the-middle. On disk are the embedded model and the GGUF files in the user's folder, downloaded or own.

Where the figures come from: layers, heads and parameters are those of the ``config.json`` and the weights of
``Qwen/Qwen2.5-Coder-SIZE``, the context's length and the licence those of its model card. Up to 14B the files are those
of llama.cpp's own organisation on the hub, by the names that stand in llama.cpp (``common/arg.cpp``) and in llama.vim's
README; it has no 32B, of which LM Studio's organisation has the base model (the makers publish GGUF files of the
instruct models alone). Sizes are what the files had when this was written: good enough to choose by, and not what a
download is checked against.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from lsp_server.errors import InputError, ModelError, ModelNotFound
from lsp_server.models import partial

EMBEDDED_NAME = "tiny"
EMBEDDED_FILE = Path(__file__).with_name("tiny.gguf")
HOW_TO_GET_A_GOOD_MODEL = (
    "This is the embedded toy model. For real work get a Qwen2.5-Coder with `midfill models pull 1.5b`, put a GGUF "
    "file into {folder}, or set `model` to the path of one."
)
SUFFIX = ".gguf"
FAMILY = "Qwen2.5-Coder"

# llama.cpp keeps keys and values as 16-bit floats unless told otherwise.
KV_BYTES = 2
# What a loaded model takes besides weights and KV cache: Python, the vocabulary and llama.cpp's buffers for one batch.
# Measured for the shape of 0.5B on a processor, with batches of 32 tokens: 98 MB. Larger models have wider buffers, and
# a graphics card evaluates 512 tokens at once, for which the estimate has room.
OVERHEAD_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of a model; where ``note`` is not empty, the user has to have read it and agreed before a download."""

    name: str
    address: str
    note: str = ""


APACHE = Licence("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
QWEN_RESEARCH = Licence(
    "Qwen Research License",
    "https://huggingface.co/Qwen/Qwen2.5-Coder-3B/blob/main/LICENSE",
    "This model may be used for research and evaluation only, not for commercial purposes.",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A model that can be downloaded: ``file`` of ``repository`` on the Hugging Face Hub.

    ``size`` is its makers' label; ``size_bytes`` is the file's, about. ``context`` is in tokens, of which those beyond
    32,768 need YaRN.
    """

    size: str
    repository: str
    file: str
    quantization: str
    size_bytes: int
    parameters: int
    layers: int
    kv_heads: int
    head_dimension: int
    context: int
    licence: Licence = APACHE

    @property
    def name(self) -> str:
        """What it is chosen by, and its file in the user's folder is called, as in ``qwen2.5-coder-1.5b``."""
        return f"{FAMILY.lower()}-{self.size.lower()}"

    @property
    def title(self) -> str:
        """What people call it, as in ``Qwen2.5-Coder 1.5B (Q8_0)``."""
        return f"{FAMILY} {self.size} ({self.quantization})"

    def to_json(self, chosen: str) -> dict[str, object]:
        """Return what clients show of a model that could be downloaded; see `ModelFile.to_json`."""
        return {
            "name": self.name,
            "path": str(path_of(self)),
            "megabytes": round(self.size_bytes / 1e6),
            "note": self.title,
            "isChosen": _full_name(chosen) == self.name,
            "isThere": False,
            "licenceNote": self.licence.note,
        }


ENTRIES = (
    Entry(
        size="0.5B",
        repository="ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF",
        file="qwen2.5-coder-0.5b-q8_0.gguf",
        quantization="Q8_0",
        size_bytes=531_068_096,
        parameters=494_032_768,
        layers=24,
        kv_heads=2,
        head_dimension=64,
        context=32_768,
    ),
    Entry(
        size="1.5B",
        repository="ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF",
        file="qwen2.5-coder-1.5b-q8_0.gguf",
        quantization="Q8_0",
        size_bytes=1_646_573_056,
        parameters=1_543_714_304,
        layers=28,
        kv_heads=2,
        head_dimension=128,
        context=32_768,
    ),
    Entry(
        size="3B",
        repository="ggml-org/Qwen2.5-Coder-3B-Q8_0-GGUF",
        file="qwen2.5-coder-3b-q8_0.gguf",
        quantization="Q8_0",
        size_bytes=3_285_476_160,
        parameters=3_085_938_688,
        layers=36,
        kv_heads=2,
        head_dimension=128,
        context=32_768,
        licence=QWEN_RESEARCH,
    ),
    Entry(
        size="7B",
        repository="ggml-org/Qwen2.5-Coder-7B-Q8_0-GGUF",
        file="qwen2.5-coder-7b-q8_0.gguf",
        quantization="Q8_0",
        size_bytes=8_098_525_600,
        parameters=7_615_616_512,
        layers=28,
        kv_heads=4,
        head_dimension=128,
        context=131_072,
    ),
    Entry(
        size="14B",
        repository="ggml-org/Qwen2.5-Coder-14B-Q8_0-GGUF",
        file="qwen2.5-coder-14b-q8_0.gguf",
        quantization="Q8_0",
        size_bytes=15_701_597_984,
        parameters=14_770_033_664,
        layers=48,
        kv_heads=8,
        head_dimension=128,
        context=131_072,
    ),
    Entry(
        size="32B",
        repository="lmstudio-community/Qwen2.5-Coder-32B-GGUF",
        file="Qwen2.5-Coder-32B-Q4_K_M.gguf",
        quantization="Q4_K_M",
        size_bytes=19_851_335_840,
        parameters=32_763_876_352,
        layers=64,
        kv_heads=8,
        head_dimension=128,
        context=131_072,
    ),
)


def get(name: str) -> Entry:
    """Return the entry of that name or size (``qwen2.5-coder-1.5b`` or ``1.5b``), in any case.

    Raises:
        ModelNotFound: the table has no such model.
    """
    for entry in ENTRIES:
        if name.lower() in {entry.name, entry.size.lower()}:
            return entry
    names = ", ".join(entry.name for entry in ENTRIES)
    raise ModelNotFound(f"midfill knows no model {name!r} to download: choose one of {names}.")


def kv_bytes_per_token(entry: Entry) -> int:
    """Return what one token takes in the KV cache: a key and a value in each layer for each of its KV heads."""
    return 2 * entry.layers * entry.kv_heads * entry.head_dimension * KV_BYTES


def memory_bytes(entry: Entry, cells: int) -> int:
    """Return about how much memory the model takes with a KV cache of ``cells`` tokens, all on one device."""
    return entry.size_bytes + cells * kv_bytes_per_token(entry) + OVERHEAD_BYTES


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that can be chosen by ``name``; ``note`` says what it is in a few words."""

    name: str
    path: Path
    note: str

    def to_json(self, chosen: str) -> dict[str, object]:
        """Return what clients show to choose from; ``chosen`` is the setting, a name or a path."""
        return {
            "name": self.name,
            "path": str(self.path),
            "megabytes": round(self.path.stat().st_size / 1e6) if self.path.exists() else None,
            "note": self.note,
            "isChosen": _full_name(chosen) == self.name or chosen == str(self.path),
            "isThere": True,
            "licenceNote": "",
        }


def folder() -> Path:
    """Return the user's folder of models; it need not exist."""
    return user_data_path("midfill", appauthor=False) / "models"


def path_of(entry: Entry) -> Path:
    """Return where a model of the table lies once it is downloaded; there need not be a file."""
    return folder() / f"{entry.name}{SUFFIX}"


def available() -> list[ModelFile]:
    """Return the embedded model and then the GGUF files in the user's folder, by name."""
    try:
        files = sorted(path for path in folder().iterdir() if path.suffix == SUFFIX)
    except OSError:
        files = []
    titles = {entry.name: entry.title for entry in ENTRIES}
    own = [ModelFile(path.stem, path, titles.get(path.stem, "in your folder of models")) for path in files]
    return [ModelFile(EMBEDDED_NAME, EMBEDDED_FILE, "embedded, a toy for first runs and tests"), *own]


def missing() -> list[Entry]:
    """Return the models of the table that are not in the user's folder, the smallest first."""
    return [entry for entry in ENTRIES if not path_of(entry).exists()]


def find(model: str) -> Path:
    """Return the file of a model, given by its name, by the size of one of the table, or by the path of a GGUF.

    Raises:
        ModelNotFound: neither a name of :func:`available` nor a file.
    """
    name = _full_name(model)
    for known in available():
        if known.name in {model, name}:
            return known.path
    path = Path(model).expanduser()
    if path.is_file():
        return path.absolute()
    if any(entry.name == name for entry in ENTRIES):
        raise ModelNotFound(f"{name} is not on this machine: get it with `midfill models pull {name}`.")
    names = ", ".join(known.name for known in available())
    raise ModelNotFound(f"There is no model {model!r}: set `model` to one of {names}, or to the path of a GGUF file.")


def place_of(model: str) -> Path | None:
    """Return where a model of the table or the embedded one lies or will lie; ``None`` of any other."""
    if model == EMBEDDED_NAME:
        return EMBEDDED_FILE
    name = _full_name(model)
    return next((path_of(entry) for entry in ENTRIES if entry.name == name), None)


def remove(model: str) -> int:
    """Delete a model's file from the user's folder, and what an interrupted download of it has left there.

    Returns:
        How many bytes are free again.

    Raises:
        InputError: it is the embedded model.
        ModelNotFound: the folder has nothing by that name, or size of one of the table.
        DownloadRunning: it is being downloaded.
        ModelError: the file cannot be deleted.
    """
    name = _full_name(model)
    if name == EMBEDDED_NAME:
        raise InputError(f"{EMBEDDED_NAME} is a part of midfill: only models in {folder()} can be removed.")
    paths = [known.path for known in available() if known.name == name] + partial.files(folder(), name)
    if not paths:
        raise ModelNotFound(f"There is no model {model!r} in {folder()}: `midfill models list` shows what is there.")
    freed = 0
    with partial.only_one(folder(), name):
        try:
            for path in paths:
                freed += path.lstat().st_size
                path.unlink()
        except OSError as error:
            raise ModelError(
                f"{name} cannot be removed ({error.strerror}): where an editor uses it, choose another model first."
            ) from error
    return freed


def name_of(path: Path) -> str:
    """Return the name of a model's file: as :func:`available` has it, or the file's own."""
    return EMBEDDED_NAME if path == EMBEDDED_FILE else path.stem


def advice(path: Path) -> str:
    """Return how to get a good model where ``path`` is the embedded one; empty for any other."""
    return HOW_TO_GET_A_GOOD_MODEL.format(folder=folder()) if path == EMBEDDED_FILE else ""


def _full_name(model: str) -> str:
    """Return the name of the table's model that is meant; what names none stays as it is."""
    try:
        return get(model).name
    except ModelNotFound:
        return model
