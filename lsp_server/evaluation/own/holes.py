"""Holes drawn from files by dice: as many of each kind, from as many files as there are, the same for the same seed."""

from __future__ import annotations

from functools import cache, partial
from itertools import islice, zip_longest
from math import ceil
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context.workspace import read
from lsp_server.errors import InputError
from lsp_server.evaluation.own.kinds import KINDS, spans
from lsp_server.evaluation.own.source import Source, Span
from lsp_server.evaluation.task import Task
from lsp_server.suggestion.language import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lsp_server.context.workspace import Found

# No file gives more than this share of the holes of a kind, or twice what each would give where files are few.
_LARGEST_SHARE = 0.1


def holes(files: Sequence[Found], count: int, seed: int, kinds: Sequence[str] = KINDS) -> list[Task]:
    """Return at most so many holes, the same ones for the same seed and the same files, in an order by dice.

    ``count`` is shared among ``kinds``, to one hole; fewer where the files have no more of a kind. Kinds take turns, so
    that the first holes are a sample like all of them. A kind's holes do not depend on which others are asked for, but
    on how many of it are; those of a smaller number are the first of a larger. A file gives its next hole of a kind
    when all have given theirs; in one file they do not overlap, those of different kinds may. ``group`` is the file.
    A file that cannot be read has none.

    Raises:
        InputError: a kind is none of `KINDS`.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise InputError(f"There is no kind of holes called {unknown[0]!r}: take {', '.join(KINDS)}.")
    asked = tuple(dict.fromkeys(kinds))
    shares = {kind: count // len(asked) + (index < count % len(asked)) for index, kind in enumerate(asked)}
    most = {kind: _most(share, len(files)) for kind, share in shares.items()}
    # A file is read once, and only when one of its holes may be taken.
    draw = cache(partial(_drawn, most=most, seed=seed))
    turns = [islice(_of_kind(files, kind, most[kind], seed, draw), share) for kind, share in shares.items()]
    return [task for turn in zip_longest(*turns) for task in turn if task]


def _most(share: int, number: int) -> int:
    """Return how many holes of a kind one of so many files may give."""
    return max(round(_LARGEST_SHARE * share), ceil(2 * share / max(1, number)))


class _Drawn(NamedTuple):
    """A file's text, and the holes that it gives by kind, each in their order; its tree is not kept."""

    text: str
    spans: Mapping[str, Sequence[Span]]


def _drawn(file: Found, most: Mapping[str, int], seed: int) -> _Drawn:
    source = Source(read(file) or "", file.path.suffix)
    found = {}
    for kind, number in most.items():
        dice = _dice(seed, kind, file)
        found[kind] = _apart(spans(kind, source, dice), number, dice)
    return _Drawn(source.text, found)


def _dice(seed: int, kind: str, file: Found) -> Random:
    """Return dice that fall the same wherever they are thrown, and whatever else is asked for."""
    return Random(f"{seed} {kind} {file.name}")  # noqa: S311  a sample, no secret


def _apart(places: list[Span], most: int, dice: Random) -> list[Span]:
    """Return at most so many of some ranges, by dice, of which none overlap."""
    chosen: list[Span] = []
    for span in dice.sample(places, len(places)):
        if len(chosen) == most:
            break
        if all(span.end <= other.start or other.end <= span.start for other in chosen):
            chosen.append(span)
    return chosen


def _of_kind(
    files: Sequence[Found], kind: str, most: int, seed: int, draw: Callable[[Found], _Drawn]
) -> Iterator[Task]:
    """Yield the holes of a kind: the first of each file, then the second ones, and so on."""
    order = sorted(files, key=lambda file: (_dice(seed, kind, file).random(), file.name))
    for turn in range(most):
        for file in order:
            text, found = draw(file)
            if turn < len(found[kind]):
                yield _task(file, kind, text, found[kind][turn])


def _task(file: Found, kind: str, text: str, span: Span) -> Task:
    before = text[: span.start]
    line, column = before.count("\n") + 1, span.start - (before.rfind("\n") + 1) + 1
    return Task(
        id=f"{file.name}:{line}:{column} {kind}",
        kind=kind,
        language=language_of("", file.path.suffix).id,
        before=before,
        after=text[span.end :],
        truth=text[span.start : span.end],
        path=file.name,
        repository=file.root.name,
        group=file.name,
    )
