"""What the kinds of servers have in common: who they are, and their answers in pieces."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Mapping

    from lsp_server.engine.interface import GenerationRequest, ModelInfo, Stop
    from lsp_server.engine.remote.http import Http
    from lsp_server.engine.remote.tokens import Tokenizer

log = logging.getLogger(__name__)

# Where a server tells neither the ids nor the number of its tokens.
UNKNOWN_TOKEN = -1
# What llama_cpp.server starts with, and other servers have at least.
LEAST_CONTEXT = 2048
# The stream ends with its last event, or right behind it.
LINGER_SECONDS = 0.05
DONE: dict[str, Any] = {"done": True}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request has cost so far, as the server says: tokens of the prompt, and milliseconds where they are told.

    ``prefill`` and ``decode`` of 0 are not told.
    """

    reused: int
    evaluated: int
    prefill: float = 0.0
    decode: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """The next part of an answer.

    ``logs`` are the natural logarithms of the probabilities of the tokens that wrote ``text``, none where the server
    does not tell them. ``stop`` comes with the last piece, after which only costs may come.
    """

    text: str = ""
    tokens: tuple[int, ...] = ()
    logs: tuple[float, ...] = ()
    cost: Cost | None = None
    stop: Stop | None = None


class Server(Protocol):
    """One kind of server with one model."""

    @property
    def kind(self) -> str:
        """The program's name, as far as it can be known."""
        ...

    @property
    def info(self) -> ModelInfo:
        """The model."""
        ...

    @property
    def tokenizer(self) -> Tokenizer:
        """How text becomes tokens here."""
        ...

    def pieces(self, request: GenerationRequest) -> AsyncGenerator[Piece, None]:
        """Yield an answer as it comes, until the server ends it. Closing this closes the connection.

        Raises:
            EngineError: the server failed, or broke off.
        """
        ...


async def answers(
    http: Http, path: str, body: Mapping[str, object], is_last: Callable[[dict[str, Any]], bool]
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the JSON of each event of an answer, up to the last; ``DONE`` for what OpenAI's servers end it with.

    Raises:
        EngineError: the server failed, or sent something else.
    """
    async with contextlib.aclosing(http.events(path, body)) as events:
        async for event in events:
            answer = DONE
            if event.strip() != "[DONE]":
                with expecting(http, "an event that is not JSON"):
                    answer = dict(json.loads(event))
            if answer.get("error"):
                # What the error says may repeat the prompt.
                log.debug("%s sent an error: %s", http.address, answer["error"])
                raise http.broken_off()
            yield answer
            if is_last(answer):
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(_drained(events), LINGER_SECONDS)
                return


async def _drained(events: AsyncGenerator[str, None]) -> None:
    """Read a stream to its end, so that the connection can be used again."""
    async for _ in events:
        pass


@contextlib.contextmanager
def expecting(http: Http, otherwise: str) -> Iterator[None]:
    """Make an EngineError of what happens where JSON is not as it should be."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise http.unexpected(otherwise, error) from error


async def tokens_from(http: Http, path: str, body: Mapping[str, object]) -> list[int]:
    """Return the tokens of a text, as the tokenizers of all servers answer.

    Raises:
        EngineError: the server failed, or has no tokenizer there.
    """
    answer = await http.post(path, body)
    with expecting(http, "something else than tokens"):
        return [int(token) for token in answer["tokens"]]
