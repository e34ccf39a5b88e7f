"""Requests to an engine whose server a test has scripted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp_server.engine.interface import GenerationRequest, generate
from lsp_server.errors import EngineError
from tests.engine.remote_script import whole

if TYPE_CHECKING:
    from lsp_server.engine.remote.engine import RemoteEngine
    from tests.engine.remote_script import Script

BROKE_OFF = (
    "{url} broke off in the middle of an answer: the next request tries again, and the server's log may say why."
)


class Told(list[str]):
    """The texts that a request was told, and the chances that came last."""

    chances: tuple[float, ...] = ()

    def __call__(self, text: str, chances: tuple[float, ...]) -> None:
        self.append(text)
        self.chances = chances


def request(engine: RemoteEngine, text: str = "def f", max_tokens: int = 20, **more: Any) -> GenerationRequest:
    return GenerationRequest(engine.tokenize(text), max_tokens, **more)


async def failure(engine: RemoteEngine, told: Told | None = None) -> str:
    with pytest.raises(EngineError) as caught:
        await generate(engine, request(engine, on_text=Told() if told is None else told))
    return str(caught.value)


async def is_well(script: Script, engine: RemoteEngine) -> bool:
    """Return whether the next request is answered."""
    script.answer = whole("ok")
    return (await generate(engine, request(engine))).text == "ok"
