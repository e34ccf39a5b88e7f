"""How much of a model's text is counted: one statement, as many lines as the truth has, what parses, a function's body.

The authors of benchmarks parse with tree-sitter grammars of their time, and this with those that midfill has. What they
ask is whether something in a text does not fit; a token that is merely missing is no fault to them.
"""

from __future__ import annotations

from time import thread_time
from typing import TYPE_CHECKING

from lsp_server.context.grammars import grammar_of
from lsp_server.context.syntax.captures import captures
from lsp_server.context.syntax.parser import broken, encoded, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

# Seconds, as in the authors' scripts; what takes longer does not parse.
LONGEST = 5.0
_ENDS = ";{}"


def written(lines: Iterable[str]) -> list[str]:
    """Return the lines that are not blank, without the white space at both of their ends."""
    return [line.strip() for line in lines if line.strip()]


def first_lines(text: str, count: int) -> str:
    r"""Return the first lines that are not blank, at most ``count`` of them, joined by ``\n``."""
    return "\n".join([line for line in text.split("\n") if line.strip()][:count])


def python_statement(before: str, text: str) -> str:
    """Return a text up to the first line break before which the file parses, without white space at its end.

    All of it, as it is, where there is no such line break. One at its very start is none. This is CrossCodeEval's
    (amazon-science/cceval@25f9cab, scripts/eval_utils.py, get_python_one_statement).
    """
    end = text.find("\n", 1)
    while end > 0:
        if parses(before + text[:end], ".py"):
            return text[:end].rstrip()
        end = text.find("\n", end + 1)
    return text


def braced_statement(text: str) -> str:
    """Return a text through its first semicolon or brace; all of it where there is none, or where it begins with one.

    CrossCodeEval's for Java, TypeScript and C# (as above, get_bracket_lang_statement). Where the first character is the
    one found, the authors take its offset, 0, for none: that is kept.
    """
    end = next((at for at, character in enumerate(text) if character in _ENDS), 0)
    return text[: end + 1] if end else text


def longest_valid(before: str, text: str, suffix: str) -> str | None:
    """Return the longest start of a text with which the file parses, without white space at its end.

    ``None`` where it does not even parse without the text. This is Repoformer's
    (amazon-science/Repoformer@5b05713, repo_eval/eval_metric.py, get_valid_completion).
    """
    for end in range(len(text), -1, -1):
        if parses(before + text[:end], suffix):
            return text[:end].rstrip()
    return None


def python_body(before: str, text: str) -> str | None:
    """Return the whole body of the function that a text goes on with, with what of it stands before; ``None`` for none.

    The function is the last one that begins before the text (as above, get_function_completion); the last one of all
    where none begins there.
    """
    last = len(_bodies(before + "pass")) - 1
    bodies = _bodies(before + text)
    return bodies[last] if last < len(bodies) and bodies else None


def parses(text: str, suffix: str) -> bool:
    """Return whether nothing in a text is out of place; tokens may be missing.

    ``suffix`` is the end of the name of a file of its language. ``False`` where the text takes longer than ``LONGEST``.
    """
    grammar = grammar_of(suffix)
    tree = parse(encoded(text), grammar, thread_time() + LONGEST) if grammar else None
    return tree is not None and not any(node.is_error for node, _ in broken(tree.root_node))


def _bodies(text: str) -> list[str]:
    """Return the bodies of all functions of a Python file, outer before inner."""
    found = captures(text, ".py")
    source = encoded(text)
    functions = [capture for capture in (found.captures if found else ()) if capture.tag == "function"]
    return [source[function.body : function.end].decode() for function in functions]
