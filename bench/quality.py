"""How good are the completions? `midfill eval`, the same code, and a repository that the embedded model never saw.

    python -m bench.quality own [FOLDER] [--count 200] [--ablate] ...      as `midfill eval`; --help says the rest
    python -m bench.quality benchmark NAME --data FILE ...
    python -m bench.quality needle ...
    python -m bench.quality held-out FOLDER [--site FOLDER ...]

The last one writes the files that the embedded model was not trained on (`bench/tiny_model/held_out.txt`), as far as
they are on this machine, into a new folder, and puts them under version control: `own FOLDER --with-tests` has its
holes there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.problems import Unmeasurable, one_sentence
from bench.shaping.held_out import found
from lsp_server.cli import main

HELD_OUT = "held-out"


def write_held_out(folder: Path, sites: list[Path]) -> int:
    """Write the held-out files into a new folder and commit them, all in their packages; return how many.

    Raises:
        Unmeasurable: none of them is on this machine, the folder is there already, or git fails.
    """
    sources = found(None, sites)
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise Unmeasurable(f"{folder} is there already: name a new folder.") from error
    for source in sources:
        path = folder / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text, encoding="utf-8", newline="")
    commands = (["init", "-q"], ["add", "--force", "."], ["commit", "-q", "-m", "Held-out files"])
    author = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for command in commands:
        done = subprocess.run(["git", *author, *command], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603, S607  git of the user's PATH
        if done.returncode:
            raise Unmeasurable(f"git {command[0]} has failed in {folder}: {done.stderr.strip()}")
    return len(sources)


def run(arguments: list[str]) -> None:
    """Do what the command line asks for."""
    if arguments[:1] != [HELD_OUT]:
        main(["eval", *arguments])
        return
    parser = argparse.ArgumentParser(prog=f"python -m bench.quality {HELD_OUT}")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--site", type=Path, action="append", default=[])
    options = parser.parse_args(arguments[1:])
    count = write_held_out(options.folder, options.site)
    print(f"{count} files are in {options.folder}: python -m bench.quality own {options.folder} --with-tests")


if __name__ == "__main__":
    with one_sentence():
        run(sys.argv[1:])
