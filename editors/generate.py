"""Write the server's settings where editors and people look them up: `lsp_server/config.py` is their only source.

    python -m editors.generate

VS Code's `package.json` gets the section "Suggestions" of its page of settings, Neovim's plugin the class that the Lua
language server completes, the README its table. A test fails while one of them says something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from lsp_server.config import FIELDS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGE_JSON = ROOT / "editors" / "vscode" / "package.json"
LUA_CLASS = ROOT / "editors" / "neovim" / "lua" / "midfill" / "settings.lua"
README = ROOT / "README.md"
SECTION = "Suggestions"
TABLE = re.compile(r"(\| setting \| default \| \|\n\|---\|---\|---\|\n)(?:\|.*\n)*")

PATTERNS, BY_NAME = tuple[str, ...], Mapping[str, str]
# JSON Schema's types, and Lua's.
TYPES: dict[Any, tuple[str, str]] = {
    bool: ("boolean", "boolean"),
    int: ("integer", "integer"),
    str: ("string", "string"),
    PATTERNS: ("array", "string[]"),
    BY_NAME: ("object", "table<string, string>"),
}
# What fits one machine and not the next: VS Code keeps these apart for a remote machine.
SCOPES = {
    **dict.fromkeys(("model", "threads", "gpuLayers"), "machine-overridable"),
    # No workspace may set these.
    **dict.fromkeys(("serverUrl", "serverModel", "serverKeyFile"), "machine"),
}


def _settings() -> Iterator[tuple[str, Any, Any, dict[str, Any]]]:
    """Yield each setting's name, type, default as JSON has it, and metadata."""
    defaults = attrs.resolve_types(Settings)()
    for name, field in FIELDS.items():
        default = getattr(defaults, field.name)
        yield name, field.type, list(default) if isinstance(default, tuple) else default, dict(field.metadata)


def vscode_properties() -> dict[str, dict[str, Any]]:
    """Return the settings as VS Code's `contributes.configuration` has them: JSON Schema with its own descriptions."""
    properties = {}
    for order, (name, kind, default, about) in enumerate(_settings()):
        schema = {"type": TYPES[kind][0], "default": default, "order": order, "markdownDescription": about["help"]}
        if name in SCOPES:
            schema["scope"] = SCOPES[name]
        if "range" in about:
            schema["minimum"], schema["maximum"] = about["range"]
        if kind == PATTERNS:
            schema["items"] = {"type": "string"}
        elif kind == BY_NAME:
            schema["additionalProperties"] = {"type": "string", "enum": list(about["choices"])}
        elif "choices" in about:
            schema["enum"] = list(about["choices"])
        properties[f"midfill.{name}"] = schema
    return properties


def package_json(text: str) -> str:
    """Return `package.json` with the server's settings in their section."""
    package = json.loads(text)
    (section,) = (part for part in package["contributes"]["configuration"] if part["title"] == SECTION)
    section["properties"] = vscode_properties()
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def lua_class(_text: str) -> str:
    """Return the class of the settings, in LuaCATS."""
    lines = ["---@meta", "-- Written by `python -m editors.generate`.", "", "---@class midfill.Settings"]
    for name, kind, default, about in _settings():
        lua_type = TYPES[kind][1]
        if "choices" in about:
            choices = "|".join(f'"{choice}"' for choice in about["choices"])
            lua_type = choices if kind is str else f"table<string, {choices}>"
        lines.append(f"---@field {name}? {lua_type} {about['help']} Default: {json.dumps(default)}.")
    return "\n".join(lines) + "\n"


def readme(text: str) -> str:
    """Return the README with its table of settings."""
    rows = "".join(
        f"| `{name}` | `{default if isinstance(default, str) else json.dumps(default)}` | {about['help']} |\n"
        for name, _, default, about in _settings()
    )
    return TABLE.sub(lambda match: match[1] + rows, text)


FILES = {PACKAGE_JSON: package_json, LUA_CLASS: lua_class, README: readme}


def main() -> None:
    """Write all of them anew."""
    for path, generated in FILES.items():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(generated(before), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
