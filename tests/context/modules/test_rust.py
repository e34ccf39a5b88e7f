"""Where Rust's paths lead."""

from __future__ import annotations

import pytest

from lsp_server.context.outline import Definition, How, Import, Kind, Outline
from tests.context.folder import EMPTY, Tree, check, outlined, resolver

BANK: Tree = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
    "crates/bank-core/Cargo.toml": '[package]\nname = "bank-core"\n',
    "crates/bank-core/src/lib.rs": outlined("Bank", "mod::money", "export money::Money", "export ledger: *"),
    "crates/bank-core/src/money.rs": outlined("Money Rate"),
    "crates/bank-core/src/money/round.rs": outlined("half_up"),
    "crates/bank-core/src/ledger/mod.rs": outlined("Ledger", "mod::entry", "export self::entry::Entry"),
    "crates/bank-core/src/ledger/entry.rs": outlined("Entry"),
    "crates/bank-core/tests/api.rs": outlined("", "mod::common"),
    "crates/bank-core/tests/common/mod.rs": outlined("bank"),
    "crates/cli/Cargo.toml": '[package]\nname = "cli"\n[lib]\nname = "command"\npath = "lib/command.rs"\n',
    "crates/cli/lib/command.rs": outlined("Command"),
    "crates/cli/lib/parse.rs": outlined("parse"),
    "crates/cli/src/main.rs": outlined(),
    "crates/cli/src/table.rs": outlined("Table"),
    "crates/cli/src/bin/extra.rs": outlined(),
    "crates/cli/src/bin/helper.rs": outlined("help"),
    "crates/broken/Cargo.toml": "[package\n",
    "crates/broken/src/lib.rs": EMPTY,
}
CORE = "crates/bank-core/src"


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        # Declared modules.
        (f"{CORE}/lib.rs", "mod::money", f"{CORE}/money.rs"),
        (f"{CORE}/lib.rs", "mod::ledger", f"{CORE}/ledger/mod.rs"),
        (f"{CORE}/money.rs", "mod::round", f"{CORE}/money/round.rs"),
        (f"{CORE}/ledger/mod.rs", "mod::entry", f"{CORE}/ledger/entry.rs"),
        ("crates/bank-core/tests/api.rs", "mod::common", "crates/bank-core/tests/common/mod.rs"),
        ("crates/cli/src/bin/extra.rs", "mod::helper", "crates/cli/src/bin/helper.rs"),
        (f"{CORE}/lib.rs", "mod::nowhere", ""),
        # From the crate's root.
        (f"{CORE}/ledger/entry.rs", "crate::money::Rate", f"{CORE}/money.rs"),
        (f"{CORE}/ledger/entry.rs", "crate::money::Rate::new", f"{CORE}/money.rs"),
        (f"{CORE}/ledger/entry.rs", "crate::money::round", f"{CORE}/money/round.rs"),
        (f"{CORE}/ledger/entry.rs", "crate::Bank", f"{CORE}/lib.rs"),
        (f"{CORE}/ledger/entry.rs", "crate::Money", f"{CORE}/money.rs"),
        (f"{CORE}/money.rs", "crate::Entry", f"{CORE}/ledger/entry.rs"),
        (f"{CORE}/money.rs", "crate::ledger: *", f"{CORE}/ledger/mod.rs {CORE}/ledger/entry.rs"),
        (f"{CORE}/money.rs", "crate::r#ledger::Ledger", f"{CORE}/ledger/mod.rs"),
        ("crates/cli/src/table.rs", "crate::main", "crates/cli/src/main.rs"),
        # From where the importer stands.
        (f"{CORE}/ledger/entry.rs", "super::Ledger", f"{CORE}/ledger/mod.rs"),
        (f"{CORE}/ledger/entry.rs", "super::super::money::Rate", f"{CORE}/money.rs"),
        (f"{CORE}/money/round.rs", "super::Rate", f"{CORE}/money.rs"),
        (f"{CORE}/money.rs", "self::round::half_up", f"{CORE}/money/round.rs"),
        (f"{CORE}/lib.rs", "money::Money", f"{CORE}/money.rs"),
        (f"{CORE}/money.rs", "super::super::super::super::super::x", ""),
        # Other crates of the workspace.
        ("crates/cli/src/main.rs", "bank_core::Money", f"{CORE}/money.rs"),
        ("crates/cli/src/main.rs", "bank_core::ledger::Ledger", f"{CORE}/ledger/mod.rs"),
        ("crates/cli/src/main.rs", "bank_core", f"{CORE}/lib.rs"),
        ("crates/cli/src/main.rs", "command::parse", "crates/cli/lib/parse.rs"),
        ("crates/bank-core/tests/api.rs", "bank_core::Bank", f"{CORE}/lib.rs"),
        # From outside.
        ("crates/cli/src/main.rs", "std::io::Read", ""),
        ("crates/cli/src/main.rs", "serde::Serialize", ""),
    ],
)
def test_paths(importer: str, statement: str, expected: str) -> None:
    check(BANK, importer, statement, expected)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("super", ()),
        ("super::super", (f"{CORE}/lib.rs",)),
        ("self::helpers", ()),
        ("mod::cases", (f"{CORE}/money/tests/cases.rs",)),
    ],
)
def test_modules_within_the_importer(module: str, expected: tuple[str, ...]) -> None:
    tests = Definition("tests", Kind.MODULE, 10, 11, 20, -1)
    outline = Outline(How.SYNTAX, (tests,), (Import(module, ("*",) if "super" in module else (), 12),))
    tree = BANK | {f"{CORE}/money/tests/cases.rs": EMPTY}
    (resolved,) = resolver(tree).resolve(f"{CORE}/money.rs", outline)
    assert resolved.files[:1] == expected
