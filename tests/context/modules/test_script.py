"""Where imports of TypeScript and JavaScript lead."""

from __future__ import annotations

import pytest

from tests.context.folder import EMPTY, Tree, check, files, outlined

APP: Tree = {
    "app/main.ts": outlined(),
    "app/deep/page.tsx": outlined(),
    "app/money.ts": outlined("Money"),
    "app/button.tsx": outlined("Button"),
    "app/legacy.js": outlined("old"),
    "app/types.d.ts": outlined("Shape"),
    "app/worker.mts": outlined("work"),
    "app/card.vue": outlined(),
    "app/theme.css": EMPTY,
    "app/widgets/index.ts": outlined("", "export ./input: Input", "export ./date-picker: default", "export ./list: *"),
    "app/widgets/input.tsx": outlined("Input"),
    "app/widgets/date-picker.tsx": outlined("Picker"),
    "app/widgets/list/index.ts": outlined("", "export ./list: *", "export ./row: *"),
    "app/widgets/list/list.ts": outlined("List"),
    "app/widgets/list/row.ts": outlined("Row"),
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("app/main.ts", "./money: Money", "app/money.ts"),
        ("app/deep/page.tsx", "../money: Money", "app/money.ts"),
        ("app/main.ts", "./money.js: Money", "app/money.ts"),
        ("app/main.ts", "./money.ts: Money", "app/money.ts"),
        ("app/main.ts", "./button.js: Button", "app/button.tsx"),
        ("app/main.ts", "./button: default", "app/button.tsx"),
        ("app/main.ts", "./legacy.js: old", "app/legacy.js"),
        ("app/main.ts", "./types: Shape", "app/types.d.ts"),
        ("app/main.ts", "./worker.mjs: work", "app/worker.mts"),
        ("app/main.ts", "./card.vue: default", "app/card.vue"),
        ("app/main.ts", "./theme.css", "app/theme.css"),
        ("app/main.ts", "./theme.css?inline: default", "app/theme.css"),
        ("app/main.ts", "./nowhere", ""),
        ("app/main.ts", "../../outside", ""),
        ("app/main.ts", "react: useState", ""),
        ("app/main.ts", "node:fs: *", ""),
        # Barrels.
        ("app/main.ts", "./widgets: Input", "app/widgets/input.tsx"),
        ("app/main.ts", "./widgets/index.js: Input", "app/widgets/input.tsx"),
        ("app/main.ts", "./widgets: Row List", "app/widgets/list/row.ts app/widgets/list/list.ts"),
        ("app/main.ts", "./widgets: DatePicker", "app/widgets/date-picker.tsx"),
        ("app/main.ts", "./widgets: Unknown", "app/widgets/index.ts"),
        ("app/widgets/input.tsx", ".: Row", "app/widgets/list/row.ts"),
        (
            "app/main.ts",
            "./widgets: *",
            " ".join(name for name in APP if name.startswith("app/widgets/")),
        ),
    ],
)
def test_relative(importer: str, statement: str, expected: str) -> None:
    check(APP, importer, statement, expected)


ALIASES: Tree = {
    "tsconfig.json": """{"compilerOptions": {
        "baseUrl": "./src",
        "paths": {"@ui/*": ["ui/*", "ui/parts/*"], "cfg": ["config"]}}}""",
    "src/main.ts": EMPTY,
    "src/config.ts": EMPTY,
    "src/ui/button.ts": EMPTY,
    "src/ui/parts/knob.ts": EMPTY,
    "admin/tsconfig.json": """{
      // Comments and trailing commas are allowed here, "and // this": no comment.
      "extends": "../shared/base", /* several
      lines */
      "compilerOptions": {"strict": true,},
    }""",
    "admin/src/page.ts": EMPTY,
    "admin/src/table.ts": EMPTY,
    "shared/base.json": '{"compilerOptions": {"paths": {"#shared/*": ["./*"], "~/*": ["../admin/src/*"]}}}',
    "shared/text.ts": EMPTY,
    "vite/tsconfig.json": '{"references": [{"path": "./tsconfig.node.json"}, {"path": "./tsconfig.app.json"}]}',
    "vite/tsconfig.node.json": '{"compilerOptions": {"noEmit": true}}',
    "vite/tsconfig.app.json": '{"compilerOptions": {"paths": {"@/*": ["${configDir}/src/*"]}}}',
    "vite/src/app.ts": EMPTY,
    "vite/src/api.ts": EMPTY,
    "plain/jsconfig.json": "{ broken",
    "plain/src/deep/view.js": EMPTY,
    "plain/src/store.js": EMPTY,
    "round/tsconfig.json": '{"extends": "./tsconfig.json", "compilerOptions": {"paths": {"x": ["y"]}}}',
    "round/a.ts": EMPTY,
    "round/y.ts": EMPTY,
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("src/main.ts", "@ui/button: Button", "src/ui/button.ts"),
        ("src/main.ts", "@ui/knob", "src/ui/parts/knob.ts"),
        ("src/main.ts", "cfg", "src/config.ts"),
        ("src/main.ts", "ui/button", "src/ui/button.ts"),
        ("src/main.ts", "@ui/nowhere", ""),
        ("admin/src/page.ts", "#shared/text", "shared/text.ts"),
        ("admin/src/page.ts", "~/table", "admin/src/table.ts"),
        ("admin/src/page.ts", "@ui/button", ""),
        ("vite/src/app.ts", "@/api", "vite/src/api.ts"),
        # Without a configuration that says so, the habits of bundlers.
        ("plain/src/deep/view.js", "@/store", "plain/src/store.js"),
        ("round/a.ts", "x", "round/y.ts"),
    ],
)
def test_aliases(importer: str, statement: str, expected: str) -> None:
    check(ALIASES, importer, statement, expected)


