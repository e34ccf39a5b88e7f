"""How a text compares with the truth, and what several samples say. All results are in ``[0, 1]``.

Definitions by the same name differ from author to author; each function says whose it follows.
"""

from __future__ import annotations

import re
from math import comb
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel, Levenshtein

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_STRING = re.compile(r"""\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'""")
_WORD = re.compile(r"\w+")
_BEGINS_AS_NAME = re.compile(r"[A-Za-z_]")
_TOKEN = re.compile(r"[A-Za-z0-9_]+|[^A-Za-z0-9_\s]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def exact_match(text: str, truth: str) -> float:
    """Return 1 where two texts are the same but for white space at both ends."""
    return float(text.strip() == truth.strip())


def exact_first_line(text: str, truth: str) -> float:
    """Return 1 where the first lines are the same that are not blank, but for white space at their ends.

    A blank text has no such line, which only a blank truth matches.
    """
    first, wanted = text.strip().split("\n", 1)[0], truth.strip().split("\n", 1)[0]
    return float(first.rstrip() == wanted.rstrip())


def exact_tokens(text: str, truth: str) -> float:
    """Return 1 where two texts have the same tokens, as Repoformer compares them.

    White space means nothing, nor does the kind of a quote, and a name falls apart where an upper-case letter follows a
    lower-case one (amazon-science/Repoformer@5b05713, repo_eval/eval_metric.py).
    """
    return float(_tokens(text) == _tokens(truth))


def edit_similarity(text: str, truth: str) -> float:
    """Return 1 less the share of insertions and deletions among all characters, in whole per cents.

    This is ``fuzz.ratio`` of fuzzywuzzy with python-Levenshtein, which CrossCodeEval and Repoformer take of texts
    without the white space at their ends (amazon-science/cceval@25f9cab, scripts/eval_utils.py). Without
    python-Levenshtein, which its requirements do not name, fuzzywuzzy would ask difflib, and say other numbers. Two
    empty texts are alike.
    """
    return round(100 * Indel.normalized_similarity(text.strip(), truth.strip())) / 100


def levenshtein_similarity(text: str, truth: str) -> float:
    """Return 1 less the Levenshtein distance (code points) over the longer length, white space at the ends left aside.

    RepoEval's edit similarity (microsoft/CodeT@35f54d6, RepoCoder/compute_score.py). That divides by zero where both
    texts are empty; Repoformer counts 0 for them, and so does this.
    """
    text, truth = text.strip(), truth.strip()
    longer = max(len(text), len(truth))
    return 1 - Levenshtein.distance(text, truth) / longer if longer else 0.0


def identifiers(code: str, keywords: frozenset[str]) -> list[str]:
    """Return the words of code, in order, that begin like a name, without strings in quotes and without keywords.

    CrossCodeEval's (amazon-science/cceval@25f9cab, scripts/eval_utils.py).
    """
    words = _WORD.findall(_STRING.sub("", code))
    return [word for word in words if _BEGINS_AS_NAME.match(word) and word not in keywords]


def identifier_f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """Return the harmonic mean of precision and recall of two sets of names, 0 where both are empty (CrossCodeEval)."""
    names, expected = set(found), set(wanted)
    total = len(names) + len(expected)
    return 2 * len(names & expected) / total if total else 0.0


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the chance that one of k samples passes, where c of n did: the unbiased estimate, 1 - C(n-c, k) / C(n, k).

    Chen et al. 2021, arXiv 2107.03374, equation 1. The counts are whole numbers of any size, so only the last division
    rounds.

    Raises:
        InputError: k is less than 1 or more than n.
        ValueError: c is not in ``[0, n]``.
    """
    if not 1 <= k <= n:
        raise InputError(
            f"pass@{k} cannot be told from {n} samples of a hole; ask for as many samples, or a smaller k."
        )
    if not 0 <= c <= n:
        raise ValueError(f"{c} of {n} samples cannot have passed")
    draws = comb(n, k)
    return (draws - comb(n - c, k)) / draws


def _tokens(code: str) -> list[str]:
    words = _TOKEN.findall(code.replace('"', "`").replace("'", "`"))
    return [part for word in words for part in _HUMP.split(word)]
