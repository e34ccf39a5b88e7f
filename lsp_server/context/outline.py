"""What one file defines and what it imports, by its syntax tree; languages are rows of one table.

Knows no other file and no tree-sitter: `syntax/captures.py` runs the queries. Lines count from 0, ranges are half-open.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from lsp_server.context.scopes import Scopes
from lsp_server.context.syntax.captures import captures
from lsp_server.context.written import declared, docstring, documentation, header_end, owner_of, plain

if TYPE_CHECKING:
    from lsp_server.context.grammars import Grammar
    from lsp_server.context.syntax.captures import Capture, Captures


class Kind(Enum):
    """What a definition is; languages call them differently."""

    TYPE = "type"  # class, interface, struct, enum, trait, protocol, union, record, type alias
    FUNCTION = "function"  # outside of any type
    METHOD = "method"  # constructors too
    VALUE = "value"  # field, property, enum member, constant, variable of a module, object that may own METHODs
    MACRO = "macro"
    MODULE = "module"  # namespace, module or package that is written within a file


class How(Enum):
    """How an outline came about; `midfill.explain` shows it."""

    SYNTAX = "syntax"
    ERRORS = "errors"  # there is a grammar, but parts of the file do not parse: definitions of the sound parts only
    LINES = "lines"  # no grammar for this language: no definitions, no imports


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a file defines where other files, or other functions, can see it; locals of functions are none.

    ::

        start     first line, with decorators or attributes, without comments above
        header    first line behind the signature: lines start..header tell how it is used
        end       first line behind the whole definition
        start < header <= end

    The signature of a value ends before, or where, a bracket opens; that of a value without brackets is all of it, or
    its first line where it has several.

    ``parent`` is the index, in the outline's definitions, of the definition that holds this one, lower than its own; -1
    at the top level (a Rust method's parent is the type that its `impl` names where the file defines it above, a Go
    method's its receiver).
    ``owner`` is the name of the type or object that a member belongs to, also where another file defines that; empty
    for none. Types that stand in types have one too; what stands in a namespace has that for its parent alone.
    ``bases`` are the names of the types that it extends, implements, embeds or mixes in, without type arguments and
    packages.
    ``documentation`` is the first line of its doc comment or docstring, without comment marks; empty for none.
    """

    name: str
    kind: Kind
    start: int
    header: int
    end: int
    parent: int
    owner: str = ""
    bases: tuple[str, ...] = ()
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    r"""One module that a file imports, as written there.

    ``module`` is what the language calls it: ``a.b`` or ``..x`` (Python), ``./button`` (TypeScript, JavaScript),
    ``com.acme.Money`` (Java: the whole name; ``com.acme.*``), ``example.com/mod/pkg`` (Go), ``crate::a::b`` (Rust, one
    Import a path: groups are taken apart; ``mod x;`` is ``mod::x``), ``util/log.h`` (C, C++), ``Acme.Money`` (C#),
    ``Acme\Money`` (PHP), ``./lib/x`` or ``x`` (Ruby; Bash's ``source``, as written).
    ``names`` are the names that it takes out of the module, as they are called there, ``default`` among them; ``*`` for
    all, also for ``import * as x``, ``a::*`` of Rust and static imports of Java and C#; empty for the module itself, so
    always where ``module`` is the whole path. ``line`` is where the import begins. ``is_export`` where the file offers
    them to others as its own: ``export ... from``, ``pub use``, and imports in an ``__init__.py``, which everybody
    takes for such.
    """

    module: str
    names: tuple[str, ...] = ()
    line: int = 0
    is_export: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """What one file defines and what it imports, both in the order of its lines.

    ``package`` is the one that it declares (Java, Go, PHP, C#), empty for none. Outlines of equal texts are equal.
    """

    how: How
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    package: str = ""


