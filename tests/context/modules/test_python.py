"""Where Python's imports lead."""

from __future__ import annotations

import pytest

from tests.context.folder import Tree, check, files, outlined

SHOP: Tree = {
    "setup.py": outlined(),
    "src/shop/__init__.py": outlined("", "export .money: Money", "export .basket: *", "export .tax: *"),
    "src/shop/money.py": outlined("Money Rate"),
    "src/shop/basket.py": outlined("Basket", ".money: Money"),
    "src/shop/tax/__init__.py": outlined("", "export .rules: Rule"),
    "src/shop/tax/rules.py": outlined("Rule Exemption"),
    "src/shop/logging.py": outlined("Log"),
    "src/shop/fast.pyi": outlined("speed"),
    "src/shop/numpy.py": outlined("as_array"),
    "src/shop/web/views.py": outlined("index"),
    "src/shop/web/forms.py": outlined("Form"),
    "tests/__init__.py": outlined(),
    "tests/test_money.py": outlined(),
    "tests/helpers.py": outlined("basket_of"),
    "tools/report.py": outlined(),
    "tools/tables.py": outlined("Table"),
    "tools/json.py": outlined("dump"),
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        # Absolute names, from src and from the root.
        ("tests/test_money.py", "shop.money", "src/shop/money.py"),
        ("tests/test_money.py", "shop.money: Rate", "src/shop/money.py"),
        ("tests/test_money.py", "tests.helpers: basket_of", "tests/helpers.py"),
        ("src/shop/money.py", "shop.tax.rules: Rule Exemption", "src/shop/tax/rules.py"),
        ("src/shop/money.py", "shop.fast: speed", "src/shop/fast.pyi"),
        # A script finds what lies beside it, but for the names of Python's own modules.
        ("tools/report.py", "tables: Table", "tools/tables.py"),
        ("tools/report.py", "json", ""),
        # Within a package they do not count, unless what is imported is defined there.
        ("src/shop/money.py", "logging", ""),
        ("src/shop/money.py", "numpy", ""),
        ("src/shop/money.py", "numpy: array", ""),
        ("src/shop/money.py", "basket: Basket", "src/shop/basket.py"),
        # From outside.
        ("src/shop/money.py", "attrs: frozen", ""),
        ("src/shop/money.py", "os.path: join", ""),
        ("src/shop/money.py", "shop.nowhere: x", ""),
    ],
)
def test_absolute(importer: str, statement: str, expected: str) -> None:
    check(SHOP, importer, statement, expected)


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("src/shop/basket.py", ".money: Money", "src/shop/money.py"),
        ("src/shop/basket.py", ".: money tax", "src/shop/money.py src/shop/tax/__init__.py"),
        ("src/shop/tax/rules.py", "..money: Rate", "src/shop/money.py"),
        ("src/shop/tax/rules.py", "..: money", "src/shop/money.py"),
        ("src/shop/tax/rules.py", "...: setup", ""),
        ("src/shop/tax/rules.py", "....: setup", "setup.py"),
        ("src/shop/tax/rules.py", ".....: setup", ""),
        ("src/shop/basket.py", ".web: views forms", "src/shop/web/views.py src/shop/web/forms.py"),
        ("src/shop/basket.py", ".web.views: index", "src/shop/web/views.py"),
        ("src/shop/basket.py", ".nowhere: x", ""),
        # Nothing leads from a file to itself.
        ("src/shop/money.py", ".: money", ""),
        ("src/shop/__init__.py", ".: VERSION", ""),
    ],
)
def test_relative(importer: str, statement: str, expected: str) -> None:
    check(SHOP, importer, statement, expected)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("shop: Money", "src/shop/money.py"),
        ("shop: Basket Money", "src/shop/basket.py src/shop/money.py"),
        ("shop: Rule", "src/shop/tax/rules.py"),
        ("shop: tax", "src/shop/tax/__init__.py"),
        ("shop.web: views", "src/shop/web/views.py"),
        # What an unstarred import of a plain module brings in is there to be imported, too.
        ("shop.basket: Money", "src/shop/money.py"),
        # Nobody is known to define it: the module itself.
        ("shop: VERSION", "src/shop/__init__.py"),
        # All names, or a module of which code may name anything: what the module passes on counts in.
        (
            "shop: *",
            "src/shop/__init__.py src/shop/money.py src/shop/basket.py src/shop/tax/__init__.py src/shop/tax/rules.py",
        ),
        (
            "shop",
            "src/shop/__init__.py src/shop/money.py src/shop/basket.py src/shop/tax/__init__.py src/shop/tax/rules.py",
        ),
    ],
)
def test_names_lead_to_the_file_that_defines_them(statement: str, expected: str) -> None:
    check(SHOP, "tests/test_money.py", statement, expected)


SEVERAL = files(
    "services/pay/app/__init__.py",
    "services/pay/app/models.py",
    "services/pay/tests/test_models.py",
    "services/mail/app/__init__.py",
    "services/mail/app/models.py",
    "services/mail/app/views.py",
    "libs/common/common/__init__.py",
    "libs/common/common/text.py",
    "libs/space/acme/text/words.py",
    "libs/other/acme/money/rates.py",
    "libs/nested/__init__.py",
    "libs/nested/py/__init__.py",
)


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("services/pay/tests/test_models.py", "app.models", "services/pay/app/models.py"),
        ("services/mail/app/views.py", "app.models", "services/mail/app/models.py"),
        ("services/pay/app/models.py", "common.text: wrap", "libs/common/common/text.py"),
        ("services/pay/app/models.py", "common", "libs/common/common/__init__.py"),
        # Namespace packages: one name, several directories.
        ("services/pay/app/models.py", "acme.text: words", "libs/space/acme/text/words.py"),
        ("services/pay/app/models.py", "acme.money.rates: Rate", "libs/other/acme/money/rates.py"),
        # A single name without a package, far away, is too little to go by.
        ("services/pay/app/models.py", "text", ""),
        ("services/pay/app/models.py", "words", ""),
        # A package within a package is not imported by its own name alone.
        ("services/pay/app/models.py", "py", ""),
        ("services/pay/app/models.py", "nested.py", "libs/nested/py/__init__.py"),
    ],
)
def test_the_nearest_root_wins(importer: str, statement: str, expected: str) -> None:
    check(SEVERAL, importer, statement, expected)


def test_circles_end() -> None:
    tree: Tree = {
        "a/__init__.py": outlined("", "export a.b: Name", "export a.b: *"),
        "a/b.py": outlined("", "a: Name", "export a: *"),
        "main.py": outlined(),
    }
    check(tree, "main.py", "a: Name", "a/__init__.py")
    check(tree, "main.py", "a: *", "a/__init__.py a/b.py")
