"""Typing traces: a small workspace, and each key that somebody types into its files.

    python -m bench.traces REPOSITORY --kind forward --keys 60 --seed 0 --out FILE

A trace is a real file from which functions' bodies were removed, and the keys that type them back:
``forward`` without a mistake, ``brackets`` in an editor that closes brackets and quotes by itself,
``mixed`` with corrections, at two places of the file and in another file in turn. Keys over the number
asked for are pasted in one step at the end, so every trace ends with the files as they were.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import random
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable, one_sentence
from bench.typist import BRACKETS, Hole, Step, Typist, straight_on, with_corrections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KINDS = ("forward", "brackets", "mixed")
SKIPPED = re.compile(r"^(\..*|__pycache__|node_modules|site-packages|venv|build|dist|_?vendor(ed)?)$")
# Large enough that its prefix fills a window; what editors and midfill itself still read without pause.
LARGE = 500
LARGEST = 256 * 1024
SHORTEST_BODY = 6
# The workspace of a trace: files beside the one that is typed, and how much text they have together.
SIBLINGS = 4
SIBLINGS_TEXT = 120_000


@dataclass(frozen=True, slots=True)
class Trace:
    """What is typed where. ``files`` are the workspace at the start, by path with forward slashes.

    ``ends`` has the SHA-256 of each edited file's text after the last step; ``repository`` names the
    workspace's folder. The file that is typed first comes first.
    """

    name: str
    kind: str
    seed: int
    repository: str
    files: Mapping[str, str]
    steps: tuple[Step, ...]
    ends: Mapping[str, str]

    @property
    def keys(self) -> int:
        """How many completions are asked for."""
        return sum(step.ask for step in self.steps)


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a function behind its docstring: ``[start, end)``, from the end of the line before it."""

    start: int
    end: int


def applied(text: str, step: Step) -> str:
    """Return a file's text after a step."""
    return text[: step.offset] + step.insert + text[step.offset + step.delete :]


def replay(trace: Trace) -> dict[str, str]:
    """Return the files after all steps."""
    texts = dict(trace.files)
    for step in trace.steps:
        texts[step.file] = applied(texts[step.file], step)
    return texts


def beginnings(trace: Trace) -> dict[str, int]:
    """Return the files that are typed into, in that order, and the offset where their typing begins."""
    offsets: dict[str, int] = {}
    for step in trace.steps:
        offsets.setdefault(step.file, step.offset)
    return offsets


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- on disk -----------------------------------------------------------------------------------------


def dump(trace: Trace) -> str:
    """Return a trace as JSON."""
    return json.dumps(asdict(trace), indent=1, ensure_ascii=False) + "\n"


