"""The table of languages: how each finds what is imported, whom a file sees unasked, and what tests are called."""

from __future__ import annotations

from lsp_server.context.modules import files, packages, python, rust, script
from lsp_server.context.modules.interface import Language
from lsp_server.context.names import suffix_of

_WORD_TESTS = ("*Test", "*Tests", "*IT", "*Spec")
LANGUAGES = (
    Language((".py", ".pyi"), python.find, tests=("test_*", "*_test")),
    Language(script.SUFFIXES, script.find, tests=("*", "*.test", "*.spec", "*_test", "*-test")),
    Language((".go",), packages.find_go, packages.beside_go, ("*_test",)),
    Language(packages.JVM_SUFFIXES, packages.find_java, packages.beside_java, _WORD_TESTS),
    Language((".rs",), rust.find, tests=("*", "*_test", "*_tests", "test_*")),
    Language((*files.HEADERS, *files.SOURCES), files.find_c, files.beside_c, ("*_test", "test_*", "*_tests", "*Test")),
    Language((".cs",), packages.find_csharp, packages.beside_csharp, _WORD_TESTS),
    Language((".php",), packages.find_php, packages.beside_php, _WORD_TESTS),
    Language((".rb",), files.find_ruby, tests=("*_spec", "*_test", "test_*")),
    Language((".sh", ".bash"), files.find_bash, tests=("*_test", "test_*")),
)
_LANGUAGE_OF = {suffix: language for language in LANGUAGES for suffix in language.suffixes}


def language_of(name: str) -> Language | None:
    """Return the language of a file by the end of its name; ``None`` for one whose imports mean nothing here."""
    return _LANGUAGE_OF.get(suffix_of(name))
