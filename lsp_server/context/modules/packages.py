"""Languages whose imports name a package of many files, or a class by its whole name: Go, Java, Kotlin, C#, PHP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.modules.interface import NOTHING, Folder, Found, Importer, file_defines
from lsp_server.context.names import base_of, below, directory_of, join, nearest
from lsp_server.context.outline import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.context.outline import Import

JVM_SUFFIXES = (".java", ".kt", ".kts")
_GO_TEST = "_test.go"
# Directories of tests, whose packages the others do not see.
_TESTS = frozenset(("test", "tests", "androidTest", "testFixtures", "integrationTest"))
# A namespace's directories and a package's files: more than these are not looked into.
_MOST_DIRECTORIES = 16
_MOST_FILES = 64
# A whole name has a package, unless that is all there is of it.
_SHORTEST_CLASS = 2


def find_go(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return all files of a package but its tests."""
    directory = _go_directory(folder, importer.name, statement.module.strip("/"))
    if directory is None:
        return NOTHING
    return Found([file for file in folder.names.files_in(directory, (".go",)) if not file.endswith(_GO_TEST)])


def _go_directory(folder: Folder, importer: str, path: str) -> str | None:
    for module in folder.projects.go_modules(directory_of(importer)):
        if f"{path}/".startswith(f"{module.path}/"):
            directory = below(module.directory, path[len(module.path) + 1 :])
            if folder.names.files_in(directory, (".go",)):
                return directory
    places = nearest(folder.names.directories_ending(base_of(path)), importer)
    return next((place for place in places if _is_go_package(folder, place, path)), None)


def _is_go_package(folder: Folder, directory: str, path: str) -> bool:
    module = folder.projects.go_module(directory)
    if module is not None:
        return path == below(module.path, directory[len(module.directory) :].lstrip("/"))
    # The folder may be a part of a module. No package of Go's own has a dot in its first part.
    return "." in path.partition("/")[0] and f"/{path}".endswith(f"/{directory}")


def beside_go(folder: Folder, importer: Importer) -> Sequence[str]:
    """Return the files of the importer's package; tests count among them for tests only."""
    files = folder.names.files_in(directory_of(importer.name), (".go",))
    if importer.outline.package.endswith("_test"):
        return [file for file in files if file.endswith(_GO_TEST)]
    return files if importer.name.endswith(_GO_TEST) else [file for file in files if not file.endswith(_GO_TEST)]


