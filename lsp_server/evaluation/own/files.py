"""Which files of a repository may have holes, by their names: no text is read."""

from __future__ import annotations

import os
import subprocess
from enum import Enum
from typing import TYPE_CHECKING

from lsp_server.context.grammars import grammar_of
from lsp_server.context.index import is_test
from lsp_server.context.workspace import DEFAULT_RULES, Workspace
from lsp_server.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.context.workspace import Found, Rules

# Folders for code of others that is kept in a repository.
_VENDORED = frozenset({
    *("vendor", "vendored", "_vendor", "extern", "external", "third_party", "third-party", "thirdparty"),
    *("node_modules", "bower_components", "site-packages"),
})  # fmt: skip


class Scope(Enum):
    """Which of the files: ``SOURCE`` leaves out tests and the code of others, as far as their paths tell."""

    SOURCE = "source"
    ALL = "all"


def files(root: Path, rules: Rules = DEFAULT_RULES, scope: Scope = Scope.SOURCE) -> list[Found]:
    """Return the files below a folder that may have holes, by name.

    They are under version control of the work tree that the folder is in, not in one of its submodules; a grammar
    reads their language; and the workspace has them: no secrets, nothing that is ignored, excluded, too large,
    installed, or generated as its name tells, whatever the scope: there midfill is quiet, or reads nothing. Their
    roots are the folder, links in its path resolved.

    Raises:
        InputError: there is no git, no such folder, or it is in no work tree.
    """
    top = root.resolve()
    workspace = Workspace([top], rules)
    names = sorted(name for name in _tracked(top) if grammar_of(name) and _is_within(scope, name))
    return [found for name in names if (found := workspace.find(top / name))]


def _is_within(scope: Scope, name: str) -> bool:
    return scope is Scope.ALL or not (is_test(name) or _is_vendored(name))


def _is_vendored(name: str) -> bool:
    return not _VENDORED.isdisjoint(name.split("/")[:-1])


def _tracked(folder: Path) -> set[str]:
    """Return the names of the files that git knows below a folder, with forward slashes; a submodule is one of them."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: name the one of a repository.")
    command = ["git", "-C", str(folder), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, check=False, capture_output=True)  # noqa: S603  of the user's PATH
    except OSError as error:
        raise InputError(f"git cannot be run ({error.strerror}): install it, and have it on PATH.") from error
    if listed.returncode:
        said = listed.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise InputError(
            f"git does not list the files of {folder} ({said}): run this in a repository, or make it one by "
            "`git init` and `git add`."
        )
    return {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
