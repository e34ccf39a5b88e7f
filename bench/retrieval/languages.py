"""Languages by the suffixes of their files; what counts as code is a row here."""

from __future__ import annotations

from pathlib import PurePosixPath

# A header may be C or C++; for what a benchmark asks of it the two are one family (see `family`).
SUFFIXES = {
    "python": (".py", ".pyi"),
    "typescript": (".ts", ".tsx", ".mts", ".cts"),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "java": (".java",),
    "go": (".go",),
    "rust": (".rs",),
    "c": (".c", ".h"),
    "cpp": (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"),
    "csharp": (".cs",),
    "php": (".php",),
    "ruby": (".rb", ".rake", ".gemspec"),
    "bash": (".sh", ".bash"),
}
_LANGUAGES = {suffix: language for language, suffixes in SUFFIXES.items() for suffix in suffixes}
# Languages whose files use each other's definitions.
_FAMILIES = {"javascript": "typescript", "c": "cpp"}


def suffix_of(path: str) -> str:
    """Return the end of a file's name as the language table knows it: ``.py``; empty without one."""
    return PurePosixPath(path).suffix.lower()


def language_of(path: str) -> str:
    """Return the language of a file by its name; empty for what is no code."""
    return _LANGUAGES.get(suffix_of(path), "")


def family(language: str) -> str:
    """Return one name for languages whose files use each other's definitions."""
    return _FAMILIES.get(language, language)
