"""One hole asked of a model: the prompt as midfill builds it, the greedy answer, and how good that is.

Of a hole only the rest of its first line is asked, which is what a user sees first; what follows the cursor is what
follows the whole hole, so that nothing of it stands in the prompt. A small model hardly ever writes a whole line right,
so it is also asked for the first of the line's names, behind as much of the line as ends with its first two letters.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from bench.problems import Unmeasurable
from bench.retrieval.budget import cost, cut
from bench.retrieval.own import Own
from bench.retrieval.siblings import Siblings
from lsp_server.context.fit import fit
from lsp_server.core import Place
from lsp_server.engine.interface import GenerationRequest, Stop, generate
from lsp_server.prompt import fim
from lsp_server.prompt.anchor import Anchor, anchored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.retrieval.cases import Case
    from bench.retrieval.repository import Sources
    from bench.retrieval.strategy import Chooser, Query, Strategy
    from lsp_server.core import Chunk
    from lsp_server.engine.interface import Engine

# A line of code is seldom longer; what is not ended by then is wrong anyway.
MAX_TOKENS = 40
# Tokens of the document at the most, and how many of them may follow the cursor: where the model's context is small,
# what the budget of the chunks leaves of it.
WINDOW = 512
LARGEST_SUFFIX = 128
# As in the product (`lsp_server/prompts.py`).
SUFFIX_SHARE = 0.3
# With fewer tokens of the document the question is another one.
SMALLEST_WINDOW = 128
# Letters of a name that are typed before it is asked for, as in `bench/tiny_model/evaluate.py`.
NAME_HEAD = 2
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model with its format. ``end_tokens`` end a middle."""

    engine: Engine
    form: fim.FimFormat
    end_tokens: frozenset[int]

    def count(self, text: str) -> int:
        """Return how many of the model's tokens a text takes."""
        return len(self.engine.tokenize(text))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for a hole, but for the chunks: they are all that strategies differ in.

    ``expected`` is the rest of the cursor's line without blanks at its end, never empty, and ``names`` those of the
    case's that are in it. ``budget`` is what the chunks may take.
    """

    case: Case
    repository: str
    anchor: Anchor
    typed: str
    expected: str
    names: tuple[str, ...]
    budget: int

    @property
    def name(self) -> NameAsked | None:
        """The first name of the line that is longer than its head; ``None`` where there is none."""
        places = (found for found in _WORD.finditer(self.expected) if found[0] in self.names)
        first = next((found for found in places if len(found[0]) > NAME_HEAD), None)
        return NameAsked(first[0], self.expected[: first.start() + NAME_HEAD]) if first else None


class NameAsked(NamedTuple):
    """A name of the line, and the line's rest up to the end of the name's head."""

    name: str
    before: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote of one line with one strategy's chunks.

    ``text`` is its first line without blanks at the end, ``word`` the name that came out where one was asked for.
    ``context`` tokens of ``prompt`` are chunks. ``is_ended`` where the model ended the line, by a line break or by a
    token for that, and not the limit. Times are in milliseconds; ``generating`` is that of the line.
    """

    question: Question
    strategy: str
    text: str
    word: str | None
    context: int
    prompt: int
    is_ended: bool
    choosing: float
    generating: float

    @property
    def exact(self) -> float:
        """1 where it is the line, else 0."""
        return float(self.text == self.question.expected)

    @property
    def similarity(self) -> float:
        """How alike it is to the line, in ``[0, 1]``: difflib's ratio, twice what matches by all characters."""
        return SequenceMatcher(None, self.question.expected, self.text, autojunk=False).ratio()

    @property
    def names(self) -> float | None:
        """The share of the line's names that it has; ``None`` where the line has none."""
        written = set(_WORD.findall(self.text))
        names = self.question.names
        return sum(name in written for name in names) / len(names) if names else None

    @property
    def name(self) -> float | None:
        """1 where the name that was asked for came out, else 0; ``None`` where none was."""
        asked = self.question.name
        return float(self.word == asked.name) if asked else None


class Nothing:
    """Chooses no chunks: what the document alone is worth."""

    def choose(self, _query: Query, _budget: int) -> Sequence[Chunk]:
        """Return nothing."""
        return ()


