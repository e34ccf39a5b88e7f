"""Files of a data set as rows. What is damaged is named by its file, its line and its field."""

from __future__ import annotations

import gzip
import importlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from lsp_server.evaluation.task import Task

Value = TypeVar("Value")

# The types of JSON, as people call them.
_NAMES = {str: "text", int: "a whole number", list: "a list", dict: "an object", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a data set. ``place`` says where it stands: "FILE, line 3"."""

    fields: Mapping[str, Any]
    place: str

    def get(self, name: str, kind: type[Value]) -> Value:
        """Return a field, as it stands there.

        Raises:
            InputError: there is no such field, or its value is of another type.
        """
        if name not in self.fields:
            self.refuse(f'"{name}" is missing')
        value = self.fields[name]
        if not isinstance(value, kind):
            self.refuse(f'"{name}" is not {_NAMES.get(kind, kind.__name__)}')
        return value

    def text(self, name: str) -> str:
        r"""Return a field of code, with ``\n`` for line ends.

        Raises:
            InputError: there is no such field, or it is no text.
        """
        return self.get(name, str).replace("\r\n", "\n").replace("\r", "\n")

    def row(self, name: str) -> Row:
        """Return the object in a field.

        Raises:
            InputError: there is no such field, or it is no object.
        """
        return Row(self.get(name, dict), f'{self.place}, "{name}"')

    def rows(self, name: str) -> tuple[Row, ...]:
        """Return the objects in a field, which is a list of them.

        Raises:
            InputError: there is no such field, or it is no list, or something else is in it.
        """
        return tuple(_row(value, f'{self.place}, "{name}" {at}') for at, value in enumerate(self.get(name, list), 1))

    def refuse(self, what: str) -> NoReturn:
        """Raise InputError, which says what is wrong with this row."""
        raise InputError(f"{self.place} is no record of this data set: {what}.")


def records(path: Path, what: str) -> Iterator[Row]:
    """Yield the rows of a file: ``.jsonl``, ``.jsonl.gz``, ``.json`` (a list of objects) or ``.parquet``.

    ``what`` names what the file should be, in messages: "the single-line set of SantaCoder".

    Raises:
        InputError: the file cannot be read, is of another kind, is damaged, or holds no row. Parquet needs pyarrow.
    """
    at = 0
    for at, row in enumerate(_rows(path, what), 1):  # noqa: B007 (it says afterwards whether there was any)
        yield row
    if not at:
        raise InputError(f"{path} is empty; {what} is expected.")


def tasks(path: Path, what: str, read: Callable[[Row], Task]) -> list[Task]:
    """Return the holes of a file, ``read`` from a row each.

    Raises:
        InputError: as ``records`` does; or two rows make holes of one id.
    """
    found: dict[str, Task] = {}
    for row in records(path, what):
        task = read(row)
        if task.id in found:
            row.refuse(f'"{task.id}" stands there twice')
        found[task.id] = task
    return list(found.values())


def _rows(path: Path, what: str) -> Iterator[Row]:
    if path.suffix == ".parquet":
        yield from (Row(fields, f"{path}, row {at}") for at, fields in enumerate(_parquet(path, what), 1))
    elif path.suffix == ".json":
        values = _json("\n".join(line for _, line in _lines(path, what)), str(path))
        if not isinstance(values, list):
            raise InputError(f"{path} is no list of objects; {what} is expected.")
        yield from (_row(value, f"{path}, object {at}") for at, value in enumerate(values, 1))
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        for at, line in _lines(path, what):
            if line.strip():
                yield _row(_json(line, place := f"{path}, line {at}"), place)
    else:
        raise InputError(f"{path} is neither .jsonl, .jsonl.gz, .json nor .parquet; {what} is expected.")


def _lines(path: Path, what: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a file, which is unpacked where its name says that it is packed."""
    at = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for at, line in enumerate(file, 1):
                yield at, line.decode("utf-8")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read as {what}: {error}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, line {at} is no UTF-8; {what} is expected.") from error


def _json(text: str, place: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{place} is no JSON: {error}.") from error


def _row(value: object, place: str) -> Row:
    if not isinstance(value, dict):
        raise InputError(f"{place} is no object.")
    return Row(value, place)


def _parquet(path: Path, what: str) -> Iterable[Mapping[str, Any]]:
    """Return the rows of a Parquet file. pyarrow is large, and wanted for nothing else: whoever has it may use it."""
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise InputError(
            f"{path} is a Parquet file; install pyarrow (pip install pyarrow), or convert it to .jsonl, to read {what}."
        ) from error
    try:
        rows: list[Mapping[str, Any]] = parquet.read_table(path).to_pylist()
    except (OSError, ValueError) as error:
        # What pyarrow raises for a damaged file is one of these two.
        raise InputError(f"{path} cannot be read as {what}: {error}.") from error
    return rows
