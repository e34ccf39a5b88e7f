"""The needle in the code: whether a model finds one line of a repository again, however long the prompt before it.

A task is a made-up Python package. One of its functions, the needle, returns a number that nobody can guess; the file
at the cursor is a test that ends in ``assert NEEDLE() == ``. Many other functions look the same and return other
numbers, so the needle's name has to be found, and what stands below it copied.

The report on Qwen2.5-Coder has a test of this name (arXiv 2409.12186v3, section 6.6 and figure 6): a simple function is
inserted at various places of one repository, Megatron-LM, and the model has to write that function once more at the end
of it, at ten lengths from 10k to 128k tokens and ten depths. Neither the function nor how a text is judged stands in
the report or its repository (QwenLM/Qwen2.5-Coder@d5ead97), so figures cannot be compared with that picture. Here every
task has a repository and a needle of its own, the prompt is the one of a hole in a repository, the answer is one
number, and lengths begin where a small model's context does.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate, takewhile
from itertools import count as numbers
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.core import Chunk
from lsp_server.errors import InputError
from lsp_server.evaluation.task import Limits, Scoring, Task
from lsp_server.prompt.fim import QWEN25_CODER, Plain, Surroundings, prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

NAME = "needle"
TITLE = "Needle in the code"
METRICS = ("exact match",)
# What the number and the end of its line may take, with whatever tokenizer.
GENERATED = 16
SHORTEST = 512
DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)

_ADJECTIVES, _NOUNS, _VERBS = (
    words.split()
    for words in (
        "amber brisk calm dense early faint gentle hollow idle keen late mellow narrow open plain quiet",
        (
            "anchor basket bridge canal cargo cellar chart cinder dock ferry field flask garden gate harbor inlet "
            "kettle ladder lantern ledger marker meadow mill mirror orchard parcel pebble pillar quarry ribbon saddle "
            "signal stable tally ticket timber tunnel valley wagon window"
        ),
        "adjust balance collect divide enter follow gather hand inspect join keep lower mark order pack raise",
    )
)

# A file has so many definitions, two blank lines between them; every third of all looks like the needle.
_PER_FILE = 6
_LIKE_THE_NEEDLE = 3
_GAP = "\n\n\n"
_HEAD = '"""The {module} of {package}."""\n\nimport logging\n\nlog = logging.getLogger(__name__)'
# What stands in the current file before the number.
_TEST = (
    '"""Tests of {package}: {words}."""\n\n'
    "from {package} import {name}\n\n\n"
    "def test_{name}() -> None:\n    assert {name}() == "
)
# Seven digits: the needle's number is odd, those of all other functions are even, so no other is the same.
_VALUES = range(1_000_000, 10_000_000)
_CONSTANT = "def {name}() -> int:\n    return {value}"
_DEFINITIONS = (
    _CONSTANT,
    '{A}_{B} = {{"{a}": {n}, "{b}": {m}, "{c}": {k}}}',
    '''def {verb}_{a}s({a}s, {b}, {c}={n}):
    """Return the {a}s that have this {b}, the {adjective} ones first."""
    found = []
    for {a} in {a}s:
        if {a}.{b} == {b} and {a}.{c} > {c}:
            found.append({a})
    return sorted(found, key=lambda {a}: {a}.is_{adjective})''',
    '''def {verb}_{a}_{b}({a}: int, {b}: int = {n}) -> int:
    """{Verb} one {a} until it fits the {adjective} {b}."""
    {c} = {a} * {m} + {b}
    while {c} > {k}:
        {c} -= {b} or 1
    return {c}''',
    '''class {Adjective}{Noun}:
    """One {a} with its {b}s."""

    def __init__(self, {c}, limit={n}):
        self.{c} = {c}
        self.limit = limit
        self.{b}s = []

    def {verb}_{b}(self, {b}):
        """Take one more {b}."""
        if len(self.{b}s) >= self.limit:
            raise ValueError("too many {b}s for " + self.{c})
        self.{b}s.append({b})
        return self''',
    '''def {verb}_{b}(path, {c}):
    """Read the {a}s of a file and {verb} each by its {c}."""
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    log.debug("%d {a}s in %s", len(lines), path)
    return {{line: {c}.get(line, {m}) for line in lines if line}}''',
)


class _Needle(NamedTuple):
    """A function and what it returns; ``package`` is what the repository is called, its files by ``nouns``."""

    package: str
    nouns: tuple[str, ...]
    name: str
    value: int


class _Definition(NamedTuple):
    """A piece of a file, and what it adds to the prompt."""

    text: str
    tokens: int


def lengths_for(context: int) -> tuple[int, ...]:
    """Return the lengths for a model whose context holds so many tokens, the shortest first.

    They are the powers of two from 512, and last all that leaves room for the answer; none where that is less than 512.
    """
    most = context - GENERATED
    powers = takewhile(lambda length: length < most, (SHORTEST << power for power in numbers()))
    return (*powers, most) if most >= SHORTEST else ()


def limits(longest: int) -> Limits:
    """Return limits that cut nothing off the tasks of a length: a needle that was cut out cannot be found."""
    return Limits(longest + GENERATED, longest, longest, GENERATED, "midfill's own: nothing of a prompt is cut off")


def tasks(
    lengths: Sequence[int], depths: Sequence[float], per_place: int, seed: int, count: Callable[[str], int]
) -> list[Task]:
    """Return ``per_place`` tasks for each length and depth; equal arguments make equal tasks.

    A prompt has its length in tokens or up to 2 % less (from 512 on; shorter ones may miss that), as a hole in a
    repository in the format of Qwen2.5-Coder; ``count`` returns the tokens of plain text. ``chunks`` are the other
    files in the order in which they belong in the prompt, none of them better than another: who reorders, cuts or drops
    some measures something else. The needle stands at the border of two definitions that is nearest to the depth, a
    share in ``[0, 1]`` of the other files' tokens: at 0 it is the first definition of the first file, at 1 the last one
    before the current file. Depths are told apart by whole per cents.

    Raises:
        InputError: a length is too short to hold a needle.
    """
    width = len(str(max(lengths, default=0)))
    return [
        _task(f"{length:0{width}} tokens, depth {round(100 * depth):03} %", number, seed, (length, depth), count)
        for length in lengths
        for depth in depths
        for number in range(per_place)
    ]


def cut(_task: Task, text: str) -> str:
    """Return what counts: the first line, without white space at its ends."""
    return text.partition("\n")[0].strip()


def score(task: Task, text: str) -> Mapping[str, float]:
    """Return 1 where the text is the needle's number and nothing else."""
    return {METRICS[0]: float(text == task.truth)}


