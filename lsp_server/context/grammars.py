"""The languages that are read by their syntax: one row each. Knows no tree-sitter, no text and no file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.context import paths

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language: the ends of its files' names, its grammar, its queries, and how it is written.

    ``paths`` takes what the query captures as ``@module`` apart: modules, each with the names taken out of it.
    ``comment`` begins a comment that ends with the line. ``root`` is the node of a whole file, where the query
    names it.

    What is no code, by the types of its nodes, with spaces between them: ``strings`` with what they consist of, which
    is all that there is of them in a broken text, and ``comments``. ``code`` is what is code again within strings.
    ``raw`` is code that the grammar does not take apart. Parentheses in what is ``unpaired`` have no partner.
    ``bracket`` finds a bracket in code.
    """

    suffixes: tuple[str, ...]
    package: str
    queries: tuple[str, ...]
    paths: Callable[[str], list[paths.Path]] = paths.quoted
    comment: str = "//"
    function: str = "language"
    root: str = ""
    strings: str = ""
    comments: str = "comment"
    code: str = ""
    raw: str = ""
    unpaired: str = ""
    bracket: re.Pattern[str] = re.compile(r"[()\[\]{}]")


_TS = ("javascript", "typescript")
_JS = ("javascript", "javascript_only")
_JS_STRINGS = "string template_string string_fragment escape_sequence regex regex_pattern jsx_text"
_TS_STRINGS = f"{_JS_STRINGS} template_literal_type"
_JS_COMMENTS = "comment html_comment hash_bang_line"
_C_STRINGS = "string_literal string_content escape_sequence char_literal character system_lib_string"
# One row a language.
GRAMMARS = (
    Grammar(
        suffixes=(".py", ".pyi"),
        package="tree_sitter_python",
        queries=("python",),
        comment="#",
        root="module",
        strings="string string_content escape_sequence format_specifier",
        code="interpolation format_expression",
    ),
    Grammar(
        suffixes=(".ts", ".mts", ".cts"),
        package="tree_sitter_typescript",
        queries=_TS,
        function="language_typescript",
        root="program",
        strings=_TS_STRINGS,
        comments=_JS_COMMENTS,
        code="template_substitution template_type",
    ),
    Grammar(
        suffixes=(".tsx",),
        package="tree_sitter_typescript",
        queries=_TS,
        function="language_tsx",
        root="program",
        strings=_TS_STRINGS,
        comments=_JS_COMMENTS,
        code="template_substitution template_type",
    ),
    Grammar(
        suffixes=(".js", ".jsx", ".mjs", ".cjs"),
        package="tree_sitter_javascript",
        queries=_JS,
        root="program",
        strings=_JS_STRINGS,
        comments=_JS_COMMENTS,
        code="template_substitution",
    ),
    Grammar(
        suffixes=(".go",),
        package="tree_sitter_go",
        queries=("go",),
        strings="interpreted_string_literal interpreted_string_literal_content escape_sequence "
        "raw_string_literal raw_string_literal_content rune_literal",
    ),
    Grammar(
        suffixes=(".java",),
        package="tree_sitter_java",
        queries=("java",),
        paths=paths.java,
        strings="string_literal string_fragment multiline_string_fragment escape_sequence character_literal",
        comments="line_comment block_comment",
        code="string_interpolation",
    ),
    Grammar(
        suffixes=(".rs",),
        package="tree_sitter_rust",
        queries=("rust",),
        paths=paths.rust,
        strings="string_literal raw_string_literal string_content escape_sequence char_literal",
        comments="line_comment block_comment shebang",
    ),
    Grammar(suffixes=(".c",), package="tree_sitter_c", queries=("c",), strings=_C_STRINGS, raw="preproc_arg"),
    # A header may be either's; the grammar of C++ reads both.
    Grammar(
        suffixes=(".cpp", ".cc", ".cxx", ".h", ".hpp", ".hh", ".hxx"),
        package="tree_sitter_cpp",
        queries=("c", "cpp"),
        strings=f"{_C_STRINGS} raw_string_literal raw_string_content",
        raw="preproc_arg",
    ),
    Grammar(
        suffixes=(".cs",),
        package="tree_sitter_c_sharp",
        queries=("csharp",),
        paths=paths.csharp,
        strings="string_literal string_literal_content string_content escape_sequence verbatim_string_literal "
        "raw_string_literal raw_string_content interpolated_string_expression interpolation_format_clause "
        "character_literal character_literal_content preproc_arg",
        comments="comment shebang_directive",
        code="interpolation",
    ),
    Grammar(
        suffixes=(".php",),
        package="tree_sitter_php",
        queries=("php",),
        paths=paths.php,
        function="language_php",
        # What stands before and between the parts in PHP is text, too.
        strings="string encapsed_string heredoc nowdoc shell_command_expression string_content escape_sequence "
        "nowdoc_string text",
        code="variable_name dynamic_variable_name subscript_expression member_access_expression "
        "nullsafe_member_access_expression member_call_expression nullsafe_member_call_expression "
        "scoped_property_access_expression scoped_call_expression function_call_expression { }",
    ),
    Grammar(
        suffixes=(".rb", ".rake", ".gemspec"),
        package="tree_sitter_ruby",
        queries=("ruby",),
        paths=paths.ruby,
        comment="#",
        strings="string string_content escape_sequence regex subshell delimited_symbol simple_symbol string_array "
        "symbol_array heredoc_body heredoc_content character uninterpreted",
        code="interpolation",
    ),
    Grammar(
        suffixes=(".sh", ".bash"),
        package="tree_sitter_bash",
        queries=("bash",),
        comment="#",
        root="program",
        strings="string string_content raw_string ansi_c_string translated_string heredoc_body heredoc_content regex "
        "extglob_pattern",
        code="simple_expansion expansion command_substitution arithmetic_expansion process_substitution",
        # What ends a pattern closes nothing.
        unpaired="case_item",
        bracket=re.compile(r"(?<!\\)[()\[\]{}]"),
    ),
)
_BY_SUFFIX = {suffix: grammar for grammar in GRAMMARS for suffix in grammar.suffixes}


def grammar_of(name: str) -> Grammar | None:
    """Return the grammar for a file's name or its suffix, ``None`` where there is none."""
    return _BY_SUFFIX.get(name[name.rfind(".") :])