def outline(text: str, suffix: str) -> Outline:
    r"""Return the outline of a file with ``\n`` for line ends; ``suffix`` is the end of its name, as ``.py``.

    The whole name may be given too; only then are imports in an ``__init__.py`` known for exports.
    Never raises: what is not understood is not in it, nothing where a text takes longer than ``captures.LONGEST``.
    """
    found = captures(text, suffix)
    if found is None:
        return Outline(How.LINES)
    definitions = _Definitions(found, text.split("\n"))
    imports = _Imports(found.grammar, is_export=suffix.startswith("__init__."))
    package = ""
    for capture in found.captures:
        imports.take(capture)
        definitions.take(capture)
        if capture.tag == "package":
            package = package or "".join(capture.name.split())
    how = How.ERRORS if found.errors else How.SYNTAX
    return Outline(how, definitions.result(), imports.result(), package)


# What a capture of a query says of a definition; functions are METHODs where they have an owner.
_KINDS = {
    "type": Kind.TYPE,
    "function": Kind.FUNCTION,
    "method": Kind.FUNCTION,
    "value": Kind.VALUE,
    "member": Kind.VALUE,
    "macro": Kind.MACRO,
    "namespace": Kind.MODULE,
}
_DEFINING = frozenset({*_KINDS, "declared", "typedef"})
# What quotes and colons surround a name: `"a-b"() {}` in an object, `:name` of Ruby.
_AROUND_NAMES = "\"'`:"


class _Definitions:
    """Takes captures in the order of the text and says what they define."""

    def __init__(self, found: Captures, lines: list[str]) -> None:
        self._lines = lines
        self._comment = found.grammar.comment
        self._errors = found.errors
        self._is_torn = found.is_torn
        self._scopes = Scopes(lines, self._comment)
        self._found: list[Definition] = []
        self._types: dict[str, int] = {}
        self._bases: dict[int, list[str]] = {}
        self._bases_by_name: list[tuple[str, str]] = []
        # A second capture of the same node is the same definition, and `const x = require("x")` is none.
        self._known: set[tuple[int, int, str]] = set()
        self._imports = {(capture.start, capture.end) for capture in found.captures if capture.tag == "import"}
        self._values: set[tuple[int, str, str]] = set()

    def take(self, capture: Capture) -> None:
        scopes = self._scopes
        if capture.tag in _DEFINING:
            self._define(capture)
            return
        scopes.reach(capture)
        if capture.tag == "base":
            self._take_base(plain(capture.name))
        elif capture.tag == "lead":
            scopes.wait(capture)
        elif capture.tag == "scope":
            scopes.open("scope", -1, capture, "")
        elif capture.tag == "extension":
            scopes.open("type", -1, capture, plain(capture.name))

    def result(self) -> tuple[Definition, ...]:
        for owner, base in self._bases_by_name:
            if owner in self._types:
                self._bases.setdefault(self._types[owner], []).append(base)
        for index, bases in self._bases.items():
            self._found[index] = replace(self._found[index], bases=tuple(dict.fromkeys(bases)))
        return tuple(self._found)

    def _define(self, capture: Capture) -> None:
        tag, name, owner = _called(capture)
        if (capture.start, capture.end, name) in self._known or (capture.start, capture.end) in self._imports:
            return
        self._known.add((capture.start, capture.end, name))
        self._scopes.reach(capture)
        holder = self._scopes.innermost()
        if holder is not None and tag == holder.tag == "type" and capture.body == holder.body:
            # `typedef struct a { } b;` gives one type two names; its members go by the second.
            if name not in {"", holder.name}:
                self._add(capture, name, Kind.TYPE, -1, "")
            self._scopes.open("type", holder.definition, capture, holder.name)
            return
        place = self._place(tag, owner, capture.line)
        index = -1
        if place is not None and name not in {"", "_"} and self._is_sound(capture):
            kind = _KINDS[tag]
            if kind is Kind.FUNCTION and place[1]:
                kind = Kind.METHOD
            index = self._add(capture, name, kind, *place)
        self._scopes.open("scope" if place is None else tag, index, capture, name)

    def _place(self, tag: str, owner: str, line: int) -> tuple[int, str] | None:
        """Return the parent and the owner of what is defined here; ``None`` where nobody else can see it."""
        if owner:
            return self._types.get(owner, -1), owner
        holder = self._scopes.innermost_type() if tag == "member" else self._scopes.innermost()
        if holder is None:
            # Where the whole file does not parse, an indented value may be a local of what is broken.
            is_local = tag == "member" or (tag == "value" and self._is_torn and self._lines[line][:1].isspace())
            return None if is_local else (-1, "")
        if holder.tag == "type":
            return holder.definition if holder.definition >= 0 else self._types.get(holder.name, -1), holder.name
        if holder.tag == "namespace":
            return holder.definition, holder.name if tag == "method" else ""
        # Of the values, objects have methods.
        return (holder.definition, holder.name) if holder.tag == "value" and tag == "method" else None

    def _is_sound(self, capture: Capture) -> bool:
        """Return whether the signature of a definition parses."""
        at = bisect_left(self._errors, capture.start)
        return at == len(self._errors) or self._errors[at] >= (capture.end if capture.body < 0 else capture.body)

    def _add(self, capture: Capture, name: str, kind: Kind, parent: int, owner: str) -> int:
        if kind is Kind.VALUE:
            if (parent, owner, name) in self._values:
                return -1
            self._values.add((parent, owner, name))
        lines, comment = self._lines, self._comment
        end = capture.end_line
        header = header_end(lines, capture.line, end, (capture.body_line, capture.body_column), comment)
        start = self._scopes.first_line(capture.line)
        said = docstring(lines, header, end) if comment == "#" and kind is not Kind.VALUE else ""
        said = said or documentation(lines, start, comment)
        index = len(self._found)
        self._found.append(Definition(name, kind, start, header, end, parent, owner, (), said))
        if kind is Kind.TYPE:
            self._types.setdefault(name, index)
        return index

    def _take_base(self, name: str) -> None:
        holder = self._scopes.innermost()
        if holder is None or holder.tag not in {"type", "namespace"} or not name:
            return
        if holder.definition >= 0:
            self._bases.setdefault(holder.definition, []).append(name)
        else:
            self._bases_by_name.append((holder.name, name))