SCORING = Scoring(cut, score)


def tokens_of(task: Task, count: Callable[[str], int]) -> int:
    """Return the tokens of a task's prompt up to its middle, each special token being one."""
    around = Surroundings(task.repository, task.path, task.chunks)
    segments = prompt(QWEN25_CODER, around, task.before, task.after)
    return sum(count(segment.text) if isinstance(segment, Plain) else 1 for segment in segments)


def _task(kind: str, number: int, seed: int, place: tuple[int, float], count: Callable[[str], int]) -> Task:
    length, depth = place
    dice = random.Random(f"{seed} {length} {depth} {number}")  # noqa: S311  seeded dice, not secrets
    needle = _needle(dice)
    words = dice.choices(_NOUNS, k=length)

    def made(others: Sequence[_Definition]) -> Task:
        return Task(
            id=f"{kind}, {number}",
            kind=kind,
            language="python",
            before=_before(needle, words[:1]),
            after="\n",
            truth=str(needle.value),
            path=f"tests/test_{needle.package}.py",
            repository=needle.package,
            chunks=_chunks(needle, _with_needle(needle, others, depth)),
        )

    left = length - tokens_of(made(()), count)
    if left < 0:
        needed = length - left
        raise InputError(f"{length} tokens are too few for a needle, which takes {needed}: ask for longer prompts.")
    others = list(_filling(left, needle, dice, count))
    # Text may take a token more as a whole than in pieces.
    while (left := length - tokens_of(task := made(others), count)) < 0:
        others.pop()
    # What no definition is small enough for, words of the current file take: they move nothing before it.
    room = count(task.before) + left
    fitting = bisect_right(range(1, left + 2), room, key=lambda many: count(_before(needle, words[:many])))
    return replace(task, before=_before(needle, words[:fitting]))


