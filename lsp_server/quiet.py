"""Why nothing is suggested in a document or at a place: by the settings, by the file, by what is at the cursor."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.context import ignore, readable
from lsp_server.core import Reason, Trigger
from lsp_server.suggestion.silence import reason_for_silence

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.config import Settings
    from lsp_server.context.ignore import Patterns
    from lsp_server.core import Place, Snapshot
    from lsp_server.suggestion.language import Language

# Characters; reading more would hold up the editor for what a window of a few hundred lines uses.
LARGEST_DOCUMENT = 10_000_000
# Characters at the start of a document that may say that a program has written it.
_HEAD = 4000


class Quiet(NamedTuple):
    """Why nothing is suggested; ``detail`` adds to it."""

    reason: Reason
    detail: str = ""


def forbidden(snapshot: Snapshot, language: Language, settings: Settings) -> Quiet | None:
    """Return why a document gets no suggestions at all, ``None`` where it gets some."""
    if not settings.enabled:
        return Quiet(Reason.SWITCHED_OFF)
    if language.id in settings.disabled_languages or snapshot.language in settings.disabled_languages:
        return Quiet(Reason.LANGUAGE_OFF, snapshot.language or language.id)
    if snapshot.path is not None and _is_switched_off(snapshot.path, snapshot.root, settings.disabled_files):
        return Quiet(Reason.FILE_OFF, snapshot.name)
    if len(snapshot.text) > LARGEST_DOCUMENT:
        return Quiet(Reason.TOO_LARGE, f"{len(snapshot.text):,} characters")
    return None


def unwanted(snapshot: Snapshot, place: Place) -> Quiet | None:
    """Return why nothing should pop up by itself at a place, ``None`` where it may; who asks for it gets it."""
    if snapshot.trigger is Trigger.INVOKED:
        return None
    if snapshot.path is not None and _is_generated(snapshot.path, snapshot.text[:_HEAD]):
        return Quiet(Reason.GENERATED)
    reason = reason_for_silence(place)
    return Quiet(reason) if reason else None


@lru_cache(maxsize=8)
def _patterns(lines: tuple[str, ...]) -> Patterns:
    return ignore.parse(lines)


def _is_switched_off(path: Path, root: Path | None, lines: tuple[str, ...]) -> bool:
    """Return whether patterns leave out a file, or a folder that holds it."""
    if not lines:
        return False
    patterns = _patterns(lines)
    relative = path.relative_to(root) if root is not None and path.is_relative_to(root) else path
    folders = [folder for folder in reversed(relative.parents) if folder.name]
    if any(patterns.verdict(f"{folder.as_posix()}/", f"{folder.name}/") for folder in folders):
        return True
    return bool(patterns.verdict(relative.as_posix(), relative.name))


@lru_cache(maxsize=64)
def _is_generated(path: Path, head: str) -> bool:
    return bool(_generated_names().verdict(path.name, path.name)) or readable.is_generated(head)


@lru_cache(maxsize=1)
def _generated_names() -> Patterns:
    return ignore.parse(readable.GENERATED)
