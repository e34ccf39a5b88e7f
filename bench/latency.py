"""Measure what a key costs: typing traces through midfill's real server, and through others.

    python -m bench.latency [TRACE.json ...] [--repository DIR --kind mixed --keys 60 --seed 0]
                            [--model FILE|tiny] [--max-tokens 16] [--prompt-tokens 2048] [--threads N]
                            [--pace real|fast] [--cold-start] [--picture FILE.png] [--setting NAME=VALUE ...]
                            [--peer naive] [--peer llama_cpp.server] [--peer llama-server=BINARY] [--peer-keys N]

Without traces it takes those beside this file. Prints tables and, as its last line, one JSON object;
README.md says how to read them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import figures, peers, replay, tables
from bench.problems import Unmeasurable, one_sentence
from bench.process import busy_share, machine, physical_cores
from bench.traces import KINDS, Trace, load, make
from lsp_server.errors import MidfillError
from lsp_server.evaluation.provenance import commit
from lsp_server.models import catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.figures import Key

OURS = "midfill"
CHECKED_IN = Path(__file__).with_name("traces")


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers of one subject to the keys of one trace, once for one token and once for as many as wanted."""

    name: str
    first: tuple[Key, ...]
    whole: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything about one trace. ``in_time`` is ``None`` at the fast pace, ``starts`` where nobody asked.

    ``busy`` is the largest share of the processors that something else had before a subject began.
    """

    trace: Trace
    ours: Asked
    passed: replay.Pass
    in_time: replay.Pass | None
    starts: replay.Starts | None
    peers: tuple[Asked, ...]
    busy: float


def measure(trace: Trace, options: argparse.Namespace) -> Measured:
    """Measure one trace: midfill in all its passes, and then the peers, one after the other.

    Raises:
        Unmeasurable: one of the subjects failed; half a table would be a wrong one.
    """
    whole = settings(options)
    single = whole | {"maxTokens": 1}
    busy = [_announce(f"{trace.name}: {OURS}")]
    passed = asyncio.run(replay.in_turn(trace, whole))
    first = asyncio.run(replay.in_turn(trace, single))
    in_time = asyncio.run(replay.in_time(trace, whole)) if options.pace == "real" else None
    starts = asyncio.run(replay.starts(trace, single)) if options.cold_start else None
    conditions = peers.Conditions(options.model, options.threads, options.max_tokens, passed.prompt)
    others = []
    for name in options.peer:
        busy.append(_announce(f"{trace.name}: {_kind(name)}"))
        others.append(_peer(name, trace, conditions, options.peer_keys or trace.keys))
    ours = Asked(OURS, first.keys, passed.keys)
    return Measured(trace, ours, passed, in_time, starts, tuple(others), max(busy))


def settings(options: argparse.Namespace) -> dict[str, object]:
    """Return midfill's settings; what is not said here is what a user has who has set nothing.

    The size of prompts is said: it would follow from the speed that each start measures, and differ between passes.
    """
    always = {
        "model": str(options.model),
        "threads": options.threads,
        "maxTokens": options.max_tokens,
        "promptTokens": options.prompt_tokens,
    }
    return {**always, **dict(options.setting)}


def setting(text: str) -> tuple[str, object]:
    """Return a setting from the command line: a name, and a value in JSON or else a text."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _peer(name: str, trace: Trace, conditions: peers.Conditions, keys: int) -> Asked:
    with peers.opened(name, trace, conditions) as peer:
        whole = peers.measure(peer, trace, keys, conditions.max_tokens)
        return Asked(_kind(name), peers.measure(peer, trace, keys, 1), whole)


def _kind(peer: str) -> str:
    return peer.partition("=")[0]


def _announce(what: str) -> float:
    """Say what comes where it does not get into the table, and return how busy the machine is before it."""
    print(what, file=sys.stderr, flush=True)
    return busy_share()


# --- the JSON line -----------------------------------------------------------------------------------


def summary(measured: Measured) -> dict[str, Any]:
    """Return all figures of one trace as JSON."""
    trace, passed, in_time = measured.trace, measured.passed, measured.in_time
    return {
        "trace": trace.name,
        "kind": trace.kind,
        "seed": trace.seed,
        "keys": trace.keys,
        "promptTokens": passed.prompt.tokens,
        "chunkTokens": passed.prompt.chunk_tokens,
        "warmUpTokens": passed.warm_up_tokens,
        "residentBytes": passed.resident,
        "emptyRoundTripMs": figures.spread(passed.round_trips),
        "busyBefore": measured.busy,
        OURS: subject(measured.ours),
        "realPace": None if in_time is None else paced(in_time.keys),
        "starts": None if measured.starts is None else started(measured.starts),
        "peers": {peer.name: subject(peer) | {"ratios": ratios(peer, measured.ours)} for peer in measured.peers},
    }


