"""Holes: places in files of public repositories whose text is to be completed. Positions only, no source text.

One JSON object a line: ``repo`` (``owner/name``), ``commit``, ``path``, ``file_sha256`` of the file's bytes at the
commit, ``kind`` (``mid``: the rest of a line, ``line``: a whole line without its indentation, ``block``: some lines),
``start_byte`` and ``end_byte`` (half-open), ``gold_crossfile`` (identifiers of the hole that 1-4 other files of the
repository define) and ``gold_hard`` (those of them that occur nowhere else in the file). ``id``, ``lang`` and
``line`` (from 0) may be there; other fields are kept out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.problems import Unmeasurable
from bench.retrieval.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole; the names are the fields of the file. ``line`` is -1 where nobody said it."""

    id: str
    repo: str
    commit: str
    path: str
    file_sha256: str
    kind: str
    start_byte: int
    end_byte: int
    gold_crossfile: tuple[str, ...]
    gold_hard: tuple[str, ...]
    lang: str
    line: int = -1


def load(path: Path) -> list[Hole]:
    """Return the holes of a file in their order.

    Raises:
        Unmeasurable: the file cannot be read, or a line is not a hole.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unmeasurable(f"{path} cannot be read: {error}.") from error
    return [_parsed(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]


def _parsed(line: str, path: Path, number: int) -> Hole:
    try:
        fields: Mapping[str, Any] = json.loads(line)
        return Hole(
            id=str(fields.get("id", f"{fields['repo']}#{number}")),
            repo=str(fields["repo"]),
            commit=str(fields["commit"]),
            path=str(fields["path"]),
            file_sha256=str(fields["file_sha256"]),
            kind=str(fields["kind"]),
            start_byte=int(fields["start_byte"]),
            end_byte=int(fields["end_byte"]),
            gold_crossfile=tuple(map(str, fields["gold_crossfile"])),
            gold_hard=tuple(map(str, fields["gold_hard"])),
            lang=str(fields.get("lang", "")) or language_of(str(fields["path"])),
            line=int(fields.get("line", -1)),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unmeasurable(f"Line {number} of {path} is not a hole: {error!r}.") from error


def dump(holes: Iterable[Hole]) -> str:
    """Return the text of a file of holes."""
    return "".join(json.dumps(asdict(hole)) + "\n" for hole in holes)
