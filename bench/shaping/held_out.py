"""The files that the embedded model was not trained on, as far as they are on this machine.

`bench/tiny_model/held_out.txt` names them, and the repository does not have them: they are read from where the recipe
of the model reads, the standard library and folders of installed packages, and each by its digest, so that a file of
another version is none of them.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.tiny_model.corpus import HELD_OUT_LIST, Source, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HELD_OUT_PART = "held.jsonl.gz"


def folders() -> list[Path]:
    """Return where to look unless told otherwise: the standard library, and what is installed beside it and here."""
    paths = sysconfig.get_paths()
    library = Path(paths["stdlib"])
    # A virtual environment has the second for its own; that of the interpreter behind it is there as well.
    return [library, Path(paths["purelib"]), library / "site-packages"]


def found(data: Path | None, sites: Sequence[Path] | None) -> list[Source]:
    """Return the files, from the recipe's folder, or else from these or the usual folders.

    Raises:
        Unmeasurable: there are none.
    """
    return from_recipe(data) if data else installed(sites or folders())


def from_recipe(data: Path) -> list[Source]:
    """Return the part that the recipe has written into its folder.

    Raises:
        Unmeasurable: it is not there.
    """
    path = data / HELD_OUT_PART
    if not path.is_file():
        raise Unmeasurable(f"There is no {path}: `python -m bench.tiny_model.corpus --out {data}` writes it.")
    return load(path)


def installed(places: Sequence[Path], listed: Path = HELD_OUT_LIST) -> list[Source]:
    """Return the held-out files that are in some of these folders, in the order of the list.

    Raises:
        Unmeasurable: none of them is.
    """
    rows = [line.split(" ", 2) for line in listed.read_text(encoding="utf-8").splitlines()]
    found = [source for digest, package, path in rows if (source := _read(places, digest, package, path))]
    if not found:
        looked = ", ".join(map(str, places))
        raise Unmeasurable(
            f"None of the {len(rows)} held-out files of {listed.name} is in {looked}: install some of the packages "
            "that it names (pip install --no-deps --target FOLDER NAME) and give --site FOLDER, or the recipe's --data."
        )
    return found


def _read(places: Iterable[Path], digest: str, package: str, path: str) -> Source | None:
    for place in places:
        try:
            text = (place / path).read_text(encoding="utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError):
            continue
        source = Source(package, path, text)
        if source.digest.startswith(digest):
            return source
    return None