def subject(asked: Asked) -> dict[str, Any]:
    """Return the figures of one subject, where each key waited for its answer."""
    return {
        "keys": len(asked.whole),
        "evaluatedPerKey": figures.spread_of(asked.whole, figures.evaluated),
        "backgroundPerKey": figures.spread_of(asked.whole, lambda key: key.background)["mean"],
        "firstSuggestionMs": figures.spread_of(asked.first, figures.milliseconds),
        "answerMs": figures.spread_of(asked.whole, figures.milliseconds),
        "overheadMs": figures.spread_of(asked.whole, figures.overhead),
        "generatedPerKey": figures.spread_of(asked.whole, lambda key: key.generated)["mean"],
        "fromMemory": figures.share(asked.whole, lambda key: key.from_memory),
        "nothingBecause": figures.reasons(asked.whole),
    }


def paced(keys: Sequence[Key]) -> dict[str, Any]:
    """Return the figures of midfill at the pace of the trace."""
    return {
        "keys": len(keys),
        "cancelled": sum(key.cancelled for key in keys),
        "evaluatedPerKey": figures.spread_of(keys, figures.evaluated),
        "backgroundPerKey": figures.spread_of(keys, lambda key: key.background)["mean"],
        "answerMs": figures.spread_of(keys, figures.milliseconds),
        "overheadMs": figures.spread_of(keys, figures.overhead),
        "fromMemory": figures.share(keys, lambda key: key.from_memory),
    }


def started(starts: replay.Starts) -> dict[str, dict[str, float]]:
    """Return the figures of the cold and the warm start."""
    return {
        name: {
            "loaded": round(start.loaded, 1),
            "first": round(start.first, 1),
            "full": round(start.full, 1),
            "promptTokens": start.prompt.tokens,
        }
        for name, start in (("cold", starts.cold), ("warm", starts.warm))
    }


def ratios(other: Asked, ours: Asked) -> dict[str, float | None]:
    """Return how many times longer the other's medians are than ours, over the keys that both were asked."""
    return {
        "firstSuggestion": figures.ratio(other.first, ours.first),
        "answer": figures.ratio(other.whole, ours.whole),
    }


def about(options: argparse.Namespace, kv_bytes: int | None) -> dict[str, Any]:
    """Return what was measured, where and how."""
    return {
        "benchmark": "latency",
        "seed": options.seed,
        "commit": commit(),
        "model": options.model.name,
        "modelBytes": options.model.stat().st_size,
        "kvBytes": kv_bytes,
        "machine": machine(),
        "threads": options.threads,
        "maxTokens": options.max_tokens,
        "pace": options.pace,
        "settings": {name: value for name, value in settings(options).items() if name != "model"},
    }


# --- the command -------------------------------------------------------------------------------------


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="*", type=Path, metavar="TRACE.json")
    parser.add_argument("--repository", type=Path, help="make a trace from this folder of Python files")
    parser.add_argument("--kind", choices=KINDS, default="forward", help="of the trace that is made")
    parser.add_argument("--keys", type=int, default=60, help="of the trace that is made")
    parser.add_argument("--seed", type=int, default=0, help="of the trace that is made")
    parser.add_argument("--model", default=catalogue.EMBEDDED_NAME, help="a GGUF file or a name of `midfill models`")
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--prompt-tokens", type=int, default=2048, help="the most tokens of midfill's prompts")
    parser.add_argument("--threads", type=int, default=physical_cores(), help="of every subject; default: all cores")
    parser.add_argument("--pace", choices=["fast", "real"], default="fast", help="real adds a pass with the pauses")
    parser.add_argument("--peer", action="append", default=[], help="naive, llama_cpp.server, llama-server=BINARY")
    parser.add_argument("--peer-keys", type=int, default=0, help="ask the peers only about the first keys")
    parser.add_argument("--cold-start", action="store_true", help="measure cold and warm start as well")
    parser.add_argument("--setting", action="append", default=[], type=setting, help="of midfill, NAME=VALUE")
    parser.add_argument("--picture", type=Path, help="draw the milliseconds of each key into a PNG")
    return parser.parse_args(arguments)


def chosen(options: argparse.Namespace) -> list[Trace]:
    """Return the traces that are asked for.

    Raises:
        Unmeasurable: one cannot be read or made, or has no keys.
    """
    traces = [load(path) for path in options.traces]
    if options.repository:
        traces.append(make(options.repository, options.kind, options.keys, options.seed))
    traces = traces or [load(path) for path in sorted(CHECKED_IN.glob("*.json"))]
    if empty := [trace.name for trace in traces if not trace.keys]:
        raise Unmeasurable(f"Nothing is asked in {', '.join(empty)}.")
    return traces


def main() -> None:
    """Measure, and print the tables and the JSON line."""
    options = parsed()
    try:
        options.model = catalogue.find(options.model)
    except MidfillError as error:
        raise Unmeasurable(str(error)) from error
    # What is missing is said before an hour of measuring and not behind it.
    peers.check(options.peer)
    if options.picture:
        tables.check_picture(options.picture)
    traces = chosen(options)
    measured = [measure(trace, options) for trace in traces]
    result = about(options, asyncio.run(replay.kv_buffer(traces[0], settings(options))))
    result["traces"] = [summary(one) for one in measured]
    tables.show(result)
    if options.picture:
        lines = {m.trace.name: {s.name: s.whole for s in (m.ours, *m.peers)} for m in measured}
        tables.draw(lines, options.picture)
    print(json.dumps(result))


if __name__ == "__main__":
    with one_sentence():
        main()
