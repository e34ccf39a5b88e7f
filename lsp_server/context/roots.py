"""The folders of a workspace: what their files are called, and where imports lead among them.

A file's name is its path below its folder with forward slashes, behind the folder's own name where there are several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.context.imports import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lsp_server.context.outline import Outline
    from lsp_server.context.workspace import Found

# Bytes; no configuration that imports go by is larger.
LARGEST_CONFIGURATION = 1_000_000


class Root:
    """One folder. ``prefix`` stands before the names of its files; the resolver's names are without it."""

    def __init__(self, path: Path, prefix: str, outline_of: Callable[[str], Outline | None]) -> None:
        """``outline_of`` returns the outline of a file by its name."""
        self.path, self.prefix = path, prefix
        self.resolver = Resolver(self._read, lambda name: outline_of(prefix + name))

    def _read(self, name: str) -> str | None:
        try:
            with (self.path / name).open("rb") as file:
                return file.read(LARGEST_CONFIGURATION).decode("utf-8-sig", "replace")
        except (OSError, ValueError):
            return None


class Roots:
    """The folders, from paths to names and back."""

    def __init__(self, folders: Sequence[Path], outline_of: Callable[[str], Outline | None]) -> None:
        """Folders of the same name are told apart by numbers."""
        names = [folder.name for folder in folders]
        unique = [
            f"{name}-{number}" if names.count(name) > 1 or not name else name for number, name in enumerate(names)
        ]
        several = len(folders) > 1
        self._roots = {
            folder: Root(folder, f"{name}/" if several else "", outline_of)
            for folder, name in zip(folders, unique, strict=True)
        }

    def name_of(self, path: Path) -> str | None:
        """Return the name of a file, ``None`` for one outside of all folders."""
        holding = [root for folder, root in self._roots.items() if path.is_relative_to(folder)]
        root = max(holding, key=lambda root: len(root.path.parts), default=None)
        return root.prefix + path.relative_to(root.path).as_posix() if root else None

    def name(self, found: Found) -> str:
        """Return the name of a file that was found in one of the folders."""
        return self._roots[found.root].prefix + found.name

    def path_of(self, name: str) -> Path | None:
        """Return the path of a name, ``None`` where no folder has such names."""
        root = next((root for root in self._roots.values() if name.startswith(root.prefix)), None)
        return root.path / name[len(root.prefix) :] if root else None

    def of(self, name: str) -> Root:
        """Return the folder that a name belongs to."""
        return next(root for root in self._roots.values() if name.startswith(root.prefix))

    def below(self, name: str) -> str:
        """Return a name without what tells its folder from others."""
        return name[len(self.of(name).prefix) :]

    def resolver(self, name: str) -> Resolver:
        """Return what resolves the imports of the folder that a name belongs to."""
        return self.of(name).resolver
