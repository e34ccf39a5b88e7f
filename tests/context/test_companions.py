"""Which files belong together by their names."""

from __future__ import annotations

import pytest

from tests.context.folder import files, resolver

FOLDER = files(
    "shop/money.py",
    "shop/web/views.py",
    "shop/admin/views.py",
    "shop/test_money.py",
    "tests/test_money.py",
    "tests/web/test_views.py",
    "tests/admin/views_test.py",
    "app/src/button.tsx",
    "app/src/button.test.tsx",
    "app/src/__tests__/button.tsx",
    "app/src/forms/input.ts",
    "app/test/forms/input.spec.js",
    "pay/pay.go",
    "pay/pay_test.go",
    "core/src/main/java/com/acme/Money.java",
    "core/src/test/java/com/acme/MoneyTest.java",
    "core/src/test/java/com/acme/MoneyIT.java",
    "crate/src/parse.rs",
    "crate/tests/parse.rs",
    "lib/shop/cart.rb",
    "spec/shop/cart_spec.rb",
    "src/Acme/Basket.cs",
    "test/Acme/BasketTests.cs",
    "net/include/net/socket.h",
    "net/src/socket.cc",
    "net/test/socket_test.cc",
    "docs/money.md",
    "test.py",
    "test_.py",
    *(f"pages/p{number}/index.ts" for number in range(9)),
    *(f"pages/p{number}/index.test.ts" for number in range(9)),
    "index.ts",
    *(f"many/p{number}/main/x.ts" for number in range(300)),
    *(f"many/p{number}/test/x.test.ts" for number in range(300)),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop/money.py", "shop/test_money.py tests/test_money.py"),
        ("tests/test_money.py", "shop/money.py"),
        ("shop/web/views.py", "tests/web/test_views.py tests/admin/views_test.py"),
        ("tests/admin/views_test.py", "shop/admin/views.py shop/web/views.py"),
        ("app/src/button.tsx", "app/src/button.test.tsx app/src/__tests__/button.tsx"),
        ("app/src/__tests__/button.tsx", "app/src/button.test.tsx app/src/button.tsx"),
        ("app/src/forms/input.ts", "app/test/forms/input.spec.js"),
        ("app/test/forms/input.spec.js", "app/src/forms/input.ts"),
        ("pay/pay.go", "pay/pay_test.go"),
        ("pay/pay_test.go", "pay/pay.go"),
        (
            "core/src/main/java/com/acme/Money.java",
            "core/src/test/java/com/acme/MoneyIT.java core/src/test/java/com/acme/MoneyTest.java",
        ),
        ("core/src/test/java/com/acme/MoneyIT.java", "core/src/main/java/com/acme/Money.java"),
        ("crate/src/parse.rs", "crate/tests/parse.rs"),
        ("crate/tests/parse.rs", "crate/src/parse.rs"),
        ("lib/shop/cart.rb", "spec/shop/cart_spec.rb"),
        ("spec/shop/cart_spec.rb", "lib/shop/cart.rb"),
        ("src/Acme/Basket.cs", "test/Acme/BasketTests.cs"),
        ("net/include/net/socket.h", "net/src/socket.cc net/test/socket_test.cc"),
        ("net/src/socket.cc", "net/include/net/socket.h net/test/socket_test.cc"),
        ("docs/money.md", ""),
        ("test.py", ""),
        ("test_.py", ""),
        ("nowhere/unknown.py", ""),
        # Of a name that many bear only the nearest counts, and none where many are as near.
        ("pages/p3/index.ts", "pages/p3/index.test.ts"),
        ("index.ts", ""),
        ("many/p7/main/x.ts", "many/p7/test/x.test.ts"),
    ],
)
def test_companions(name: str, expected: str) -> None:
    assert " ".join(resolver(FOLDER).companions(name)) == expected
