"""How languages write what an import names: from its text to modules and the names taken out of each.

Knows no tree and no file. Each function takes the text that a query captures and returns ``(module, names)`` pairs;
nothing where the text is not what it should be.
"""

from __future__ import annotations

import re

Path = tuple[str, tuple[str, ...]]


def quoted(text: str) -> list[Path]:
    """Return a module that is written as it is called, or as a string: ``a.b``, ``"./button"``, ``<util/log.h>``."""
    module = re.sub(r"\s+", "", text).strip("\"'`<>")
    return [(module, ())] if module else []


def java(text: str) -> list[Path]:
    """Return what ``import a.b.C;`` names; ``import static a.b.C.d;`` takes ``d`` out of ``a.b.C``."""
    found = re.match(r"import\s+(static\s)?\s*([\w.\s]+?)\s*(\.\s*\*)?\s*;", text)
    if found is None:
        return []
    module = re.sub(r"\s+", "", found[2])
    if found[3]:
        return [(module, ("*",))] if found[1] else [(f"{module}.*", ())]
    if not found[1]:
        return [(module, ())]
    owner, _, member = module.rpartition(".")
    return [(owner, (member,))]


def csharp(text: str) -> list[Path]:
    """Return what ``using a.b;`` names; ``using static a.B;`` takes all out of ``a.B``, aliases name what they are."""
    found = re.match(r"(?:global\s+)?using\s+(static\s)?(?:[^=;]*=)?\s*([\w.:\s]+)", text)
    if found is None:
        return []
    return [("".join(found[2].split()).removeprefix("global::"), ("*",) if found[1] else ())]


def ruby(text: str) -> list[Path]:
    """Return what ``require "a"`` or ``require_relative "a"`` names; the second is ``./a``."""
    found = re.match(r"require(_relative)?[\s(]*[\"']([^\"']+)", text)
    if found is None:
        return []
    return [(f"./{found[2]}" if found[1] and not found[2].startswith(".") else found[2], ())]


def php(text: str) -> list[Path]:
    r"""Return what ``use a\b, a\{c, d as e};`` names: ``a\b``, ``a\c``, ``a\d``."""
    text = re.sub(r"\buse\b|\b(function|const)\s|;", " ", text)
    return [(path.lstrip("\\"), ()) for path in _taken_apart(text) if not path.endswith("\\")]


def rust(text: str) -> list[Path]:
    """Return the paths of ``a::{b, c::{self, D as E}, f::*}``: ``a::b``, ``a::c``, ``a::c::D``, and all of ``a::f``."""
    found: list[Path] = []
    for path in _taken_apart(text):
        module = path.removesuffix("::*").removesuffix("::self").removeprefix("::").replace("r#", "")
        if module and not module.endswith("::"):
            found.append((module, ("*",) if path.endswith("::*") else ()))
    return found


def _taken_apart(text: str) -> list[str]:
    """Return the paths of a list with groups in braces, each with what stands before its group, without aliases."""
    found: list[str] = []
    prefixes = [""]
    path = ""
    for piece in re.findall(r"[{},]|\bas\s+\w+|[\w:#*\\]+", re.sub(r"//.*|/\*.*?\*/", "", text)):
        if piece == "{":
            prefixes.append(prefixes[-1] + path)
            path = ""
        elif piece in ",}":
            found += [prefixes[-1] + path] if path else []
            path = ""
            if piece == "}" and len(prefixes) > 1:
                prefixes.pop()
        elif not piece.startswith("as ") or piece == "as":
            path += piece
    return [*found, prefixes[-1] + path] if path else found
