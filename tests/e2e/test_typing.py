"""What a key costs through the real server: prompt tokens, as `midfill.explain` tells them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from lsprotocol import types

from tests.e2e.client import Client, serving

if TYPE_CHECKING:
    from pathlib import Path

# Long enough for a prompt of several hundred tokens, and such that no suggestion is ever typed along with.
CODE = "".join(f"def function_{number}(value):\n    return value + {number}\n\n\n" for number in range(60))
TYPED = (
    "def total(values):\n    result = 0\n    for value in values:\n        result += value ** 2\n    return result\n"
)
# The embedded model reads its whole prompt within the latency, on a busy machine too, so that what is evaluated is
# what is missing.
SETTINGS = {"maxTokens": 2, "ahead": "never", "latencyMs": 20_000}


class Typist:
    """Types into one document at its end and keeps what each key has cost."""

    def __init__(self, client: Client, uri: str, text: str = CODE) -> None:
        self.client, self.uri, self.lines = client, uri, text.split("\n")
        self.costs: list[int] = []
        client.open(uri, text)

    @property
    def end(self) -> types.Position:
        return types.Position(len(self.lines) - 1, len(self.lines[-1]))

    async def type(self, text: str, behind: str = "") -> None:
        """Insert a text at the end; the cursor stands before ``behind``, which the editor has closed."""
        change = types.TextDocumentContentChangePartial(types.Range(self.end, self.end), text)
        await self._change(change, "\n".join(self.lines) + text, behind)

    async def delete(self, count: int) -> None:
        text = "\n".join(self.lines)[:-count]
        start = types.Position(text.count("\n"), len(text.rpartition("\n")[2]))
        await self._change(types.TextDocumentContentChangePartial(types.Range(start, self.end), ""), text, "")

    async def _change(self, change: types.TextDocumentContentChangePartial, text: str, behind: str) -> None:
        self.client.change(self.uri, change)
        self.lines = text.split("\n")
        await self.client.complete(self.uri, self.end.line, self.end.character - len(behind))
        self.costs.append((await self.client.explain(self.uri))["evaluatedTokens"])


async def test_a_key_costs_a_token_or_two_over_lines_too(tmp_path: Path) -> None:
    async with serving(tmp_path, configuration=SETTINGS) as client:
        typist = Typist(client, (tmp_path / "a.py").as_uri())
        for key in TYPED:
            await typist.type(key)
    first, *rest = typist.costs
    assert first > 300
    assert sum(rest) / len(rest) <= 1.5
    assert max(rest) <= 6


async def test_brackets_that_the_editor_closes_and_deleting_cost_no_more(tmp_path: Path) -> None:
    async with serving(tmp_path, configuration=SETTINGS) as client:
        typist = Typist(client, (tmp_path / "a.py").as_uri())
        await typist.type("x = zip")
        await typist.type("()", behind=")")
        await typist.delete(1)
        for key in "[q, w])":
            await typist.type(key)
        for _ in range(4):
            await typist.delete(2)
    assert max(typist.costs[1:]) <= 4


async def test_two_files_in_turn_keep_their_prompts(tmp_path: Path) -> None:
    async with serving(tmp_path, configuration=SETTINGS) as client:
        one, other = (Typist(client, (tmp_path / name).as_uri()) for name in ("a.py", "b.py"))
        for key, typist in zip("abcdefgh", itertools.cycle((one, other)), strict=False):
            await typist.type(key)
    assert max(one.costs[1:] + other.costs[1:]) <= 2


async def test_the_next_start_finds_the_prompt_on_disk(tmp_path: Path) -> None:
    uri = (tmp_path / "a.py").as_uri()
    costs = []
    for _ in range(2):
        async with serving(tmp_path, configuration=SETTINGS) as client:
            typist = Typist(client, uri)
            await typist.type("x")
            costs += typist.costs
    assert costs[0] > 300
    assert costs[1] <= 2
