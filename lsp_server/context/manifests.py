"""The files that say what a project is called and where its parts lie: what their text means.

Pure functions from text to values; `projects.py` knows which of these files counts where. A text that is broken, or
says other things than expected, counts as an empty one.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from lsp_server.context.names import join

# Substitutions with at most one star, each with what it stands for, the likeliest first.
Substitutions = tuple[tuple[str, tuple[str, ...]], ...]

# Strings and comments may lack their ends, so that a broken text takes no longer than another.
_COMMENT = re.compile(r'("(?:\\.|[^"\\])*"?)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*"?)|,(?=\s*[}\]])', re.DOTALL)
_GO_MODULE = re.compile(r'^module\s+"?([^\s"]+)"?', re.MULTILINE)
# Characters; Python's reader of TOML takes a time that grows with the square of a key's length.
_LONGEST_TOML = 64 * 1024
# Conditions within the conditions of an "exports" field; nobody nests them deeper.
_DEEPEST = 8
# The fields of a package.json that name its entry, the nearest to the sources first.
_ENTRY_FIELDS = ("source", "types", "typings", "module", "main")
# Conditions of "exports" that hold most everywhere; the others name special builds, as for one runtime.
_USUAL_CONDITIONS = frozenset(("source", "types", "import", "module", "require", "node", "development", "default"))


@dataclass(frozen=True, slots=True)
class Package:
    """A package.json: ``exports`` from subpath (``.`` for the package itself), ``imports`` from names with a ``#``.

    https://nodejs.org/api/packages.html
    """

    directory: str
    name: str
    exports: Substitutions
    imports: Substitutions


@dataclass(frozen=True, slots=True)
class Crate:
    """A Cargo.toml: the name by which code calls the library, and its first file.

    https://doc.rust-lang.org/cargo/reference/cargo-targets.html
    """

    directory: str
    name: str
    root: str


@dataclass(frozen=True, slots=True)
class TypeScriptConfig:
    """A tsconfig.json alone, before what it extends counts; directories below the root, ``None`` for unsaid.

    https://www.typescriptlang.org/tsconfig
    """

    directory: str
    base: str | None = None
    paths: Substitutions | None = None
    extends: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def package(text: str, directory: str) -> Package:
    """Return what a package.json says."""
    fields = _json(text)
    entries = tuple(value for key in _ENTRY_FIELDS if isinstance(value := fields.get(key), str))
    exports = _subpaths(fields.get("exports"))
    if entries:
        exports = (*exports, (".", entries))
    return Package(directory, _text(fields.get("name")), exports, _subpaths(fields.get("imports")))


def typescript_config(text: str, directory: str) -> TypeScriptConfig:
    """Return what a tsconfig.json or jsconfig.json says."""
    fields = _json(text)
    options = _table(fields.get("compilerOptions"))
    base = options.get("baseUrl")
    paths = options.get("paths")
    references = fields.get("references")
    return TypeScriptConfig(
        directory,
        join(directory, _here(base)) if isinstance(base, str) else None,
        tuple((key, _texts(value)) for key, value in paths.items()) if isinstance(paths, dict) else None,
        _texts(fields.get("extends")),
        tuple(_text(_table(one).get("path")) for one in references) if isinstance(references, list) else (),
    )


def go_module(text: str) -> str:
    """Return the module path of a go.mod (https://go.dev/ref/mod#go-mod-file); empty for none."""
    found = _GO_MODULE.search(text)
    return found[1] if found else ""


def crate(text: str, directory: str) -> Crate | None:
    """Return the crate of a Cargo.toml; ``None`` for one without a package, as of a mere workspace."""
    if len(text) > _LONGEST_TOML:
        return None
    try:
        fields = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    library = _table(fields.get("lib"))
    name = _text(library.get("name")) or _text(_table(fields.get("package")).get("name"))
    root = join(directory, _text(library.get("path")) or "src/lib.rs")
    return Crate(directory, name.replace("-", "_"), root) if name and root is not None else None


def autoload(text: str, directory: str) -> Substitutions:
    """Return the namespaces of a composer.json, each with its directories below the root.

    PSR-4 alone: https://www.php-fig.org/psr/psr-4/
    """
    fields = _json(text)
    found = []
    for key in ("autoload", "autoload-dev"):
        for prefix, places in _table(_table(fields.get(key)).get("psr-4")).items():
            directories = [join(directory, place) for place in _texts(places)]
            found.append((prefix, tuple(place for place in directories if place is not None)))
    return tuple(found)


def substituted(patterns: Substitutions, name: str) -> tuple[str, ...]:
    """Return what a name stands for by the pattern that fits it best; empty where none does.

    Whole names come first, then the pattern with the longest text before its star.
    """
    best: tuple[int, tuple[str, ...]] | None = None
    for pattern, targets in patterns:
        if pattern == name:
            return targets
        head, star, tail = pattern.partition("*")
        fits = star and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
        if fits and (best is None or len(head) > best[0]):
            middle = name[len(head) : len(name) - len(tail)]
            best = len(head), tuple(target.replace("*", middle) for target in targets)
    return best[1] if best else ()


def paths_of(config: TypeScriptConfig, base: str) -> Substitutions:
    """Return the paths of a tsconfig.json with targets below the root, given the directory that they start from."""
    found = []
    for pattern, targets in config.paths or ():
        places = (join(base, _here(target)) for target in targets)
        found.append((pattern, tuple(place for place in places if place is not None)))
    return tuple(found)


def extended_names(config: TypeScriptConfig, path: str) -> tuple[str, ...]:
    """Return the names that a relative ``extends`` or ``references`` of a tsconfig.json may mean."""
    place = join(config.directory, path)
    if place is None:
        return ()
    if place.endswith(".json"):
        return (place,)
    return (f"{place}.json", f"{place}/tsconfig.json" if place else "tsconfig.json")


def _json(text: str) -> dict[str, Any]:
    """Return an object of JSON with comments and trailing commas; empty where it is none."""
    plain = _TRAILING_COMMA.sub(_kept, _COMMENT.sub(_kept, text.removeprefix("\ufeff")))
    try:
        value = json.loads(plain)
    except (ValueError, RecursionError):
        return {}
    return _table(value)


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""


def _subpaths(value: object) -> Substitutions:
    """Return "exports" or "imports", whose conditions all count, in their order."""
    if not isinstance(value, dict):
        return ((".", found),) if (found := tuple(_targets(value, 0))) else ()
    if not all(isinstance(key, str) and key.startswith((".", "#")) for key in value):
        return ((".", tuple(_targets(value, 0))),)
    return tuple((key, tuple(_targets(targets, 0))) for key, targets in value.items())


def _targets(value: object, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > _DEEPEST or not isinstance(value, (dict, list)):
        return []
    if isinstance(value, dict):
        inner = [value[key] for key in sorted(value, key=lambda key: key not in _USUAL_CONDITIONS)]
    else:
        inner = value
    return [target for one in inner for target in _targets(one, depth + 1)]


def _here(path: str) -> str:
    """Return a path of a tsconfig.json without the name that TypeScript 5.5 gives to its directory."""
    return path.removeprefix("${configDir}").removeprefix("/") if path.startswith("${configDir}") else path


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(one for one in value if isinstance(one, str))
    return (value,) if isinstance(value, str) else ()
