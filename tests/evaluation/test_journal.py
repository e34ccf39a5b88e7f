"""What is kept of an evaluation that was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.journal import opened

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = {"model": "tiny", "arms": ("product", "bare")}
LINE = b'{"task": "a"}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "answers.jsonl"


def entries(path: Path) -> list[dict[str, object]]:
    with opened(path, SUBJECT) as journal:
        return journal.entries


def test_what_was_written_is_there_the_next_time(path: Path) -> None:
    with opened(path, SUBJECT) as journal:
        assert journal.entries == []
        journal.add({"task": "a", "text": "ä\n\u2028"})
    with opened(path, SUBJECT) as journal:
        journal.add({"task": "b"})
    assert entries(path) == [{"task": "a", "text": "ä\n\u2028"}, {"task": "b"}]


def test_what_was_written_is_there_while_it_is_open(path: Path) -> None:
    with opened(path, SUBJECT) as journal:
        journal.add({"task": "a"})
        assert path.read_bytes().endswith(LINE)


def test_wherever_writing_was_cut_off_it_goes_on(path: Path) -> None:
    with opened(path, SUBJECT) as journal:
        journal.add({"task": "a"})
        journal.add({"task": "b"})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        kept = entries(path)
        assert len(kept) == max(0, whole[:length].count(b"\n") - 1)
        with opened(path, SUBJECT) as journal:
            journal.add({"task": "c"})
        assert entries(path) == [*kept, {"task": "c"}]


def test_another_evaluation_is_refused_and_left_as_it_is(path: Path) -> None:
    entries(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="another evaluation"), opened(path, {**SUBJECT, "model": "other"}):
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"{oops\n", b"[1]\n", b"\xff\xfe\n"])
def test_a_damaged_one_is_refused(path: Path, damage: bytes) -> None:
    entries(path)
    path.write_bytes(path.read_bytes() + damage + LINE)
    with pytest.raises(InputError, match=r"damaged: delete it"):
        entries(path)


def test_a_folder_that_cannot_be(path: Path) -> None:
    path.parent.write_text("a file")
    with pytest.raises(InputError, match="choose another folder"):
        entries(path)