def question_of(case: Case, repository: str, model: Model, budget: int) -> Question:
    """Return what to ask for a case. The windows are the same for all strategies, whatever their chunks take.

    Raises:
        Unmeasurable: the line is blank, or the model's context is too small; the message is the reason.
    """
    expected = case.answer.partition("\n")[0].rstrip()
    if not expected:
        raise Unmeasurable("nothing to write on the cursor's line")
    place = Place(case.query.before, case.query.after)
    bare = fim.prompt(model.form, fim.Surroundings(repository, case.query.path), "", "")
    framed = len(fim.encode(bare, model.engine.tokenize, model.engine.special))
    room = model.engine.info.context_length - MAX_TOKENS - budget - framed - model.count(place.line)
    if room < SMALLEST_WINDOW:
        raise Unmeasurable("the model's context has no room for the document beside the budget")
    anchor = windows(place, min(room, WINDOW), model.count)
    words = set(_WORD.findall(expected))
    names = tuple(name for name in case.names if name in words)
    return Question(case, repository, anchor, anchor.typed(place) or "", expected, names, budget)


def windows(place: Place, room: int, count: Callable[[str], int]) -> Anchor:
    """Return the product's anchor for a cursor; its windows take at most ``room`` tokens together."""
    window = room
    while True:
        anchor = anchored(place, window, min(LARGEST_SUFFIX, int(window * SUFFIX_SHARE)), count)
        over = count(anchor.prefix) + count(anchor.suffix) - room
        # Lines may take more tokens together than one by one.
        if over <= 0 or window <= 0:
            return anchor
        window -= over


def prepared(strategy: Strategy, sources: Sources, count: Callable[[str], int]) -> Chooser:
    """Return a strategy's chooser for a commit; one that cuts files itself does it in the model's tokens."""
    chooser = strategy.prepare(sources)
    return Siblings(sources, count) if isinstance(chooser, Siblings) else chooser


def chunks_for(chooser: Chooser, query: Query, budget: int, count: Callable[[str], int]) -> tuple[Chunk, ...]:
    """Return the chunks of a prompt in their order, cut to the budget.

    midfill's own as the server cuts and orders them; the others' in the order of paths, as midfill once had it.

    Raises:
        Unmeasurable: a piece of the hole's own file is among them.
    """
    if isinstance(chooser, Own):
        found = chooser.library.choose(chooser.path(query), query.before, query.after, budget)
        chunks = fit(found, budget, lambda chunk: cost(chunk, count))
    else:
        chunks = tuple(sorted(cut(chooser.choose(query, budget), budget, count), key=lambda chunk: chunk.path))
    if any(chunk.path == query.path for chunk in chunks):
        raise Unmeasurable(f"A piece of the hole's own file, {query.path}, is among the chunks.")
    return chunks


def prompt(question: Question, chunks: Sequence[Chunk], model: Model, more: str = "") -> tuple[int, ...]:
    """Return the tokens of the repository-level prompt, with what is typed of the line behind the middle's token.

    ``more`` has been typed behind the cursor of the hole.
    """
    anchor = question.anchor
    around = fim.Surroundings(question.repository, question.case.query.path, tuple(chunks))
    head = fim.prompt(model.form, around, anchor.prefix, anchor.suffix)
    return fim.encode((*head, fim.Plain(question.typed + more)), model.engine.tokenize, model.engine.special)


async def ask(question: Question, strategy: str, chooser: Chooser, model: Model) -> Answer:
    """Choose chunks and have the model write the rest of the line, and the name with the same chunks, greedily.

    Raises:
        EngineError: llama.cpp failed.
    """
    start = time.perf_counter()
    chunks = chunks_for(chooser, question.case.query, question.budget, model.count)
    chosen = time.perf_counter()
    tokens = prompt(question, chunks, model)
    request = GenerationRequest(tokens, MAX_TOKENS, model.end_tokens, is_complete=lambda text: "\n" in text)
    result = await generate(model.engine, request)
    end = time.perf_counter()
    return Answer(
        question,
        strategy,
        result.text.partition("\n")[0].rstrip(),
        await _word(question, chunks, model),
        sum(cost(chunk, model.count) for chunk in chunks),
        len(tokens),
        result.stop is not Stop.TOKENS,
        (chosen - start) * 1000,
        (end - chosen) * 1000,
    )


async def _word(question: Question, chunks: Sequence[Chunk], model: Model) -> str | None:
    """Return the word that the model makes of a name's first letters; ``None`` where the line has no name."""
    asked = question.name
    if asked is None:
        return None
    tokens = prompt(question, chunks, model, asked.before)
    # The line may be long, and what has been typed of it leaves less room.
    limit = min(MAX_TOKENS, model.engine.info.context_length - len(tokens))
    if limit <= 0:
        return ""
    request = GenerationRequest(tokens, limit, model.end_tokens, is_complete=lambda text: not text.isidentifier())
    result = await generate(model.engine, request)
    written = _WORD.match(result.text)
    return asked.name[:NAME_HEAD] + (written[0] if written else "")
