"""How large prompts and suggestions are, so that they come within the latency that the user asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.config import Settings

# A prompt is read once, and again where one jumps to another place: it may take this many times the latency,
# behind a short one that answers in the meantime.
LATENCIES_TO_READ = 16
SMALLEST_PROMPT, LARGEST_PROMPT = 256, 4096
# Of the time until a suggestion, reading takes this share at the most; the rest is for writing.
READING_SHARE = 0.4
SMALLEST_ANSWER_PROMPT = 48
# The rest of a suggestion is written while its start is shown, so it may take longer than the latency.
LATENCIES_TO_WRITE = 4
SMALLEST_GENERATION, LARGEST_GENERATION = 16, 64
CONTEXT_SHARE = 0.375
# Of a model's context, a suggestion and the pieces of other files get no more than these shares.
LARGEST_GENERATION_SHARE = 0.25
LARGEST_CONTEXT_SHARE = 0.45
# What may be typed before a new anchor is wanted.
LARGEST_MIDDLE = 256
LARGEST_MIDDLE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Budget:
    """Sizes in tokens.

    ``prompt`` is the whole prompt, of which ``context`` are pieces of other files and ``middle`` is
    left to what is typed behind the anchor. ``generation`` is the longest suggestion. ``at_once`` is how much of a
    prompt can be evaluated while the user waits.
    """

    prompt: int
    context: int
    middle: int
    generation: int
    at_once: int


def budget(settings: Settings, prefill: float, decode: float, context_length: int) -> Budget:
    """Return the sizes for a model that reads and writes so many tokens a second.

    What the settings name stays; what they leave open follows from ``latency_ms``. A prompt and its generation
    fit into ``context_length``.
    """
    seconds = settings.latency_ms / 1000
    written = _between(SMALLEST_GENERATION, decode * seconds * LATENCIES_TO_WRITE, LARGEST_GENERATION)
    generation = min(settings.max_tokens or written, int(context_length * LARGEST_GENERATION_SHARE))
    read = _between(SMALLEST_PROMPT, prefill * seconds * LATENCIES_TO_READ, LARGEST_PROMPT)
    prompt = min(settings.prompt_tokens or read, context_length - generation)
    chosen = int(prompt * CONTEXT_SHARE) if settings.context_tokens < 0 else settings.context_tokens
    return Budget(
        prompt=prompt,
        context=min(chosen, int(prompt * LARGEST_CONTEXT_SHARE)),
        middle=min(LARGEST_MIDDLE, int(prompt * LARGEST_MIDDLE_SHARE)),
        generation=generation,
        at_once=_between(SMALLEST_ANSWER_PROMPT, prefill * seconds * READING_SHARE, prompt),
    )


def _between(low: int, value: float, high: int) -> int:
    return max(low, min(int(value), high))
