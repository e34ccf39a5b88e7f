"""What an evaluation has got so far, kept line by line, so that one that was stopped goes on where it ended.

The first line says what the evaluation is, all others are entries: one JSON object each.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO


class Journal:
    """An open journal. ``entries`` are those that were there, in their order; new ones are only written."""

    def __init__(self, file: BinaryIO, entries: list[dict[str, Any]]) -> None:
        self._file = file
        self.entries = entries

    def add(self, entry: Mapping[str, object]) -> None:
        """Write an entry, so that it is there whatever becomes of this process."""
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()


@contextmanager
def opened(path: Path, subject: Mapping[str, object]) -> Iterator[Journal]:
    """Open the journal of an evaluation, or begin it; a last line that was not written to its end is dropped.

    ``subject`` is all that entries depend on; it must be the same as when the journal was begun.

    Raises:
        InputError: it is another evaluation's, it is damaged, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            file.seek(0)
            whole, _, partial = file.read().rpartition(b"\n")
            if partial or not whole:
                file.truncate(len(whole) + 1 if whole else 0)
            entries = _read(path, whole)
            journal = Journal(file, entries[1:])
            if not entries:
                journal.add(subject)
            # As it looks when it has been written and read.
            elif entries[0] != json.loads(json.dumps(subject)):
                raise InputError(f"{path.parent} holds another evaluation: choose another folder, or delete it.")
            yield journal
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}): choose another folder.") from error


def _read(path: Path, text: bytes) -> list[dict[str, Any]]:
    try:
        entries = [json.loads(line) for line in text.splitlines()]
    except ValueError as error:
        raise InputError(f"{path} is damaged: delete it, and begin anew.") from error
    if not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{path} is damaged: delete it, and begin anew.")
    return entries
