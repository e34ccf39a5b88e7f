"""Where imports of packages and classes lead: Go, Java, Kotlin, C#, PHP; and who shares a package."""

from __future__ import annotations

import pytest

from lsp_server.context.outline import How, Outline
from tests.context.folder import EMPTY, Tree, check, files, outlined, resolver

GO: Tree = {
    "go.mod": "// The shop.\nmodule example.org/shop\n\ngo 1.24\n",
    "main.go": outlined(package="main"),
    "money/money.go": outlined("Money", package="money"),
    "money/rate.go": outlined("Rate", package="money"),
    "money/money_test.go": outlined(package="money"),
    "money/outside_test.go": outlined(package="money_test"),
    "money/fmt/table.go": outlined(package="fmt"),
    "tools/go.mod": 'module "example.org/tools/v2"\n',
    "tools/tools.go": outlined(package="tools"),
    "tools/lint/lint.go": outlined(package="lint"),
    "broken/go.mod": "this is none",
    "broken/x.go": EMPTY,
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("main.go", "example.org/shop/money", "money/money.go money/rate.go"),
        ("money/outside_test.go", "example.org/shop/money", "money/money.go money/rate.go"),
        ("tools/lint/lint.go", "example.org/shop/money", "money/money.go money/rate.go"),
        ("tools/lint/lint.go", "example.org/shop", "main.go"),
        ("main.go", "example.org/tools/v2/lint", "tools/lint/lint.go"),
        ("main.go", "example.org/tools/v2", "tools/tools.go"),
        ("broken/x.go", "example.org/shop/money", "money/money.go money/rate.go"),
        ("main.go", "fmt", ""),
        ("main.go", "example.org/shopping/money", ""),
        ("main.go", "github.com/acme/money", ""),
        ("main.go", "C", ""),
    ],
)
def test_go(importer: str, statement: str, expected: str) -> None:
    check(GO, importer, statement, expected)


def test_go_from_within_a_module_whose_top_is_elsewhere() -> None:
    tree = files("cmd/main.go", "money/money.go", "http/http.go")
    check(tree, "cmd/main.go", "example.org/shop/money", "money/money.go")
    check(tree, "cmd/main.go", "net/http", "")


JAVA: Tree = {
    "core/src/main/java/com/acme/Money.java": outlined("Money", package="com.acme"),
    "core/src/main/java/com/acme/Rate.java": outlined("Rate", package="com.acme"),
    "core/src/main/kotlin/com/acme/Tax.kt": outlined("Tax taxed", package="com.acme"),
    "core/src/main/java/com/acme/util/Text.java": outlined("Text", package="com.acme.util"),
    "core/src/test/java/com/acme/MoneyTest.java": outlined("MoneyTest", package="com.acme"),
    "web/src/main/java/com/acme/web/Page.java": outlined("Page", package="com.acme.web"),
    "web/src/main/java/com/acme/Money.java": outlined("Money", package="com.acme"),
    "Script.java": outlined("Script"),
    "Helper.java": outlined("Helper"),
}
CORE = "core/src/main/java/com/acme"
# The rest of com.acme, as its Money sees it.
OTHERS = f"{CORE}/Rate.java core/src/main/kotlin/com/acme/Tax.kt web/src/main/java/com/acme/Money.java"


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        (f"{CORE}/util/Text.java", "com.acme.Money", f"{CORE}/Money.java"),
        ("web/src/main/java/com/acme/web/Page.java", "com.acme.Money", "web/src/main/java/com/acme/Money.java"),
        ("web/src/main/java/com/acme/web/Page.java", "com.acme.Rate", f"{CORE}/Rate.java"),
        (f"{CORE}/Money.java", "com.acme.util.*", f"{CORE}/util/Text.java"),
        (f"{CORE}/Money.java", "com.acme.util.Text: trimmed", f"{CORE}/util/Text.java"),
        (f"{CORE}/Money.java", "com.acme.util.Text: *", f"{CORE}/util/Text.java"),
        (f"{CORE}/Money.java", "com.acme.util.Text.Inner.Innermost", f"{CORE}/util/Text.java"),
        (f"{CORE}/Money.java", "com.acme.Tax", "core/src/main/kotlin/com/acme/Tax.kt"),
        (f"{CORE}/util/Text.java", "com.acme.taxed", "core/src/main/kotlin/com/acme/Tax.kt"),
        ("core/src/main/kotlin/com/acme/Tax.kt", "com.acme.util.Text", f"{CORE}/util/Text.java"),
        # A package may lie in several source roots; tests are for tests.
        (
            f"{CORE}/util/Text.java",
            "com.acme.*",
            f"{CORE}/Money.java {OTHERS}",
        ),
        ("Script.java", "Helper", "Helper.java"),
        (f"{CORE}/Money.java", "java.util.List", ""),
        (f"{CORE}/Money.java", "org.Money", ""),
        (f"{CORE}/Money.java", "*", ""),
    ],
)
def test_java(importer: str, statement: str, expected: str) -> None:
    check(JAVA, importer, statement, expected)


