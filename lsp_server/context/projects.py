"""Which project a directory of the workspace folder belongs to, and what the folder's projects are called.

The nearest file of a kind above a directory counts. Each is read once, until `forget` says that one has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from lsp_server.context import manifests
from lsp_server.context.names import base_of, below, directory_of, join, upward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.context.manifests import Crate, Package, Substitutions, TypeScriptConfig
    from lsp_server.context.names import Names

T = TypeVar("T")
Read = Callable[[str], "str | None"]

# A chain of "extends" in tsconfig.json files that is longer than this is a circle.
_LONGEST_CHAIN = 8


@dataclass(frozen=True, slots=True)
class Aliases:
    """What a tsconfig.json with all that it extends says of modules; targets and ``base`` lie below the root."""

    base: str | None
    paths: Substitutions


@dataclass(frozen=True, slots=True)
class GoModule:
    """The module that a go.mod in a directory declares."""

    directory: str
    path: str


class _Read(Generic[T]):
    """Files of one kind, each read and understood once."""

    def __init__(self, base: str, understand: Callable[[str, str], T | None], read: Read) -> None:
        self._base = base
        self._understand = understand
        self._read = read
        self._known: dict[str, T | None] = {}

    def at(self, directory: str) -> T | None:
        """Return what the file in this directory says; ``None`` where there is none."""
        if directory not in self._known:
            text = self._read(below(directory, self._base))
            self._known[directory] = None if text is None else self._understand(text, directory)
        return self._known[directory]

    def above(self, directory: str) -> T | None:
        """Return what the nearest such file in this directory or above says; ``None`` where there is none."""
        return next((found for place in upward(directory) if (found := self.at(place)) is not None), None)

    def everywhere(self, directory: str, names: Names) -> Iterator[T]:
        """Yield what the files of this kind say, those in this directory and above first, then all among the names."""
        places = dict.fromkeys([*upward(directory), *map(directory_of, names.called(self._base))])
        yield from (found for place in places if (found := self.at(place)) is not None)

    def forget(self) -> None:
        self._known.clear()


class Projects:
    """The projects of one workspace folder; ``read`` returns a file's text by name, ``None`` for none."""

    def __init__(self, read: Read, names: Names) -> None:
        self._read = read
        self._names = names
        self._go = _Read("go.mod", _go_module, read)
        self._crates = _Read("Cargo.toml", manifests.crate, read)
        self._packages = _Read("package.json", manifests.package, read)
        self._composers = _Read("composer.json", manifests.autoload, read)
        self._aliases: dict[str, Aliases | None] = {}
        self._packages_by_name: dict[str, Package] | None = None
        self._crates_by_name: dict[str, Crate] | None = None

    def forget(self, name: str) -> None:
        """Take in that a file of this name has come, gone or changed."""
        # Any JSON file may be what a tsconfig.json extends; a lib.rs shows that there is a crate.
        if not name.endswith((".json", "go.mod", "Cargo.toml", "lib.rs")):
            return
        for files in (self._go, self._crates, self._packages, self._composers):
            files.forget()
        self._aliases.clear()
        self._packages_by_name = None
        self._crates_by_name = None

    def go_module(self, directory: str) -> GoModule | None:
        """Return the Go module that a directory belongs to; ``None`` for none."""
        return self._go.above(directory)

    def go_modules(self, directory: str) -> Iterator[GoModule]:
        """Yield the known Go modules, the one that a directory belongs to first."""
        return self._go.everywhere(directory, self._names)

    def crate(self, directory: str) -> Crate | None:
        """Return the crate that a directory belongs to; ``None`` for none."""
        return self._crates.above(directory)

    def crate_named(self, name: str) -> Crate | None:
        """Return the crate of the folder that code calls ``name``; ``None`` for one from outside."""
        if self._crates_by_name is None:
            places = {directory_of(directory_of(library)) for library in self._names.called("lib.rs")}
            places.update(map(directory_of, self._names.called("Cargo.toml")))
            crates = (self._crates.at(place) for place in sorted(places, key=_outermost_last))
            self._crates_by_name = {crate.name: crate for crate in crates if crate is not None}
        return self._crates_by_name.get(name)

    def package(self, directory: str) -> Package | None:
        """Return the JavaScript package that a directory belongs to; ``None`` for none."""
        return self._packages.above(directory)

    def package_named(self, name: str, directory: str) -> Package | None:
        """Return the JavaScript package with this name, as a directory sees it; ``None`` for one from outside."""
        above = (self._packages.at(place) for place in upward(directory))
        around = next((package for package in above if package is not None and package.name == name), None)
        if around is not None:
            return around
        if self._packages_by_name is None:
            places = sorted(map(directory_of, self._names.called("package.json")), key=_outermost_last)
            packages = (self._packages.at(place) for place in places)
            self._packages_by_name = {package.name: package for package in packages if package is not None}
        if name in self._packages_by_name:
            return self._packages_by_name[name]
        # A directory is mostly called as the package in it, should nobody have told of its package.json.
        guesses = (self._packages.at(place) for place in self._names.directories_ending(base_of(name)))
        return next((package for package in guesses if package is not None and package.name == name), None)

    def autoload(self, directory: str) -> Iterator[Substitutions]:
        """Yield the namespaces of PHP projects with their directories, those of the nearest project first."""
        return self._composers.everywhere(directory, self._names)

    def aliases(self, directory: str) -> Aliases | None:
        """Return what the nearest tsconfig.json or jsconfig.json says of modules; ``None`` where there is none."""
        return next((found for place in upward(directory) if (found := self._aliases_at(place)) is not None), None)

    def _aliases_at(self, directory: str) -> Aliases | None:
        if directory not in self._aliases:
            configs = (self._config(below(directory, base)) for base in ("tsconfig.json", "jsconfig.json"))
            config = next((config for config in configs if config is not None), None)
            self._aliases[directory] = None if config is None else self._merged_aliases(config)
        return self._aliases[directory]

    def _config(self, name: str) -> TypeScriptConfig | None:
        text = self._read(name)
        return None if text is None else manifests.typescript_config(text, directory_of(name))

    def _merged_aliases(self, config: TypeScriptConfig) -> Aliases:
        own = self._extended_aliases(config)
        if own.paths or own.base is not None:
            return own
        # A tsconfig.json that only lists others leaves the word to them.
        others = (self._first_config(manifests.extended_names(config, path)) for path in config.references)
        merged = (self._extended_aliases(other) for other in others if other is not None)
        return next((aliases for aliases in merged if aliases.paths or aliases.base is not None), own)

    def _extended_aliases(self, config: TypeScriptConfig) -> Aliases:
        chain = self._chain(config)
        base = next((one.base for one in chain if one.base is not None), None)
        speaker = next((one for one in chain if one.paths is not None), None)
        if speaker is None:
            return Aliases(base, ())
        return Aliases(base, manifests.paths_of(speaker, speaker.directory if base is None else base))

    def _chain(self, config: TypeScriptConfig) -> list[TypeScriptConfig]:
        """Return a configuration and those that it extends, the stronger first."""
        chain = [config]
        for one in chain:
            if len(chain) > _LONGEST_CHAIN:
                break
            # Of several, the last one is the strongest.
            extended = (self._first_config(self._extended_names(one, path)) for path in reversed(one.extends))
            chain += [other for other in extended if other is not None]
        return chain

    def _first_config(self, names: tuple[str, ...]) -> TypeScriptConfig | None:
        return next((config for name in names if (config := self._config(name)) is not None), None)

    def _extended_names(self, one: TypeScriptConfig, path: str) -> tuple[str, ...]:
        if path.startswith("."):
            return manifests.extended_names(one, path)
        parts = path.split("/")
        length = 2 if path.startswith("@") else 1
        package = self.package_named("/".join(parts[:length]), one.directory)
        place = join(package.directory, "/".join(parts[length:]) or ".") if package else None
        if place is None:
            return ()
        return (place, f"{place}.json", below(place, "tsconfig.json"))


def _go_module(text: str, directory: str) -> GoModule | None:
    path = manifests.go_module(text)
    return GoModule(directory, path) if path else None


def _outermost_last(directory: str) -> tuple[int, str]:
    """Sort directories so that in a table by name the outermost one stays: it is written last."""
    return -directory.count("/") - bool(directory), directory
