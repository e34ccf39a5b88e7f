"""Other ways to get a completion from the same model, on the same trace: what midfill is compared with.

    naive             llama_cpp.Llama called with one whole prompt per key, as tutorials do it
    llama_cpp.server  llama-cpp-python's own HTTP server with the same prompt
    llama-server      llama.cpp's server at /infill, driven as the editor plugin llama.vim drives it

Each gets the chunks of other files that midfill has in its prompt (the same files, the same number of
tokens, from their tops) and, but for llama-server, about as many tokens of the document.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import llama_cpp

from bench.figures import Key
from bench.problems import Unmeasurable
from bench.servers import Connection, serving
from bench.traces import applied, beginnings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.replay import Prompt
    from bench.traces import Trace

# Of the document's tokens in a prompt, what stands behind the cursor gets at most this share.
SUFFIX_SHARE = 0.3
# Characters; no budget of tokens holds a text that is this many times longer.
LONGEST_TOKEN = 16
# The defaults of llama.vim (autoload/llama.vim, s:default_config): lines around the cursor, time limits.
# The request that the user waits for is cut off after 250 ms; a later one, which nobody waits for, after 1000.
PREFIX_LINES = 256
SUFFIX_LINES = 64
PROMPT_MS = 500
PREDICT_MS = 250
# What llama.vim's manual starts llama-server with. The batch is also how much of the document it takes.
BATCH = 1024
CACHE_REUSE = 256
# What llama_cpp.server imports.
EXTRA = ("fastapi", "uvicorn", "pydantic_settings", "sse_starlette", "starlette_context")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is the same for all subjects: ``prompt`` is midfill's own in the same run."""

    model: Path
    threads: int
    max_tokens: int
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Place:
    """A document at one key, split at the cursor."""

    file: str
    before: str
    after: str


class Peer(Protocol):
    """Answers one question after the other."""

    def ask(self, place: Place, max_tokens: int) -> Key:
        """Return what a completion of at most ``max_tokens`` cost; its text is of no interest.

        Raises:
            Unmeasurable: the peer failed.
        """
        ...


class Prompts:
    """Builds the prompts, with the tokenizer of the model and nothing else of it."""

    def __init__(self, trace: Trace, conditions: Conditions) -> None:
        self._model = llama_cpp.Llama(str(conditions.model), vocab_only=True, verbose=False)
        budgets: dict[str, int] = {}
        for path, tokens in conditions.prompt.chunks:
            budgets[path] = budgets.get(path, 0) + tokens
        self._chunks = [(path, self._head(trace.files.get(path, ""), tokens)) for path, tokens in budgets.items()]
        self._repository = trace.repository
        self._before, self._after = self._windows(trace, conditions.prompt.tokens - conditions.prompt.chunk_tokens)

    def _windows(self, trace: Trace, tokens: int) -> tuple[int, int]:
        """Return how many characters around the cursor take ``tokens`` where the trace begins.

        Where all of the text fits there is no window: the largest number.
        """
        file, at = next(iter(beginnings(trace).items()))
        place = Place(file, trace.files[file][:at], trace.files[file][at:])
        suffix = self._head(place.after, int(tokens * SUFFIX_SHARE))
        prefix = self._tail(place.before, max(1, tokens - len(self._tokens(suffix))))
        return (
            len(prefix) if prefix != place.before else sys.maxsize,
            len(suffix) if suffix != place.after else sys.maxsize,
        )

    @property
    def longest(self) -> int:
        """The tokens that the model was made for."""
        found = (int(value) for key, value in self._model.metadata.items() if key.endswith(".context_length"))
        return next(found, 0)

    def chunks(self, place: Place) -> list[tuple[str, str]]:
        """Return path and text of the pieces of other files."""
        return [(path, text) for path, text in self._chunks if path != place.file]

    def whole(self, place: Place) -> str:
        """Return Qwen2.5-Coder's repository-level prompt as one text.

        As in tutorials a window of characters moves with the cursor, so that its start does too.
        """
        files = "".join(f"<|file_sep|>{path}\n{text}\n" for path, text in self.chunks(place))
        prefix = place.before[max(0, len(place.before) - self._before) :]
        hole = f"<|fim_prefix|>{prefix}<|fim_suffix|>{place.after[: self._after]}<|fim_middle|>"
        return f"<|repo_name|>{self._repository}\n{files}<|file_sep|>{place.file}\n{hole}"

    def _head(self, text: str, tokens: int) -> str:
        return self._cut(text[: tokens * LONGEST_TOKEN], slice(0, tokens))

    def _tail(self, text: str, tokens: int) -> str:
        return self._cut(text[-tokens * LONGEST_TOKEN :], slice(-tokens, None))

    def _cut(self, text: str, kept: slice) -> str:
        return self._model.detokenize(self._tokens(text)[kept]).decode("utf-8", "ignore")

    def _tokens(self, text: str) -> list[int]:
        return list(self._model.tokenize(text.encode(), add_bos=False, special=False))


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes function type
def _ignore(_level: int, _text: bytes, _data: object) -> None:
    """Keep llama.cpp's own lines out of the table; it says what fails by a status too."""


