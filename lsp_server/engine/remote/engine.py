"""An engine whose model is on a server. Outside of its thread it is async, as that of llama.cpp is.

A thread of its own keeps the connections, as `worker.py` has one for the model: an engine outlives event loops, may be
closed from any thread, and must have closed its connections then. A prompt is the same as for a model in this
process, so what the server has cached of it is used again.

There is no token healing here. It would need the bytes of all tokens of the vocabulary, which no server tells, and a
way to hold the model to some bytes: OpenAI's interface has none, and llama-server's grammars take whole
characters and look at the whole vocabulary wherever the likeliest token does not fit. And one candidate is all
there is: a second one would be a second request, to a server that others may be waiting for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import threading
from concurrent import futures
from typing import TYPE_CHECKING, TypeVar

from cachetools import LRUCache, cachedmethod, keys

from lsp_server.engine.interface import Generation, Healing, Meter, Stop
from lsp_server.engine.kvcache import common_prefix
from lsp_server.engine.remote import completions
from lsp_server.engine.remote.http import BUSY, Http, Refused, Unexpected
from lsp_server.engine.remote.llama_server import LlamaServer
from lsp_server.engine.remote.pace import Pace
from lsp_server.engine.remote.writing import Writing
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable, Sequence

    from lsp_server.engine.interface import GenerationRequest, ModelInfo, Priority, Speed
    from lsp_server.engine.remote.options import RemoteOptions
    from lsp_server.engine.remote.server import Server

    T = TypeVar("T")

log = logging.getLogger(__name__)

# Texts are remembered with their tokens up to this many tokens together: the prompts of a few documents.
REMEMBERED_TOKENS = 200_000
# Tokens a character of code, rather too many than too few, until the server has told of a text of some length.
FIRST_DENSITY = 0.35
ENOUGH_CHARACTERS = 400
# Prompts that a server is taken to have in its cache; llama-server starts with four slots.
HELD_PROMPTS = 4
# Seconds; whoever wants tokens waits for them, in the server's event loop too.
TOKENIZE_SECONDS = 5.0
CLOSED = "The connection to the model has been closed; another one takes its place."


class Job:
    """A request that is under way: the engine's :class:`lsp_server.engine.interface.Running`."""

    def __init__(self, future: futures.Future[Generation], meter: Meter, priority: Priority) -> None:
        self.meter, self.priority = meter, priority
        self._future = future

    async def result(self) -> Generation:
        """Wait for the end; see the interface."""
        # Without the shield the cancellation of one who waits would end it for all.
        return await asyncio.shield(asyncio.wrap_future(self._future))

    def let_wait(self, priority: Priority) -> None:
        """Keep the priority; it is the server that chooses."""
        self.priority = priority

    def cancel(self) -> None:
        """Close the connection, at which the server stops."""
        self._future.cancel()


