"""What the resolver answers, whatever the language: order, configurations that change, odd input, few questions."""

from __future__ import annotations

from collections import Counter

import pytest

from lsp_server.context.imports import Resolved, Resolver
from lsp_server.context.modules.languages import LANGUAGES, language_of
from lsp_server.context.names import base_of
from lsp_server.context.outline import Import, Outline, outline
from tests.context.folder import EMPTY, Tree, files, imported, outlined, resolver


def test_imports_are_answered_in_their_order() -> None:
    statements = ("b: B", "nowhere: N", "a: A", "b: B")
    found = resolver(files("a.py", "b.py", "main.py")).resolve("main.py", outlined("", *statements))
    assert found == tuple(
        Resolved(imported(statement, line), names)
        for line, (statement, names) in enumerate(zip(statements, [("b.py",), (), ("a.py",), ("b.py",)], strict=True))
    )


def test_each_language_has_its_own_suffixes() -> None:
    suffixes = Counter(suffix for language in LANGUAGES for suffix in language.suffixes)
    assert set(suffixes.values()) == {1}
    assert all(language_of(f"a/b{suffix}") is not None for suffix in suffixes)
    assert language_of("notes.txt") is language_of("Makefile") is None


def test_files_of_other_languages_lead_nowhere() -> None:
    folder = resolver(files("notes.txt", "x.py"))
    assert folder.resolve("notes.txt", outlined("", "x")) == (Resolved(imported("x"), ()),)
    assert folder.same_package("notes.txt", EMPTY) == folder.companions("notes.txt") == ()


def test_files_come_and_go() -> None:
    folder = resolver(files("main.py"))
    (asked,) = imports = (imported("tax: Rule"),)
    asking = Outline(EMPTY.how, (), imports)
    assert folder.resolve("main.py", asking) == (Resolved(asked, ()),)
    folder.add("tax.py")
    assert folder.resolve("main.py", asking) == (Resolved(asked, ("tax.py",)),)
    folder.remove("tax.py")
    assert folder.resolve("main.py", asking) == (Resolved(asked, ()),)


CONFIGS = [
    ("tsconfig.json", '{"compilerOptions": {"paths": {"#far": ["lib/near.ts"]}}}', "src/a.ts", "#far", "lib/near.ts"),
    ("lib/package.json", '{"name": "far", "main": "near.ts"}', "src/a.ts", "far", "lib/near.ts"),
    ("lib/go.mod", "module example.org/far", "src/a.go", "example.org/far", "lib/near.go"),
    ("lib/Cargo.toml", '[lib]\nname = "far"\npath = "near.rs"', "src/a.rs", "far", "lib/near.rs"),
    ("composer.json", '{"autoload": {"psr-4": {"Far\\\\": "lib"}}}', "src/a.php", "Far\\near", "lib/near.php"),
]


@pytest.mark.parametrize(("config", "text", "importer", "module", "expected"), CONFIGS)
def test_configurations_are_read_again_when_they_change(
    config: str, text: str, importer: str, module: str, expected: str
) -> None:
    texts = {config: "?"}
    folder = Resolver(texts.get, {expected: EMPTY}.get)
    asking = Outline(EMPTY.how, (), (Import(module),))

    def leads_to() -> tuple[str, ...]:
        return folder.resolve(importer, asking)[0].files

    for name in (importer, expected, config):
        folder.add(name)
    assert leads_to() == ()
    texts[config] = text
    folder.forget(config)
    assert leads_to() == (expected,)
    texts[config] = "{"
    folder.add(config)
    assert leads_to() == ()
    texts[config] = text
    folder.add(config)
    assert leads_to() == (expected,)
    del texts[config]
    folder.remove(config)
    assert leads_to() == ()


# Broken in some way, or of a shape that would take a careless reader for ever.
ODD_TEXTS = (
    *("", "{", "[[[", "null", "7", '{"exports": 3, "name": {}}', "\0", "\ufeff{}", "module\n", "= ="),
    *(piece * 20_000 for piece in ("[", '{"a":', "/*", '"', '"\\', ",", ", ", "a.")),
)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_broken_configurations_count_as_absent(text: str) -> None:
    names = ["package.json", "tsconfig.json", "go.mod", "Cargo.toml", "composer.json"]
    sources = ["a/lib.ts", "a/lib.go", "a/lib.rs", "a/lib.php", "a/x.ts", "a/x.go", "a/x.rs", "a/x.php"]
    tree: Tree = {**dict.fromkeys(names, text), **files(*sources)}
    for importer in sources:
        (found,) = resolver(tree).resolve(importer, outlined("", "some/module"))
        assert found.files == ()