MONOREPO: Tree = {
    "package.json": '{"name": "shop", "private": true, "workspaces": ["packages/*"]}',
    "packages/core/package.json": """{
        "name": "@shop/core", "main": "dist/index.js", "imports": {"#db/*": "./src/db/*.js"}}""",
    "packages/core/src/index.ts": outlined("", "export ./money: Money"),
    "packages/core/src/money.ts": outlined("Money"),
    "packages/core/src/db/pool.ts": EMPTY,
    "packages/kit/package.json": """{"name": "kit", "exports": {
        ".": {"browser": "./dist/browser.js", "types": "./dist/esm/kit.d.ts", "default": "./dist/kit.js"},
        "./forms": "./lib/forms.mjs",
        "./icons/*": "./src/icons/*.svg.ts"}}""",
    "packages/kit/src/browser.ts": EMPTY,
    "packages/kit/src/kit.ts": EMPTY,
    "packages/kit/lib/forms.mjs": EMPTY,
    "packages/kit/src/icons/plus.svg.ts": EMPTY,
    "packages/kit/src/util/text.ts": EMPTY,
    "packages/broken/package.json": "[1, 2",
    "packages/odd/package.json": '{"name": 7, "exports": [["./a.js"], null, {"default": {"x": 3}}], "imports": "no"}',
    "packages/web/package.json": '{"name": "web"}',
    "packages/web/app.ts": EMPTY,
}


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("packages/web/app.ts", "@shop/core: Money", "packages/core/src/money.ts"),
        ("packages/web/app.ts", "@shop/core/money", "packages/core/src/money.ts"),
        ("packages/web/app.ts", "@shop/core/src/money", "packages/core/src/money.ts"),
        ("packages/web/app.ts", "@shop/none", ""),
        ("packages/web/app.ts", "kit", "packages/kit/src/kit.ts"),
        ("packages/web/app.ts", "kit/forms", "packages/kit/lib/forms.mjs"),
        ("packages/web/app.ts", "kit/icons/plus", "packages/kit/src/icons/plus.svg.ts"),
        ("packages/web/app.ts", "kit/util/text", "packages/kit/src/util/text.ts"),
        ("packages/core/src/money.ts", "#db/pool", "packages/core/src/db/pool.ts"),
        ("packages/web/app.ts", "#db/pool", ""),
    ],
)
def test_packages_of_the_workspace(importer: str, statement: str, expected: str) -> None:
    check(MONOREPO, importer, statement, expected)


def test_circles_end() -> None:
    tree: Tree = {"a.ts": outlined("", "export ./b: *"), "b.ts": outlined("", "export ./a: *"), "c.ts": EMPTY}
    check(tree, "c.ts", "./a: Name", "a.ts")
    check(tree, "c.ts", "./a: *", "a.ts b.ts")


def test_a_long_chain_of_barrels_ends() -> None:
    links = 500
    tree: Tree = {f"m{number}.ts": outlined("", f"export ./m{number + 1}: Far") for number in range(links)}
    tree |= {f"m{links}.ts": outlined("Far")} | files("app.ts")
    check(tree, "app.ts", f"./m{links - 5}: Far", f"m{links}.ts")
    check(tree, "app.ts", "./m0: Far", "m65.ts")
