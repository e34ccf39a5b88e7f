"""Which models there are and where they lie: the embedded one, and GGUF files in the user's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from lsp_server.errors import ModelNotFound

EMBEDDED_NAME = "tiny"
EMBEDDED_FILE = Path(__file__).with_name("tiny.gguf")
# The base models, which their makers advise for fill-in-the-middle; llama.cpp's own organisation
# publishes them as ggml-org/Qwen2.5-Coder-SIZE-Q8_0-GGUF.
HOW_TO_GET_A_GOOD_MODEL = (
    "This is the embedded toy model. For real work download Qwen2.5-Coder-1.5B-Q8_0-GGUF by ggml-org from "
    "Hugging Face, and put the file into {folder} or set `model` to its path."
)


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
            "isChosen": chosen in {self.name, str(self.path)},
        }


def folder() -> Path:
    """Return the user's folder of models; it need not exist."""
    return user_data_path("midfill", appauthor=False) / "models"


def available() -> list[ModelFile]:
    """Return the embedded model and then the GGUF files in the user's folder, by name."""
    try:
        files = sorted(path for path in folder().iterdir() if path.suffix == ".gguf")
    except OSError:
        files = []
    own = [ModelFile(path.stem, path, "in your folder of models") for path in files]
    return [ModelFile(EMBEDDED_NAME, EMBEDDED_FILE, "embedded, a toy for first runs and tests"), *own]


def find(model: str) -> Path:
    """Return the file of a model, given by its name or by the path of a GGUF.

    Raises:
        ModelNotFound: neither a name of :func:`available` nor a file.
    """
    for known in available():
        if model == known.name:
            return known.path
    path = Path(model).expanduser()
    if path.is_file():
        return path.absolute()
    names = ", ".join(known.name for known in available())
    raise ModelNotFound(f"There is no model {model!r}: set `model` to one of {names}, or to the path of a GGUF file.")


def name_of(path: Path) -> str:
    """Return the name of a model's file: as :func:`available` has it, or the file's own."""
    return EMBEDDED_NAME if path == EMBEDDED_FILE else path.stem


def advice(path: Path) -> str:
    """Return how to get a good model where ``path`` is the embedded one; empty for any other."""
    return HOW_TO_GET_A_GOOD_MODEL.format(folder=folder()) if path == EMBEDDED_FILE else ""
