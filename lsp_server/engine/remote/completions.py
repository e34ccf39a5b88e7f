"""OpenAI-compatible completions, ``/v1/completions``: vLLM, SGLang, llama_cpp.server, and whatever else has them.

What is beyond OpenAI's interface is asked of those only that are known to have it:

    server              recognised by        prompts   special tokens    probabilities   cached tokens
    vLLM, SGLang        /tokenize            ids       /tokenize         yes             where it was told to say
    llama_cpp.server    /extras/tokenize     text      /extras/tokenize  no              no
    any other           neither              text      by their looks    where it can    where it says

llama_cpp.server takes no ids. It could tell probabilities only where it was started with ``logits_all``, and then sorts
the whole vocabulary in Python for each token.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.engine.interface import ModelInfo, Stop
from lsp_server.engine.remote.http import BUSY, NOT_FOUND, UNAUTHORIZED, Refused, Unexpected
from lsp_server.engine.remote.server import (
    DONE,
    LEAST_CONTEXT,
    UNKNOWN_TOKEN,
    Cost,
    Piece,
    answers,
    expecting,
    tokens_from,
)
from lsp_server.engine.remote.tokens import SPECIAL_LOOKING, ServerTokenizer, TextTokenizer
from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from lsp_server.engine.interface import GenerationRequest
    from lsp_server.engine.remote.http import Http
    from lsp_server.engine.remote.options import RemoteOptions
    from lsp_server.engine.remote.tokens import Tokenizer

PATH = "/v1/completions"
# SGLang tells the tokenizer's idea of a limit, which may be no limit at all.
LARGEST_CONTEXT = 10_000_000


@dataclass(frozen=True, slots=True)
class Completions:
    """A server of completions with one model. ``body`` is what goes with each request to this kind of server."""

    http: Http
    kind: str
    info: ModelInfo
    tokenizer: Tokenizer
    body: Mapping[str, object] = field(default_factory=dict)

    async def pieces(self, request: GenerationRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer; see the interface."""
        body = {
            **self.body,
            "model": self.info.name,
            "prompt": self.tokenizer.prompt(request.tokens),
            # Some take 0 for no limit.
            "max_tokens": max(1, request.max_tokens),
            **(asdict(request.sampling) if request.sampling else {"temperature": 0.0}),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if isinstance(self.tokenizer, ServerTokenizer):
            body["stop_token_ids"] = sorted(request.end_tokens)
        has_ended = False
        async with contextlib.aclosing(answers(self.http, PATH, body, _is_last)) as events:
            async for event in events:
                if event is DONE:
                    # llama_cpp.server ends an answer so where somebody else's request has come.
                    yield Piece(stop=None if has_ended else Stop.TOKENS)
                    continue
                with expecting(self.http, "an answer that is not that of a completions server"):
                    piece = _piece(event)
                has_ended = has_ended or piece.stop is not None
                yield piece


async def connect(http: Http, options: RemoteOptions) -> Completions:
    """Find out what a server of completions can do.

    Raises:
        EngineError: it is none, or has not the model that was asked for.
    """
    listed = await http.get("/v1/models")
    with expecting(http, "something else than a list of models"):
        models = {str(model["id"]): model for model in listed["data"]}
    if not models:
        raise EngineError(f"{http.address} has no model: start it with one.")
    name = options.model or next(iter(models))
    if name not in models:
        raise EngineError(f"{http.address} has no model {name!r}: choose one of {', '.join(sorted(models))}.")

    told = models[name].get("max_model_len")
    tokenized = await _asked(http, "/tokenize", {"model": name, "prompt": "a", "add_special_tokens": False})
    if "tokens" in tokenized:
        info = _info(name, options, (told, tokenized.get("max_model_len")))
        tokenizer = _server_tokenizer(http, name)
        return await _telling(Completions(http, "vLLM or SGLang", info, tokenizer, {"return_token_ids": True}))
    if "tokens" in await _asked(http, "/extras/tokenize", {"model": name, "input": "a"}):
        info = _info(name, options, (told,))
        # Unlike others, it makes repetitions less likely unless it is told not to.
        return Completions(http, "llama_cpp.server", info, _extras_tokenizer(http, name), {"repeat_penalty": 1.0})
    info = _info(name, options, (told,))
    return await _telling(Completions(http, "a completions server", info, TextTokenizer(_looks_special)))


async def _telling(server: Completions) -> Completions:
    """Return a server that is asked for probabilities, if it tells them."""
    asked = replace(server, body={**server.body, "logprobs": 1})
    return asked if await _tells_chances(asked) else server


def _info(name: str, options: RemoteOptions, told: tuple[object, ...]) -> ModelInfo:
    limits = [limit for limit in (*told, options.context_length) if isinstance(limit, int)]
    context = min((limit for limit in limits if 0 < limit < LARGEST_CONTEXT), default=LEAST_CONTEXT)
    return ModelInfo(name, Path(name), context, vocabulary_size=0, parameters=0)


async def _asked(http: Http, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what a server answers at a path that not every one has; nothing where it has not."""
    try:
        answer = await http.post(path, body)
    except Refused as error:
        if error.status in BUSY:
            raise
        return {}
    except Unexpected:
        # A page for people, from something that has one for each address.
        return {}
    return answer if isinstance(answer, dict) else {}


async def _tells_chances(server: Completions) -> bool:
    """Have one token written, and see whether its probability comes with it.

    Raises:
        EngineError: there are no completions at all.
    """
    prompt = server.tokenizer.prompt(await server.tokenizer.tokenize("a"))
    body = {**server.body, "model": server.info.name, "prompt": prompt, "max_tokens": 1, "temperature": 0.0}
    try:
        answer = await server.http.post(PATH, body)
    except Refused as error:
        if error.status in BUSY | UNAUTHORIZED | {NOT_FOUND}:
            raise
        return False
    with expecting(server.http, "an answer that is not that of a completions server"):
        return bool(_logs(answer["choices"][0]))


# --- tokenizers --------------------------------------------------------------------------------------


def _server_tokenizer(http: Http, model: str) -> ServerTokenizer:
    async def ask(text: str) -> list[int]:
        return await tokens_from(http, "/tokenize", {"model": model, "prompt": text, "add_special_tokens": False})

    return ServerTokenizer(ask, ask)


def _extras_tokenizer(http: Http, model: str) -> TextTokenizer:
    async def is_special(text: str) -> bool:
        return len(await tokens_from(http, "/extras/tokenize", {"model": model, "input": text})) == 1

    return TextTokenizer(is_special)


async def _looks_special(text: str) -> bool:
    return SPECIAL_LOOKING.fullmatch(text) is not None


# --- one event ---------------------------------------------------------------------------------------


def _is_last(event: dict[str, Any]) -> bool:
    return event is DONE


def _piece(event: dict[str, Any]) -> Piece:
    usage, choices = event.get("usage"), event.get("choices")
    cost = _cost(usage) if usage else None
    if not choices:
        return Piece(cost=cost)
    choice = choices[0]
    text = str(choice.get("text") or "")
    logs = _logs(choice) if text else ()
    ids = tuple(int(token) for token in choice.get("token_ids") or ())
    tokens = ids or (UNKNOWN_TOKEN,) * max(len(logs), bool(text))
    return Piece(text, tokens, logs, cost, _stop(choice))


def _logs(choice: dict[str, Any]) -> tuple[float, ...]:
    logs = (choice.get("logprobs") or {}).get("token_logprobs") or ()
    return tuple(float(log) for log in logs if log is not None)


def _stop(choice: dict[str, Any]) -> Stop | None:
    reason = choice.get("finish_reason")
    if not reason:
        return None
    return Stop.END if reason == "stop" else Stop.TOKENS


def _cost(usage: dict[str, Any]) -> Cost | None:
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
    if cached is None:
        return None
    return Cost(int(cached), max(0, int(usage["prompt_tokens"]) - int(cached)))
