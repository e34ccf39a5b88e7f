"""A workspace of any size, made by dice, for measuring how an index grows. Knows no index.

The same count and seed make the same files. They look like code to a parser and to a counter of words: 150 to 200
lines, classes with methods, functions, comments, imports of other files that are there. Their words follow Zipf's law,
as those of programs do: some stand in most files, and of the 170,000 of 10,000 files most stand in one alone. What the
code would do makes no sense.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from bench.made_dialects import DIALECTS, GO, JAVA, PYTHON, TYPESCRIPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.made_dialects import Dialect

FILES_A_PACKAGE = 12
PACKAGES_AN_AREA = 10
# Of the names that a file uses, so many are drawn from those that the whole workspace shares; so many are its own.
SHARED_NAMES, OWN_NAMES = 36, 9
IMPORTS = (3, 7)
LINES = (145, 185)
_COMMON = """
    get set add load save open close read write find make build parse format render check update remove create
    handle send receive start stop run apply merge split count sort filter sheet list item key value name path file
    line text user account order payment invoice session token request response client server config option state
    event queue task job worker cache store index table row column field kind node tree graph edge page view model
    form button input output error result status message buffer stream socket channel signal timer date range limit
    offset size
"""
_SYLLABLES = """
    ba ce di fo gu ha jo ka le mi no pu ra si to ve wi xan yor zel cra dre fli gro pla spo tri sten mont
"""
_PIECES = 2500


@dataclass(frozen=True, slots=True)
class Module:
    """A file before it is written: its path below the workspace, and what others may import of it."""

    path: str
    package: str
    name: str
    dialect: Dialect
    types: tuple[str, ...]
    functions: tuple[str, ...]


class Vocabulary:
    """The names that a workspace shares, the frequent ones first, and pieces for new ones."""

    def __init__(self, files: int, dice: random.Random) -> None:
        """Make about two shared names a file, and some thousands for a small workspace too."""
        syllables = _SYLLABLES.split()
        made = {"".join(dice.choices(syllables, k=dice.randint(2, 3))) for _ in range(_PIECES)}
        self._pieces = [*_COMMON.split(), *sorted(made)]
        self._piece_weights = list(accumulate(1 / (rank + 5) for rank in range(len(self._pieces))))
        self._shared = [(piece,) for piece in _COMMON.split()] + [self.new(dice) for _ in range(3000 + 2 * files)]
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._shared))))

    def new(self, dice: random.Random) -> tuple[str, ...]:
        """Return the pieces of a name of one to three, of which hardly another has just these."""
        return tuple(dice.choices(self._pieces, cum_weights=self._piece_weights, k=dice.choice((2, 2, 3))))

    def shared(self, dice: random.Random, count: int) -> list[tuple[str, ...]]:
        """Return names of the shared ones by Zipf's law; some more than once."""
        return dice.choices(self._shared, cum_weights=self._weights, k=count)

    def text(self, dice: random.Random, count: int) -> str:
        """Return words of a comment."""
        return " ".join(dice.choices(self._pieces, cum_weights=self._piece_weights, k=count)).capitalize()


def camel(pieces: Sequence[str]) -> str:
    """Return a name as ``parseReply``."""
    return pieces[0] + pascal(pieces[1:])


def pascal(pieces: Sequence[str]) -> str:
    """Return a name as ``ParseReply``."""
    return "".join(piece.capitalize() for piece in pieces)


def make(folder: Path, count: int, seed: int) -> list[str]:
    """Write a workspace of ``count`` files into a folder; return their paths below it, with forward slashes."""
    dice = random.Random(f"{seed}/{count}")
    vocabulary = Vocabulary(count, dice)
    modules = [_planned(number, vocabulary, dice) for number in range(count)]
    (folder / GO.folder).mkdir(parents=True, exist_ok=True)
    (folder / GO.folder / "go.mod").write_text("module example.com/made\n", encoding="utf-8")
    alike = {dialect: [module for module in modules if module.dialect is dialect] for dialect in DIALECTS}
    for number, module in enumerate(modules):
        first = number - number % FILES_A_PACKAGE
        near = modules[first : first + FILES_A_PACKAGE]
        imported = dict.fromkeys(
            dice.choice(near) if dice.random() < 0.5 else _popular(alike[module.dialect], dice)
            for _ in range(dice.randint(*IMPORTS))
        )
        imported.pop(module, None)
        path = folder / module.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(_Text(module, tuple(imported), vocabulary, dice).lines())
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return [module.path for module in modules]


def _popular(modules: Sequence[Module], dice: random.Random) -> Module:
    """Return one of the modules; the first ones are used in many places."""
    return modules[int(len(modules) * dice.random() ** 3)]


def _planned(number: int, vocabulary: Vocabulary, dice: random.Random) -> Module:
    at = number // FILES_A_PACKAGE
    dialect = DIALECTS[at % len(DIALECTS)]
    package = f"pack{at}"
    types = tuple(pascal(vocabulary.new(dice)) for _ in range(dice.randint(1, 2)))
    cased = camel if dialect.has_camels else "_".join
    names = (cased(vocabulary.new(dice)) for _ in range(dice.randint(2, 5)))
    functions = tuple(name[:1].upper() + name[1:] if dialect is GO else name for name in names)
    base = types[0] if dialect is JAVA else f"{functions[0].lower()}_{number}"
    middle = "com/made/" if dialect is JAVA else f"area{at // PACKAGES_AN_AREA}/" if dialect is not GO else ""
    path = f"{dialect.folder}/{middle}{package}/{base}{dialect.suffix}"
    # Two classes of a package may have got one name.
    if dialect is JAVA:
        types = (f"{types[0]}{number}", *types[1:])
        path = f"{dialect.folder}/{middle}{package}/{types[0]}{dialect.suffix}"
    return Module(path, package, path.rpartition("/")[2].removesuffix(dialect.suffix), dialect, types, functions)


