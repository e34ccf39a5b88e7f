"""How the languages are laid out: what opens a block, and what closes one. Knows no grammar.

A language is named as LSP names it (LSP 3.17, "TextDocumentItem"). What the table does not know is taken for a
language of braces or of colons, whichever a line shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """How one language is laid out.

    ``suffix`` is the end of a file's name that its grammar goes by. ``opening`` matches a line, without white space
    at its end, behind which a block begins. ``closing`` are the words that end a block on a line of their own,
    ``continuing`` those that go on with the statement whose block ended. ``is_indented`` where the indentation alone
    says where a block ends.
    """

    id: str
    suffix: str = ""
    opening: re.Pattern[str] = re.compile(r"[{:]$")
    closing: frozenset[str] = frozenset()
    continuing: frozenset[str] = frozenset({"else", "catch", "finally", "while"})
    is_indented: bool = False


_BRACE = re.compile(r"\{$")
# In languages of braces a colon opens what a `case` holds.
_BRACE_OR_CASE = re.compile(r"\{$|^\s*(?:case\b.*|default\s*):$")
_COLON = re.compile(r":$")
_RUBY = re.compile(
    r"\bdo(?:\s*\|[^|]*\|)?$|\b(?:then|else|begin|ensure)$"
    r"|^\s*(?:(?:private|protected|public)\s+)?(?:def|class|module|if|elsif|unless|while|until|case|when|for|rescue)\b(?!.*\bend$)"
)
_SHELL = re.compile(r"(?:\{|\bthen|\bdo|\belse|\bin)$")
_LUA = re.compile(r"\b(?:then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$")
_ELIXIR = re.compile(r"(?:\bdo|\belse|->)$")
_PYTHON_CONTINUES = frozenset({"else", "elif", "except", "finally", "case"})
_RUBY_CONTINUES = frozenset({"else", "elsif", "rescue", "ensure", "when", "in"})
_SHELL_CONTINUES = frozenset({"else", "elif"})
_ENDS = frozenset({"end"})


def _braces(identifier: str, suffix: str) -> Language:
    return Language(identifier, suffix, _BRACE_OR_CASE)


_ROWS = (
    Language("python", ".py", _COLON, continuing=_PYTHON_CONTINUES, is_indented=True),
    _braces("typescript", ".ts"),
    _braces("typescriptreact", ".tsx"),
    _braces("javascript", ".js"),
    _braces("javascriptreact", ".jsx"),
    _braces("java", ".java"),
    _braces("go", ".go"),
    Language("rust", ".rs", _BRACE),
    _braces("c", ".c"),
    _braces("cpp", ".cpp"),
    _braces("csharp", ".cs"),
    _braces("php", ".php"),
    Language("ruby", ".rb", _RUBY, _ENDS, _RUBY_CONTINUES),
    Language("shellscript", ".sh", _SHELL, frozenset({"fi", "done", "esac"}), _SHELL_CONTINUES),
    Language("lua", ".lua", _LUA, frozenset({"end", "until"}), frozenset({"else", "elseif"})),
    Language("elixir", ".ex", _ELIXIR, _ENDS, frozenset({"else", "rescue", "catch", "after"})),
    Language("kotlin", ".kt", _BRACE),
    Language("swift", ".swift", _BRACE_OR_CASE),
    Language("scala", ".scala", _BRACE),
    Language("dart", ".dart", _BRACE_OR_CASE),
    Language("css", ".css", _BRACE),
    Language("yaml", ".yaml", _COLON, continuing=frozenset(), is_indented=True),
)
_BY_ID = {row.id: row for row in _ROWS}
_BY_SUFFIX = {row.suffix: row for row in _ROWS} | {
    **dict.fromkeys((".pyi", ".pyx", ".pxd", ".bzl", ".star"), _BY_ID["python"]),
    **dict.fromkeys((".mts", ".cts"), _BY_ID["typescript"]),
    **dict.fromkeys((".mjs", ".cjs"), _BY_ID["javascript"]),
    **dict.fromkeys((".h", ".hpp", ".hh", ".hxx", ".cc", ".cxx"), _BY_ID["cpp"]),
    **dict.fromkeys((".rake", ".gemspec"), _BY_ID["ruby"]),
    **dict.fromkeys((".bash", ".zsh", ".ksh", ".bats"), _BY_ID["shellscript"]),
    **dict.fromkeys((".exs",), _BY_ID["elixir"]),
    **dict.fromkeys((".kts",), _BY_ID["kotlin"]),
    **dict.fromkeys((".scss", ".less"), _BY_ID["css"]),
    **dict.fromkeys((".yml",), _BY_ID["yaml"]),
}


def language_of(identifier: str, suffix: str) -> Language:
    """Return the language that an editor names, or else that of the end of a file's name.

    Where the table has neither, one with that name (or that end of the name, without its dot) and no special rules.
    """
    if identifier in _BY_ID:
        return _BY_ID[identifier]
    if suffix in _BY_SUFFIX:
        known = _BY_SUFFIX[suffix]
        return known if not identifier or identifier == known.id else Language(identifier, suffix, known.opening)
    return Language(identifier or suffix.lstrip("."), suffix)