CSHARP: Tree = {
    "src/Acme.Shop/Program.cs": outlined("Program", package="Acme.Shop"),
    "src/Acme.Shop/Options.cs": outlined("Options", package="Acme.Shop"),
    "src/Acme.Shop/Models/Money.cs": outlined("Money", package="Acme.Shop.Models"),
    "src/Acme.Shop/Models/Strays.cs": outlined("Stray", package="Acme.Shop.Other"),
    "src/Acme.Shop/Models/Unknown.cs": Outline(How.LINES),
    "src/Acme.Web/Models/Page.cs": outlined("Page", package="Acme.Web.Models"),
}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Acme.Shop", "src/Acme.Shop/Options.cs"),
        ("Acme.Shop.Models", "src/Acme.Shop/Models/Money.cs src/Acme.Shop/Models/Unknown.cs"),
        ("global::Acme.Web.Models", "src/Acme.Web/Models/Page.cs"),
        ("Acme.Shop.Models.Money", "src/Acme.Shop/Models/Money.cs"),
        ("System.Linq", ""),
    ],
)
def test_csharp(statement: str, expected: str) -> None:
    check(CSHARP, "src/Acme.Shop/Program.cs", statement, expected)


PHP: Tree = {
    "composer.json": """{"autoload": {"psr-4": {"Acme\\\\": "src/", "Acme\\\\Web\\\\": ["web/", "web2"]}},
                         "autoload-dev": {"psr-4": {"Acme\\\\Tests\\\\": "tests"}}}""",
    "src/Money.php": outlined("Money", package="Acme"),
    "src/Tax/Rule.php": outlined("Rule", package="Acme\\Tax"),
    "src/Tax/Rate.php": outlined("Rate", package="Acme\\Tax"),
    "web2/Page.php": outlined("Page", package="Acme\\Web"),
    "tests/MoneyTest.php": outlined("MoneyTest", package="Acme\\Tests"),
    "old/lib/Legacy/Thing.php": outlined("Thing", package="Other\\Legacy"),
    "old/Loose.php": outlined("Loose", package="Other"),
    "old/script.php": outlined(),
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("src/Money.php", "Acme\\Tax\\Rule", "src/Tax/Rule.php"),
        ("src/Money.php", "\\Acme\\Tax\\Rule", "src/Tax/Rule.php"),
        ("src/Money.php", "Acme\\Tax: Rate Rule", "src/Tax/Rate.php src/Tax/Rule.php"),
        ("tests/MoneyTest.php", "Acme\\Money", "src/Money.php"),
        ("src/Money.php", "Acme\\Tests\\MoneyTest", "tests/MoneyTest.php"),
        ("src/Money.php", "Acme\\Web\\Page", "web2/Page.php"),
        # Without an autoload: by the path, and by the last part alone where the file says that it is.
        ("src/Money.php", "Other\\Legacy\\Thing", "old/lib/Legacy/Thing.php"),
        ("src/Money.php", "Other\\Loose", "old/Loose.php"),
        ("src/Money.php", "Symfony\\Loose", ""),
        ("old/script.php", "/lib/Legacy/Thing.php", "old/lib/Legacy/Thing.php"),
        ("old/script.php", "Loose.php", "old/Loose.php"),
    ],
)
def test_php(importer: str, statement: str, expected: str) -> None:
    check(PHP, importer, statement, expected)


@pytest.mark.parametrize(
    ("tree", "importer", "expected"),
    [
        (GO, "money/money.go", "money/rate.go"),
        (GO, "money/money_test.go", "money/money.go money/outside_test.go money/rate.go"),
        (GO, "money/outside_test.go", "money/money_test.go"),
        (GO, "main.go", ""),
        (
            JAVA,
            f"{CORE}/Money.java",
            OTHERS,
        ),
        (
            JAVA,
            "core/src/test/java/com/acme/MoneyTest.java",
            f"{CORE}/Money.java {OTHERS}",
        ),
        (JAVA, "Script.java", "Helper.java"),
        (CSHARP, "src/Acme.Shop/Program.cs", "src/Acme.Shop/Options.cs"),
        (PHP, "src/Tax/Rule.php", "src/Tax/Rate.php"),
        (PHP, "old/script.php", ""),
        (files("a/log.c", "a/log.h", "b/log.c", "b/log.h"), "b/log.c", "b/log.h"),
        (files("include/log.h", "src/log.cpp"), "include/log.h", "src/log.cpp"),
        (files("a/x.py", "a/y.py"), "a/x.py", ""),
        (files("notes.txt", "more.txt"), "notes.txt", ""),
    ],
)
def test_same_package(tree: Tree, importer: str, expected: str) -> None:
    content = tree[importer]
    assert isinstance(content, Outline)
    assert " ".join(resolver(tree).same_package(importer, content)) == expected