def find_java(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return the file of a class, also of one that is nested or of which a member is imported, or a package's files."""
    parts = [part for part in statement.module.split(".") if part]
    if parts[-1:] == ["*"]:
        parts.pop()
    if not parts:
        return NOTHING
    file = _class_file(folder, importer.name, parts)
    if file is not None:
        return Found((file,))
    package = "/".join(parts)
    if "*" in statement.module or "*" in statement.names:
        return Found(_package_files(folder, importer.name, package))
    # Kotlin's functions, and its smaller classes, lie in files that are called otherwise.
    files = _package_files(folder, importer.name, directory_of(package))[:_MOST_FILES] if "/" in package else []
    return Found([file for file in files if file.endswith(".kt") and file_defines(folder, file, parts[-1])])


def beside_java(folder: Folder, importer: Importer) -> Sequence[str]:
    """Return the files of the importer's package in all source roots; tests count among them for tests only."""
    package = importer.outline.package.replace(".", "/")
    own = folder.names.files_in(directory_of(importer.name), JVM_SUFFIXES)
    return own + (_package_files(folder, importer.name, package) if package else [])


def _class_file(folder: Folder, importer: str, parts: list[str]) -> str | None:
    for length in range(len(parts), min(len(parts), _SHORTEST_CLASS) - 1, -1):
        path = "/".join(parts[:length])
        found = [file for suffix in JVM_SUFFIXES for file in folder.names.ending(path + suffix)]
        if found:
            return nearest(found, importer)[0]
    return None


def _package_files(folder: Folder, importer: str, package: str) -> list[str]:
    directories = folder.names.directories_ending(package) if package else []
    if _TESTS.isdisjoint(importer.split("/")):
        directories = [directory for directory in directories if _TESTS.isdisjoint(directory.split("/"))]
    found = [file for place in directories for file in folder.names.files_in(place, JVM_SUFFIXES)]
    return nearest(found, importer)


def find_csharp(folder: Folder, importer: Importer, statement: Import, _name: str) -> Found:
    """Return the files of a namespace, or of the class that is imported for its members."""
    module = statement.module.removeprefix("global::")
    files = _declaring(folder, importer.name, module)
    if files:
        return Found(files)
    namespace, _, name = module.rpartition(".")
    return Found([file for file in _declaring(folder, importer.name, namespace) if base_of(file) == f"{name}.cs"])


def beside_csharp(folder: Folder, importer: Importer) -> Sequence[str]:
    """Return the files that declare the importer's namespace."""
    return _declaring(folder, importer.name, importer.outline.package)


def _declaring(folder: Folder, importer: str, namespace: str) -> list[str]:
    """Return the files of the directories that are called as a namespace ends and that declare it."""
    parts = [part for part in namespace.split(".") if part]
    # A directory bears the last part of a namespace or, as projects do, several with dots.
    tails = (".".join(parts[start:]) for start in range(len(parts)))
    directories = [directory for tail in tails for directory in folder.names.directories_ending(tail)]
    directories += [directory_of(importer)] if parts else []
    found = []
    for directory in nearest(dict.fromkeys(directories), importer)[:_MOST_DIRECTORIES]:
        files = folder.names.files_in(directory, (".cs",))[:_MOST_FILES]
        found += [file for file in files if _declares(folder, file, namespace)]
    return found


def _declares(folder: Folder, file: str, namespace: str) -> bool:
    outline = folder.outline_of(file)
    if outline is None or outline.how is How.LINES:
        return f".{directory_of(file).replace('/', '.')}".endswith(f".{namespace}")
    return outline.package == namespace


def find_php(folder: Folder, importer: Importer, statement: Import, name: str) -> Found:
    """Return the file of a class by the autoload of composer.json, else by the end of its path."""
    module = statement.module.strip("\\")
    if module.endswith(".php"):
        place = join(directory_of(importer.name), module.lstrip("/"))
        tail = module.lstrip("./")
        found = [place] if place in folder.names else nearest(folder.names.ending(tail), importer.name)
        return Found([file for file in found[:1] if file])
    # A whole name comes first: `use Acme\{Money, Rate}` may leave its names apart from the namespace.
    wholes = [f"{module}\\{name}"] if name and name != "*" else []
    files = (_php_file(folder, importer.name, whole) for whole in (*wholes, module))
    return Found([file for file in files if file][:1])


def beside_php(folder: Folder, importer: Importer) -> Sequence[str]:
    """Return the files of the importer's directory, where the others of its namespace lie; nothing without one."""
    if not importer.outline.package:
        return ()
    return folder.names.files_in(directory_of(importer.name), (".php",))


def _php_file(folder: Folder, importer: str, module: str) -> str | None:
    for namespaces in folder.projects.autoload(directory_of(importer)):
        for prefix, directories in sorted(namespaces, key=lambda row: -len(row[0])):
            if f"{module}\\".startswith(prefix):
                path = module[len(prefix) :].replace("\\", "/")
                places = (f"{below(directory, path)}.php" for directory in directories)
                file = next((place for place in places if place in folder.names), None)
                if file is not None:
                    return file
    return _php_by_path(folder, importer, module.split("\\"))


def _php_by_path(folder: Folder, importer: str, parts: list[str]) -> str | None:
    """Return the file whose path ends as a class's name does; one that shares the last part alone must declare it."""
    for start in range(len(parts)):
        found = nearest(folder.names.ending("/".join(parts[start:]) + ".php"), importer)
        if start and start == len(parts) - 1:
            found = [file for file in found[:_MOST_FILES] if _is_in(folder, file, "\\".join(parts[:-1]))]
        if found:
            return found[0]
    return None


def _is_in(folder: Folder, file: str, package: str) -> bool:
    outline = folder.outline_of(file)
    return outline is not None and outline.package == package
