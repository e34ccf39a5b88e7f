"""Whether token healing helps: rests of lines from the same cursors, with it and without."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.shaping.asking import MAX_TOKENS, prompt_of
from lsp_server.engine.interface import GenerationRequest, generate

if TYPE_CHECKING:
    from bench.retrieval.answer import Model
    from bench.shaping.samples import Sample

_IN_WORD = re.compile(r"\w\Z")


@dataclass(frozen=True, slots=True)
class Healed:
    """The rests of a line that a model wrote, without blanks at their ends; ``taken`` is what healing took back."""

    sample: Sample
    taken: str
    healed: str
    kept: str

    @property
    def where(self) -> str:
        """What the cursor stands behind: ``indentation``, a ``word`` that goes on, or ``other``."""
        typed = self.sample.place.line
        if not typed.strip():
            return "indentation"
        goes_on = _IN_WORD.search(typed) and re.match(r"\w", self.sample.text)
        return "word" if goes_on else "other"


async def ask(sample: Sample, model: Model) -> Healed:
    """Have the model write the rest of the line, greedily, once as the product does and once with all tokens kept.

    Raises:
        EngineError: llama.cpp failed.
    """
    prompt = prompt_of(sample, model)
    head = prompt.head
    typed = head.anchor.typed(sample.place) or ""
    healed = await _rest(prompt.tokens, prompt.forced, len(head.tokens), model)
    kept = await _rest((*head.tokens, *model.engine.tokenize(typed)), b"", len(head.tokens), model)
    return Healed(sample, prompt.forced.decode("utf-8", "replace"), healed, kept)


async def _rest(tokens: tuple[int, ...], forced: bytes, head: int, model: Model) -> str:
    limit = min(MAX_TOKENS, model.engine.info.context_length - len(tokens))
    request = GenerationRequest(tokens, limit, model.end_tokens, head, forced, is_complete=lambda text: "\n" in text)
    result = await generate(model.engine, request)
    return result.text.partition("\n")[0].rstrip()