class Naive:
    """One object of llama-cpp-python's high-level interface, called with the whole prompt for each key."""

    def __init__(self, conditions: Conditions, prompts: Prompts) -> None:
        self._prompts = prompts
        self._model = _CountingLlama(
            str(conditions.model),
            n_ctx=_context(conditions, prompts),
            n_threads=conditions.threads,
            n_threads_batch=conditions.threads,
            verbose=False,
        )

    def ask(self, place: Place, max_tokens: int) -> Key:
        """Return what a completion cost."""
        prompt = self._prompts.whole(place)
        self._model.evaluated = 0
        started = time.perf_counter()
        answer: Any = self._model.create_completion(prompt, max_tokens=max_tokens, temperature=0.0)
        elapsed = (time.perf_counter() - started) * 1000
        return Key(elapsed, self._model.evaluated, generated=answer["usage"]["completion_tokens"])

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()


class _CountingLlama(llama_cpp.Llama):
    """Counts the prompt tokens that are evaluated: the first evaluation after ``evaluated`` was set to 0."""

    evaluated = 0

    def eval(self, tokens: Sequence[int]) -> None:
        self.evaluated = self.evaluated or len(tokens)
        super().eval(tokens)


class HttpServer:
    """llama-cpp-python's server; it does not say what it evaluated."""

    def __init__(self, connection: Connection, prompts: Prompts) -> None:
        self._connection = connection
        self._prompts = prompts

    def ask(self, place: Place, max_tokens: int) -> Key:
        """Return what a completion cost."""
        prompt = self._prompts.whole(place)
        started = time.perf_counter()
        body = {"prompt": prompt, "max_tokens": max_tokens, "temperature": 0.0}
        answer = self._connection.post("/v1/completions", body)
        return Key((time.perf_counter() - started) * 1000, generated=answer["usage"]["completion_tokens"])


class LlamaVim:
    """llama-server with the requests of llama.vim."""

    def __init__(self, connection: Connection, prompts: Prompts) -> None:
        self._connection = connection
        self._prompts = prompts

    def ask(self, place: Place, max_tokens: int) -> Key:
        """Return what a completion cost."""
        body = infill_request(place, self._prompts.chunks(place), max_tokens)
        started = time.perf_counter()
        answer = self._connection.post("/infill", body)
        elapsed = (time.perf_counter() - started) * 1000
        timings = answer["timings"]
        inside = timings["prompt_ms"] + timings["predicted_ms"]
        return Key(elapsed, timings["prompt_n"], inside, generated=timings["predicted_n"])


