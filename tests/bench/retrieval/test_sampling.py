"""Holes of any repository: where they may be, what counts as a name from elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bench.problems import Unmeasurable
from bench.retrieval import run, sampling
from bench.retrieval.cases import case_of
from bench.retrieval.code_text import is_balanced, only_code
from bench.retrieval.definitions import definitions_of
from tests.bench.retrieval.clones import NAME, SHOP, clone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.retrieval.cases import Case


def cases_of(folder: Path, files: Mapping[str, str | bytes], seed: int = 0, count: int = 12) -> list[Case]:
    if not folder.exists():
        clone(folder, files)
    with run.checked_out(folder, NAME, "HEAD") as sources:
        definitions = definitions_of(sources.files)
        holes = sampling.sample(sources, definitions, seed, count)
        return [case_of(hole, sources, definitions) for hole in holes]


def shop(count: int) -> dict[str, str | bytes]:
    """Return many small files that use names of one another."""
    return {
        f"shop/part{number}.py": (
            f"from shop import part{number + 1}\n\n\n"
            f"def part_{number}(cart, extra):\n"
            f"    # part_{number + 2} is only mentioned\n"
            f"    found = part{number + 1}.part_{number + 1}(cart)\n"
            f"    if found:\n"
            f"        found.append('part_{number + 3}')\n"
            f"        return (\n"
            f"            found\n"
            f"        )\n"
            f"    return cart\n"
        )
        for number in range(count)
    }


def test_samples_are_holes_of_all_kinds(tmp_path: Path) -> None:
    cases = cases_of(tmp_path / "a", shop(20))
    assert Counter(case.kind for case in cases) == {"mid": 6, "line": 3, "block": 3}
    assert len({case.id for case in cases}) == 12
    for case in cases:
        number = int(case.query.path.removeprefix("shop/part").removesuffix(".py"))
        assert case.names == (f"part_{number + 1}",)
        assert case.names[0] in case.answer
        assert case.query.after.startswith("\n")
        assert case.answer == case.answer.strip()
        if case.kind == "block":
            assert 1 <= case.answer.count("\n") <= 7
            assert is_balanced(only_code(case.answer, "python"))
        if case.kind != "mid":
            assert case.query.before.endswith(("\n    ", "\n"))


def test_a_seed_is_a_sample(tmp_path: Path) -> None:
    first, again, other = (cases_of(tmp_path / "a", shop(20), seed) for seed in (1, 1, 2))
    assert first == again
    assert [case.query for case in first] != [case.query for case in other]


def test_no_file_gives_most_of_a_sample(tmp_path: Path) -> None:
    names = [f"thing_{number}" for number in range(60)]
    files: dict[str, str | bytes] = {
        "all.py": "".join(f"def {name}():\n    pass\n" for name in names),
        "uses.py": "".join(f"{name}()\n" for name in names),
    }
    assert len(cases_of(tmp_path / "a", files, count=30)) == 3


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "x = 1\n"},
        # The name occurs elsewhere in the file.
        {"a.py": "import b\nb.checkout()\n\nb.checkout()\n", "b.py": "def checkout(): ...\n"},
        # Nobody else defines it, or too many do.
        {"a.py": "checkout()\n", "b.py": "checkout\n"},
        {"a.py": "checkout()\n"} | {f"b{number}.py": "def checkout(): ...\n" for number in range(6)},
        # A standard library has it.
        {"a.py": "x.append(1)\n", "b.py": "def append(): ...\n"},
        # It stands in a comment or in a string only.
        {"a.py": "# checkout\nx = 'checkout'\n", "b.py": "def checkout(): ...\n"},
        # The file is somebody else's.
        {"vendor/a.py": "checkout()\n", "node_modules/b.py": "def checkout(): ...\n"},
        # The language is another one.
        {"a.py": "checkout()\n", "b.ts": "export function checkout() {}\n"},
    ],
)
def test_where_no_hole_is(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    with pytest.raises(Unmeasurable, match="Nothing in acme/shop needs a name"):
        cases_of(tmp_path / "a", files)


def test_four_definitions_are_not_too_many(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"b{number}.py": "def checkout(): ...\n" for number in range(4)}
    assert cases_of(tmp_path / "a", files | {"a.py": "x = checkout()\n"})


def test_line_ends_and_characters_of_all_kinds(tmp_path: Path) -> None:
    text = "\ufeff# größe 🙂\r\n\r\ndef order():\r\n    total = checkout()  # Ende\r\n    return total\r\n"
    files: dict[str, str | bytes] = {"a.py": text.encode(), "b.py": "def checkout(): ...\n"}
    cases = cases_of(tmp_path / "a", files)
    assert cases
    for case in cases:
        whole = case.query.before + case.answer + case.query.after
        assert whole == text.removeprefix("\ufeff").replace("\r\n", "\n")
        assert "checkout()  # Ende" in case.answer
        assert "\r" not in case.answer


def test_the_shop_has_its_hole(tmp_path: Path) -> None:
    answers = {case.answer for case in cases_of(tmp_path / "a", SHOP)}
    assert any("price_of" in answer for answer in answers)


# --- code without its comments and strings -----------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", 'a = "b # c"  # d', "a =             "),
        ("python", '"""a\nb"""\nc', "    \n    \nc"),
        ("python", "x = 'it\\'s' + y", "x =         + y"),
        ("typescript", "a(`b ${c}`, 'd') // e", "a(        ,    )     "),
        ("typescript", "/* a\n b */ c", "    \n      c"),
        ("rust", "fn a<'b>(c: &'b str) -> char { 'd' }", "fn a<'b>(c: &'b str) -> char {     }"),
        ("go", 'a := `b\n"c`', "a :=   \n   "),
        ("bash", "echo ${#a} # b", "echo ${#a}    "),
        ("php", "#[A]\n# b\nc", "#[A]\n   \nc"),
        ("c", "char a = '\\n'; // b", "char a =     ;     "),
    ],
)
def test_only_code(language: str, text: str, expected: str) -> None:
    assert only_code(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", True), ("f(a[1], {b})", True), ("f(", False), (")", False), ("(]", False), ("} {", False)],
)
def test_brackets(text: str, expected: bool) -> None:
    assert is_balanced(text) is expected
