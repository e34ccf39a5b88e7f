"""Who may import whom: the levels of ARCHITECTURE.md, and the libraries that one module alone may import."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import lsp_server

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(lsp_server.__file__).parent

# The first imports from those behind it, never the other way. Packages and modules of one level do not
# import each other.
LEVELS = (
    {"__main__"},
    {"cli"},
    {"cli_eval", "cli_models"},
    {"handlers"},
    {"server"},
    {"terminal"},
    {"neighbours", "answers", "doctor", "downloads", "evaluation", "keeper", "outside"},
    {"protocol", "client", "stdio", "status"},
    {"documents", "copilot"},
    {"pipeline"},
    {"flight", "showing"},
    {"prompts", "chunks", "reading", "quiet", "options"},
    {"context", "prompt", "engine", "suggestion", "models", "usage"},
    {"config_file"},
    {"config", "metrics"},
    {"power", "addresses"},
    {"core"},
    {"errors"},
)
EDGE = {
    *("handlers.py", "server.py", "answers.py", "neighbours.py", "downloads.py", "keeper.py", "outside.py"),
    *("protocol.py", "client.py", "documents.py", "copilot.py"),
}
ONLY_IN = {
    "llama_cpp": {f"engine/llama/{name}.py" for name in ("loading", "model", "tokenizer")},
    "rapidfuzz": {"evaluation/metrics.py"},
    "tree_sitter": {f"context/syntax/{name}.py" for name in ("parser", "captures", "document", "nodes")},
    "huggingface_hub": {"models/hub.py"},
    "httpx2": {"models/hub.py", "engine/remote/http.py"},
    "filelock": {"models/partial.py"},
    "tomlkit": {"config_file.py"},
    "pygls": EDGE - {"copilot.py"},
    "lsprotocol": EDGE,
    "rich": {
        "cli.py",
        "cli_eval.py",
        "cli_models.py",
        *(f"terminal/{name}.py" for name in ("doctor", "evaluation", "models", "plain", "suggestion", "usage")),
    },
    "typer": {"cli.py", "cli_eval.py", "cli_models.py"},
}
LEVEL_OF = {name: level for level, names in enumerate(LEVELS) for name in names}


def imports() -> Iterator[tuple[str, str]]:
    """Yield (file of the package, name of the module that it imports), those for type checking too."""
    for file in sorted(PACKAGE.rglob("*.py")):
        path = file.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} imports relatively"
                yield path, node.module or ""
                # `from lsp_server import config` names a module behind the import.
                yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def part_of(module: str) -> str:
    """Return the top-level part of a dotted name of this package: ``engine`` of ``lsp_server.engine.llama``."""
    return module.split(".")[1] if module.startswith("lsp_server.") else ""


def test_every_module_has_a_level() -> None:
    parts = {file.relative_to(PACKAGE).parts[0].removesuffix(".py") for file in PACKAGE.rglob("*.py")}
    assert parts - {"__init__"} == set(LEVEL_OF)


def test_imports_go_down() -> None:
    wrong = []
    for path, module in imports():
        importer, imported = path.partition("/")[0].removesuffix(".py"), part_of(module)
        if imported in LEVEL_OF and importer in LEVEL_OF and importer != imported:
            wrong += [f"{path} imports {module}"] if LEVEL_OF[imported] <= LEVEL_OF[importer] else []
    assert not wrong


def test_libraries_with_a_single_importer() -> None:
    wrong = [
        f"{path} imports {module}"
        for path, module in imports()
        for library, allowed in ONLY_IN.items()
        if (module == library or module.startswith((f"{library}.", f"{library}_"))) and path not in allowed
    ]
    assert not wrong


def test_the_check_sees_imports() -> None:
    found = set(imports())
    assert ("engine/llama/loading.py", "llama_cpp") in found
    assert ("prompts.py", "lsp_server.prompt.anchor") in found
