"""TypeScript and JavaScript: relative paths, aliases of tsconfig.json, packages of the same workspace.

https://www.typescriptlang.org/docs/handbook/modules/reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.manifests import substituted
from lsp_server.context.modules.interface import Folder, Found, Importer
from lsp_server.context.names import below, directory_of, join, upward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.context.manifests import Package
    from lsp_server.context.names import Names
    from lsp_server.context.outline import Import

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte")
# What may be left out behind a module, the first that exists wins.
_ENDINGS = (".ts", ".tsx", ".d.ts", *SUFFIXES[2:], ".d.mts", ".d.cts")
# What a suffix may be written for: that of the file which the compiler makes.
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx", ".ts", ".d.ts"),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
# Aliases that bundlers are mostly told to know, for projects that tell nobody else.
_CUSTOMS = {"@/": ("src", ""), "~/": ("src", ""), "$lib/": ("src/lib",)}
# Directories of what is built out of `src`; a package.json names their files.
_BUILT = frozenset(("dist", "build", "lib", "out", "output", "es", "esm", "cjs", "umd", "types"))


def find(folder: Folder, importer: Importer, statement: Import, name: str) -> Found:
    """Return the file of a module, in which ``name`` is to be looked for."""
    module = statement.module.partition("?")[0]
    found = (_file(folder.names, place) for place in _places(folder, directory_of(importer.name), module))
    file = next((file for file in found if file), None)
    return Found((file,), name) if file else Found(())


def _places(folder: Folder, directory: str, module: str) -> Iterator[str | None]:
    """Yield where a module may lie, the likeliest first; the ends of names may be missing."""
    if module.startswith(("./", "../")) or module in {".", ".."}:
        yield join(directory, module)
        return
    if module.startswith("/"):
        yield join("", module.lstrip("/"))
        return
    aliases = folder.projects.aliases(directory)
    if aliases is not None:
        yield from substituted(aliases.paths, module)
        if aliases.base is not None:
            yield join(aliases.base, module)
    own = folder.projects.package(directory)
    if own is not None and module.startswith("#"):
        yield from _targets(own, substituted(own.imports, module))
    yield from _in_package(folder, directory, module)
    for prefix, places in _CUSTOMS.items():
        if module.startswith(prefix):
            rest = module.removeprefix(prefix)
            yield from (join(below(above, place), rest) for above in upward(directory) for place in places)


def _in_package(folder: Folder, directory: str, module: str) -> Iterator[str | None]:
    parts = module.split("/")
    length = 2 if module.startswith("@") else 1
    package = folder.projects.package_named("/".join(parts[:length]), directory)
    if package is None:
        return
    path = "/".join(parts[length:])
    yield from _targets(package, substituted(package.exports, f"./{path}" if path else "."))
    yield join(below(package.directory, "src"), path)
    yield join(package.directory, path)


def _targets(package: Package, targets: tuple[str, ...]) -> Iterator[str | None]:
    """Yield the places of the files that a package.json names, then those of the sources that they are built of."""
    yield from (join(package.directory, target) for target in targets)
    for target in targets:
        parts = target.removeprefix("./").split("/")
        while len(parts) > 1 and parts[0] in _BUILT:
            parts = parts[1:]
        yield join(below(package.directory, "src"), _without_ending("/".join(parts)))


def _without_ending(path: str) -> str:
    ending = max((ending for ending in _ENDINGS if path.endswith(ending)), key=len, default="")
    return path.removesuffix(ending)


def _file(names: Names, place: str | None) -> str | None:
    if place is None:
        return None
    stem, dot, suffix = place.rpartition(".")
    written_for = (f"{stem}{ending}" for ending in _WRITTEN_FOR.get(dot + suffix, ()))
    files = (below(place, f"index{ending}") for ending in _ENDINGS)
    return (
        next((file for file in written_for if file in names), None)
        or (place if place in names else None)
        or next((file for ending in _ENDINGS if (file := place + ending) in names), None)
        or next((file for file in files if file in names), None)
    )