ODD_MODULES = (
    *(
        "",
        ".",
        "..",
        "...",
        "....",
        "/",
        "//",
        "*",
        "**",
        "a..b",
        ".a.",
        "a.",
        "\0",
        "./\0",
        "~",
        "@",
        "@/",
        "@a",
        "#",
        "#/",
    ),
    *(
        "::",
        "a::",
        "::a",
        "crate",
        "super",
        "self",
        "mod",
        "mod::",
        "super::super",
        "crate::*",
        "\\",
        "\\\\",
        "a\\",
        "$",
        "'",
    ),
    *(
        "../" * 50,
        "./" * 50,
        "a/" * 500,
        "a." * 500,
        "a::" * 500,
        "x" * 5000,
        "é",
        "\ud800",
        "%00",
        "?",
        "./?",
        " ",
        "\n",
    ),
)


@pytest.mark.parametrize("suffix", sorted(suffix for language in LANGUAGES for suffix in language.suffixes))
def test_nothing_raises_on_odd_modules(suffix: str) -> None:
    places = ["x", "a/x", "a/b/x", "a/index", "a/mod", "a/__init__", "src/lib", "tests/test_x"]
    folder = resolver(files(*(place + suffix for place in places)))
    names = ((), ("",), ("*",), ("x", "*"), ("self",), ("a.b",), ("\0",))
    imports = tuple(Import(module, taken) for module in ODD_MODULES for taken in names)
    for importer in ["x", "a/b/x", "", "a/", "not/there"]:
        asking = Outline(EMPTY.how, (), imports, package="..")
        assert len(folder.resolve(importer + suffix, asking)) == len(imports)
        folder.same_package(importer + suffix, asking)
        folder.companions(importer + suffix)


def test_few_questions_are_asked() -> None:
    barrels = 40
    tree: Tree = {f"m{number}.ts": outlined(f"A{number} B{number}") for number in range(barrels)}
    tree["index.ts"] = outlined("", *(f"export ./m{number}: *" for number in range(barrels)))
    asked: Counter[str] = Counter()

    def read(name: str) -> str | None:
        asked[name] += 1
        return None

    def outline_of(name: str) -> Outline | None:
        asked[name] += 1
        known = tree.get(name)
        return known if isinstance(known, Outline) else None

    folder = Resolver(read, outline_of)
    for name in tree:
        folder.add(name)
    asking = outlined("", *(f"./index: A{number} B{number} Missing" for number in range(barrels)))
    found = folder.resolve("main.ts", asking)
    assert [one.files for one in found] == [(f"m{number}.ts", "index.ts") for number in range(barrels)]
    assert max(asked.values()) == 1


SOURCES = {
    "src/shop/__init__.py": "from .money import Money\nfrom . import tax\n",
    "src/shop/money.py": "class Money:\n    pass\n",
    "src/shop/tax.py": "from shop import Money\nimport json\n\n\ndef taxed(money: Money) -> Money: ...\n",
    "web/app.tsx": 'import Page, { Row } from "./parts";\nimport * as React from "react";\n',
    "web/parts/index.ts": 'export * from "./row";\nexport { default } from "./page";\n',
    "web/parts/row.tsx": "export const Row = () => null;\n",
    "web/parts/page.tsx": "export default function Page() {}\n",
    "go.mod": "module example.org/shop\n",
    "cmd/main.go": 'package main\n\nimport (\n\t"fmt"\n\t"example.org/shop/bill"\n)\n',
    "bill/bill.go": "package bill\n",
    "java/com/acme/Money.java": "package com.acme;\n\nimport com.acme.util.Text;\n\nclass Money {}\n",
    "java/com/acme/util/Text.java": "package com.acme.util;\n\npublic class Text {}\n",
    "rust/Cargo.toml": '[package]\nname = "shop"\n',
    "rust/src/main.rs": "mod bill;\nmod money;\nuse crate::bill::{Bill, Money};\n",
    "rust/src/bill.rs": "pub use crate::money::Money;\npub struct Bill;\n",
    "rust/src/money.rs": "pub struct Money;\n\nmod tests {\n    use super::*;\n}\n",
}


@pytest.mark.parametrize(
    ("importer", "expected"),
    [
        ("src/shop/__init__.py", ["src/shop/money.py", "src/shop/tax.py"]),
        ("src/shop/tax.py", ["src/shop/money.py", ""]),
        ("web/app.tsx", ["web/parts/page.tsx web/parts/row.tsx", ""]),
        ("cmd/main.go", ["", "bill/bill.go"]),
        ("java/com/acme/Money.java", ["java/com/acme/util/Text.java"]),
        ("rust/src/main.rs", ["rust/src/bill.rs", "rust/src/money.rs", "rust/src/bill.rs", "rust/src/money.rs"]),
        ("rust/src/money.rs", [""]),
    ],
)
def test_with_outlines_of_real_text(importer: str, expected: list[str]) -> None:
    tree: Tree = {name: outline(text, base_of(name)) if language_of(name) else text for name, text in SOURCES.items()}
    asking = tree[importer]
    assert isinstance(asking, Outline)
    assert [" ".join(found.files) for found in resolver(tree).resolve(importer, asking)] == expected
