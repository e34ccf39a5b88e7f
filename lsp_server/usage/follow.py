r"""What a change of a document does to the suggestion that is shown in it. Pure functions on strings.

All texts have ``\n`` line ends. Nothing here walks over a document's characters one by one: documents have megabytes,
and a change comes with each key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from lsp_server.core import closing_before
from lsp_server.usage.still import stripped_lines

# What an editor may write at a single key, besides a character: brackets and quotes in pairs, and a line break with
# the indentation and the comment's mark of the line before.
_ONE_KEY = re.compile(r"""\(\)|\[\]|\{\}|<>|(["'`])\1*|\n\s*(?:(?://[/!]?|\#+|\*|--|;+|%+)[ \t]*)?""")


@dataclass(frozen=True, slots=True)
class Course:
    """A suggestion, and how far a document has come along it.

    ::

        before | text[:along] | closing characters | after
             start          place

    ``start`` is where the suggestion began, an offset in the document. ``closing`` is how many characters an editor
    has closed by itself behind what was typed of it: 1 for the ``)`` of a typed ``(``. The first ``offered`` characters
    of the text are what the editor's own popup has selected as well: to take them from there is a key.
    """

    text: str
    start: int
    along: int = 0
    closing: int = 0
    offered: int = 0

    @property
    def place(self) -> int:
        """Where the rest of the suggestion belongs, an offset in the document."""
        return self.start + self.along

    @property
    def left(self) -> str:
        """The rest of the suggestion."""
        return self.text[self.along :]


class Step(Enum):
    """What a change was to a suggestion."""

    STAYED = "it changed other places only, or a bracket that the editor had closed"
    WENT_BACK = "some of it was taken back"
    TYPED = "a single key brought some of it in"
    TYPED_TO_THE_END = "a single key brought in what was left"
    CAME_IN_PART = "more of it came in at once than a key can bring"
    CAME_WHOLE = "what was left came in at once, and was more than a key can bring"
    LEFT_BEHIND = "it was anything else: the suggestion is gone"


class Move(NamedTuple):
    """What a change was, and where the suggestion is now; where it was, if it is gone or all in."""

    step: Step
    course: Course


def follow(course: Course, old: str, new: str) -> Move:
    """Return what the change from one text to another does to a suggestion that is shown in the first."""
    head, tail = old[: course.start], old[course.place + course.closing :]
    middle = _between(head, new, tail)
    if middle is None:
        move = _whole_but_for_space(course, old, new) or _elsewhere(course, old, new)
    else:
        was = old[course.start : course.place + course.closing]
        move = _along(course, was, middle) or _whole_but_for_space(course, old, new)
    return move or Move(Step.LEFT_BEHIND, course)


def is_one_key(text: str) -> bool:
    """Return whether a single key can have brought a text in; also with what an editor adds to it by itself."""
    return len(text) <= 1 or not text.strip() or _ONE_KEY.fullmatch(text) is not None


def shared_start(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shared_end(one: str, other: str, most: int) -> int:
    """Return how many characters two texts end with alike, at most ``most``."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _between(head: str, text: str, tail: str) -> str | None:
    """Return what stands in a text between a head and a tail, ``None`` where it has other ones."""
    if len(text) < len(head) + len(tail) or not text.startswith(head) or not text.endswith(tail):
        return None
    return text[len(head) : len(text) - len(tail)]


def _along(course: Course, was: str, now: str) -> Move | None:
    """Return the step where ``now`` stands in place of ``was`` behind the start; ``None`` if it is not along it."""
    along = shared_start(now, course.text)
    closing = now[along:]
    is_closed_more = len(closing) > course.closing
    if closing_before(closing, "", 0) is None or (is_closed_more and along <= course.along):
        return None
    moved = replace(course, along=along, closing=len(closing))
    if along <= course.along:
        return Move(Step.STAYED if along == course.along else Step.WENT_BACK, moved)
    # A bracket that the editor had closed before did not come in now, and one that it closes now is not of the key.
    closed_before = was[course.along :]
    inserted = now[course.along : len(now) - (len(closed_before) if now.endswith(closed_before) else 0)]
    came = min(inserted, course.text[course.along : along], key=len)
    by_key = is_one_key(came) or along <= course.offered
    if along == len(course.text):
        return Move(Step.TYPED_TO_THE_END if by_key else Step.CAME_WHOLE, course)
    if by_key:
        return Move(Step.TYPED, moved)
    return None if is_closed_more else Move(Step.CAME_IN_PART, moved)


def _whole_but_for_space(course: Course, old: str, new: str) -> Move | None:
    """Return the step where all that was left came in, other white space around its lines notwithstanding.

    Editors indent what is accepted anew, strip the blank line that it is put into, and close brackets behind it.
    """
    middle = _between(old[: course.place].rstrip(), new, old[course.place + course.closing :].lstrip())
    if middle is None:
        return None
    left, came = "\n".join(stripped_lines(course.left)), "\n".join(stripped_lines(middle))
    if not came.startswith(left) or closing_before(came[len(left) :], "", 0) is None:
        return None
    return Move(Step.TYPED_TO_THE_END if is_one_key(left) else Step.CAME_WHOLE, course)


def _elsewhere(course: Course, old: str, new: str) -> Move | None:
    """Return the step where only lines above or below the suggestion have changed, ``None`` where others have.

    A line that is put directly below is not among them: it looks like a line break at the cursor.
    """
    start = shared_start(old, new)
    same = _shared_end(old, new, min(len(old), len(new)) - start)
    old_end, new_end = len(old) - same, len(new) - same
    first_line = old.rfind("\n", 0, course.start) + 1
    if old_end <= first_line and (old_end < first_line or new_end == 0 or new[new_end - 1] == "\n"):
        return Move(Step.STAYED, replace(course, start=course.start + new_end - old_end))
    line_end = old.find("\n", course.place + course.closing)
    return Move(Step.STAYED, course) if 0 <= line_end < start else None
