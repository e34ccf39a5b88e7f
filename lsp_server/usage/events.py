"""What can happen to a suggestion: plain values that hold numbers, times and names, never text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lsp_server.core import Source


class Kind(Enum):
    """What has happened; the values are what stands in the file of the counts."""

    SHOWN = "shown"
    ACCEPTED = "accepted"
    IN_PART = "in_part"
    THERE_30 = "there_30"
    GONE_30 = "gone_30"
    THERE_120 = "there_120"
    GONE_120 = "gone_120"


class Look(NamedTuple):
    """When to look whether an accepted text still stands, in seconds after the accept, and what to say then."""

    seconds: float
    there: Kind
    gone: Kind


LOOKS = (Look(30.0, Kind.THERE_30, Kind.GONE_30), Look(120.0, Kind.THERE_120, Kind.GONE_120))


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a suggestion besides its text.

    ``language`` is the editor's identifier of the document's language. ``milliseconds`` went by from the request to
    the answer; ``source`` says whether the model was asked for it.
    """

    language: str
    model: str
    source: Source
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened to the suggestion ``id``.

    ``characters`` and ``lines`` (those that are not blank) are those of the suggestion where it is shown, and of what
    came in by accepting everywhere else.
    """

    kind: Kind
    id: int
    about: About
    characters: int
    lines: int