def infill_request(place: Place, chunks: Sequence[tuple[str, str]], max_tokens: int) -> dict[str, object]:
    """Return the request that llama.vim makes when a key has been typed at the end of ``place.before``.

    By its documentation and source: whole lines around the cursor's, that line up to the cursor as the
    prompt, and a blank line as if the cursor stood at its start.
    """
    above, _, typed = place.before.rpartition("\n")
    rest, _, below = place.after.partition("\n")
    indentation = len(typed) - len(typed.lstrip())
    if not (typed + rest).strip():
        typed, rest, indentation = "", "", 0
    return {
        "input_prefix": "\n".join(above.split("\n")[-PREFIX_LINES:]) + "\n",
        "input_suffix": rest + "\n" + "\n".join(below.split("\n")[:SUFFIX_LINES]) + "\n",
        "input_extra": [{"filename": path, "text": text} for path, text in chunks],
        "prompt": typed,
        "n_predict": max_tokens,
        "n_indent": indentation,
        "top_k": 40,
        "top_p": 0.90,
        "stream": False,
        "samplers": ["top_k", "top_p", "infill"],
        "cache_prompt": True,
        "t_max_prompt_ms": PROMPT_MS,
        "t_max_predict_ms": PREDICT_MS,
    }


def measure(peer: Peer, trace: Trace, keys: int, max_tokens: int) -> tuple[Key, ...]:
    """Return what the first ``keys`` questions of a trace cost, each asked when the one before is answered.

    As with midfill, each file that is typed into has been asked about once before the clock runs.
    """
    texts = dict(trace.files)
    for file, at in reversed(beginnings(trace).items()):
        peer.ask(Place(file, texts[file][:at], texts[file][at:]), max_tokens)
    found: list[Key] = []
    for step in trace.steps:
        text = texts[step.file] = applied(texts[step.file], step)
        if step.ask and len(found) < keys:
            found.append(peer.ask(Place(step.file, text[: step.cursor], text[step.cursor :]), max_tokens))
    return tuple(found)


# --- starting and ending -----------------------------------------------------------------------------


def check(names: Sequence[str]) -> None:
    """Look whether the peers that the command line names are there.

    Raises:
        Unmeasurable: one is not.
    """
    for name in names:
        kind, _, binary = name.partition("=")
        if kind not in {"naive", "llama_cpp.server", "llama-server"}:
            raise Unmeasurable(f"There is no peer {name!r}: choose naive, llama_cpp.server or llama-server=BINARY.")
        if kind == "llama-server" and not Path(binary).is_file():
            raise Unmeasurable("There is no llama-server to measure: name its binary, --peer llama-server=PATH.")
        if kind == "llama_cpp.server" and (missing := [m for m in EXTRA if importlib.util.find_spec(m) is None]):
            raise Unmeasurable(f"llama_cpp.server needs {', '.join(missing)}: pip install 'midfill[bench]'.")


@contextlib.contextmanager
def opened(name: str, trace: Trace, conditions: Conditions) -> Iterator[Peer]:
    """Start a peer by its name on the command line, and end it.

    Raises:
        Unmeasurable: there is no such peer, or it does not start.
    """
    check([name])
    llama_cpp.llama_log_set(_ignore, ctypes.c_void_p(0))
    kind, _, binary = name.partition("=")
    prompts = Prompts(trace, conditions)
    threads, context = str(conditions.threads), str(_context(conditions, prompts))
    if kind == "naive":
        naive = Naive(conditions, prompts)
        yield naive
        naive.close()
    elif kind == "llama_cpp.server":
        command = [sys.executable, "-m", "llama_cpp.server", "--model", str(conditions.model)]
        command += ["--n_threads", threads, "--n_threads_batch", threads, "--n_ctx", context]
        with serving(kind, command, "/v1/models") as connection:
            yield HttpServer(connection, prompts)
    else:
        # A toy's context is smaller than the batch, of which llama-server fills as much as there is text.
        batch = str(min(BATCH, prompts.longest // 2))
        command = [binary, "-m", str(conditions.model), "-t", threads, "-tb", threads, "-c", context]
        command += ["-fa", "on", "-b", batch, "-ub", batch, "--cache-reuse", str(CACHE_REUSE)]
        with serving(kind, command, "/health") as connection:
            yield LlamaVim(connection, prompts)


def _context(conditions: Conditions, prompts: Prompts) -> int:
    """Return a context with room for the prompt, a batch of llama-server's and the generation."""
    return min(prompts.longest, conditions.prompt.tokens + BATCH + 2 * conditions.max_tokens + 512)
