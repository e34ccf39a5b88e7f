"""What is kept of a file in numbers."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.context.digest import ARRAYS, BLOCK_LINES, KINDS, LONGEST_SIGNATURE, Digest, digest
from lsp_server.context.outline import How, outline
from lsp_server.context.words import WORD, key

SOURCE = dedent('''
    """What customers order."""
    from shop.money import Money


    @dataclass
    class OrderLine(Base, Sized):
        quantity: int

        def price_of_line(self, factor: int) -> Money:
            return self.unit_price.times(factor)


    def unrelated():
        pass
''').lstrip("\n")


def digested(text: str, name: str = "a.py") -> Digest:
    return digest(text, outline(text, name))


def parts(values: np.ndarray, lengths: np.ndarray) -> list[set[int]]:
    """Return lists that lie one behind the other, as sets."""
    return [set(part.tolist()) for part in np.split(values, np.cumsum(lengths, dtype=int)[:-1])]


def numbers(words: str) -> set[int]:
    return {key(word) for word in words.split()}


def test_definitions() -> None:
    found = digested(SOURCE)
    assert found.how is How.SYNTAX
    rows = zip(
        found.definition_name,
        found.definition_owner,
        (KINDS[kind].value for kind in found.definition_kind),
        found.definition_start,
        found.definition_header,
        found.definition_end,
        found.definition_parent,
        strict=True,
    )
    assert list(rows) == [
        (key("OrderLine"), 0, "type", 4, 6, 10, -1),
        (key("quantity"), key("OrderLine"), "value", 6, 7, 7, 0),
        (key("price_of_line"), key("OrderLine"), "method", 8, 9, 10, 0),
        (key("unrelated"), 0, "function", 12, 13, 14, -1),
    ]
    assert parts(found.signature_words, found.signature_lengths) == [
        numbers("dataclass class Base Sized"),
        numbers("int"),
        numbers("def self factor int Money"),
        numbers("def"),
    ]
    assert parts(found.piece_words, found.piece_lengths) == [
        numbers("order line"),
        numbers("quantity"),
        numbers("price line"),
        numbers("unrelated"),
    ]
    assert (found.definition_tokens > 0).all()


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", [""]),
        ("\n" * 25, ["", "", ""]),
        ("ab cd ab", ["ab cd"]),
        ("first\n" * BLOCK_LINES + "second\n", ["first", "second"]),
        ("x = 1\n", [""]),
    ],
)
def test_blocks(text: str, blocks: list[str]) -> None:
    found = digested(text, "a.txt")
    assert parts(found.block_words, found.block_lengths) == [numbers(block) for block in blocks]
    assert found.how is How.LINES
    assert len(found.definition_name) == 0


def test_long_signatures_are_cut() -> None:
    parameters = "".join(f"    number_{number}: int,\n" for number in range(50))
    found = digested(f"def long(\n{parameters}):\n    pass\n")
    assert found.definition_header.tolist() == [LONGEST_SIGNATURE]
    [words] = parts(found.signature_words, found.signature_lengths)
    assert key("number_10") in words
    assert key("number_11") not in words


@given(
    st.text() | st.text("ab \n(){}:=.defclasstype", max_size=300), st.sampled_from(["a.py", "a.ts", "a.go", "a.xyz"])
)
def test_every_text_has_a_digest_that_fits_itself(text: str, name: str) -> None:
    text = text.replace("\r", "\n")
    found = digested(text, name)
    found.check()
    assert len(found.block_tokens) == text.count("\n") // BLOCK_LINES + 1
    assert set(found.block_words.tolist()) == {key(word) for word in WORD.findall(text)}
    assert found.definition_name.tolist() == [key(one.name) for one in outline(text, name).definitions]
    assert all(getattr(found, array).dtype == kind for array, kind in ARRAYS.items())


@pytest.mark.parametrize("line", ["x" * 5000, "ab " * 100_000, "(" * 5_000])
def test_long_lines(line: str) -> None:
    found = digested(f"def before(): pass\n{line}\n")
    found.check()
    assert (found.block_tokens > 0).all()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"def {'abc_' * 300}(): pass\n", id="pieces of a name"),
        pytest.param(f"class A({', '.join(f'B{n}' for n in range(300))}): pass\n", id="bases"),
        pytest.param(" ".join(f"w{n}" for n in range(70_000)), id="words of a block"),
        pytest.param(f"def f({', '.join(f'w{n}=0' for n in range(70_000))}): pass", id="signature"),
    ],
)
def test_more_than_people_write(text: str) -> None:
    """An open document is not refused for its long lines, as a file on disk is."""
    digested(text).check()


@pytest.mark.parametrize("array", [name for name in ARRAYS if name.startswith("definition_")])
def test_columns_of_different_lengths_are_no_digest(array: str) -> None:
    found = digested(SOURCE)
    with pytest.raises(ValueError, match="do not fit"):
        replace(found, **{array: getattr(found, array)[:-1]}).check()


@pytest.mark.parametrize("what", ["block", "signature", "piece"])
def test_lists_that_are_cut_are_no_digest(what: str) -> None:
    found = digested(SOURCE)
    for array in (f"{what}_words", f"{what}_lengths"):
        with pytest.raises(ValueError, match="do not fit"):
            replace(found, **{array: getattr(found, array)[:-1]}).check()