class RemoteEngine:
    """A model on a server, behind the interface of :class:`lsp_server.engine.interface.Engine`."""

    def __init__(self, options: RemoteOptions) -> None:
        """Connect; see :func:`connect`."""
        self._http = Http(options)
        self._open_lock = threading.Lock()
        self._is_closing = False
        self._evaluated = 0
        self._pace = Pace()
        self._tokens: LRUCache[tuple[Hashable, ...], tuple[int, ...]] = LRUCache(REMEMBERED_TOKENS, getsizeof=len)
        self._tokens_lock = threading.Lock()
        # Tokens a character, of the last longer text.
        self._density = FIRST_DENSITY
        # The last prompts sent, with what was generated where the server tells its tokens. Replaced, never changed.
        self._sent: tuple[tuple[int, ...], ...] = ()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="midfill-remote", daemon=True)
        self._thread.start()
        try:
            self._server = self._on_thread(lambda: _recognised(self._http, options)).result()
        except BaseException:
            self.close()
            raise
        info = self._server.info
        log.info(
            "%s is %s with the model %s and %d tokens of context.",
            *(self._http.address, self._server.kind, info.name, info.context_length),
        )

    @property
    def info(self) -> ModelInfo:
        """The model."""
        return self._server.info

    @property
    def kind(self) -> str:
        """What runs there: "llama-server", "llama_cpp.server", "vLLM or SGLang" or "a completions server"."""
        return self._server.kind

    @property
    def speed(self) -> Speed:
        """How fast answers come, the network included: a cautious guess, until requests have shown better."""
        return self._pace.speed

    @property
    def evaluated_tokens(self) -> int:
        """How many prompt tokens have been evaluated for this engine so far, by what the server says."""
        return self._evaluated

    @cachedmethod(lambda self: self._tokens, lock=lambda self: self._tokens_lock)
    def tokenize(self, text: str) -> tuple[int, ...]:
        """Return the tokens of plain text. What is not remembered is asked of the server, which takes a round trip.

        Raises:
            EngineError: the server did not answer.
        """
        tokens = self._soon(lambda: self._server.tokenizer.tokenize(text))
        if len(text) >= ENOUGH_CHARACTERS and tokens:
            self._density = len(tokens) / len(text)
        return tokens

    def count(self, text: str) -> int:
        """Return how many tokens a text has where that is remembered, and else what its length lets expect.

        A prompt's windows are measured line by line: to ask for each line would take a second on a slow network.
        """
        with self._tokens_lock:
            known = self._tokens.get(keys.hashkey(text))
        return math.ceil(len(text) * self._density) if known is None else len(known)

    def special(self, text: str) -> int | None:
        """Return the id of the special token with this text, ``None`` where the model has none.

        Raises:
            EngineError: the server did not answer.
        """
        return self._soon(lambda: self._server.tokenizer.special(text))

    def heal(self, tokens: Sequence[int]) -> Healing:
        """Take nothing back; the module says why."""
        return Healing(len(tokens), b"")

    def held(self, tokens: Sequence[int]) -> int:
        """Return how many leading tokens of a prompt the server has seen lately: what it keeps is not known."""
        prompt = tuple(tokens)
        return max((common_prefix(sent, prompt) for sent in self._sent), default=0)

    def submit(self, request: GenerationRequest) -> Job:
        """Take on a generation; see the interface."""
        meter = Meter()
        return Job(self._on_thread(lambda: self._generate(request, meter)), meter, request.priority)

    def save(self) -> None:
        """Do nothing: what is worth having is on the server."""

    def close(self) -> None:
        """Cancel what runs and close the connections. Closing twice does nothing."""
        with self._open_lock:
            if self._is_closing:
                return
            self._is_closing = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    # --- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _end(self) -> None:
        """Cancel all that runs, and close the connections."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.close()

    def _on_thread(self, begin: Callable[[], Coroutine[object, object, T]]) -> futures.Future[T]:
        """Begin something on the thread.

        Raises:
            EngineError: the engine has been closed.
        """
        with self._open_lock:
            if self._is_closing:
                raise EngineError(CLOSED)
            return asyncio.run_coroutine_threadsafe(begin(), self._loop)

    def _soon(self, begin: Callable[[], Coroutine[object, object, T]]) -> T:
        """Return what takes a short answer of the server."""
        future = self._on_thread(lambda: asyncio.wait_for(begin(), TOKENIZE_SECONDS))
        try:
            return future.result()
        except asyncio.TimeoutError as error:
            raise EngineError(
                f"{self._http.address} took more than {TOKENIZE_SECONDS:g} seconds for a few tokens: it has too much "
                "to do, or is too far away."
            ) from error
        except futures.CancelledError as error:
            raise EngineError(CLOSED) from error

    async def _generate(self, request: GenerationRequest, meter: Meter) -> Generation:
        self._check(request)
        writing = Writing(request, meter, self.held(request.tokens))
        counted = 0
        try:
            async with contextlib.aclosing(self._server.pieces(request)) as pieces:
                async for piece in pieces:
                    if not writing.has_begun:
                        self._remember(request.tokens)
                    writing.take(piece)
                    self._evaluated, counted = self._evaluated + meter.evaluated - counted, meter.evaluated
                    if writing.stop is Stop.RULE:
                        break
        except EngineError:
            # What comes behind the end of an answer is of no importance.
            if writing.stop is None:
                raise
        finally:
            if writing.has_begun:
                self._remember((*request.tokens, *writing.known_tokens))
        if writing.stop is None:
            raise self._http.broken_off()
        generation = writing.generation()
        self._pace.learn(meter, len(generation.tokens))
        return generation

    def _remember(self, prompt: tuple[int, ...]) -> None:
        """Remember what the server has in its cache now, in the place of those that the prompt begins with."""
        others = [sent for sent in self._sent if sent != prompt[: len(sent)]]
        self._sent = (prompt, *others)[:HELD_PROMPTS]

    def _check(self, request: GenerationRequest) -> None:
        size, room = len(request.tokens) + request.max_tokens, self._server.info.context_length
        if size > room:
            raise EngineError(f"{size} tokens are more than the {room} of the model at {self._http.address}.")
        if request.forced:
            raise EngineError("A server's model cannot be held to a beginning; this is a mistake in midfill.")


async def _recognised(http: Http, options: RemoteOptions) -> Server:
    """Ask a server what it is."""
    try:
        props = await http.get("/props")
    except Unexpected:
        props = None
    except Refused as error:
        if error.status in BUSY:
            raise
        props = None
    if isinstance(props, dict) and "default_generation_settings" in props:
        return LlamaServer(http, options, props)
    return await completions.connect(http, options)


def connect(options: RemoteOptions) -> RemoteEngine:
    """Find out what runs at an address, and return the engine for it. Blocks for as long as the server takes.

    Raises:
        EngineError: there is no server of completions, it wants another key, or it has not the model.
    """
    return RemoteEngine(options)
