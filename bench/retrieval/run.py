"""Ask strategies about holes, and score what they choose."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, TypeVar

from bench.problems import Unmeasurable
from bench.retrieval.budget import cut, spent
from bench.retrieval.definitions import Definitions, definitions_of
from bench.retrieval.repository import Sources, checkout, full_commit, git_directory
from bench.retrieval.score import Found, missed, score
from bench.retrieval.strategy import Opening, Query, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.retrieval.cases import Case
    from bench.retrieval.tokens import Tokenizer
    from lsp_server.core import Chunk

# A budget: as many tokens as the chunks take that came with the hole.
AS_GIVEN = 0


class NotThere(Unmeasurable):
    """A repository cannot be measured, others may be; the message is the reason."""


class Place(Protocol):
    """A hole, or what can be made one: its name, and where it is."""

    @property
    def id(self) -> str:
        """Its own name."""

    @property
    def repo(self) -> str:
        """The repository, ``owner/name``."""

    @property
    def commit(self) -> str:
        """The commit whose files count."""


P = TypeVar("P", bound=Place)
# Makes a case of a place, or says by an :class:`Unmeasurable` why it cannot.
CaseOf: TypeAlias = Callable[[P, Sources, Definitions], "Case"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one strategy chose for one hole within one budget.

    ``tokens`` is what the context takes, ``missed`` are the names that it lacks. ``milliseconds`` are those of the
    choice alone, ``None`` where nobody chose.
    """

    case: Case
    strategy: str
    budget: int
    found: Found
    tokens: int
    missed: tuple[str, ...]
    milliseconds: float | None = None


class Prepared(NamedTuple):
    """How long a strategy took for the files of one repository before it could be asked."""

    strategy: str
    repository: str
    commit: str
    files: int
    seconds: float


class Skipped(NamedTuple):
    """A hole that was not measured, and why."""

    hole: str
    reason: str


@dataclass(slots=True)
class Results:
    """What is measured, added to while it is."""

    choices: list[Choice] = field(default_factory=list)
    prepared: list[Prepared] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is the same for all: who is asked, with which budgets in whose tokens, and where the clones are."""

    strategies: Sequence[Strategy]
    budgets: Sequence[int]
    tokenizer: Tokenizer
    folder: Path


def measure(
    places: Sequence[P],
    case_of: CaseOf[P],
    conditions: Conditions,
    say: Callable[[str], None],
) -> Results:
    """Ask all strategies about all places, repository by repository.

    Places that cannot be measured are in the results with the reason. ``say`` is told how far it is.
    """
    results = Results()
    groups: defaultdict[tuple[str, str], list[P]] = defaultdict(list)
    for place in places:
        groups[place.repo, place.commit].append(place)
    for group in groups.values():
        _measure_repository(group, case_of, conditions, say, results)
    return results


def _measure_repository(
    places: Sequence[P],
    case_of: CaseOf[P],
    conditions: Conditions,
    say: Callable[[str], None],
    results: Results,
) -> None:
    """Measure places of one commit and add them to the results."""
    name, commit = places[0].repo, places[0].commit
    try:
        with checked_out(conditions.folder, name, commit) as sources:
            say(f"{name}: {len(sources.files)} files, {len(places)} holes")
            definitions = definitions_of(sources.files)
            tried = [_tried(place, sources, definitions, case_of) for place in places]
            cases = [one for one in tried if not isinstance(one, Skipped)]
            results.skipped += [one for one in tried if isinstance(one, Skipped)]
            for strategy in conditions.strategies if cases else ():
                ask(strategy, cases, sources, conditions, results)
    except NotThere as problem:
        results.skipped += [Skipped(place.id, str(problem)) for place in places]


def _tried(place: P, sources: Sources, definitions: Definitions, case_of: CaseOf[P]) -> Case | Skipped:
    try:
        return case_of(place, sources, definitions)
    except Unmeasurable as problem:
        return Skipped(place.id, str(problem))


@contextmanager
def checked_out(folder: Path, name: str, commit: str) -> Iterator[Sources]:
    """Give the files of a commit, on disk as long as the context lasts.

    Raises:
        NotThere: there is no clone, or it does not have the commit; the message is the reason.
    """
    git = git_directory(folder, name)
    if git is None:
        raise NotThere("there is no clone of the repository")
    full = full_commit(git, commit)
    if not full:
        raise NotThere("the clone does not have the commit")
    with tempfile.TemporaryDirectory(prefix="midfill-context-") as root:
        # Named as a user's folder would be.
        yield checkout(git, name, full, Path(root).resolve() / name.rpartition("/")[2])


def ask(strategy: Strategy, cases: Iterable[Case], sources: Sources, conditions: Conditions, results: Results) -> None:
    """Prepare one strategy for a repository and ask it about each hole with each budget."""
    start = time.perf_counter()
    chooser = strategy.prepare(sources)
    seconds = time.perf_counter() - start
    results.prepared.append(Prepared(strategy.name, sources.name, sources.commit, len(sources.files), seconds))
    for case in cases:
        query = query_for(strategy, case.query, case.answer)
        if isinstance(chooser, Opening):
            chooser.open(query)
        for budget in conditions.budgets:
            size = spent(case.given, conditions.tokenizer.count) if budget == AS_GIVEN else budget
            start = time.perf_counter()
            chunks = chooser.choose(query, size)
            milliseconds = (time.perf_counter() - start) * 1000
            if any(chunk.path == query.path for chunk in chunks):
                raise Unmeasurable(f"{strategy.name} shows a piece of the hole's own file, {query.path}.")
            kept = cut(chunks, size, conditions.tokenizer.count)
            results.choices.append(scored(case, strategy.name, budget, kept, conditions.tokenizer, milliseconds))


def scored(  # noqa: PLR0913, PLR0917  what a choice is made of
    case: Case,
    strategy: str,
    budget: int,
    chunks: Sequence[Chunk],
    tokenizer: Tokenizer,
    milliseconds: float | None = None,
) -> Choice:
    """Return the choice of a context that has been cut to its budget."""
    tokens = spent(chunks, tokenizer.count)
    return Choice(case, strategy, budget, score(case, chunks), tokens, missed(case, chunks), milliseconds)


def query_for(strategy: Strategy, query: Query, answer: str) -> Query:
    """Return what the strategy may know: not the answer, unless it is one that is told."""
    return replace(query, before=query.before + answer) if strategy.is_told else query
