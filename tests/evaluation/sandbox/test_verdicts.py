"""Which programs pass."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lsp_server.errors import InputError
from lsp_server.evaluation.sandbox.languages import runnable
from lsp_server.evaluation.sandbox.verdicts import Verdict, passes
from lsp_server.evaluation.task import Check, Run

pytestmark = pytest.mark.usefixtures("programs")

PASSED = Verdict(passed=True, what="")
# Time enough for a busy machine.
SECONDS = 20.0
ADD = Check("python", "def add(a, b):\n", "\n\ndef check(f):\n    assert f(1, 2) == 3\n\ncheck(add)\n", seconds=SECONDS)
SUM = Check(
    "python",
    "a, b = map(int, input().split())\n",
    "",
    (Run("1 2\n", ("3",)), Run("2 -2", ("nothing\nat all", "0"))),
    seconds=SECONDS,
)
# An exit that takes the tests with it.
EXITS = [
    "    return a\nexit()\n",
    "    return a\nquit(0)\n",
    "    return a\nimport sys; sys.exit(0)\n",
    "    return a\nraise SystemExit\n",
    "    return a\nimport os; os._exit(0)\n",
    "    return a\nimport os; os.execv('/bin/true', ['true'])\n",
    "    return a\nprint('passed', flush=True)\nimport os; os._exit(0)\n",
]
# What programs in other languages have in common: they print the sum of what they read, but for `{sum}`.
CPP = "#include <iostream>\nint main() {{ int a, b; std::cin >> a >> b; std::cout << {sum} << std::endl; return 0; }}\n"
CSHARP = """using System;
class Program {{
    static void Waste() {{ for (int i = 0; i < 100000; i++) new byte[1000].GetHashCode(); }}
    static void Main() {{
        var threads = new[] {{ new System.Threading.Thread(Waste), new System.Threading.Thread(Waste) }};
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var words = Console.ReadLine().Split();
        int a = int.Parse(words[0]), b = int.Parse(words[1]);
        Console.WriteLine({sum});
    }}
}}
"""
JAVA = """import java.util.Scanner;
class First {{ int main; }}
class Second {{
    static class Inner {{ public static void main(String[] arguments) {{ System.exit(1); }} }}
    public static void main(String[] arguments) {{
        Scanner scanner = new Scanner(System.in);
        int a = scanner.nextInt(), b = scanner.nextInt();
        System.out.println({sum});
    }}
}}
"""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("    return a + b\n", ""),
        ("    return sum((a, b))  # ünïcödé\n", ""),
        ("    return a - b\n", "exit status 1"),
        ("    raise ValueError\n", "exit status 1"),
        ("    return a +\n", "exit status 1"),
        ("    return '\ud800'\n", "exit status 1"),
        ("", "exit status 1"),
        ("    return a + b\nraise SystemExit(3)\n", "exit status 3"),
        ("    return a + b\nimport os; os.abort()\n", "aborted"),
        ("    return a + b\nimport signal; signal.raise_signal(40)\n", "real-time signal 6"),
        ("    return a + b\nassert __import__('sys').stdin.read() == ''\n", ""),
        ("    return a + b\ninput()\n", "exit status 1"),
        ("    return a + b\nimport sys; sys.stdout.close()\n", ""),
        ("    return a + b\nimport os; os.closerange(0, 3)\n", ""),
        ("    return a + b\nimport os; os.closerange(3, 64)\n", "exit status 1"),
        *((text, "ended too early") for text in EXITS),
    ],
)
def test_a_program_without_input_passes_if_it_comes_to_its_end(text: str, what: str) -> None:
    assert passes(ADD, text) == Verdict(not what, what)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("print(a + b)", ""),
        ("print(a + b, '  \\n\\n')", ""),
        ("print(a - b)", "other output"),
        ("print(a + b, 0)", "other output"),
        ("", "other output"),
        ("print(3)", "other output"),
        ("print(a + b)\nraise SystemExit(1)", "exit status 1"),
        ("print(a + b)\nraise SystemExit(0)", ""),
        ("import sys; sys.stdout.close()", "other output"),
        ("import sys; sys.stdout = open(1, 'w'); print(a + b)", ""),
    ],
)
def test_a_program_with_runs_passes_if_it_prints_what_it_shall(text: str, what: str) -> None:
    assert passes(SUM, text) == Verdict(not what, what)


@pytest.mark.parametrize(("language", "source"), [("cpp", CPP), ("csharp", CSHARP), ("java", JAVA)])
@pytest.mark.parametrize(("text", "what"), [("a + b", ""), ("a - b", "other output"), ("a +", "could not be compiled")])
def test_other_languages(language: str, source: str, text: str, what: str) -> None:
    if runnable(language):
        pytest.skip(runnable(language))
    head, tail = source.split("{sum}")
    check = Check(language, head.format(), tail.format(), (Run("1 2\n", ("3",)),), seconds=SECONDS)
    assert passes(check, text) == Verdict(not what, what)


def test_java_programs_with_a_public_class() -> None:
    if runnable("java"):
        pytest.skip(runnable("java"))
    head = "public final class Sum { public static void main(String[] arguments) {"
    check = Check("java", head, "} }", (Run("", ("3",)),), seconds=SECONDS)
    assert passes(check, "System.out.println(1 + 2);") == PASSED
    assert passes(check, "new int[1 << 30][4][4].hashCode();") == Verdict(passed=False, what="memory")


def test_a_java_class_with_a_name_that_no_file_can_have() -> None:
    if runnable("java"):
        pytest.skip(runnable("java"))
    check = Check("java", "public class ", " {}", seconds=SECONDS)
    assert passes(check, "A" * 1000) == Verdict(passed=False, what="could not be compiled")


def test_what_is_not_installed_is_refused() -> None:
    with pytest.raises(InputError, match=r"programs in cobol are not executed"):
        passes(Check("cobol", "", ""), "")


def test_a_tool_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert [runnable(language) for language in ("python", "cpp", "csharp", "java")] == [
        "",
        "g++ is not installed",
        "mcs is not installed",
        "javac is not installed",
    ]


def test_many_at_a_time_do_not_disturb_each_other() -> None:
    texts = ["    return a + b\n", "    return a\n", "    return a\nexit()\n"] * 4
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda text: passes(ADD, text).what, texts))
    assert verdicts == ["", "exit status 1", "ended too early"] * 4
