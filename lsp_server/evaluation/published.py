"""Figures that others have published, read from a file, so that they can stand beside measured ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lsp_server.errors import InputError

_REMEDY = "Take the file of the repository, or mend this one after it."


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures were published, and where in it they stand ("Table 7")."""

    title: str
    address: str
    where: str


@dataclass(frozen=True, slots=True)
class Published:
    """One published figure: what ``model`` reached, a share in ``[0, 1]``.

    ``benchmark`` and ``metric`` are named as they are here; ``kind`` and ``language`` are empty for all of the
    benchmark's together. ``note`` says what has to be known besides, and may be empty.
    """

    benchmark: str
    kind: str
    language: str
    metric: str
    model: str
    value: float
    note: str
    source: Source


def file() -> Path:
    """Return the file of published figures: beside this module where midfill is installed, else where it is written."""
    installed = Path(__file__).with_name("published.json")
    return installed if installed.exists() else Path(__file__).parents[2] / "bench" / "published.json"


def read(path: Path) -> list[Published]:
    """Return the figures of a file, in its order; bench/published.json is one and shows the format.

    Raises:
        InputError: the file cannot be read, or is damaged.
    """
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        sources = {key: _source(fields) for key, fields in whole["sources"].items()}
        return [_figure(fields, sources) for fields in whole["figures"]]
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): check the path of the published figures."
        ) from error
    except KeyError as error:
        raise InputError(f"{path} holds no published figures: {error} is missing. {_REMEDY}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path} holds no published figures: {error}. {_REMEDY}") from error


def _source(fields: dict[str, object]) -> Source:
    return Source(*(_text(fields, name) for name in ("title", "address", "where")))


def _figure(fields: dict[str, object], sources: dict[str, Source]) -> Published:
    value = fields["value"]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f'"value" is {value!r}, and no share from 0 to 1')
    return Published(
        benchmark=_text(fields, "benchmark"),
        kind=_text(fields, "kind"),
        language=_text(fields, "language"),
        metric=_text(fields, "metric"),
        model=_text(fields, "model"),
        value=float(value),
        note=_text(fields, "note"),
        source=sources[_text(fields, "source")],
    )


def _text(fields: dict[str, object], name: str) -> str:
    if not isinstance(value := fields[name], str):
        raise TypeError(f'"{name}" is {value!r}, and no text')
    return value
