"""How the languages are laid out: what opens a block, and what closes one. Knows no grammar.

A language is named as LSP names it (LSP 3.17, "TextDocumentItem"). What the table does not know is taken for a
language of braces or of colons, whichever a line shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# What begins a comment that ends with its line.
_SLASHES, _HASH, _DASHES, _NONE = "//", "#", "--", "(?!)"
_BLOCK_COMMENT = re.compile(r"\s*(?:/\*|\*(?=[\s/]|$))")
# What spans lines.
_C_COMMENT = (("/*", "*/"),)
_TEMPLATES = (*_C_COMMENT, ("`", "`"))
_TEXT_BLOCKS = (*_C_COMMENT, ('"""', '"""'))
_DOCSTRINGS = (('"""', '"""'), ("'''", "'''"))
_Spanning = tuple[tuple[str, str], ...]
_FIRST_WORD = re.compile(r"</|/>|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Language:
    """How one language is laid out.

    ``suffix`` is the end of a file's name that its grammar goes by. ``opening`` matches a line, without white space
    at its end, behind which a block begins. ``closing`` are the words that end a block on a line of their own,
    ``continuing`` those that go on with the statement whose block ended. ``comment`` matches what begins a comment
    that ends with its line, ``label`` what else begins lines that stand at the left of where they belong. ``spanning``
    are what begins and what ends strings and comments of several lines. ``is_indented`` where the indentation alone
    says where a block ends, ``unit`` the indentation where all the world uses one.
    """

    id: str
    suffix: str = ""
    opening: re.Pattern[str] = re.compile(r"[{:]$")
    closing: frozenset[str] = frozenset()
    continuing: frozenset[str] = frozenset({"else", "catch", "finally", "while"})
    comment: str = r"//|#(?=[\s!]|$)|--(?=\s|$)"
    label: str = ""
    spanning: _Spanning = ()
    is_indented: bool = False
    unit: str = ""

    def closes(self, content: str) -> bool:
        """Return whether a line, without its indentation, begins by closing a block or going on with its statement."""
        first = _FIRST_WORD.match(content)
        word = first[0] if first else ""
        return word in _CLOSERS or word in self.closing or word in self.continuing

    def closing_word(self, line: str) -> str:
        """Return the word at the start of a line that closes a block, empty for none."""
        first = _FIRST_WORD.match(line.strip())
        return first[0] if first and first[0] in self.closing else ""

    def is_comment(self, line: str) -> bool:
        """Return whether a line is one of a comment, as far as its start says."""
        if re.match(rf"\s*(?:{self.comment})", line):
            return True
        return _C_COMMENT[0] in self.spanning and _BLOCK_COMMENT.match(line) is not None

    def is_label(self, line: str) -> bool:
        """Return whether a line stands at the left of where it belongs, as far as its start says."""
        return bool(self.label) and re.match(rf"\s*(?:{self.label})", line) is not None

    def code(self, line: str) -> str:
        """Return a line without a comment at its end, and without white space there."""
        return re.sub(rf"\s(?:{self.comment})[^\"'`]*$", "", line).rstrip()


_CLOSERS = frozenset((*")]}", "</", "/>"))
_BRACE = re.compile(r"\{$")
# In languages of braces a colon opens what a `case` holds.
_BRACE_OR_CASE = re.compile(r"\{$|^\s*(?:case\b.*|default\s*):$")
_BRACE_OR_ARROW = re.compile(r"\{(?:[^{}]*->)?$")
_COLON = re.compile(r":$")
# A keyword, the end of a head of several lines, or a part of a docstring such as `Args:`; not the key of a value.
_PYTHON_OPENS = re.compile(
    r"^\s*(?:(?:(?:async|def|class|if|elif|else|for|while|try|except|finally|with|match|case)\b|.*[)\]}]).*"
    r"|[A-Z][\w ]*):$"
)
_NOTHING = re.compile(_NONE)
_RUBY = re.compile(
    r"\bdo(?:\s*\|[^|]*\|)?$|\b(?:then|else|begin|ensure)$"
    r"|^\s*(?:(?:private|protected|public)\s+)?(?:def|class|module|if|elsif|unless|while|until|case|when|for|rescue)\b(?!.*\bend$)"
)
# The last is the pattern of a case.
_SHELL = re.compile(r"(?:\{|\bthen|\bdo|\belse|\bin)$|^\s*[^()\s][^()]*\)$")
_LUA = re.compile(r"\b(?:then|do|else|repeat)$|\bfunction\b[^()]*\([^()]*\)$")
_ELIXIR = re.compile(r"(?:\bdo|\belse|->)$")
_PYTHON = frozenset({"else", "elif", "except", "finally", "case"})
_LABEL = r"\w+:"


_BRACED = Language("", opening=_BRACE_OR_CASE, comment=_SLASHES, spanning=_C_COMMENT)


def _words(  # noqa: PLR0913, PLR0917  each row has each of them
    identifier: str, suffix: str, opening: re.Pattern[str], closing: str, continuing: str, comment: str = _HASH
) -> Language:
    """Return a language whose blocks end with words."""
    words = frozenset(closing.split()), frozenset(continuing.split())
    return Language(identifier, suffix, opening, *words, comment)


def _prose(identifier: str, suffix: str) -> Language:
    """Return a language in which nothing opens and nothing goes on."""
    return Language(identifier, suffix, _NOTHING, continuing=frozenset(), comment=_NONE)


_ROWS = (
    Language("python", ".py", _PYTHON_OPENS, frozenset(), _PYTHON, _HASH, spanning=_DOCSTRINGS, is_indented=True),
    replace(_BRACED, id="typescript", suffix=".ts", spanning=_TEMPLATES),
    replace(_BRACED, id="typescriptreact", suffix=".tsx", spanning=_TEMPLATES),
    replace(_BRACED, id="javascript", suffix=".js", spanning=_TEMPLATES),
    replace(_BRACED, id="javascriptreact", suffix=".jsx", spanning=_TEMPLATES),
    replace(_BRACED, id="java", suffix=".java", spanning=_TEXT_BLOCKS),
    replace(_BRACED, id="go", suffix=".go", label=_LABEL, spanning=_TEMPLATES, unit="\t"),
    Language("rust", ".rs", _BRACE, comment=_SLASHES, spanning=_C_COMMENT),
    replace(_BRACED, id="c", suffix=".c", label=rf"{_HASH}|{_LABEL}"),
    replace(_BRACED, id="cpp", suffix=".cpp", label=rf"{_HASH}|{_LABEL}"),
    replace(_BRACED, id="csharp", suffix=".cs", label=_HASH, spanning=_TEXT_BLOCKS),
    replace(_BRACED, id="php", suffix=".php", comment=rf"{_SLASHES}|{_HASH}(?!\[)"),
    _words("ruby", ".rb", _RUBY, "end", "else elsif rescue ensure when in"),
    _words("shellscript", ".sh", _SHELL, "fi done esac", "else elif"),
    _words("lua", ".lua", _LUA, "end until", "else elseif", _DASHES),
    _words("elixir", ".ex", _ELIXIR, "end", "else rescue catch after"),
    Language("kotlin", ".kt", _BRACE_OR_ARROW, comment=_SLASHES, spanning=_TEXT_BLOCKS),
    replace(_BRACED, id="swift", suffix=".swift", spanning=_TEXT_BLOCKS),
    Language("scala", ".scala", _BRACE, comment=_SLASHES, spanning=_TEXT_BLOCKS),
    replace(_BRACED, id="dart", suffix=".dart", spanning=_TEXT_BLOCKS),
    Language("css", ".css", _BRACE, comment=_NONE, spanning=_C_COMMENT),
    Language("json", ".json", re.compile(r"[\[{]$"), continuing=frozenset(), comment=_SLASHES, spanning=_C_COMMENT),
    Language("yaml", ".yaml", _COLON, continuing=frozenset(), comment=_HASH, is_indented=True),
    _prose("markdown", ".md"),
    _prose("plaintext", ".txt"),
    _prose("restructuredtext", ".rst"),
    _prose("latex", ".tex"),
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
    **dict.fromkeys((".jsonc", ".json5"), _BY_ID["json"]),
    **dict.fromkeys((".yml",), _BY_ID["yaml"]),
}


def language_of(identifier: str, suffix: str) -> Language:
    """Return the language that an editor names, or else that of the end of a file's name.

    A name that the table does not have stays the language's name. Where the table has neither, the language has the
    one that there is (the end of the file's name without its dot), and no special rules.
    """
    if identifier in _BY_ID:
        return _BY_ID[identifier]
    if suffix in _BY_SUFFIX:
        known = _BY_SUFFIX[suffix]
        return replace(known, id=identifier or known.id, suffix=suffix)
    return Language(identifier or suffix.lstrip("."), suffix)
