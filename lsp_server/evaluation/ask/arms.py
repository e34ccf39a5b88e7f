"""The ways to ask, by name: the product, the bare model, the product without one of its parts, and two controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import attrs

from lsp_server.context import parts
from lsp_server.evaluation.ask.altered import Unhealed, Unstopped
from lsp_server.evaluation.ask.bare import Bare
from lsp_server.evaluation.ask.controls import Nothing, Truth
from lsp_server.evaluation.ask.product import Build, Product, WithoutSuffix, written
from lsp_server.evaluation.ask.sources import CameAlong, NoneOf, OnDisk
from lsp_server.prompt import fim

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lsp_server.config import Settings
    from lsp_server.engine.interface import Engine
    from lsp_server.evaluation.ask.asked import Asker, Drawing
    from lsp_server.evaluation.ask.sources import Repository, Source
    from lsp_server.evaluation.task import Limits

PRODUCT, BARE = "product", "bare"


@dataclass(frozen=True, slots=True)
class Means:
    """What questions are asked with. ``repository`` is ``None`` where holes bring their pieces of other files along."""

    engine: Engine
    settings: Settings
    limits: Limits
    drawing: Drawing
    repository: Repository | None = None

    def source(self, chosen: parts.Parts = parts.ALL) -> Source:
        """Return where pieces of other files come from."""
        return OnDisk(self.repository, chosen) if self.repository else CameAlong()

    @property
    def build(self) -> Build:
        """The product as it is."""
        return Build(self.source(), self.settings, self.drawing)


def _bare(means: Means) -> Asker:
    form = fim.recognise(means.engine.special)
    assert form is not None  # noqa: S101  whoever loads a model makes sure of it
    return Bare(means.engine, form, means.limits, means.drawing)


def _product(change: Callable[[Means, Build], Build]) -> Callable[[Means], Asker]:
    return lambda means: Product(means.engine, change(means, means.build))


def _without_part(name: str) -> Callable[[Means], Asker]:
    return _product(lambda means, build: replace(build, source=means.source(parts.without(name))))


def _unsilenced(_means: Means, build: Build) -> Build:
    return replace(build, settings=attrs.evolve(build.settings, confidence=0))


def _unshaped(means: Means, build: Build) -> Build:
    return replace(_unsilenced(means, build), engine=Unstopped, text=written)


# What is taken from the product, by what it is then called.
ABLATIONS: Mapping[str, Callable[[Means], Asker]] = {
    "without other files": _product(lambda _, build: replace(build, source=NoneOf(build.source))),
    "without suffix": _product(lambda _, build: replace(build, prompts=WithoutSuffix)),
    "without healing": _product(lambda _, build: replace(build, engine=Unhealed)),
    "without shaping": _product(_unshaped),
    "without silence": _product(_unsilenced),
}
# The same for the parts of the choice of other files; they need a repository to choose from.
CONTEXT_ABLATIONS: Mapping[str, Callable[[Means], Asker]] = {
    f"without {name.replace('_', ' ')}": _without_part(name) for name in parts.NAMES
}
ARMS: Mapping[str, Callable[[Means], Asker]] = {
    PRODUCT: _product(lambda _, build: build),
    BARE: _bare,
    **ABLATIONS,
    **CONTEXT_ABLATIONS,
    # No models: a benchmark should count all of the one and none of the other.
    "truth": lambda _: Truth(),
    "nothing": lambda _: Nothing(),
}
