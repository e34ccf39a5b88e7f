"""The rules that turn what a model writes into what is shown; `midfill.explain` names those that changed it."""

from __future__ import annotations

from enum import Enum


class Rule(Enum):
    """One rule; each value says what it does."""

    UNPRINTABLE = "special tokens, control characters and broken characters end the text"
    CUT_OFF = "a last line that a limit has cut off goes"
    RESTARTS = "a text that begins the cursor's line or word anew goes on with it instead"
    ONE_LINE = "one line is asked for"
    MEETS_SUFFIX = "the text ends where it meets what follows the cursor"
    LOOP = "the text ends where it repeats itself"
    LEAVES_SCOPE = "the text ends where it leaves what the cursor is in"
    PIECE_ENDS = "the text ends with the lines that belong together"
    HALF_BLOCK = "a last line that opens a block without its lines goes"
    INDENTATION = "lines are indented as the document is"
    REPEATED_END = "an end that already stands behind the cursor goes"
    REPEATS_WHAT_FOLLOWS = "a text that follows already goes"
    REPEATS_WHAT_PRECEDES = "a text that stands right before goes"
    GLUED = "last words that would grow together with the one behind the cursor go"
    TRAILING_SPACE = "white space at the ends of lines goes"
    SYNTAX = "the text ends at the last place that leaves the document as sound as it was"