class _Text:
    """The lines of one file."""

    def __init__(self, module: Module, imported: Sequence[Module], vocabulary: Vocabulary, dice: random.Random) -> None:
        self._module, self._imported = module, imported
        self._dialect = module.dialect
        self._vocabulary, self._dice = vocabulary, dice
        cased = camel if module.dialect.has_camels else "_".join
        own = [vocabulary.new(dice) for _ in range(OWN_NAMES)]
        self._words = [cased(pieces) for pieces in (*vocabulary.shared(dice, SHARED_NAMES), *own)]
        self._used = [name for one in imported for name in (*one.functions, *one.types)] or [*module.functions]
        self._length = dice.randint(*LINES)

    def lines(self) -> Iterator[str]:
        """Yield the file from its first line: imports, classes, functions until it is long enough."""
        dialect, module = self._dialect, self._module
        yield dialect.first.format(package=module.package, name=module.name)
        yield ""
        for other in self._imported:
            names = (other.types[0],) if dialect in (GO, JAVA) else (other.types[0], other.functions[0])
            for name in names:
                yield dialect.importing.format(module=_module_of(other, module), name=name)
        count = 3 + 2 * len(self._imported)
        functions = list(module.functions)
        for owner in module.types:
            yield ""
            for line in self._type(owner, functions):
                count += 1
                yield line
        while functions or count < self._length:
            name = functions.pop() if functions else self._word()
            yield ""
            for line in self._function(name, module.types[0]):
                count += 1
                yield line

    def _type(self, owner: str, functions: list[str]) -> Iterator[str]:
        dialect, dice = self._dialect, self._dice
        yield dialect.type.format(name=owner)
        for _ in range(dice.randint(2, 5)):
            yield f"    {dialect.field.format(name=self._word(), type=self._kind(), value=self._literal())}"
        if not dialect.methods_inside:
            yield dialect.end
        indent = "    " if dialect.methods_inside else ""
        for _ in range(dice.randint(3, 5)):
            yield ""
            yield from (f"{indent}{line}" for line in self._body(dialect.method, self._word(), owner))
        while functions and not dialect.has_functions:
            yield from (f"{indent}{line}" for line in self._body(dialect.function, functions.pop(), owner))
        if dialect.methods_inside and dialect.end:
            yield dialect.end

    def _function(self, name: str, owner: str) -> Iterator[str]:
        if self._dialect.has_functions:
            yield from self._body(self._dialect.function, name, owner)
            return
        # Where everything stands in a class, so does what fills the file.
        yield self._dialect.type.format(name=f"{name[:1].upper()}{name[1:]}")
        yield from (f"    {line}" for line in self._body(self._dialect.function, name, owner))
        yield self._dialect.end

    def _body(self, head: str, name: str, owner: str) -> Iterator[str]:
        dialect, dice = self._dialect, self._dice
        if dice.random() < 0.4:
            yield dialect.comment.format(text=self._vocabulary.text(dice, dice.randint(5, 10)))
        yield head.format(name=name, owner=owner, parameter=self._word(), other=self._word(), type=self._kind())
        for _ in range(dice.randint(2, 7)):
            yield from (f"    {line}" for line in self._statement())
        yield f"    {dialect.result.format(value=self._value())}"
        if dialect.end:
            yield dialect.end

    def _statement(self) -> Iterator[str]:
        dialect, drawn = self._dialect, self._dice.random()
        if drawn < 0.6:
            yield dialect.local.format(name=self._word(), value=self._value())
            return
        if drawn < 0.65:
            yield dialect.comment.format(text=self._vocabulary.text(self._dice, 7))
            return
        if drawn < 0.85:
            yield dialect.condition.format(value=f"{self._word()} == {self._literal()}")
        else:
            yield dialect.loop.format(name=self._word(), value=self._word())
        yield f"    {dialect.local.format(name=self._word(), value=self._value())}"
        if dialect.end:
            yield dialect.end

    def _value(self) -> str:
        drawn = self._dice.random()
        if drawn < 0.35:
            return f"{self._dice.choice(self._used)}({self._word()}, {self._word()})"
        if drawn < 0.6:
            return f"{self._dialect.this}{self._word()}({self._word()})"
        if drawn < 0.85:
            return f"{self._word()}.{self._word()}({self._literal()})"
        return f"{self._word()} + {self._literal()}"

    def _word(self) -> str:
        return self._dice.choice(self._words)

    def _kind(self) -> str:
        return self._dice.choice((*self._dialect.types, *self._module.types))

    def _literal(self) -> str:
        return self._dice.choice(("0", "1", "12", '"none"', '"a b"'))


def _module_of(module: Module, user: Module) -> str:
    """Return what a file calls another one of its language."""
    if module.dialect is PYTHON:
        return module.path.removeprefix(f"{PYTHON.folder}/").removesuffix(PYTHON.suffix).replace("/", ".")
    if module.dialect is JAVA:
        return f"com.made.{module.package}.{module.name}"
    if module.dialect is GO:
        return f"example.com/made/{module.package}"
    area, package, name = module.path.removeprefix(f"{TYPESCRIPT.folder}/").removesuffix(TYPESCRIPT.suffix).split("/")
    same = user.path.startswith(f"{TYPESCRIPT.folder}/{area}/{package}/")
    return f"./{name}" if same else f"../../{area}/{package}/{name}"
