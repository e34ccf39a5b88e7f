"""llama.cpp's own server: prompts of token ids, a cache of prompts, and what each request has cost."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.engine.interface import ModelInfo, Stop
from lsp_server.engine.remote.server import LEAST_CONTEXT, Cost, Piece, answers, expecting, tokens_from
from lsp_server.engine.remote.tokens import ServerTokenizer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from lsp_server.engine.interface import GenerationRequest, Sampling
    from lsp_server.engine.remote.http import Http
    from lsp_server.engine.remote.options import RemoteOptions

# The most likely token and nothing else, whatever the server was started with.
GREEDY = {"samplers": ["top_k", "temperature"], "top_k": 1, "temperature": 0.0}
# What draws a token, in the order of `engine/sampling.py`.
SAMPLERS = ["temperature", "top_p"]


class LlamaServer:
    """A llama-server with one model, or as a router with several."""

    kind = "llama-server"

    def __init__(self, http: Http, options: RemoteOptions, props: dict[str, Any]) -> None:
        """Take what the server says of itself in ``/props``.

        Raises:
            EngineError: these are not llama-server's properties.
        """
        with expecting(http, "properties that are not those of llama-server"):
            told = int(props["default_generation_settings"]["n_ctx"])
            path = Path(str(props.get("model_path") or ""))
            name = options.model or path.stem or self.kind
        limits = [limit for limit in (told, options.context_length) if limit > 0]
        self.info = ModelInfo(name, path, min(limits, default=LEAST_CONTEXT), vocabulary_size=0, parameters=0)
        self.tokenizer = ServerTokenizer(self._plain, self._special)
        self._http = http
        # A router needs to know the model; a server with one takes any name.
        self._which = {"model": options.model} if options.model else {}

    async def pieces(self, request: GenerationRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; see the interface."""
        body = {
            **self._which,
            **_how(request.sampling),
            "prompt": self.tokenizer.prompt(request.tokens),
            "n_predict": request.max_tokens,
            "stream": True,
            "cache_prompt": True,
            "return_tokens": True,
            "timings_per_token": True,
            "n_probs": 1,
            # The last event would repeat the prompt.
            "response_fields": ["content", "tokens", "stop", "stop_type", "timings"],
        }
        async with contextlib.aclosing(answers(self._http, "/completion", body, _is_last)) as events:
            async for event in events:
                with expecting(self._http, "an answer that is not llama-server's"):
                    piece = _piece(event)
                yield piece

    async def _plain(self, text: str) -> list[int]:
        return await self._tokens(text, parse_special=False)

    async def _special(self, text: str) -> list[int]:
        tokens = await self._tokens(text, parse_special=True)
        # An ordinary word may be one token too.
        return tokens if tokens != await self._plain(text) else []

    async def _tokens(self, text: str, **how: bool) -> list[int]:
        return await tokens_from(self._http, "/tokenize", {**self._which, "content": text, "add_special": False, **how})


def _how(sampling: Sampling | None) -> dict[str, object]:
    return GREEDY if sampling is None else {"samplers": SAMPLERS, **asdict(sampling)}


def _is_last(event: dict[str, Any]) -> bool:
    return event.get("stop") is True


def _piece(event: dict[str, Any]) -> Piece:
    text, timings = str(event["content"]), event.get("timings")
    chances = event.get("completion_probabilities") or ()
    return Piece(
        text=text,
        tokens=tuple(int(token) for token in event.get("tokens") or ()),
        logs=tuple(float(chance["logprob"]) for chance in chances) if text else (),
        cost=_cost(timings) if timings else None,
        stop=_stop(event) if event["stop"] else None,
    )


def _cost(timings: dict[str, Any]) -> Cost:
    return Cost(
        reused=int(timings["cache_n"]),
        evaluated=int(timings["prompt_n"]),
        prefill=float(timings["prompt_ms"]),
        decode=float(timings["predicted_ms"]),
    )


def _stop(event: dict[str, Any]) -> Stop:
    return Stop.TOKENS if event["stop_type"] == "limit" else Stop.END