def _called(capture: Capture) -> tuple[str, str, str]:
    """Return the tag, the name and the owner that a capture defines; C writes them into one another."""
    if capture.tag == "declared":
        name, owner, is_function = declared(capture.name)
        return "function" if is_function else "value", name, owner
    if capture.tag == "typedef":
        return "type", declared(capture.name).name, ""
    return capture.tag, capture.name.strip(_AROUND_NAMES), owner_of(capture.owner)


class _Imports:
    """Takes captures in the order of the text and says what is imported."""

    def __init__(self, grammar: Grammar, *, is_export: bool) -> None:
        self._grammar = grammar
        self._is_export = is_export
        self._found: list[Import] = []
        self._first = 0
        self._end = -1

    def take(self, capture: Capture) -> None:
        tag = capture.tag
        if tag in ("import", "export"):
            self._add(capture, is_export=self._is_export or tag == "export")
        elif tag == "submodule":
            self._found.append(Import(f"mod::{capture.module}", (), capture.line))
        elif capture.start >= self._end:
            return
        elif tag == "imported":
            self._name(capture.name.strip("\"'"))
        elif tag in ("all", "default"):
            self._name("*" if tag == "all" else tag)
        elif tag == "offered":
            self._found[self._first :] = [replace(known, is_export=True) for known in self._found[self._first :]]

    def result(self) -> tuple[Import, ...]:
        return tuple(self._found)

    def _add(self, capture: Capture, *, is_export: bool) -> None:
        modules = self._grammar.paths(capture.module)
        if not modules or (capture.start < self._end and modules[0][0] == self._found[-1].module):
            return
        self._first = len(self._found)
        self._end = capture.end
        self._found += [Import(module, names, capture.line, is_export) for module, names in modules]

    def _name(self, name: str) -> None:
        last = self._found[-1]
        self._found[-1] = replace(last, names=(*last.names, name))
