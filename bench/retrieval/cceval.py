"""Records of CrossCodeEval with the chunks that were published for them, and how those compare within their budget.

CrossCodeEval (arXiv 2310.11248): a record is the text before a place (``prompt``), what stood there (``groundtruth``),
the text behind (``right_context``), and ``crossfile_context`` with the chunks that its BM25 found. ``github``,
``commit`` and ``file`` in ``metadata`` say where the file is; prompt, groundtruth and right context are the whole file.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval import run
from bench.retrieval.cases import Case
from bench.retrieval.common_names import uncommon
from bench.retrieval.languages import language_of
from bench.retrieval.strategy import Query
from lsp_server.core import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.retrieval.definitions import Definitions
    from bench.retrieval.repository import Sources

PUBLISHED = "published"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``published`` are its chunks, the best first."""

    id: str
    repo: str
    commit: str
    query: Query
    answer: str
    published: tuple[Chunk, ...]


def load(path: Path) -> list[Record]:
    """Return the records of a gzipped file, one JSON object a line.

    Raises:
        Unmeasurable: the file cannot be read, or a line is no such record.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [_parsed(line) for line in lines]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unmeasurable(f"{path} cannot be read as records of CrossCodeEval: {error!r}.") from error


def _parsed(line: str) -> Record:
    fields = json.loads(line)
    about = fields["metadata"]
    chunks = fields["crossfile_context"]["list"]
    return Record(
        id=about["task_id"],
        repo=about["github"],
        commit=about["commit"],
        query=Query(about["file"], fields["prompt"], fields["right_context"]),
        answer=fields["groundtruth"],
        published=tuple(Chunk(chunk["filename"], chunk["retrieved_chunk"], PUBLISHED) for chunk in chunks),
    )


def case_of(record: Record, sources: Sources, definitions: Definitions) -> Case:
    """Return the record as a case whose names are defined in other files and occur in no other place of its own.

    Raises:
        Unmeasurable: there is no such name, or no chunk to compare with; the message is the reason.
    """
    del sources
    query, language = record.query, language_of(record.query.path)
    if not record.published:
        raise Unmeasurable("nothing was published to compare with")
    given = {*_WORD.findall(query.before), *_WORD.findall(query.after)}
    new = sorted(set(_WORD.findall(record.answer)) - given)
    names = uncommon((name for name in new if definitions.files(name, language) - {query.path}), language)
    if not names:
        raise Unmeasurable("no name that only other files have")
    signatures = {name: definitions.signatures(name, query.path) for name in names}
    return Case(record.id, record.repo, language, "line", query, record.answer, names, signatures, record.published)


def measure(records: Sequence[Record], conditions: run.Conditions, say: Callable[[str], None]) -> run.Results:
    """Ask all strategies about all records, each within the budget of its published chunks, and score those too."""
    results = run.measure(records, case_of, conditions, say)
    cases = {choice.case.id: choice.case for choice in results.choices}
    results.choices += [
        run.scored(case, PUBLISHED, run.AS_GIVEN, case.given, conditions.tokenizer) for case in cases.values()
    ]
    return results
