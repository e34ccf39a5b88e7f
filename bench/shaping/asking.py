"""One hole asked of a model as midfill asks: with its own prompt, with the stop rules and without."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bench.problems import Unmeasurable
from bench.retrieval.answer import Model
from lsp_server.context.syntax.document import parsed
from lsp_server.core import Snapshot
from lsp_server.engine.interface import GenerationRequest, LoadOptions, generate
from lsp_server.engine.worker import load
from lsp_server.errors import MidfillError
from lsp_server.models.catalogue import find
from lsp_server.prompt import fim
from lsp_server.prompt.budget import Budget
from lsp_server.prompts import Prompts
from lsp_server.suggestion.ends import stopper
from lsp_server.suggestion.hole import Hole, extent
from lsp_server.suggestion.language import language_of
from lsp_server.suggestion.structure import reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.shaping.samples import Sample
    from lsp_server.context.syntax.document import Parsed
    from lsp_server.engine.interface import Generation
    from lsp_server.prompts import Prompt

# The fixed limit that the stop rules are compared with: what midfill lets a model write at the most.
MAX_TOKENS = 64
# As in the product (`lsp_server/prompt/budget.py`): the largest prompt, and what of it is left to what is typed.
LARGEST_PROMPT = 4096
MIDDLE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote at a hole: ``raw`` until it ended or met the limit, ``stopped`` with the stop rules too."""

    sample: Sample
    raw: Generation
    stopped: Generation


@contextmanager
def loaded(name: str) -> Iterator[Model]:
    """Load a model, by its name or the path of a GGUF file, and free it in the end.

    It runs on one thread: a small model is as fast so, and threads that wait for each other would tell more of what
    else runs on the machine.

    Raises:
        Unmeasurable: there is no such model, or it cannot be used.
    """
    try:
        engine = load(find(name), LoadOptions(threads=1))
    except MidfillError as problem:
        raise Unmeasurable(str(problem)) from problem
    try:
        form = fim.recognise(engine.special)
        if form is None:
            raise Unmeasurable(f"{name} has no fill-in-the-middle tokens that midfill knows.")
        ends = (engine.special(text) for text in form.stop)
        yield Model(engine, form, frozenset(token for token in ends if token is not None))
    finally:
        engine.close()


def hole_of(sample: Sample) -> Hole:
    """Return the hole as the product sees it, ``multiline`` left as it is."""
    language = language_of("", _suffix(sample))
    return Hole(sample.place, language, extent(sample.place, language, "auto"))


def document_of(sample: Sample) -> Parsed | None:
    """Return the document around the cursor as the grammar reads it; ``None`` where that takes too long."""
    return parsed(sample.place.before + sample.place.after, _suffix(sample))


def _suffix(sample: Sample) -> str:
    return PurePosixPath(sample.path).suffix


def prompt_of(sample: Sample, model: Model) -> Prompt:
    """Return midfill's own prompt for the document alone, as large as the model's context lets it be."""
    place = sample.place
    folder = Path("/") / sample.path.partition("/")[0].removesuffix(".py")
    snapshot = Snapshot(folder / sample.path, folder, place.before + place.after, len(place.before))
    size = min(LARGEST_PROMPT, model.engine.info.context_length - MAX_TOKENS)
    # All of it may be evaluated at once, so that what comes out does not depend on the machine's speed.
    sizes = Budget(size, 0, int(size * MIDDLE_SHARE), MAX_TOKENS, size)
    return Prompts(model.engine, model.form).choose(snapshot, place, sizes)


async def ask(sample: Sample, model: Model) -> Answer:
    """Have the model write at a hole, with the stop rules and without.

    Raises:
        EngineError: llama.cpp failed.
    """
    prompt = prompt_of(sample, model)
    is_complete = stopper(hole_of(sample), reader(document_of(sample), len(sample.place.before)))
    limits = (prompt.tokens, MAX_TOKENS, model.end_tokens, len(prompt.head.tokens), prompt.forced)
    raw = await generate(model.engine, GenerationRequest(*limits))
    stopped = await generate(model.engine, GenerationRequest(*limits, is_complete=is_complete))
    return Answer(sample, raw, stopped)
