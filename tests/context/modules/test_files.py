"""Where imports that are paths lead: C, C++, Ruby, Bash."""

from __future__ import annotations

import pytest

from tests.context.folder import check, files

C = files(
    "app/main.c",
    "app/log.h",
    "app/string.h",
    "lib/log.h",
    "lib/include/acme/money.hpp",
    "lib/src/money.cpp",
    "net/include/acme/socket.h",
    "net/src/string.c",
)


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("app/main.c", "log.h", "app/log.h"),
        ("lib/src/money.cpp", "log.h", "lib/log.h"),
        ("app/main.c", "../lib/log.h", "lib/log.h"),
        ("app/main.c", "acme/money.hpp", "lib/include/acme/money.hpp"),
        ("lib/src/money.cpp", "../acme/socket.h", "net/include/acme/socket.h"),
        # One of the standard's is meant, unless it lies right here.
        ("net/src/string.c", "string.h", ""),
        ("app/main.c", "string.h", "app/string.h"),
        ("app/main.c", "vector", ""),
        ("app/main.c", "sys/log.h", ""),
        ("app/main.c", "/usr/include/zlib.h", ""),
        ("app/main.c", "../", ""),
    ],
)
def test_c(importer: str, statement: str, expected: str) -> None:
    check(C, importer, statement, expected)


RUBY = files(
    "lib/shop.rb",
    "lib/shop/money.rb",
    "lib/shop/json.rb",
    "app/models/order.rb",
    "spec/spec_helper.rb",
    "spec/shop/money_spec.rb",
    "engines/pay/lib/pay/card.rb",
)


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("spec/shop/money_spec.rb", "shop/money", "lib/shop/money.rb"),
        ("spec/shop/money_spec.rb", "shop", "lib/shop.rb"),
        ("spec/shop/money_spec.rb", "spec_helper", "spec/spec_helper.rb"),
        ("lib/shop.rb", "./shop/money", "lib/shop/money.rb"),
        ("lib/shop.rb", "shop/money.rb", "lib/shop/money.rb"),
        ("lib/shop/money.rb", "../shop", "lib/shop.rb"),
        ("lib/shop.rb", "pay/card", "engines/pay/lib/pay/card.rb"),
        ("lib/shop.rb", "models/order", "app/models/order.rb"),
        ("lib/shop.rb", "json", ""),
        ("lib/shop.rb", "order", ""),
        ("lib/shop.rb", "./nowhere", ""),
        ("lib/shop.rb", ".rb", ""),
    ],
)
def test_ruby(importer: str, statement: str, expected: str) -> None:
    check(RUBY, importer, statement, expected)


BASH = files("bin/run.sh", "bin/lib/log.sh", "lib/common.sh", "lib/log.sh")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("./lib/log.sh", "bin/lib/log.sh"),
        ("lib/common.sh", "lib/common.sh"),
        ("../lib/log.sh", "lib/log.sh"),
        ("$DIR/lib/log.sh", "bin/lib/log.sh"),
        ('"${BASH_SOURCE%/*}/lib/log.sh"', "bin/lib/log.sh"),
        ('$(dirname "$0")/../lib/common.sh', "lib/common.sh"),
        ("common.sh", "lib/common.sh"),
        ("/etc/profile", ""),
        ("$FILE", ""),
    ],
)
def test_bash(statement: str, expected: str) -> None:
    check(BASH, "bin/run.sh", statement, expected)
