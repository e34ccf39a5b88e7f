"""Counts on disk, in one SQLite file for all servers of a user: sums of a day, and no text.

What is kept is what the table says: a day, the names of a language and of a model, and numbers. Single suggestions and
times of the day are not kept.

The file is a year of somebody's counts, and not made anew lightly: one of another program or of a newer version is left
alone, and one that SQLite finds damaged is set aside, under its name with ``.damaged`` behind it. It is open only while
something is written, in SQLite's journal mode that works on network folders as well. Several servers write in turns.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import astuple, dataclass, replace
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from lsp_server.core import Source
from lsp_server.errors import InputError
from lsp_server.usage import latency
from lsp_server.usage.events import Event, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

# Of the table; a file with another number is left alone.
VERSION = 1
# What tells midfill's file from others: "midf" in ASCII.
APPLICATION = 0x6D696466
DAYS_KEPT = 365
# Seconds to wait for another server that is writing, which takes milliseconds.
WAIT = 2.0
# Characters of a language's or a model's name.
LONGEST_NAME = 80

_KEY = ("day", "language", "model", "kind", "source", "latency")
_TABLE = """
CREATE TABLE counts (
    day INTEGER NOT NULL, language TEXT NOT NULL, model TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    latency INTEGER NOT NULL, number INTEGER NOT NULL, characters INTEGER NOT NULL, lines INTEGER NOT NULL,
    PRIMARY KEY (day, language, model, kind, source, latency)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, language, model, kind, source, latency) DO UPDATE SET
    number = number + excluded.number, characters = characters + excluded.characters, lines = lines + excluded.lines
"""


@dataclass(frozen=True, slots=True)
class Row:
    """How often something happened on a day, by the user's calendar, with the sums of characters and lines.

    ``latency`` is a class of :mod:`lsp_server.usage.latency`, for what was shown and came from the model.
    """

    day: date
    language: str
    model: str
    kind: Kind
    source: Source
    latency: int
    number: int
    characters: int
    lines: int


def row_of(event: Event, day: date) -> Row:
    """Return what is kept of an event."""
    about = event.about
    has_latency = event.kind is Kind.SHOWN and about.source is Source.MODEL
    number = latency.class_of(about.milliseconds) if has_latency else latency.NONE
    names = _name(about.language), _name(about.model)
    return Row(day, *names, event.kind, about.source, number, 1, event.characters, event.lines)


def _name(text: str) -> str:
    """Return a name as it is kept: of a line, not too long, and in characters that any console can take."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:LONGEST_NAME])


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return the sums of rows that differ in their numbers only."""
    sums: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        sums[attrgetter(*_KEY)(row)].append(row)
    return [_sum(alike) for alike in sums.values()]


def _sum(rows: Sequence[Row]) -> Row:
    return replace(
        rows[0],
        number=sum(row.number for row in rows),
        characters=sum(row.characters for row in rows),
        lines=sum(row.lines for row in rows),
    )


class Store:
    """The counts in one file. May be used by any thread, by one at a time."""

    def __init__(self, path: Path) -> None:
        """Note where the file is, or is to be; nothing is opened or made."""
        self._path = path
        self._has_warned = False

    def add(self, rows: Iterable[Row]) -> bool:
        """Add to the counts, and drop those of more than a year before; return whether that was done.

        Takes milliseconds, and up to a few times `WAIT` where another program holds the file. Raises nothing that a
        disk does wrong: the first failure is logged.
        """
        rows = merged(rows)
        if not rows:
            return True
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._add_or_begin_anew(rows)
        except (OSError, OverflowError, sqlite3.Error, InputError) as error:
            if not self._has_warned:
                self._has_warned = True
                log.warning("Suggestions are not counted in %s: %s.", self._path, str(error).rstrip("."))
            return False
        return True

    def _add_or_begin_anew(self, rows: Sequence[Row]) -> None:
        seen = _identity(self._path)
        try:
            _add(self._path, rows)
        except sqlite3.DatabaseError as error:
            # The classes below this one are what is wrong around a file: it is locked, may not be written, is full.
            if type(error) is not sqlite3.DatabaseError:
                raise
            # Another server may have set it aside meanwhile: what it has begun anew is not damaged.
            if _identity(self._path) == seen:
                log.warning("The counts of suggestions begin anew: %s is damaged (%s).", self._path, error)
                _set_aside(self._path)
            _add(self._path, rows)

    def read(self, since: date) -> list[Row]:
        """Return the rows of a day and of those behind it; none where nothing has been counted.

        Raises:
            InputError: the file cannot be read, or is not midfill's.
        """
        try:
            if not self._path.exists():
                return []
            with closing(_opened(self._path)) as connection:
                if _is_new(connection, self._path):
                    return []
                query = "SELECT * FROM counts WHERE day >= ? ORDER BY day"
                found = connection.execute(query, (since.toordinal(),)).fetchall()
        except (OSError, sqlite3.Error) as error:
            raise InputError(f"{self._path} cannot be read ({error}): move it away to begin anew.") from error
        return [row for values in found if (row := _row(values)) is not None]


def _add(path: Path, rows: Sequence[Row]) -> None:
    oldest = max(row.day for row in rows).toordinal() - DAYS_KEPT
    with closing(_opened(path)) as connection:
        # Whoever comes first makes the table; the others wait and find it.
        connection.execute("BEGIN IMMEDIATE")
        if _is_new(connection, path):
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.executemany(_ADD, map(_values, rows))
        connection.execute("DELETE FROM counts WHERE day < ?", (oldest,))
        connection.execute("COMMIT")


def _opened(path: Path) -> sqlite3.Connection:
    # Without an isolation level Python begins no transactions by itself.
    return sqlite3.connect(path, timeout=WAIT, isolation_level=None)


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether a file is empty, to be begun; otherwise it is midfill's.

    Raises:
        InputError: it is another program's, or of another version.
    """
    application, version, tables = (
        int(connection.execute(query).fetchone()[0])
        for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if (application, version, tables) == (0, 0, 0):
        return True
    if application != APPLICATION:
        raise InputError(f"{path} is not a file of midfill's: move it away to begin anew.")
    if version != VERSION:
        raise InputError(f"{path} has version {version}, not {VERSION}: another version of midfill has written it.")
    return False


def _identity(path: Path) -> tuple[int, ...]:
    """Return what changes when another file takes a name, or is written; nothing where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _set_aside(path: Path) -> None:
    # A journal that is left behind would damage the new file.
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-journal").unlink()
    path.replace(path.with_name(f"{path.name}.damaged"))


def _values(row: Row) -> tuple[object, ...]:
    return row.day.toordinal(), row.language, row.model, row.kind.value, row.source.value, *astuple(row)[5:]


def _row(values: Sequence[object]) -> Row | None:
    """Return a row of the table, ``None`` where somebody else has written what no row has."""
    day, language, model, kind, source, *numbers = values
    if not isinstance(day, int) or not isinstance(language, str) or not isinstance(model, str):
        return None
    whole = [number for number in numbers if isinstance(number, int) and number >= 0]
    if len(whole) != 4:  # noqa: PLR2004  those of the table
        return None
    try:
        return Row(date.fromordinal(day), language, model, Kind(kind), Source(source), *whole)
    except (ValueError, OverflowError):
        return None
