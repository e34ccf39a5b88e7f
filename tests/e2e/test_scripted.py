"""What comes over LSP of what a model writes: a real server process whose model follows a script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from lsp_server.core import Reason
from tests.e2e.client import serving
from tests.e2e.typist import Typist

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.e2e.client import Client

    Script = Callable[[str], object]

COMMAND = (sys.executable, "-m", "tests.e2e.scripted_server", "serve")
JAVA = "class A {\n    int f(int a) {\n        ‸\n    }\n}\n"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """What says what the model writes from now on."""
    file = tmp_path / "script.txt"
    monkeypatch.setenv("SCRIPT", str(file))
    return lambda text: file.write_bytes(text.encode())


@pytest.fixture
async def client(tmp_path: Path, script: Script) -> AsyncIterator[Client]:
    script("")
    async with serving(tmp_path, command=COMMAND) as client:
        yield client


async def test_what_comes_of_what_a_model_writes(client: Client, script: Script) -> None:
    table = [
        ("python", "def f(‸):\n    pass\n", "a, b):\n    return a\n", "a, b"),
        ("python", "s = '😀‸'\n", "漢')", "漢"),
        ("python", "def f():\r\n    ‸\r\n", "a = 1\n    return a\n\n\ndef g():\n", "a = 1\r\n    return a"),
        ("typescript", "const a = [‸];\n", "1, 2];\nconst b = 3;\n", "1, 2"),
        ("typescriptreact", "const a = () => {\n  return <b>‸</b>;\n};\n", "{name}</b>;\n", "{name}"),
        ("javascript", "f(() => {\n  ‸\n});\n", "g();\n});\nh();\n", "g();"),
        ("java", JAVA, "return 2;\n    }\n\n    int g() {\n", "return 2;"),
        ("go", "package a\n\nfunc f() int {\n\t‸\n}\n", "return 1\n}\n\nfunc g() {\n", "return 1"),
        ("rust", 'fn f() {\n    println!("‸");\n}\n', '{}", a);\n', "{}"),
        ("c", "int f(void) {\n    ‸\n}\n", "return 1;<|endoftext|>", "return 1;"),
        ("cpp", "std::vector<int> a{‸};\n", "1, 2};\n", "1, 2"),
        ("csharp", "class A {\n    int F() => ‸;\n}\n", "1;\n", "1"),
        ("php", "<?php\nfunction f() {\n    ‸\n}\n", "return [1];\n}\n", "return [1];"),
        ("ruby", "def f\n  ‸\nend\n", "1\nend\n", "1"),
        ("shellscript", "f() {\n    ‸\n}\n", "echo a\n}\n", "echo a"),
        ("lua", "local t = {‸}\n", "1, 2}\n", "1, 2"),
        ("plaintext", "Dear ‸\n", "reader,\nhow are you\n", "reader,"),
    ]
    for number, (language, marked, raw, expected) in enumerate(table):
        script(raw)
        typist = Typist(client, f"untitled:{number}", marked, language)
        assert await typist.look() == expected, (language, (await typist.why())["rules"])


async def test_silence_over_lsp(client: Client, script: Script) -> None:
    table = [
        ("python", "f(‸)\n", ")", Reason.REPEATS_WHAT_FOLLOWS),
        ("python", "total = 1\n‸\n", "total = 1\n", Reason.REPEATS_WHAT_PRECEDES),
        ("python", "x = 1\n‸\n", ")", Reason.SYNTAX_ERROR),
        ("typescript", "f();\n‸\ncleanup();\n", "cleanup();\n", Reason.REPEATS_WHAT_FOLLOWS),
        ("go", "x := ‸\n", "  \n", Reason.EMPTY),
    ]
    for number, (language, marked, raw, reason) in enumerate(table):
        script(raw)
        typist = Typist(client, f"untitled:{number}", marked, language)
        assert await typist.look() == ""
        assert (await typist.why())["reason"] == reason.value


@pytest.mark.parametrize("language", ["python", "typescript", "ruby"])
async def test_a_block_is_typed_along_accepted_in_parts_deleted_and_typed_again(
    client: Client, script: Script, language: str
) -> None:
    opening, body = {
        "python": ("def f(a):\n    ‸\n", "if a:\n        g(a, 1)\n    return h(a)"),
        "typescript": ("function f(a) {\n  ‸\n}\n", "if (a) {\n    g(a, 1);\n  }\n  return h(a);"),
        "ruby": ("def f(a)\n  ‸\nend\n", "if a\n    g(a, 1)\n  end\n  h(a)"),
    }[language]
    script(body + "\n")
    typist = Typist(client, "untitled:block", opening, language)
    assert await typist.look() == body
    # From here on the model would write something else, if it were asked.
    script("changed\n")
    done = 0
    for step in (1, 1, 1, 2, 5, body.index("\n"), 3, -2, -7, 4, -1, 6, 2):
        if step > 0:
            typist.insert(body[done : done + step])
        else:
            typist.delete(-step)
        done += step
        assert await typist.look() == body[done:]
        assert (await typist.why())["source"] == "memory"