def load(path: Path) -> Trace:
    """Read a trace and check that it comes to its end.

    Raises:
        Unmeasurable: there is no such file, it is no trace, or its steps lead elsewhere.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        trace = Trace(**{**values, "steps": tuple(Step(**step) for step in values["steps"])})
        ends = {file: digest(text) for file, text in replay(trace).items() if file in trace.ends}
    except OSError as error:
        raise Unmeasurable(f"The trace {path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unmeasurable(f"{path} is not a trace: make one with `python -m bench.traces`.") from error
    if ends != dict(trace.ends):
        raise Unmeasurable(f"The steps of {path} do not lead to its end: the file was changed by hand.")
    return trace


# --- from a repository -------------------------------------------------------------------------------


def make(repository: Path, kind: str, keys: int, seed: int) -> Trace:
    """Make a trace of a kind of :data:`KINDS` from a repository's Python files; the same for the same seed.

    A file of 500 lines or more with others beside it is taken where there is one, otherwise the largest
    that has what the kind needs. There may be fewer keys than asked for where all bodies are short.

    Raises:
        Unmeasurable: no file has a function that is long enough.
    """
    dice = random.Random(seed)
    texts = dict(_sources(repository))
    for path in _by_suitability(texts, dice):
        workspace = {name: texts[name] for name in (path, *_beside(path, texts))}
        if spans := _spans(kind, keys, workspace, dice):
            repository = repository.resolve()
            trace = Trace(f"{repository.name}-{kind}-{seed}", kind, seed, repository.name, workspace, (), {})
            return _typed(trace, spans, keys, dice)
    raise Unmeasurable(f"{repository} has no Python file with a function of {SHORTEST_BODY} lines or more.")


def _sources(repository: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(repository.rglob("*.py")):
        relative = path.relative_to(repository)
        if any(SKIPPED.match(part) for part in relative.parts) or path.is_symlink():
            continue
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            continue
        # Steps count characters; a file with other line ends would test the editor's conversion instead.
        if 0 < len(text) <= LARGEST and "\r" not in text:
            yield relative.as_posix(), text


def _by_suitability(texts: Mapping[str, str], dice: random.Random) -> list[str]:
    """Return all files: large ones with siblings in an order that the seed decides, then the others by size."""
    large = [path for path, text in texts.items() if text.count("\n") >= LARGE and _beside(path, texts)]
    dice.shuffle(large)
    others = sorted(texts.keys() - set(large), key=lambda path: (-len(texts[path]), path))
    return large + others


def _beside(path: str, texts: Mapping[str, str]) -> list[str]:
    """Return up to :data:`SIBLINGS` files of the same directory, those first that the file mentions."""
    words = set(re.findall(r"\w+", texts[path]))
    folder = Path(path).parent
    siblings = [other for other in texts if other != path and Path(other).parent == folder]
    siblings.sort(key=lambda other: (Path(other).stem not in words, other))
    taken: list[str] = []
    for other in siblings:
        if len(taken) < SIBLINGS and sum(len(texts[name]) for name in (*taken, other)) <= SIBLINGS_TEXT:
            taken.append(other)
    return taken


def _spans(kind: str, keys: int, workspace: Mapping[str, str], dice: random.Random) -> list[tuple[str, Body]]:
    """Return what is cut out of which file, what is typed first in front; empty where the first file does not do."""
    path, *beside = workspace
    found = bodies(workspace[path])
    if kind == "brackets":
        # A string of three quotes is where editors differ most.
        found = [body for body in found if not re.search("\"\"\"|'''", workspace[path][body.start : body.end])]
    if not found:
        return []
    long = [body for body in found if body.end - body.start >= 2 * keys]
    first = dice.choice(long) if long else max(found, key=lambda body: body.end - body.start)
    if kind != "mixed":
        return [(path, first)]
    apart = [body for body in found if body.end <= first.start or first.end <= body.start]
    others = [(path, dice.choice(apart))] if apart else []
    elsewhere = [(name, body) for name in beside for body in bodies(workspace[name])]
    others += [dice.choice(elsewhere)] if elsewhere else []
    return [(path, first), *others] if others else []


def bodies(text: str) -> list[Body]:
    """Return the bodies of all functions with :data:`SHORTEST_BODY` lines or more; none of what is not Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    line_ends = [*(match.start() for match in re.finditer("\n", text)), len(text)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = []
    for node in functions:
        statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if not statements or node.end_lineno is None:
            continue
        decorators = getattr(statements[0], "decorator_list", [])
        first = min(statements[0].lineno, *(decorator.lineno for decorator in decorators), node.end_lineno)
        # A first statement on the line of the `def` leaves no line to break.
        if first > node.lineno and node.end_lineno - first + 1 >= SHORTEST_BODY:
            found.append(Body(line_ends[first - 2], line_ends[node.end_lineno - 1]))
    return found


def _typed(trace: Trace, spans: list[tuple[str, Body]], keys: int, dice: random.Random) -> Trace:
    """Return the trace with the spans cut out of its files and typed back."""
    originals = dict(trace.files)
    texts = dict(originals)
    # From the back, so that a cut does not move the ones before it.
    for file, body in sorted(spans, key=lambda span: -span[1].start):
        texts[file] = texts[file][: body.start] + texts[file][body.end :]
    holes = []
    for file, body in spans:
        before = sum(b.end - b.start for f, b in spans if f == file and b.end <= body.start)
        holes.append(Hole(file, body.start - before, originals[file][body.start : body.end]))
    start = {**texts}
    typist = Typist(texts, holes, keys, dice, BRACKETS if trace.kind == "brackets" else {})
    (with_corrections if trace.kind == "mixed" else straight_on)(typist)
    for hole in holes:
        typist.finish(hole)
    edited = {file: digest(originals[file]) for file, _ in spans}
    return Trace(trace.name, trace.kind, trace.seed, trace.repository, start, tuple(typist.steps), edited)


def main() -> None:
    """Write the trace and say what it holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="forward")
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    trace = make(arguments.repository, arguments.kind, arguments.keys, arguments.seed)
    arguments.out.write_text(dump(trace), encoding="utf-8")
    print(f"{arguments.out}: {trace.keys} keys into {' and '.join(trace.ends)}, {len(trace.files)} files.")


if __name__ == "__main__":
    with one_sentence():
        main()
