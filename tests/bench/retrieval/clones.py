"""Tiny repositories for the tests of the context benchmark, made by git itself."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

from bench.retrieval.holes import Hole
from bench.retrieval.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Nobody's configuration, and the same commit each time.
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Nobody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "nobody@example.com" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_DATE": "2024-03-01T00:00:00Z" for who in ("AUTHOR", "COMMITTER")},
}
NAME = "acme/shop"
HOLE = "total = add_price(cart, price_of(item))"
# A small shop: `cart.py` has the hole, and the names that it needs are in the other files.
SHOP: Mapping[str, str] = {
    "shop/__init__.py": "",
    "shop/cart.py": f"from shop import prices\n\n\ndef checkout(cart, item):\n    {HOLE}\n    return cart\n",
    "shop/prices.py": (
        "def price_of(item):\n    return item.price\n\n\n"
        "def add_price(\n    cart,\n    price,\n):\n    cart.sum += price\n"
    ),
    "shop/report.py": "def report(cart, item):\n    print(cart)\n    return cart\n",
    "docs/notes.md": "The cart and its item.\n",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it prints."""
    command = ["git", *arguments]
    environment = os.environ | _ENVIRONMENT
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def clone(folder: Path, *commits: Mapping[str, str | bytes], name: str = NAME) -> str:
    """Make ``owner+name`` in a folder with some commits, each of which writes files; return the last commit."""
    root = folder / name.replace("/", "+")
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for number, files in enumerate(commits):
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode() if isinstance(text, str) else text)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", f"Commit {number}")
    return git(root, "rev-parse", "HEAD")


def hole_in(files: Mapping[str, str], path: str, text: str, commit: str, gold: tuple[str, ...]) -> Hole:
    """Return the hole of a text that stands once in a file."""
    content = files[path].encode()
    start = content.index(text.encode())
    return Hole(
        id=f"{NAME}#0",
        repo=NAME,
        commit=commit,
        path=path,
        file_sha256=hashlib.sha256(content).hexdigest(),
        kind="line",
        start_byte=start,
        end_byte=start + len(text.encode()),
        gold_crossfile=gold,
        gold_hard=gold,
        lang=language_of(path),
    )
