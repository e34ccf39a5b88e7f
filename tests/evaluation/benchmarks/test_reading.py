"""Files of a data set are read row by row; what is damaged is named by file, line and field."""

from __future__ import annotations

import gzip
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.benchmarks.reading import Row, records, tasks
from lsp_server.evaluation.task import Task

if TYPE_CHECKING:
    from pathlib import Path

    from tests.evaluation.benchmarks.conftest import Written

ROWS: list[dict[str, Any]] = [{"a": "é"}, {"a": "2"}]
LINES = '{"a": "é"}\n\n{"a": "2"}\n'.encode()


def read(path: Path) -> list[dict[str, Any]]:
    return [dict(row.fields) for row in records(path, "a set")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.jsonl", LINES),
        ("no line break at the end.jsonl", LINES.rstrip()),
        ("carriage returns.jsonl", LINES.replace(b"\n", b"\r\n")),
        ("data.jsonl.gz", gzip.compress(LINES)),
        ("two in one.jsonl.gz", gzip.compress(b'{"a": "\xc3\xa9"}\n') + gzip.compress(b'{"a": "2"}\n')),
        ("data.json", '[{"a": "é"},\n {"a": "2"}]'.encode()),
    ],
)
def test_rows_of_a_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path) == ROWS


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("data.jsonl", b'{"a": 1}\n\n{"a": \n', "data.jsonl, line 3 is no JSON"),
        ("data.jsonl", b'{"a": 1}\n[1]\n', "data.jsonl, line 2 is no object"),
        ("data.jsonl", b'{"a": 1}\n{"a": "\xff"}\n', "data.jsonl, line 2 is no UTF-8"),
        ("data.jsonl", b"\n \n", "data.jsonl is empty; a set is expected"),
        ("data.jsonl.gz", LINES, "data.jsonl.gz cannot be read as a set: "),
        ("data.jsonl.gz", gzip.compress(LINES)[:-9], "data.jsonl.gz cannot be read as a set: "),
        ("data.json", b'[{"a": 1}', "data.json is no JSON"),
        ("data.json", b'{"a": 1}', "data.json is no list of objects"),
        ("data.json", b'[{"a": 1}, 2]', "data.json, object 2 is no object"),
        ("data.json", b"[]", "data.json is empty"),
        ("data.csv", b"a,b\n", "is neither .jsonl, .jsonl.gz, .json nor .parquet; a set is expected"),
        ("data.gz", gzip.compress(LINES), "is neither .jsonl"),
    ],
)
def test_damage_is_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read(path)


@pytest.mark.parametrize("name", ["missing.jsonl", "missing.jsonl.gz", "missing.json"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"missing\..* cannot be read as a set: "):
        read(tmp_path / name)


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match=r"install pyarrow .* or convert it to .jsonl"):
        read(tmp_path / "data.parquet")


def parquet_that(read_table: Any) -> ModuleType:
    module = ModuleType("pyarrow.parquet")
    vars(module)["read_table"] = read_table
    return module


def test_parquet_with_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = parquet_that(lambda _: SimpleNamespace(to_pylist=lambda: ROWS))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)
    assert read(tmp_path / "data.parquet") == ROWS
    assert [row.place for row in records(tmp_path / "data.parquet", "a set")][1].endswith("data.parquet, row 2")


def test_damaged_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise ValueError("no magic bytes")

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet_that(refuse))
    with pytest.raises(InputError, match=r"cannot be read as a set: no magic bytes\."):
        read(tmp_path / "data.parquet")


ROW = Row({"text": "a\r\nb\rc\n", "inner": {"n": 1}, "list": [{"n": 1}, 2], "rows": [{"n": 1}]}, "FILE, line 7")


def test_fields() -> None:
    assert ROW.text("text") == "a\nb\nc\n"
    assert ROW.get("text", str) == "a\r\nb\rc\n"
    assert ROW.row("inner").get("n", int) == 1
    assert [row.get("n", int) for row in ROW.rows("rows")] == [1]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: ROW.text("none"), r'FILE, line 7 is no record of this data set: "none" is missing\.'),
        (lambda: ROW.text("inner"), r'FILE, line 7 is no record of this data set: "inner" is not text\.'),
        (lambda: ROW.get("text", list), '"text" is not a list'),
        (lambda: ROW.row("text"), '"text" is not an object'),
        (lambda: ROW.row("inner").text("m"), 'FILE, line 7, "inner" is no record of this data set: "m" is missing'),
        (lambda: ROW.rows("list"), 'FILE, line 7, "list" 2 is no object'),
    ],
)
def test_fields_that_are_missing_or_of_another_type(ask: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ask()


def hole(row: Row) -> Task:
    return Task(row.text("id"), "line", "python", "", "", "x")


def test_holes_in_the_order_of_their_rows(written: Written) -> None:
    path = written({"id": "b"}, {"id": "a"})
    assert [task.id for task in tasks(path, "a set", hole)] == ["b", "a"]


def test_two_holes_of_one_id(written: Written) -> None:
    path = written({"id": "b"}, {"id": "a"}, {"id": "b"})
    with pytest.raises(InputError, match=r'data.jsonl, line 3 .*"b" stands there twice'):
        tasks(path, "a set", hole)