def _needle(dice: random.Random) -> _Needle:
    package, *nouns = dice.sample(_NOUNS, len(_NOUNS))
    return _Needle(package, tuple(nouns), _fields(dice)["name"], dice.choice(_VALUES[1::2]))


def _before(needle: _Needle, words: Sequence[str]) -> str:
    return _TEST.format(package=needle.package, words=", ".join(words), name=needle.name)


def _with_needle(needle: _Needle, others: Sequence[_Definition], depth: float) -> list[str]:
    """Return all definitions, the needle where the tokens before it are nearest to their share."""
    starts = [0, *accumulate(other.tokens for other in others)]
    nearest = min(range(len(starts)), key=lambda place: abs(starts[place] - depth * starts[-1]))
    texts = [other.text for other in others]
    return [*texts[:nearest], _CONSTANT.format(name=needle.name, value=needle.value), *texts[nearest:]]


def _chunks(needle: _Needle, definitions: Sequence[str]) -> tuple[Chunk, ...]:
    return tuple(
        Chunk(path, _GAP.join((head, *definitions[start : start + _PER_FILE])) + "\n", "")
        for start in range(0, len(definitions), _PER_FILE)
        for path, head in [_file(needle, start // _PER_FILE)]
    )


def _file(needle: _Needle, number: int) -> tuple[str, str]:
    """Return a file's path and how it begins; its name is its number, written with nouns for digits."""
    digits = []
    number += len(needle.nouns)
    while number:
        number, digit = divmod(number, len(needle.nouns))
        digits.append(needle.nouns[digit])
    module = "_".join(digits)
    return f"{needle.package}/{module}.py", _HEAD.format(module=module.replace("_", " "), package=needle.package)


def _filling(room: int, needle: _Needle, dice: random.Random, count: Callable[[str], int]) -> Iterator[_Definition]:
    """Yield definitions until none of any form fits the room, in tokens, any more; the needle has had its own."""
    for number in numbers(1):
        opening = 0
        if number % _PER_FILE == 0:
            path, head = _file(needle, number // _PER_FILE)
            opening = count(f"{path}\n{head}{_GAP}") + 1
        forms = dice.sample(_DEFINITIONS, len(_DEFINITIONS)) if number % _LIKE_THE_NEEDLE != 1 else [_CONSTANT]
        for form in forms:
            text = form.format(**_fields(dice, needle.name))
            tokens = opening + count(text + _GAP)
            if tokens <= room:
                room -= tokens
                yield _Definition(text, tokens)
                break
        else:
            return


def _fields(dice: random.Random, taken: str = "") -> dict[str, str]:
    """Return names and numbers for any form of definition; ``name`` is none that is taken."""
    a, b, c = dice.sample(_NOUNS, 3)
    adjective, verb = dice.choice(_ADJECTIVES), dice.choice(_VERBS)
    name = f"{adjective}_{a}_{b}"
    if name == taken:
        return _fields(dice, taken)
    words = {"a": a, "b": b, "c": c, "A": a.upper(), "B": b.upper(), "Noun": a.title(), "name": name}
    words |= {"adjective": adjective, "Adjective": adjective.title(), "verb": verb, "Verb": verb.title()}
    small = {letter: str(dice.randrange(2, 400)) for letter in "nmk"}
    return words | small | {"value": str(dice.choice(_VALUES[::2]))}
